/* SPDX-License-Identifier: MIT
 * retrain: models trained without the forget samples, one warm or several cold. */
#include "cmd/commands.h"
#include "workbench/pipeline.h"
#include "workbench/workbench.h"

static void put_truth(struct lethe_value *list, const struct lethe_retrained *retrained)
{
    const struct lethe_figures *figures = &retrained->outcome.figures;
    struct lethe_value *item = lethe_put_object(list, NULL);
    lethe_put_text(item, "retrain", retrained->cold ? "cold" : "warm");
    if (retrained->cold)
        lethe_hint(lethe_put_int(item, "seed", (int64_t)retrained->seed), LETHE_HINT_PLAIN);
    lethe_put_share(item, "forget_accuracy", figures->forget.accuracy);
    lethe_put_real(item, "forget_loss", figures->forget.loss);
    lethe_put_share(item, "retain_accuracy", figures->retain.accuracy);
    lethe_put_share(item, "heldout_accuracy", figures->heldout.accuracy);
    lethe_hint(lethe_put_real(item, "auc", figures->attack.auc.value), LETHE_HINT_FIXED);
    lethe_put_real(item, "gradient", retrained->report.gradient);
    lethe_put_bool(item, "converged", retrained->report.converged);
    lethe_hint(lethe_put_real(item, "time", retrained->report.seconds), LETHE_HINT_SECONDS);
}

static void put_truths(struct lethe_value *out, const struct lethe_workbench *wb, int cold)
{
    struct lethe_value *list = lethe_put_list(out, "models");
    if (!cold && wb->warm)
        put_truth(list, wb->warm);
    for (size_t i = 0; cold && i < wb->cold_count; i++)
        put_truth(list, wb->colds[i]);
}

static enum lethe_err finish_warm(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                  struct lethe_error *err)
{
    enum lethe_err code = lethe_pipeline_adopt(wb, arg, err);
    if (!code)
        put_truths(out, wb, 0);
    return code;
}

static enum lethe_err finish_cold(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                  struct lethe_error *err)
{
    enum lethe_err code = lethe_pipeline_adopt(wb, arg, err);
    if (!code)
        put_truths(out, wb, 1);
    return code;
}

static enum lethe_err run_retrain(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    int cold = lethe_args_choice(&call->args, "KIND", 0) == 1;
    size_t k = lethe_args_count(&call->args, "k", 5);
    struct lethe_pipeline *work = NULL;
    if (lethe_args_given(&call->args, "k") && !cold)
        return lethe_fail(err, LETHE_EARG, "'k=' is for 'retrain cold': a warm retrain is one");
    if (cold ? wb->cold_count >= k : wb->warm != NULL) {
        put_truths(call->out, wb, cold);
        return LETHE_OK;
    }
    enum lethe_err code =
        cold ? lethe_pipeline_cold(wb, &work, k, err) : lethe_pipeline_warm(wb, &work, err);
    call->task = (struct lethe_task){.run = lethe_pipeline_run,
                                     .finish = cold ? finish_cold : finish_warm,
                                     .release = lethe_pipeline_release,
                                     .arg = work,
                                     .lane = LETHE_LANE_BACKGROUND,
                                     .lasting = 1};
    return code;
}

static const struct lethe_arg_spec retrain_args[] = {
    {.name = "KIND",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_NEEDED,
     .choices = "warm|cold",
     .help = "warm: from the weights as they are; cold: from fresh weights"},
    {.name = "k",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 64,
     .help = "cold retrains, each from its own seed (5)"},
};

const struct lethe_command lethe_command_retrain = {
    .name = "retrain",
    .group = LETHE_GROUP_TRAIN,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET | LETHE_NOTED,
    .summary = "Retrain without the forget samples",
    .detail =
        "The yardstick of every removal: all training samples that are neither forgotten nor "
        "about to be. One warm retrain fills the retrain column of 'preview'; from three "
        "cold ones on it shows their mean, its sd and z. A warm one is L-BFGS to a minimum "
        "where the network has one in reach (plain linear layers), else the recipe, from the "
        "weights as they are; 'set retrain.by', 'retrain.most' and 'retrain.tolerance' change "
        "that.",
    .examples = "retrain warm\nretrain cold k=5 &",
    LETHE_ARGS(retrain_args),
    .run = run_retrain,
};
