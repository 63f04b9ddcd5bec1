/* SPDX-License-Identifier: MIT
 * compare: approximations, curvatures, dampings, selectors, methods and masks beside each other
 * and beside retraining. */
#include <string.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "lethe/plot.h"
#include "removal/head_snapshot.h"
#include "workbench/answer_comparison.h"
#include "workbench/workbench.h"

static enum lethe_err finish_comparison(struct lethe_workbench *wb, void *arg,
                                        struct lethe_value *out, struct lethe_error *err)
{
    const enum lethe_err code = lethe_comparison_adopt(wb, arg, err);
    if (!code)
        lethe_comparison_put(out, arg);
    return code;
}

/* The file of `to=`: refused before the work begins where it cannot be a picture. */
static enum lethe_err take_picture(struct lethe_comparison *c, const struct lethe_args *args,
                                   struct lethe_error *err)
{
    const char *path = lethe_args_text(args, "to", NULL);
    enum lethe_plot_format format;
    if (!path)
        return LETHE_OK;
    if (c->what != LETHE_COMPARE_SELECTORS)
        return lethe_fail(err, LETHE_EARG, "'to=' is for 'compare selectors'");
    enum lethe_err code = lethe_plot_format_of(&format, path, err);
    if (!code && !(c->picture = lethe_strdup(path)))
        code = lethe_fail_memory(err, "a path", 1, 1);
    return code;
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
    const int methods = c->what == LETHE_COMPARE_METHODS || c->what == LETHE_COMPARE_MASKS;
    lethe_call_task(call, lethe_comparison_run, finish_comparison, lethe_comparison_free, c);
    if (methods) { /* minutes, and of no draft */
        call->task.lane = LETHE_LANE_BACKGROUND;
        call->task.lasting = 1;
    }
    if (c->what != LETHE_COMPARE_LADDER && c->what < LETHE_COMPARE_METHODS &&
        lethe_args_given(&call->args, "k"))
        return lethe_fail(err, LETHE_EARG, "'k=' is for 'compare ladder', 'methods' and 'masks'");
    if (c->what != LETHE_COMPARE_METHODS &&
        (lethe_args_given(&call->args, "HOW") || lethe_args_given(&call->args, "trials") ||
         lethe_args_given(&call->args, "budget")))
        return lethe_fail(err, LETHE_EARG, "'tuned' is for 'compare methods'");
    const int one_by_one = c->what == LETHE_COMPARE_SELECTORS || c->what == LETHE_COMPARE_SINGLES;
    if (!one_by_one && lethe_args_given(&call->args, "samples"))
        return lethe_fail(err, LETHE_EARG,
                          "'samples=' is for 'compare selectors' and 'compare singles'");
    if (c->what != LETHE_COMPARE_PROXIMAL && lethe_args_given(&call->args, "seeds"))
        return lethe_fail(err, LETHE_EARG, "'seeds=' is for 'compare proximal'");
    if (c->what != LETHE_COMPARE_SELECTORS && lethe_args_given(&call->args, "draws"))
        return lethe_fail(err, LETHE_EARG, "'draws=' is for 'compare selectors'");
    code = take_picture(c, &call->args, err);
    if (code)
        return code;
    if (one_by_one && !snapshot->whole)
        return lethe_fail(err, LETHE_EARG,
                          "retraining is not available: %zu of %zu training samples here",
                          snapshot->retain.count + snapshot->forget.count, snapshot->trained_on);
    if (!one_by_one && lethe_args_given(&call->args, "budgets"))
        return lethe_fail(err, LETHE_EARG,
                          "'budgets=' is for 'compare selectors' and 'compare singles'");
    const char *budgets = c->what == LETHE_COMPARE_SINGLES ? "1%,4%,10%" : "120,250,500";
    const size_t size = lethe_snapshot_movable_size(snapshot);
    if (one_by_one)
        code = lethe_budgets_read(&c->budgets, lethe_args_text(&call->args, "budgets", budgets),
                                  size, err);
    if (code)
        return code;
    c->benchmark_options = (struct lethe_selector_benchmark_options){
        .samples = lethe_args_count(&call->args, "samples", 10),
        .draws = lethe_args_count(&call->args, "draws", 20),
        .mu = 1e-4,
        .budgets = c->budgets};
    c->samples = lethe_args_count(&call->args, "samples", snapshot->forget.count);
    c->training_seeds = lethe_args_count(&call->args, "seeds", 3);
    code =
        lethe_comparison_base_init(&c->base, snapshot, &wb->settings, wb->selected, wb->warm, err);
    if (!code && c->what == LETHE_COMPARE_SINGLES)
        code = lethe_workbench_training_context(&c->training, wb, err);
    if (!code && (c->what == LETHE_COMPARE_LADDER || methods))
        code = lethe_comparison_take_colds(
            c, wb, lethe_args_count(&call->args, "k", methods ? 5 : 3), err);
    if (!code && methods)
        code = lethe_comparison_take_methods(c, lethe_args_given(&call->args, "HOW"),
                                             lethe_args_count(&call->args, "trials", 20),
                                             lethe_args_real(&call->args, "budget", 0), err);
    return code;
}

static const struct lethe_arg_spec compare_args[] = {
    {.name = "WHAT",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_NEEDED,
     .choices = "ladder|curvatures|damping|selectors|singles|proximal|methods|masks",
     .help = "what stands beside each other"},
    {.name = "HOW",
     .kind = LETHE_ARG_CHOICE,
     .choices = "tuned",
     .help = "methods: with parameters that are searched first, as by 'tune'"},
    {.name = "k",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .max = 64,
     .help = "cold retrains: ladder at its top (3), methods, masks (5)"},
    {.name = "trials",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 10000,
     .help = "methods tuned: of each search (20)"},
    {.name = "budget",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED,
     .max = 1e7,
     .help = "methods tuned: seconds of each search, 0: no end (0)"},
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
    {.name = "to",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED,
     .help = "selectors: picture, a line each over the budgets: FILE.png, .svg, .pdf"},
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
        "step, passes after the first step, "
        "warm retrain, cold retrains: which approximation loses what. curvatures: every curvature "
        "on the blanket as it is set, with its smallest eigenvalue and effective degrees of "
        "freedom. damping: 0 and 1e-8 to 1e2, with the usual rules among them. selectors: "
        "at the same number of parameters, sample by sample. singles: every sample on its own with "
        "L-FOCI's blanket, gradnorm, random and single weights at its number of parameters, single "
        "weights at the budgets, and the whole model, "
        "with what each costs in time. proximal: for networks that follow a recipe, where the step "
        "lies between the recipe going on with the forget samples and without them, at several "
        "lengths. methods: every unlearning method of 'method', with what a retraining gives and "
        "how far from it in its own spread; masks: the method that is set, or salun, as it is and "
        "on every selector's mask, each of the same share of the weights. "
        "What was made is kept with the session, and is not made twice. The distance is the "
        "mean KL to the warm retrain; nothing is changed.",
    .examples = "compare ladder\ncompare damping\ncompare curvatures\ncompare selectors samples=3\n"
                "compare selectors budgets=1%,4%,10% to=selectors.png\n"
                "compare methods\ncompare methods tuned trials=10\n"
                "compare singles samples=20 budgets=4%,10%\ncompare proximal seeds=3",
    LETHE_ARGS(compare_args),
    .run = run_compare,
};
