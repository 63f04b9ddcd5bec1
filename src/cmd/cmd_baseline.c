/* SPDX-License-Identifier: MIT
 * baseline: nearest neighbours, a model that forgets exactly by deletion, beside the network. */
#include <math.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "study/knn_baseline.h"
#include "workbench/workbench.h"

struct baseline {
    struct lethe_snapshot *snapshot;
    size_t k;
    struct lethe_knn_baseline neighbours;
};

static void free_baseline(void *arg)
{
    struct baseline *b = arg;
    lethe_snapshot_unref(b->snapshot);
    lethe_free(b);
}

static enum lethe_err work_baseline(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct baseline *b = arg;
    return lethe_knn_baseline_measure(&b->neighbours, b->snapshot, b->k, watch, err);
}

/* ---- answer ---------------------------------------------------------------------------------- */

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
        } columns[] = {{"neighbours", &b->neighbours.before},
                       {"after_deletion", &b->neighbours.after},
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
    lethe_put_count(out, "retained_samples", b->neighbours.retained);
    lethe_put_text(out, "heldout_half", "tune");
    lethe_hint(lethe_put_real(out, "time", b->neighbours.seconds), LETHE_HINT_SECONDS);
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
    lethe_call_task(call, work_baseline, finish_baseline, free_baseline, b);
    b->snapshot = lethe_snapshot_ref(snapshot);
    b->k = lethe_args_count(&call->args, "k", 5);
    return LETHE_OK;
}

static const struct lethe_arg_spec baseline_args[] = {
    {.name = "KIND",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_NEEDED,
     .choices = "knn",
     .help = "knn: nearest neighbours in the normalised inputs, of texts by words in common"},
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
