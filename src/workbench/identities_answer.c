/* SPDX-License-Identifier: MIT
 * What the network knows of the forgotten classes and of all others, before, now and retrained:
 * a job on the weights there are, and its answer. See identities_answer.h. */
#include "workbench/identities_answer.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "lethe/array.h"
#include "removal/stages.h"

enum { MODELS = 3 };
static const char *const models[MODELS] = {"before", "now", "retrained"};

struct lethe_identities_job {
    struct lethe_snapshot *snapshot;
    struct lethe_preview *preview; /* NULL: none */
    struct lethe_retrained *again; /* from scratch where there is one, else warm; NULL: none */
    struct lethe_ids heldout;      /* all of them; of the tune half the snapshot has its own */
    unsigned char *forgotten;      /* (classes) */
    size_t classes;
    int whole;
    char *path;
    struct lethe_identities seen[MODELS];
};

void lethe_identities_job_free(void *arg)
{
    struct lethe_identities_job *job = arg;
    if (!job)
        return;
    lethe_snapshot_unref(job->snapshot);
    lethe_preview_unref(job->preview);
    lethe_retrained_unref(job->again);
    lethe_free(job->heldout.at);
    lethe_free(job->forgotten);
    lethe_free(job->path);
    lethe_free(job);
}

static enum lethe_err take(struct lethe_identities_job *job, const struct lethe_workbench *wb,
                           struct lethe_error *err)
{
    const struct lethe_snapshot *s = job->snapshot;
    const size_t n = s->heldout ? lethe_dataset_count(s->heldout) : 0;
    const int fits = wb->snapshot == s;
    job->preview = fits && wb->preview ? lethe_preview_ref(wb->preview) : NULL;
    struct lethe_retrained *again = wb->cold_count ? wb->colds[0] : wb->warm;
    job->again = fits && again ? lethe_retrained_ref(again) : NULL;
    job->classes = lethe_graph_classes(s->graph);
    job->forgotten = lethe_alloc_zero(job->classes, 1);
    job->heldout.at = lethe_alloc(n + 1, sizeof *job->heldout.at);
    if (!job->forgotten || !job->heldout.at)
        return lethe_fail_memory(err, "classes", job->classes + n, sizeof *job->heldout.at);
    for (size_t i = 0; i < s->forget.count; i++)
        job->forgotten[lethe_dataset_label(s->train, s->forget.at[i])] = 1;
    for (size_t i = 0; i < s->removed.count; i++)
        job->forgotten[lethe_dataset_label(s->train, s->removed.at[i])] = 1;
    for (; job->heldout.count < n; job->heldout.count++)
        job->heldout.at[job->heldout.count] = job->heldout.count;
    return LETHE_OK;
}

enum lethe_err lethe_identities_job_new(struct lethe_identities_job **out,
                                        struct lethe_workbench *wb, int whole, const char *path,
                                        struct lethe_error *err)
{
    struct lethe_snapshot *snapshot;
    enum lethe_err code = lethe_workbench_snapshot(wb, &snapshot, err);
    if (code)
        return code;
    struct lethe_identities_job *job = lethe_alloc_zero(1, sizeof *job);
    if (!job)
        return lethe_fail_memory(err, "features", 1, sizeof *job);
    job->snapshot = lethe_snapshot_ref(snapshot);
    job->whole = whole;
    job->path = path ? lethe_strdup(path) : NULL;
    code = path && !job->path ? lethe_fail_memory(err, "a path", 1, 1) : take(job, wb, err);
    if (code)
        lethe_identities_job_free(job);
    else
        *out = job;
    return code;
}

/* Features, labels, groups and who asks, as other programs read them. */
static enum lethe_err write_arrays(const struct lethe_identities_job *job,
                                   const struct lethe_identities_spec *spec,
                                   struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_identity_arrays a = {0};
    enum lethe_err code = lethe_identity_arrays_make(&a, spec, job->snapshot->w, watch, err);
    const struct {
        const char *name;
        enum lethe_element type;
        void *data;
        size_t columns;
    } parts[] = {{"features", LETHE_DOUBLE, a.x, a.width}, {"labels", LETHE_I32, a.label, 0},
                 {"groups", LETHE_I32, a.group, 0},        {"forgotten", LETHE_U8, a.asks[0], 0},
                 {"others", LETHE_U8, a.asks[1], 0},       {"pairs", LETHE_U8, a.pairs, 0}};
    enum { PARTS = sizeof parts / sizeof *parts };
    struct lethe_npz_member members[PARTS];
    for (size_t i = 0; i < PARTS && !code; i++) {
        members[i].name = parts[i].name;
        members[i].array =
            (struct lethe_array){.type = parts[i].type,
                                 .ndim = parts[i].columns ? 2 : 1,
                                 .dims = {a.n, parts[i].columns},
                                 .count = a.n * (parts[i].columns ? parts[i].columns : 1),
                                 .data = parts[i].data};
    }
    if (!code)
        code = lethe_npz_write(job->path, members, PARTS, err);
    lethe_identity_arrays_release(&a);
    return code;
}

