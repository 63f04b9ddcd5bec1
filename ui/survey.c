/* SPDX-License-Identifier: MIT
 * One background job per head. Its result depends on the head alone, so it survives changes of the
 * draft; whoever waits on the interactive lane goes first. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/eval.h"
#include "ui/survey.h"

struct measuring {
    struct lethe_survey *survey; /* outlives the job */
    struct lethe_snapshot *snapshot;
    char head[LETHE_HASH_HEX];
    double *losses; /* (count) */
    int *predicted; /* (count) */
    size_t count;
};

static void place(struct measuring *m, const struct lethe_evaluation *reading, enum lethe_side side)
{
    const struct lethe_ids *ids = lethe_snapshot_ids(m->snapshot, side);
    size_t n = reading->count[side];
    double *losses = lethe_alloc(n, sizeof *losses);
    int *predicted = lethe_alloc(n, sizeof *predicted);
    if (losses && predicted && n && reading->logits[side]) {
        const struct lethe_outputs outputs = {reading->logits[side], reading->labels[side], n,
                                              reading->classes};
        lethe_rows_score(NULL, losses, predicted, &outputs);
        for (size_t k = 0; k < n && k < ids->count; k++)
            if (ids->at[k] < m->count) {
                m->losses[ids->at[k]] = losses[k];
                m->predicted[ids->at[k]] = predicted[k];
            }
    }
    lethe_free(losses);
    lethe_free(predicted);
}

static enum lethe_err run(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct measuring *m = arg;
    struct lethe_worker_problems kit = {0};
    struct lethe_evaluation reading = {0};
    enum lethe_err code = lethe_evaluation_measure(&reading, m->snapshot, &kit, m->snapshot->w,
                                                   LETHE_SIDE_TUNE, watch, err);
    if (!code) {
        place(m, &reading, LETHE_SIDE_FORGET);
        place(m, &reading, LETHE_SIDE_RETAIN);
    }
    lethe_evaluation_release(&reading);
    lethe_worker_problems_release(&kit);
    return code;
}

static void done(void *arg, enum lethe_err code, const struct lethe_error *err)
{
    struct measuring *m = arg;
    (void)err; /* the ledger just stays without these losses */
    if (code)
        return;
    lethe_free(m->survey->losses);
    lethe_free(m->survey->predicted);
    m->survey->losses = m->losses;
    m->survey->predicted = m->predicted;
    m->survey->count = m->count;
    m->survey->version++;
    memcpy(m->survey->head, m->head, sizeof m->head);
    m->losses = NULL;
    m->predicted = NULL;
}

static void release(void *arg)
{
    struct measuring *m = arg;
    lethe_snapshot_unref(m->snapshot);
    lethe_free(m->losses);
    lethe_free(m->predicted);
    lethe_free(m);
}

static struct measuring *prepare(struct lethe_survey *survey, struct lethe_workbench *wb)
{
    struct lethe_snapshot *snapshot = NULL;
    if (lethe_workbench_snapshot(wb, &snapshot, NULL) != LETHE_OK)
        return NULL;
    struct measuring *m = lethe_alloc_zero(1, sizeof *m);
    if (!m)
        return NULL;
    m->survey = survey;
    m->snapshot = lethe_snapshot_ref(snapshot);
    m->count = lethe_dataset_count(snapshot->train);
    m->losses = lethe_alloc(m->count, sizeof *m->losses);
    memcpy(m->head, survey->asked, sizeof m->head);
    m->predicted = lethe_alloc(m->count, sizeof *m->predicted);
    for (size_t k = 0; m->losses && m->predicted && k < m->count; k++) {
        m->losses[k] = NAN;
        m->predicted[k] = -1;
    }
    if (m->losses && m->predicted)
        return m;
    release(m);
    return NULL;
}

static const char *head_of(const struct lethe_workbench *wb)
{
    return wb->session ? lethe_state_id(lethe_session_head(wb->session)) : "";
}

void lethe_survey_ask(struct lethe_survey *survey, struct lethe_workbench *wb)
{
    const char *head = head_of(wb);
    if (!*head || strcmp(head, survey->asked) == 0 || !lethe_workbench_has_data(wb))
        return;
    strncpy(survey->asked, head, sizeof survey->asked - 1);
    if (!wb->jobs && lethe_jobs_new(&wb->jobs, wb->threads, NULL) != LETHE_OK)
        return;
    struct measuring *m = prepare(survey, wb);
    const struct lethe_job job = {.name = "losses of the samples",
                                  .lane = LETHE_LANE_BACKGROUND,
                                  .lasting = 1,
                                  .run = run,
                                  .done = done,
                                  .release = release,
                                  .arg = m};
    if (m && lethe_jobs_submit(wb->jobs, NULL, &job, NULL) != LETHE_OK)
        release(m);
}

const double *lethe_survey_losses(const struct lethe_survey *survey,
                                  const struct lethe_workbench *wb, size_t count)
{
    int fits = survey->losses && survey->count == count && strcmp(survey->head, head_of(wb)) == 0;
    return fits ? survey->losses : NULL;
}

void lethe_survey_release(struct lethe_survey *survey)
{
    lethe_free(survey->losses);
    lethe_free(survey->predicted);
    memset(survey, 0, sizeof *survey);
}
