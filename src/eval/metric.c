/* SPDX-License-Identifier: MIT
 * The table of metrics: what each is called, how dear it is, what it needs and what it says.
 * A figure of one model is such a row and nothing else: preview, commit and report, metrics, audit,
 * the screen, JSON, `explain` and help go through the rows. One more comes after the last. */
#include "lethe/eval.h"

#include <math.h>
#include <string.h>

#include "eval/measure.h"

/* ---- figures of one model -------------------------------------------------------------------- */

#define VALUE(name, expression)                                                                    \
    static void name(struct lethe_measure *measure, const struct lethe_metric_input *in)           \
    {                                                                                              \
        lethe_measure_set(measure, expression);                                                    \
    }
#define WHOLE(name, expression)                                                                    \
    static void name(struct lethe_measure *measure, const struct lethe_metric_input *in)           \
    {                                                                                              \
        *measure = expression;                                                                     \
    }
VALUE(forget_accuracy, in->figures->forget.accuracy)
VALUE(forget_loss, in->figures->forget.loss)
VALUE(retain_accuracy, in->figures->retain.accuracy)
VALUE(retain_loss, in->figures->retain.loss)
VALUE(heldout_accuracy, in->figures->heldout.accuracy)
VALUE(heldout_loss, in->figures->heldout.loss)
WHOLE(auc, in->figures->attack.auc)
WHOLE(balanced_accuracy, in->figures->attack.balanced_accuracy)
WHOLE(tpr_100, in->figures->attack.tpr_100)
WHOLE(tpr_1000, in->figures->attack.tpr_1000)
WHOLE(percentile, in->figures->attack.percentile)

/* ---- the table ------------------------------------------------------------------------------- */

