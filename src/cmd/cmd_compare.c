/* SPDX-License-Identifier: MIT
 * compare: approximations, curvatures, dampings and selectors beside each other and beside
 * retraining. */
#include <string.h>
#include "base/alloc.h"
#include "cmd/answer_compare.h"
#include "cmd/commands.h"
#include "study/cold_retrains.h"
#include "workbench/workbench.h"

static void free_comparison(void *arg)
{
    struct lethe_comparison *c = arg;
    for (size_t i = 0; c->colds && i < c->cold_count; i++)
        lethe_retrained_unref(c->colds[i]);
    lethe_free(c->colds);
    lethe_free(c->seeds);
    lethe_variants_release(&c->variants);
    lethe_sweep_release(&c->sweep);
    lethe_comparison_base_release(&c->base);
    lethe_training_context_release(&c->training);
    lethe_snapshot_unref(c->origin);
    lethe_free(c);
}

/* ---- work -------------------------------------------------------------------------------------
 */

static enum lethe_err run_comparison(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_comparison *c = arg;
    if (c->what == LETHE_COMPARE_SELECTORS)
        return lethe_selector_benchmark_run(&c->rivals, c->base.snapshot, &c->base.settings,
                                            &c->rivals_options, watch, err);
    if (c->what == LETHE_COMPARE_PROXIMAL)
        return lethe_proximal_path_make(&c->proximal, &c->base, c->training_seeds, 0, watch, err);
    enum lethe_err code = LETHE_OK;
    if (c->what == LETHE_COMPARE_SINGLES)
        code = lethe_leave_one_out_run(&c->singles, c->base.snapshot, &c->base.settings, c->samples,
                                       &c->budgets, watch, err);
    if (!code)
        code = lethe_comparison_base_prepare(&c->base, watch, err);
    if (!code && c->cold_count)
        code = lethe_cold_retrains_make(c->colds, c->seeds, c->cold_count, c->base.snapshot,
                                        &c->training, watch, err);
    if (code)
        return code;
    switch (c->what) {
    case LETHE_COMPARE_LADDER:
        return lethe_approximations_run(&c->variants, &c->base, c->colds, c->cold_count, watch,
                                        err);
    case LETHE_COMPARE_SINGLES:
        return lethe_leave_one_out_together(&c->singles, &c->base, watch, err);
    case LETHE_COMPARE_CURVATURES:
        return lethe_curvatures_try(&c->variants, &c->base, watch, err);
    default:
        return lethe_damping_sweep(&c->sweep, &c->base, watch, err);
    }
}

/* What was made on the way and still holds. */
static void keep(struct lethe_workbench *wb, struct lethe_comparison *c)
{
    if (wb->snapshot != c->origin)
        return;
    if (!wb->warm && c->base.warm) {
        wb->warm = lethe_retrained_ref(c->base.warm);
        wb->version++;
    }
    if (!wb->selected && c->base.selected &&
        !memcmp(&wb->settings, &c->base.settings, sizeof wb->settings)) {
        wb->selected = lethe_selected_ref(c->base.selected);
        wb->version++;
    }
}

static enum lethe_err finish_comparison(struct lethe_workbench *wb, void *arg,
                                        struct lethe_value *out, struct lethe_error *err)
{
    struct lethe_comparison *c = arg;
    enum lethe_err code = LETHE_OK;
    keep(wb, c);
    for (size_t i = 0; !code && wb->snapshot == c->origin && i < c->cold_count; i++)
        code = lethe_workbench_add_cold(wb, c->colds[i], err);
    if (!code)
        lethe_comparison_put(out, c);
    return code;
}

/* ---- command ----------------------------------------------------------------------------------
 */

/* The cold retrains there are, and seeds for those that are missing. */
static enum lethe_err take_colds(struct lethe_comparison *c, const struct lethe_workbench *wb,
                                 size_t k, struct lethe_error *err)
{
    if (!c->origin->whole)
        return LETHE_OK;
    c->colds = lethe_alloc_zero(k, sizeof *c->colds);
    c->seeds = lethe_alloc(k, sizeof *c->seeds);
    if (!c->colds || !c->seeds)
        return lethe_fail_memory(err, "retrained models", k, sizeof *c->colds);
    for (c->cold_count = 0; c->cold_count < k; c->cold_count++) {
        const size_t i = c->cold_count;
        c->seeds[i] = c->origin->seed + 1 + i;
        for (size_t j = 0; j < wb->cold_count; j++)
            if (wb->colds[j]->seed == c->seeds[i])
                c->colds[i] = lethe_retrained_ref(wb->colds[j]);
    }
    return lethe_workbench_training_context(&c->training, wb, err);
}

