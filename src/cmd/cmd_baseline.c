/* SPDX-License-Identifier: MIT
 * baseline: a model that forgets exactly, beside the network. */
#include <math.h>
#include <string.h>
#include "base/alloc.h"
#include "base/clock.h"
#include "cmd/commands.h"
#include "lethe/knn.h"
#include "lethe/rng.h"
#include "workbench/workbench.h"

enum { RETAINED = 2000 }; /* retained samples looked at, drawn from the seed */

struct baseline {
    struct lethe_snapshot *snapshot;
    size_t k;
    struct lethe_figures before, after; /* of the neighbours */
    size_t retained;
    double seconds;
};

static void free_baseline(void *arg)
{
    struct baseline *b = arg;
    lethe_snapshot_unref(b->snapshot);
    lethe_free(b);
}

/* ---- work -------------------------------------------------------------------------------------
 */

/* One set of samples under both models. */
struct side {
    const struct lethe_dataset *data;
    size_t *ids, n;
    int *labels;
    double *before, *after; /* (n, classes) */
};

static void release(struct side *side)
{
    lethe_free(side->ids);
    lethe_free(side->labels);
    lethe_free(side->before);
    lethe_free(side->after);
}

/* At most `most` of the ids, drawn from the seed, in increasing order. */
static enum lethe_err take(struct side *side, const struct lethe_dataset *data,
                           const struct lethe_ids *ids, size_t most, uint64_t seed, size_t classes,
                           struct lethe_error *err)
{
    const size_t room = ids->count < most ? ids->count : most;
    struct lethe_rng rng;
    *side = (struct side){.data = data,
                          .ids = lethe_alloc(room, sizeof *side->ids),
                          .labels = lethe_alloc(room, sizeof *side->labels),
                          .before = lethe_alloc(room, classes * sizeof(double)),
                          .after = lethe_alloc(room, classes * sizeof(double))};
    if (!side->ids || !side->labels || !side->before || !side->after)
        return lethe_fail_memory(err, "samples", room, classes * sizeof(double));
    lethe_rng_init(&rng, seed, LETHE_RNG_SUBSET, 1, 0);
    for (size_t i = 0; i < ids->count; i++) /* each of those left with its chance */
        if (lethe_rng_below(&rng, ids->count - i) < room - side->n) {
            side->labels[side->n] = lethe_dataset_label(data, ids->at[i]);
            side->ids[side->n++] = ids->at[i];
        }
    return LETHE_OK;
}

static enum lethe_err measure(struct baseline *b, struct side sides[3], size_t classes,
                              struct lethe_error *err)
{
    struct lethe_outputs out[2][3];
    for (size_t s = 0; s < 3; s++) {
        out[0][s] = (struct lethe_outputs){sides[s].before, sides[s].labels, sides[s].n, classes};
        out[1][s] = (struct lethe_outputs){sides[s].after, sides[s].labels, sides[s].n, classes};
    }
    const struct lethe_figures_input before = {out[0][0], out[0][1], out[0][2], b->snapshot->seed};
    const struct lethe_figures_input after = {out[1][0], out[1][1], out[1][2], b->snapshot->seed};
    enum lethe_err code = lethe_figures_measure(&b->before, &before, err);
    return code ? code : lethe_figures_measure(&b->after, &after, err);
}

/* All samples that are not forgotten yet, and which of them are to be. */
static enum lethe_err remember(size_t **ids, unsigned char **deleted, size_t *count,
                               const struct lethe_snapshot *snapshot, struct lethe_error *err)
{
    const size_t most = snapshot->forget.count + snapshot->retain.count;
    *ids = lethe_alloc(most, sizeof **ids);
    *deleted = lethe_alloc(most, 1);
    if (!*ids || !*deleted)
        return lethe_fail_memory(err, "samples", most, sizeof **ids);
    size_t f = 0, r = 0;
    for (*count = 0; *count < most; ++*count) {
        const int from_forget =
            r == snapshot->retain.count ||
            (f < snapshot->forget.count && snapshot->forget.at[f] < snapshot->retain.at[r]);
        (*deleted)[*count] = (unsigned char)from_forget;
        (*ids)[*count] = from_forget ? snapshot->forget.at[f++] : snapshot->retain.at[r++];
    }
    return LETHE_OK;
}