static const struct lethe_metric metrics[] = {
    [LETHE_METRIC_FORGET_ACCURACY] = {"forget.accuracy", "forget acc", "share", 0, "forget samples",
                                      "share of the forget samples the model still gets right",
                                      .of_model = forget_accuracy, .look = LETHE_LOOK_PERCENT,
                                      .flags = LETHE_METRIC_OF_FORGET | LETHE_METRIC_NOT_IN_METRICS,
                                      .title = "forget accuracy", .above = "still known",
                                      .below = "worse than unseen"},
    [LETHE_METRIC_RETAIN_ACCURACY] = {"retain.accuracy", "retain acc", "share", 0,
                                      "retained samples",
                                      "share of the retained samples the model gets right",
                                      .of_model = retain_accuracy, .look = LETHE_LOOK_PERCENT,
                                      .flags = LETHE_METRIC_NOT_IN_METRICS,
                                      .title = "retain accuracy", .above = "fits the rest better",
                                      .below = "the rest is damaged"},
    [LETHE_METRIC_HELDOUT_ACCURACY] = {"heldout.accuracy", "held-out acc", "share", 0,
                                       "held-out samples",
                                       "share right among samples never trained on",
                                       .of_model = heldout_accuracy, .look = LETHE_LOOK_PERCENT,
                                       .flags = LETHE_METRIC_NOT_IN_METRICS,
                                       .title = "held-out accuracy",
                                       .above = "better than retrained", .below = "costs accuracy"},
    [LETHE_METRIC_FORGET_LOSS] = {"forget.loss", "forget loss", "nats", 0, "forget samples",
                                  "mean cross-entropy of the forget samples",
                                  .of_model = forget_loss,
                                  .flags = LETHE_METRIC_OF_FORGET | LETHE_METRIC_NOT_IN_METRICS,
                                  .above = "worse than unseen", .below = "still known"},
    [LETHE_METRIC_RETAIN_LOSS] = {"retain.loss", "retain loss", "nats", 0, "retained samples",
                                  "mean cross-entropy of the retained samples",
                                  .of_model = retain_loss,
                                  .flags = LETHE_METRIC_NOT_IN_METRICS | LETHE_METRIC_NOT_IN_AUDIT},
    [LETHE_METRIC_HELDOUT_LOSS] = {"heldout.loss", "held-out loss", "nats", 0, "held-out samples",
                                   "mean cross-entropy of the held-out samples",
                                   .of_model = heldout_loss,
                                   .flags =
                                       LETHE_METRIC_NOT_IN_METRICS | LETHE_METRIC_NOT_IN_AUDIT},
    [LETHE_METRIC_AUC] = {"attack.auc", "attack AUC", "share", 0,
                          "forget against held-out samples of the same classes",
                          "how well the loss tells forget samples from unseen ones; the aim is the "
                          "value of the retrained model, not one half",
                          .of_model = auc, .look = LETHE_LOOK_FRACTION,
                          .flags = LETHE_METRIC_OF_FORGET, .above = "members can be found",
                          .below = "marked by their loss"},
    [LETHE_METRIC_BALANCED_ACCURACY] = {"attack.balanced_accuracy", "attack bal. acc", "share", 0,
                                        "two of each group",
                                        "accuracy of the best loss threshold, with the members on "
                                        "either side of it, fitted on one half and counted on the "
                                        "other",
                                        .of_model = balanced_accuracy, .look = LETHE_LOOK_PERCENT,
                                        .flags = LETHE_METRIC_OF_FORGET,
                                        .above = "members can be found", .below = "marked less"},
    [LETHE_METRIC_TPR_100] = {"attack.tpr_1_percent", "TPR at 1 % FPR", "share", 0,
                              "100 non-members",
                              "share of forget samples caught when 1 in 100 alarms is false",
                              .of_model = tpr_100, .look = LETHE_LOOK_PERCENT,
                              .flags = LETHE_METRIC_NOT_IN_PREVIEW | LETHE_METRIC_NOT_ON_SCREEN |
                                       LETHE_METRIC_NOT_IN_AUDIT},
    [LETHE_METRIC_TPR_1000] = {"attack.tpr_0.1_percent", "TPR at 0.1 % FPR", "share", 0,
                               "1000 non-members",
                               "share of forget samples caught when 1 in 1000 alarms is false",
                               .of_model = tpr_1000, .look = LETHE_LOOK_PERCENT,
                               .flags = LETHE_METRIC_NOT_IN_PREVIEW | LETHE_METRIC_NOT_ON_SCREEN |
                                        LETHE_METRIC_NOT_IN_AUDIT},
    [LETHE_METRIC_PERCENTILE] = {"attack.percentile", "loss percentile", "percent", 0,
                                 "held-out samples of the same class",
                                 "share of unseen samples with a smaller loss; small means the "
                                 "sample is still remembered",
                                 .of_model = percentile, .look = LETHE_LOOK_FRACTION,
                                 .flags = LETHE_METRIC_OF_FORGET | LETHE_METRIC_NOT_ON_SCREEN,
                                 .above = "marked by their loss", .below = "still remembered"},
    [LETHE_METRIC_KL] = {"kl", "KL to retrain", "nats", 1, "a retrained model",
                         "how far the predictions are from those of the retrained model"},
    [LETHE_METRIC_KL_FOLD] = {"kl_fold", "nearer by", "ratio", 1, "a retrained model",
                              "how many times nearer to the retrained model's predictions the "
                              "step came: KL before over KL now, on the forget samples; with "
                              "quartiles over samples where they are removed one by one"},
    [LETHE_METRIC_JS] = {"js", "JS to retrain", "nats", 1, "a retrained model",
                         "the same distance in a symmetric and bounded form"},
    [LETHE_METRIC_ACTIVATION] = {"activation_distance", "activation dist", "share", 1,
                                 "a retrained model",
                                 "mean Euclidean distance of the two probability vectors"},
    [LETHE_METRIC_CHURN] = {"churn", "churn", "share", 1, "a retrained model",
                            "share of samples the two models classify differently"},
    [LETHE_METRIC_RECOVERY_PROBS] = {"recovery_probs", "recovery, probs", "share", 1,
                                     "a retrained model and its control",
                                     "share of the change that retraining makes to the predicted "
                                     "probabilities of all samples which the removal made too; it "
                                     "stands first, for this is what anybody outside can see"},
    [LETHE_METRIC_RECOVERY_PROBS_TRAIN] = {"recovery_probs_train", "recovery, probs, train",
                                           "share", 1, "a retrained model and its control",
                                           "recovery of probabilities over the samples that were "
                                           "trained on alone, the forgotten and the retained ones; "
                                           "held-out samples near the forgotten one change with "
                                           "it, and a step misses more of that"},
    [LETHE_METRIC_RECOVERY] = {"recovery", "recovery, logits", "share", 1,
                               "a retrained model and its control",
                               "the same share of the logits; most of what retraining changes in "
                               "the logits of retained samples changes no probability, so it is "
                               "the stricter figure"},
    [LETHE_METRIC_CHANGE_PROBS] = {"change_probs", "change, probs", "share", 1,
                                   "a retrained model and its control",
                                   "recovery of probabilities with the further training that both "
                                   "retrains go on to do left out; the figure for networks that "
                                   "never reached a minimum"},
    [LETHE_METRIC_CHANGE_PROBS_TRAIN] = {"change_probs_train", "change, probs, train", "share", 1,
                                         "a retrained model and its control",
                                         "change of probabilities over the samples that were "
                                         "trained on alone"},
    [LETHE_METRIC_CHANGE] = {"change", "change, logits", "share", 1,
                             "a retrained model and its control",
                             "recovery of logits with the further training that both retrains go "
                             "on to do left out"},
    [LETHE_METRIC_AVERAGE_GAP] = {"average_gap", "average gap", "share", 1, "a retrained model",
                                  "mean distance of three accuracies and the attack to retraining"},
    [LETHE_METRIC_TUG_OF_WAR] = {"tug_of_war", "ToW", "score", 1, "a retrained model",
                                 "1 when all three accuracies equal those of retraining"},
    [LETHE_METRIC_RELEARN] = {"relearn_ratio", "relearn ratio", "ratio", 1,
                              "loss curves of relearning",
                              "steps to learn the forget samples again, over the steps the "
                              "retrained model needs; 1 is the aim"},
    [LETHE_METRIC_LOGISTIC] = {"attack.logistic", "logistic attack", "share", 1,
                               "ten of each group",
                               "accuracy of a logistic regression on the loss over ten splits"},
    [LETHE_METRIC_PROBE] = {"probe", "linear probe", "share", 1, "features of the last layer",
                            "how well a linear model tells forget samples from others by the "
                            "features"},
    [LETHE_METRIC_CONFUSION] = {"interclass_confusion", "confusion", "samples", 1,
                                "two classes with swapped labels",
                                "how often the two classes are still taken for each other"},
    [LETHE_METRIC_NOISE_FLOOR] = {"noise_floor", "noise floor", "nats", 2, "two cold retrains",
                                  "distance between retrained models: closer than this means "
                                  "nothing"},
    [LETHE_METRIC_LIRA] = {"lira", "LiRA AUC", "share", 2, "shadow models on random halves",
                           "membership attack calibrated per sample by shadow models"},
    [LETHE_METRIC_ULIRA] = {"ulira", "U-LiRA", "share", 2, "N originals put through the removal",
                            "whether a sample removed can be told from one never seen; 0.5 is "
                            "the aim"},
    [LETHE_METRIC_RMIA] = {"rmia", "RMIA AUC", "share", 2, "a few reference models",
                           "membership attack by pairwise likelihood ratios"},
    [LETHE_METRIC_KLOM] = {"klom", "KLOM", "nats", 2, "N removals and N retrains",
                           "per-sample divergence of the margins of removals and retrains"},
    [LETHE_METRIC_FORGETTING] = {"forgetting_score", "NeurIPS score", "score", 2,
                                 "N removals and N retrains",
                                 "forgetting quality of the 2023 competition"},
    [LETHE_METRIC_FQS] = {"fqs", "FQS", "score", 2, "a retrained model",
                          "forgetting quality from pooled samples of one pair of models"},
    [LETHE_METRIC_HARM] = {"harm", "harm to retained", "share", 2, "retained samples",
                           "what the removal cost the samples that stay"},
    [LETHE_METRIC_ZRF] = {"zrf", "ZRF", "score", 2, "an untrained model",
                          "likeness of the forget predictions to those of an untrained model"},
};
enum { COUNT = sizeof metrics / sizeof *metrics };
_Static_assert((int)COUNT >= (int)LETHE_METRIC_NAMED, "a metric without a row");
_Static_assert((int)COUNT <= (int)LETHE_METRICS_MOST, "more metrics than there is room for");

size_t lethe_metric_count(void)
{
    return COUNT;
}

const struct lethe_metric *lethe_metric(size_t number)
{
    return &metrics[number];
}

const struct lethe_metric *lethe_metric_find(const char *name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (!strcmp(metrics[i].name, name))
            return &metrics[i];
    return NULL;
}

double lethe_figures_get(const struct lethe_figures *figures, enum lethe_metric_kind kind)
{
    struct lethe_measure measure = {.value = NAN};
    const struct lethe_metric_input input = {.figures = figures};
    if (kind <= LETHE_METRIC_PERCENTILE)
        metrics[kind].of_model(&measure, &input);
    return measure.value;
}
