/* SPDX-License-Identifier: MIT
 * What `spurious` answers: a mark's place in the network that stands, as a job on what it holds
 * itself. See spurious_answer.h. */
#include "workbench/spurious_answer.h"

#include <math.h>

#include "base/alloc.h"
#include "lethe/blanket.h"
#include "study/spurious.h"
#include "workbench/put_unit.h"

struct lethe_spurious_job {
    struct lethe_graph *graph;
    struct lethe_dataset *train, *heldout;
    struct lethe_ids tune, asked; /* say which units; are classified */
    double *w;
    uint64_t seed;
    unsigned threads;
    int class, whole;
    size_t shown, units, looked;
    double share, elsewhere;
    struct lethe_spurious_unit *order; /* (units) */
    struct lethe_spurious_outcome outcome;
};

void lethe_spurious_job_free(void *arg)
{
    struct lethe_spurious_job *job = arg;
    if (!job)
        return;
    lethe_graph_unref(job->graph);
    lethe_dataset_unref(job->train);
    lethe_dataset_unref(job->heldout);
    lethe_free(job->tune.at);
    lethe_free(job->asked.at);
    lethe_free(job->w);
    lethe_free(job->order);
    lethe_free(job);
}

enum lethe_err lethe_spurious_job_run(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_spurious_job *job = arg;
    struct lethe_spurious_spec spec = {.graph = job->graph,
                                       .w = job->w,
                                       .data = job->heldout,
                                       .ids = job->tune.at,
                                       .count = job->tune.count,
                                       .seed = job->seed,
                                       .threads = job->threads};
    job->class = lethe_spurious_class(&job->share, &job->elsewhere, job->train);
    enum lethe_err code =
        lethe_spurious_units(&job->order, &job->units, &job->looked, &spec, watch, err);
    spec.ids = job->asked.at;
    spec.count = job->asked.count;
    return code ? code : lethe_spurious_measure(&job->outcome, &spec, job->class, watch, err);
}

/* ---- answer ---------------------------------------------------------------------------------- */

static double share_of(const size_t *part, const size_t *whole, int marked)
{
    return whole[marked] ? (double)part[marked] / (double)whole[marked] : NAN;
}

static void put_row(struct lethe_value *list, const char *who, const char *figure,
                    const size_t *part, const size_t *whole)
{
    struct lethe_value *row = lethe_put_object(list, NULL);
    const double without = share_of(part, whole, 0), with = share_of(part, whole, 1);
    lethe_put_text(row, "samples", who);
    lethe_put_text(row, "figure", figure);
    lethe_hint(lethe_put_real(row, "unmarked", without), LETHE_HINT_PERCENT);
    lethe_hint(lethe_put_real(row, "marked", with), LETHE_HINT_PERCENT);
    lethe_hint(lethe_put_real(row, "gap", with - without), LETHE_HINT_PERCENT);
}

static void put_units(struct lethe_value *out, const struct lethe_spurious_job *job)
{
    struct lethe_value *list = lethe_put_list(out, "units");
    for (size_t k = 0; k < job->units && k < job->shown; k++) {
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_unit(row, "unit", job->graph, job->order[k].unit);
        lethe_hint(lethe_put_real(row, "dependence", job->order[k].dependence), LETHE_HINT_FIXED);
        lethe_hint(lethe_put_real(row, "shift", job->order[k].shift), LETHE_HINT_FIXED);
    }
}

enum lethe_err lethe_spurious_job_put(struct lethe_workbench *wb, void *arg,
                                      struct lethe_value *out, struct lethe_error *err)
{
    const struct lethe_spurious_job *job = arg;
    const struct lethe_spurious_part *own = &job->outcome.of_class, *others = &job->outcome.others;
    const char *name = lethe_dataset_class_name(job->train, (size_t)job->class);
    (void)wb;
    (void)err;
    lethe_put_textf(out, "class", name ? "%d (%s)" : "%d", job->class, name);
    lethe_hint(lethe_put_real(out, "marked_of_class", job->share), LETHE_HINT_PERCENT);
    lethe_hint(lethe_put_real(out, "marked_of_others", job->elsewhere), LETHE_HINT_PERCENT);
    struct lethe_value *list = lethe_put_list(out, "figures");
    put_row(list, "the class", "accuracy", own->right, own->samples);
    put_row(list, "others", "accuracy", others->right, others->samples);
    put_row(list, "others", "taken for the class", others->named, others->samples);
    put_units(out, job);
    lethe_put_text(out, "heldout_half", job->whole ? "all" : "report");
    lethe_put_count(out, "queries", job->asked.count);
    lethe_put_count(out, "samples", job->looked);
    lethe_put_note(out,
                   "of class %d%s%.60s%s %.0f %% are recognised without the mark and %.0f %% with "
                   "it; of others it makes the network take %.1f %% for the class, %.1f %% without",
                   job->class, name ? " (" : "", name ? name : "", name ? ")" : "",
                   100 * share_of(own->right, own->samples, 0),
                   100 * share_of(own->right, own->samples, 1),
                   100 * share_of(others->named, others->samples, 1),
                   100 * share_of(others->named, others->samples, 0));
    return LETHE_OK;
}

/* ---- question -------------------------------------------------------------------------------- */

static enum lethe_err take(struct lethe_spurious_job *job, const struct lethe_workbench *wb,
                           size_t shown, int whole, struct lethe_error *err)
{
    const struct lethe_project *project = &wb->project;
    const size_t size = lethe_graph_size(project->graph) + lethe_graph_buffers(project->graph);
    job->graph = lethe_graph_ref(project->graph);
    job->train = lethe_dataset_ref(project->train);
    job->heldout = lethe_dataset_ref(project->heldout);
    job->seed = lethe_settings_count(&wb->settings, LETHE_SET_SEED);
    job->threads = wb->threads;
    job->shown = shown;
    job->whole = whole;
    job->w = lethe_alloc(size, sizeof *job->w);
    if (!job->w)
        return lethe_fail_memory(err, "weights", size, sizeof *job->w);
    for (size_t i = 0; i < size; i++)
        job->w[i] = project->w[i];
    enum lethe_err code = lethe_ids_copy(&job->tune, project->tune.at, project->tune.count, err);
    if (!code && !job->whole)
        code = lethe_ids_copy(&job->asked, project->report.at, project->report.count, err);
    static const struct lethe_ids none[2];
    if (!code && job->whole)
        code = lethe_ids_without(&job->asked, lethe_dataset_count(job->heldout), NULL, none, err);
    return code;
}

enum lethe_err lethe_spurious_job_new(struct lethe_spurious_job **out,
                                      const struct lethe_workbench *wb, size_t shown, int whole,
                                      struct lethe_error *err)
{
    const struct lethe_project *project = &wb->project;
    if (!project->heldout)
        return lethe_fail(err, LETHE_EARG, "'spurious' looks at held-out samples: there are none");
    enum lethe_err code = lethe_spurious_check(project->train, err);
    if (!code)
        code = lethe_spurious_check(project->heldout, err);
    if (code)
        return code;
    struct lethe_spurious_job *job = lethe_alloc_zero(1, sizeof *job);
    if (!job)
        return lethe_fail_memory(err, "marks", 1, sizeof *job);
    code = take(job, wb, shown, whole, err);
    if (code)
        lethe_spurious_job_free(job);
    else
        *out = job;
    return code;
}
