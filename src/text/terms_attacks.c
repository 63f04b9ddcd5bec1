/* SPDX-License-Identifier: MIT
 * Words about telling who was in the training set. */
#include "text/glossary.h"

const struct lethe_term lethe_terms_attacks[] = {
    {.name = "threshold",
     .also = "recognised|mistaken|members|threshold by hand",
     .meaning =
         "The attacker's rule at one loss: who has at most that much was a member. Recognised "
         "are members so called, mistaken are others so called. Set by 'plot roc "
         "threshold=.5', or keys [ and ] in the Plot pane.",
     .formula =
         "recognised / members = true positive rate, mistaken / others = false positive rate",
     .good = "As after retraining, at every threshold.",
     .trap = "One threshold says little: the ROC curve has them all. Of the method salun it is "
             "another thing: the share of the weights that are trained."},
    {.name = "attack",
     .also = "membership inference|mia|attacks|member|non-member",
     .meaning = "Somebody who asks of a sample whether it was trained on. The plain attack here: a "
                "loss below a threshold means yes.",
     .source = "Yeom et al. 2018",
     .good = "That it says the same of the removed model as of a retrained one.",
     .trap = "A weak attack that fails proves nothing; 'audit' makes strong ones."},
    {.name = "attack AUC",
     .also = "auc|area under the curve|roc|false positives|true positives",
     .meaning = "How well the loss tells forget samples from unseen ones of the same classes: the "
                "area under the ROC curve.",
     .formula = "share of pairs in which the forget sample has the smaller loss",
     .good = "The value of the retrained model.",
     .trap = "One half is not the aim: a wrong label stands out as non-member also of a model that "
             "never saw it."},
    {.name = "balanced attack",
     .also = "balanced accuracy|attack.balanced_accuracy|attack bal. acc",
     .meaning = "Accuracy of the best loss threshold, fitted on one half and counted on the other.",
     .good = "That of the retrained model."},
    {.name = "percentile",
     .also = "attack.percentile|loss percentile",
     .meaning = "Share of unseen samples of the class with a smaller loss: the attack where there "
                "is one sample only.",
     .good = "That of the retrained model.",
     .trap = "Small means the sample is still remembered."},
    {.name = "tpr at fpr",
     .also = "attack.tpr_1_percent|attack.tpr_0.1_percent|tpr at 1 % fpr|tpr at 0.1 % fpr|tpr",
     .meaning = "Share of forget samples caught while 1 in 100 (or 1,000) alarms is false.",
     .trap = "It needs that many non-members."},
    {.name = "margin",
     .also = "margins|phi",
     .meaning = "How far the label's logit stands above the others together.",
     .formula = "z_y - log sum_{c != y} e^z_c"},
    {.name = "lira",
     .also = "lira auc",
     .meaning = "Membership attack calibrated for each sample by shadow models that were trained "
                "with and without it.",
     .source = "Carlini et al. 2022"},
    {.name = "u-lira",
     .also = "ulira",
     .meaning = "Whether a sample that was removed can be told from one never seen, by models that "
                "went through the same.",
     .source = "Hayes et al. 2024; Kurmanji et al. 2023",
     .good = "0.5: it cannot."},
    {.name = "rmia",
     .also = "rmia auc",
     .meaning =
         "Membership attack by likelihood ratios against other samples, with few reference models.",
     .source = "Zarifzadeh et al. 2024"},
    {.name = "klom",
     .meaning = "KL between the margins of many removals and of many retrains, for each sample.",
     .source = "Georgiev et al. 2024",
     .good = "0."},
    {.name = "neurips score",
     .also = "forgetting_score|eps of a sample|epsilon limit",
     .meaning = "Forgetting quality of the 2023 competition: how well any threshold tells removals "
                "from retrains, sample by sample.",
     .source = "Triantafillou et al. 2024",
     .good = "1.",
     .trap = "N models can measure an epsilon up to log(N - 1) only."},
    {.name = "fqs",
     .meaning = "Forgetting quality from pooled samples of one pair of models, to compare with "
                "others that report it.",
     .good = "1."},
    {.name = "logistic attack",
     .also = "attack.logistic",
     .meaning = "Accuracy of a logistic regression on the loss, over ten splits.",
     .good = "That of the retrained model."},
    {.name = "linear probe",
     .also = "probe",
     .meaning = "How well a linear model tells forget samples from others by the features of the "
                "last layer.",
     .good = "That of the retrained model.",
     .trap = "What the logits forgot the features may still hold."},
    {.name = "relearn ratio",
     .also = "relearn time|relearning steps|ain",
     .meaning =
         "Steps to learn the forget samples again, over the steps the retrained model needs.",
     .source = "Chundawat et al. 2023",
     .good = "1.",
     .trap = "Far below 1 they were hidden, not forgotten."},
    {.name = "interclass confusion",
     .also = "confusion",
     .meaning = "How often two classes whose labels were swapped are still taken for each other.",
     .source = "Goel et al. 2022",
     .good = "That of the retrained model."},
    {.name = "zrf",
     .meaning = "Likeness of the forget predictions to those of an untrained model.",
     .source = "Chundawat et al. 2023",
     .trap = "A retrained model is not like an untrained one."},
    {.name = "audit",
     .also = "figures|figure|meaning|unit of a figure|tier|needs",
     .meaning = "Many models trained with and without the forget samples and put through the same "
                "removal, and the attacks that need them. A figure's tier says how dear it is: 0 "
                "at once, 1 needs a retraining, 2 many models.",
     .good = "'as retraining' in every row.",
     .trap = "Few models can tell few differences: 'cannot tell' is no 'as retraining'."},
    {.name = NULL},
};