enum lethe_err lethe_identities_job_run(void *arg, struct lethe_watch *watch,
                                        struct lethe_error *err)
{
    struct lethe_identities_job *job = arg;
    const struct lethe_snapshot *s = job->snapshot;
    const struct lethe_ids *ids = job->whole ? &job->heldout : &s->tune;
    const struct lethe_identities_spec spec = {.graph = s->graph,
                                               .train = s->train,
                                               .heldout = s->heldout,
                                               .ids = ids->at,
                                               .count = ids->count,
                                               .forgotten = job->forgotten};
    const double *w[MODELS] = {s->w, job->preview ? job->preview->w : NULL,
                               job->again ? job->again->w : NULL};
    enum lethe_err code = LETHE_OK;
    for (size_t m = 0; m < MODELS && !code; m++)
        if (w[m])
            code = lethe_identities_measure(&job->seen[m], &spec, w[m], watch, err);
    return code || !job->path ? code : write_arrays(job, &spec, watch, err);
}

/* ---- answer ---------------------------------------------------------------------------------- */

enum figure { ACCURACY, RANK1, PRECISION, EER, FIGURES };

static double figure_of(const struct lethe_identity_figures *figures, enum figure figure)
{
    switch (figure) {
    case ACCURACY:
        return figures->samples ? figures->accuracy : NAN;
    case RANK1:
        return figures->retrieval.rank1;
    case PRECISION:
        return figures->retrieval.average_precision;
    default:
        return figures->retrieval.eer;
    }
}

static void put_rows(struct lethe_value *list, const struct lethe_identities_job *job, int others)
{
    static const char *const names[FIGURES] = {"accuracy", "rank-1", "mean average precision",
                                               "equal error rate"};
    for (enum figure f = ACCURACY; f < FIGURES; f++) {
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_text(row, "classes", others ? "others" : "forgotten");
        lethe_put_text(row, "figure", names[f]);
        for (size_t m = 0; m < MODELS; m++) {
            const struct lethe_identities *seen = &job->seen[m];
            const int there = m == 0 || (m == 1 ? job->preview != NULL : job->again != NULL);
            const struct lethe_identity_figures *from = others ? &seen->others : &seen->forgotten;
            lethe_hint(lethe_put_real(row, models[m], there ? figure_of(from, f) : NAN),
                       LETHE_HINT_PERCENT);
        }
    }
}

/* ", 0 % now" for the models there are. */
static void add_models(struct lethe_text *text, const struct lethe_identities_job *job, int others)
{
    const int there[MODELS] = {1, job->preview != NULL, job->again != NULL};
    for (size_t m = 0, said = 0; m < MODELS; m++) {
        const struct lethe_identity_figures *from =
            others ? &job->seen[m].others : &job->seen[m].forgotten;
        if (there[m])
            lethe_text_addf(text, "%s%.1f %% %s", said++ ? ", " : "", 100 * from->accuracy,
                            models[m]);
    }
}

/* What was forgotten, and what it cost. */
static void put_sentence(struct lethe_value *out, const struct lethe_identities_job *job)
{
    const struct lethe_identities *seen = &job->seen[0];
    struct lethe_text text = {0};
    if (!seen->forgotten.samples)
        return;
    lethe_text_addf(&text, "of the forgotten classes' %zu held-out samples the network names ",
                    seen->forgotten.samples);
    add_models(&text, job, 0);
    lethe_text_addf(&text, "; of all others' %zu ", seen->others.samples);
    add_models(&text, job, 1);
    lethe_put_note(out, "%s%s", lethe_text_get(&text),
                   job->preview ? "" : "; 'preview' first, and now and retrained stand beside");
    lethe_text_release(&text);
}

enum lethe_err lethe_identities_job_put(struct lethe_workbench *wb, void *arg,
                                        struct lethe_value *out, struct lethe_error *err)
{
    const struct lethe_identities_job *job = arg;
    const struct lethe_identity_figures *asked = &job->seen[0].forgotten;
    struct lethe_value *list = lethe_put_list(out, "figures");
    (void)wb;
    (void)err;
    put_rows(list, job, 0);
    put_rows(list, job, 1);
    if (job->again)
        lethe_put_text(out, "retraining", job->again->cold ? "from scratch" : "goes on");
    lethe_put_text(out, "heldout_half", job->whole ? "all" : "tune");
    lethe_put_count(out, "queries",
                    asked->retrieval.queries + job->seen[0].others.retrieval.queries);
    lethe_put_count(out, "pairs_same", asked->retrieval.same);
    lethe_put_count(out, "pairs_other", asked->retrieval.other);
    if (job->path)
        lethe_put_text(out, "path", job->path);
    put_sentence(out, job);
    return LETHE_OK;
}