static enum lethe_err run_compare(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    struct lethe_snapshot *snapshot;
    enum lethe_err code = lethe_workbench_snapshot(wb, &snapshot, err);
    if (code)
        return code;
    struct lethe_comparison *c = lethe_alloc_zero(1, sizeof *c);
    if (!c)
        return lethe_fail_memory(err, "a comparison", 1, sizeof *c);
    c->what = (enum lethe_comparison_kind)lethe_args_choice(&call->args, "WHAT", 0);
    c->origin = lethe_snapshot_ref(snapshot);
    call->task = (struct lethe_task){.run = run_comparison,
                                     .finish = finish_comparison,
                                     .release = free_comparison,
                                     .arg = c,
                                     .lane = LETHE_LANE_INTERACTIVE};
    if (c->what != LETHE_COMPARE_LADDER && lethe_args_given(&call->args, "k"))
        return lethe_fail(err, LETHE_EARG, "'k=' is for 'compare ladder'");
    const int one_by_one = c->what == LETHE_COMPARE_SELECTORS || c->what == LETHE_COMPARE_SINGLES;
    if (!one_by_one && lethe_args_given(&call->args, "samples"))
        return lethe_fail(err, LETHE_EARG,
                          "'samples=' is for 'compare selectors' and 'compare singles'");
    if (c->what != LETHE_COMPARE_PROXIMAL && lethe_args_given(&call->args, "seeds"))
        return lethe_fail(err, LETHE_EARG, "'seeds=' is for 'compare proximal'");
    if (c->what != LETHE_COMPARE_SELECTORS && lethe_args_given(&call->args, "draws"))
        return lethe_fail(err, LETHE_EARG, "'draws=' is for 'compare selectors'");
    if (one_by_one && !snapshot->whole)
        return lethe_fail(err, LETHE_EARG,
                          "retraining is not available: %zu of %zu training samples here",
                          snapshot->retain.count + snapshot->forget.count, snapshot->trained_on);
    if (!one_by_one && lethe_args_given(&call->args, "budgets"))
        return lethe_fail(err, LETHE_EARG,
                          "'budgets=' is for 'compare selectors' and 'compare singles'");
    const char *budgets = c->what == LETHE_COMPARE_SINGLES ? "1%,4%,10%" : "120,250,500";
    const size_t size = lethe_graph_size(snapshot->graph);
    if (one_by_one)
        code = lethe_budgets_read(&c->budgets, lethe_args_text(&call->args, "budgets", budgets),
                                  size, err);
    if (code)
        return code;
    c->rivals_options = (struct lethe_selector_benchmark_options){
        .samples = lethe_args_count(&call->args, "samples", 10),
        .draws = lethe_args_count(&call->args, "draws", 20),
        .mu = 1e-4,
        .budgets = c->budgets};
    c->samples = lethe_args_count(&call->args, "samples", snapshot->forget.count);
    c->training_seeds = lethe_args_count(&call->args, "seeds", 3);
    code =
        lethe_comparison_base_init(&c->base, snapshot, &wb->settings, wb->selected, wb->warm, err);
    if (!code && c->what == LETHE_COMPARE_LADDER)
        code = take_colds(c, wb, lethe_args_count(&call->args, "k", 3), err);
    return code;
}

static const struct lethe_arg_spec compare_args[] = {
    {.name = "WHAT",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_NEEDED,
     .choices = "ladder|curvatures|damping|selectors|singles|proximal",
     .help = "what stands beside each other"},
    {.name = "k",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .max = 64,
     .help = "ladder: cold retrains at its top (3)"},
    {.name = "samples",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 1000,
     .help = "selectors, singles: forget samples, each removed on its own (10; all)"},
    {.name = "budgets",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_KEYED,
     .help = "selectors, singles: numbers of parameters or shares, at most six (120,250,500; "
             "1%,4%,10%)"},
    {.name = "draws",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 1000,
     .help = "selectors: orders drawn for the band of random (20)"},
    {.name = "seeds",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = LETHE_PROXIMAL_SEEDS,
     .help = "proximal: orders of the batches (3)"},
};

const struct lethe_command lethe_command_compare = {
    .name = "compare",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET | LETHE_NOTED,
    .summary = "Show rivals beside each other and beside retraining",
    .detail =
        "ladder: blanket with ggn, all parameters with ggn, with the exact Hessian, a second ggn "
        "step, "
        "warm retrain, cold retrains: which approximation loses what. curvatures: every curvature "
        "on the blanket as it is set, with its smallest eigenvalue and effective degrees of "
        "freedom. damping: 0 and 1e-8 to 1e2, with the usual rules among them. selectors: "
        "at the same number of parameters, sample by sample. singles: every sample on its own with "
        "L-FOCI's blanket, gradnorm, random and single weights at its number of parameters, single "
        "weights at the budgets, and the whole model, "
        "with what each costs in time. proximal: for networks that follow a recipe, where the step "
        "lies between the recipe going on with the forget samples and without them, at several "
        "lengths. The distance is the "
        "mean KL to the warm retrain; nothing is changed.",
    .examples = "compare ladder\ncompare damping\ncompare curvatures\ncompare selectors samples=3\n"
                "compare singles samples=20 budgets=4%,10%\ncompare proximal seeds=3",
    LETHE_ARGS(compare_args),
    .run = run_compare,
};