static enum lethe_err work_baseline(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct baseline *b = arg;
    const struct lethe_snapshot *snapshot = b->snapshot;
    const double start = lethe_clock();
    struct side sides[3] = {{.n = 0}, {.n = 0}, {.n = 0}};
    struct lethe_knn knn = {.data = snapshot->train, .k = b->k};
    size_t *ids = NULL;
    unsigned char *deleted = NULL;
    knn.classes = lethe_graph_classes(snapshot->graph);
    enum lethe_err code = remember(&ids, &deleted, &knn.count, snapshot, err);
    knn.ids = ids;
    knn.deleted = deleted;
    if (!code)
        code = take(&sides[0], snapshot->train, &snapshot->forget, SIZE_MAX, 0, knn.classes, err);
    if (!code)
        code = take(&sides[1], snapshot->train, &snapshot->retain, RETAINED, snapshot->seed,
                    knn.classes, err);
    if (!code)
        code = take(&sides[2], snapshot->heldout, &snapshot->tune, SIZE_MAX, 0, knn.classes, err);
    for (size_t s = 0; !code && s < 3; s++)
        code = lethe_knn_logits(sides[s].before, sides[s].after, &knn, sides[s].data, sides[s].ids,
                                sides[s].n, watch, err);
    if (!code)
        code = measure(b, sides, knn.classes, err);
    b->retained = sides[1].n;
    b->seconds = lethe_clock() - start;
    for (size_t s = 0; s < 3; s++)
        release(&sides[s]);
    lethe_free(ids);
    lethe_free(deleted);
    return code;
}

/* ---- answer -----------------------------------------------------------------------------------
 */

static enum lethe_err finish_baseline(struct lethe_workbench *wb, void *arg,
                                      struct lethe_value *out, struct lethe_error *err)
{
    static const struct {
        enum lethe_metric_kind kind;
        unsigned hints;
    } rows[] = {{LETHE_METRIC_FORGET_ACCURACY, LETHE_HINT_PERCENT},
                {LETHE_METRIC_FORGET_LOSS, 0},
                {LETHE_METRIC_RETAIN_ACCURACY, LETHE_HINT_PERCENT},
                {LETHE_METRIC_HELDOUT_ACCURACY, LETHE_HINT_PERCENT},
                {LETHE_METRIC_HELDOUT_LOSS, 0},
                {LETHE_METRIC_AUC, LETHE_HINT_FIXED},
                {LETHE_METRIC_BALANCED_ACCURACY, LETHE_HINT_PERCENT},
                {LETHE_METRIC_PERCENTILE, LETHE_HINT_FIXED}};
    const struct baseline *b = arg;
    const int current = wb->snapshot == b->snapshot;
    const struct lethe_preview *preview = current ? wb->preview : NULL;
    const struct lethe_retrained *warm = current ? wb->warm : NULL;
    (void)err;
    struct lethe_value *list = lethe_put_list(out, "figures");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct lethe_metric *metric = lethe_metric(rows[i].kind);
        const struct {
            const char *key;
            const struct lethe_figures *figures;
        } columns[] = {{"neighbours", &b->before},
                       {"after_deletion", &b->after},
                       {"network", preview ? &preview->before.figures : NULL},
                       {"network_now", preview ? &preview->now.figures : NULL},
                       {"retrained", warm ? &warm->outcome.figures : NULL}};
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_text(row, "figure", metric->label);
        lethe_hint(lethe_put_text(row, "name", metric->name), LETHE_HINT_QUIET);
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
            lethe_hint(lethe_put_real(row, columns[c].key,
                                      columns[c].figures
                                          ? lethe_figures_get(columns[c].figures, rows[i].kind)
                                          : NAN),
                       rows[i].hints);
    }
    lethe_put_count(out, "k", b->k);
    lethe_put_count(out, "retained_samples", b->retained);
    lethe_put_text(out, "heldout_half", "tune");
    lethe_hint(lethe_put_real(out, "time", b->seconds), LETHE_HINT_SECONDS);
    lethe_put_note(out, "neighbours forget by deletion: 'after deletion' is exactly the model that "
                        "never saw the samples");
    if (!preview)
        lethe_put_note(out, "'preview' first, and the network stands beside");
    return LETHE_OK;
}

static enum lethe_err run_baseline(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_snapshot *snapshot;
    enum lethe_err code = lethe_workbench_snapshot(call->wb, &snapshot, err);
    if (code)
        return code;
    struct baseline *b = lethe_alloc_zero(1, sizeof *b);
    if (!b)
        return lethe_fail_memory(err, "a baseline", 1, sizeof *b);
    call->task = (struct lethe_task){.run = work_baseline,
                                     .finish = finish_baseline,
                                     .release = free_baseline,
                                     .arg = b,
                                     .lane = LETHE_LANE_INTERACTIVE};
    b->snapshot = lethe_snapshot_ref(snapshot);
    b->k = lethe_args_count(&call->args, "k", 5);
    return LETHE_OK;
}

static const struct lethe_arg_spec baseline_args[] = {
    {.name = "KIND",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_NEEDED,
     .choices = "knn",
     .help = "knn: nearest neighbours in the normalised inputs"},
    {.name = "k",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = LETHE_KNN_MOST,
     .help = "neighbours that vote (5)"},
};

const struct lethe_command lethe_command_baseline = {
    .name = "baseline",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET,
    .summary = "Measure a model that forgets exactly, beside the network",
    .detail = "Nearest neighbours need no training and forget by deletion. Their accuracy and what "
              "the loss attack sees, before and after it, are what exact unlearning looks like on "
              "these samples. Of the retained samples at most 2,000 are looked at.",
    .examples = "preview; baseline knn\nbaseline knn k=1",
    LETHE_ARGS(baseline_args),
    .run = run_baseline,
};
