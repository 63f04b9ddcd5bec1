/* SPDX-License-Identifier: MIT
 * Words about what the model can do, and how near it is to having been retrained. */
#include "text/glossary.h"

const struct lethe_term lethe_terms_figures[] = {
    {.name = "summary",
     .also = "closing sentences",
     .meaning = "What 'info' and 'preview' end with in plain words: what happened, whether it was "
                "worth it, and what to do next."},
    {.name = "before",
     .also =
         "at start|kl before|heldout accuracy before|heldout accuracy at start|forget loss before",
     .meaning = "The model as it is, or was at the beginning, without the removal."},
    {.name = "retrain",
     .also = "retrained|retraining|warm retrain|warm|warm retraining|after deletion",
     .meaning =
         "The yardstick: the model trained on without the forget samples. Warm: from the present "
         "weights to a minimum, one model; with three cold ones the column is their mean.",
     .good = "Every figure of the removal equal to it.",
     .trap = "Retraining by itself changes figures a little each time: see sd and noise floor."},
    {.name = "cold retrain",
     .also = "cold|models|without forget|retrains",
     .meaning = "Training from fresh weights on the retained samples: the model that never saw "
                "what is forgotten. Several of them show how far such models differ by chance."},
    {.name = "control",
     .also = "change|control logits",
     .meaning =
         "The same retraining with nothing removed. What it changes is further training, "
         "not forgetting; recovery takes it out, and 'change' is the share without it. In 'compare "
         "proximal' what the order of the batches alone moves, over what the removal moves."},
    {.name = "sd",
     .also = "spread|standard deviation|±|plus minus",
     .meaning = "How far retrained models differ among themselves, from three on.",
     .trap = "Of one warm retrain there is none."},
    {.name = "z",
     .also = "z score",
     .meaning =
         "How many such spreads the removal's figure lies from the mean of the retrained models.",
     .formula = "z = (now - mean of retrains) / sd",
     .good = "Between -2 and 2: nobody can tell it from a retrained model by this figure.",
     .trap = "A spread at rounding level, or of one model, gives none."},
    {.name = "accuracy",
     .also = "accuracy_a|accuracy_b|acc",
     .meaning = "Share of samples whose label has the largest probability."},
    {.name = "loss",
     .also = "loss_a|loss_b|cross-entropy|losses|nats|loss now|loss before",
     .meaning = "Mean of -log of the probability of the label, in nats.",
     .formula = "-log p_y",
     .trap = "Over all samples a few hard ones decide it; look at the plot."},
    {.name = "forget accuracy",
     .also = "forget acc",
     .meaning = "Share of the forget samples the model still gets right.",
     .good = "That of the retrained model: it gets most ordinary samples right without having seen "
             "them.",
     .trap = "0 is no aim unless a whole class is forgotten."},
    {.name = "forget loss",

     .meaning = "Mean cross-entropy of the forget samples: how surprised the model is by them.",
     .good = "That of the retrained model.",
     .trap = "Far above it the samples give themselves away by being too unknown."},
    {.name = "retain accuracy",
     .also = "retain acc|retain|retained|rest",
     .meaning =
         "Share of the retained training samples the model gets right: what must not be lost.",
     .good = "That of the retrained model."},
    {.name = "retain loss",

     .meaning = "Mean cross-entropy of the retained samples.",
     .good = "That of the retrained model."},
    {.name = "held-out accuracy",
     .also = "heldout accuracy|held-out acc",
     .meaning = "Share right among samples never trained on: what the model is good for.",
     .good = "That of the retrained model. When a class is forgotten its held-out samples are lost "
             "in both.",
     .trap = "On 180 samples one of them is half a point: look at the interval."},
    {.name = "held-out loss",
     .also = "heldout loss",
     .meaning = "Mean cross-entropy of the held-out samples.",
     .good = "That of the retrained model."},
    {.name = "KL",
     .also = "kl to retrain|kl forget|forget kl|kl retain|kl held-out|kl heldout|kl_now|kl to "
             "retraining",
     .meaning = "How far the predictions are from those of the retrained model, in nats, on the "
                "samples named beside it.",
     .formula = "mean of sum_c p_retrain log(p_retrain / p_now)",
     .good = "At the noise floor: no nearer than retrained models are to each other.",
     .trap =
         "Without a retrained model there is none; the accuracy may be the same and the KL not."},
    {.name = "kl fold",
     .also = "times nearer|nearer by|fold|kl nearer|kl nearer by",
     .meaning = "How many times nearer to retraining the removal brought the predictions: KL "
                "before over KL now."},
    {.name = "js",
     .also = "js to retrain|js forget",
     .meaning = "The same distance in a symmetric and bounded form.",
     .formula = "(KL(p|m) + KL(q|m)) / 2, m = (p + q) / 2"},
    {.name = "activation distance",
     .also = "activation dist",
     .meaning = "Mean Euclidean distance of the two vectors of probabilities."},
    {.name = "churn", .meaning = "Share of samples the two models classify differently."},
    {.name = "recovery",
     .also = "recovery probs|recovery of probabilities|recovery of logits|change probs|recovery "
             "logits|recovery probs forget|change logits|recovery probs train|change probs "
             "train|recovery of training "
             "samples",
     .meaning = "Share of the change that retraining makes which the removal made too.",
     .formula =
         "1 - |z_now - z_retrain| / |z_control - z_retrain|, z the probabilities or the logits of "
         "all forget, retained and held-out samples; train: of forget and retained ones alone",
     .good = "Near 1. 0 is doing nothing, below 0 is worse than doing nothing.",
     .trap = "Logits drift along directions that no output shows: read it beside KL. Held-out "
             "samples near the forgotten one change with it, and one step misses more of that. "
             "Where training was not finished it includes further training."},
    {.name = "average gap",

     .meaning = "Mean distance of three accuracies and of the attack to those of retraining.",
     .source = "Fan et al.: SalUn, 2024",
     .good = "0."},
    {.name = "tug of war",
     .also = "tow",
     .meaning = "1 when all three accuracies equal those of retraining.",
     .formula = "product over the three sets of 1 - |accuracy - accuracy of retraining|",
     .source = "Zhao et al. 2024",
     .good = "1."},
    {.name = "residual gradient",
     .also = "gradient on rest",
     .meaning =
         "The gradient of the retained objective after the step: what training would still change.",
     .good = "That of the retrained model, at a minimum nearly 0.",
     .trap = "It is lowest where damping is so large that nothing is forgotten."},
    {.name = "noise floor",
     .also = "floor|inside the noise floor",
     .meaning = "Mean KL between cold retrains: closer than this means nothing.",
     .good = "A removal at the floor is as good as can be told.",
     .trap = "If the model stood inside it before, there was nothing to unlearn."},
    {.name = "nothing to unlearn",
     .also = "nothing",
     .meaning = "Retraining without the samples changes the model no more than chance does: they "
                "left no trace that could be removed."},
    {.name = "over-unlearning",
     .also = "over-unlearned|worse than before|warning",
     .meaning = "The forget samples look less known than to a model that never saw them: that, "
                "too, gives them away.",
     .good = "More damping, or fewer units."},
    {.name = "harm",
     .also = "harm mean change|harm q95 change|harm worst change|harm lost|harm gained|harm "
             "auc|retained loss, mean|retained loss, 95 %|retained loss, worst|retained "
             "lost|retained gained|auc of retained|harm to retained",
     .meaning = "What the removal cost the samples that stay: how many were right before and are "
                "not now."},
    {.name = "verdict",
     .also = "says|what was reached",
     .meaning = "One sentence under a preview: what was reached, against retraining, and what to "
                "do next. It speaks of the figures above it and promises nothing beyond them.",
     .trap = "A verdict without retraining is a guess, and says so."},
    {.name = "partial",
     .also = "first look|~|first look at|tilde",
     .meaning = "Figures from a part of the samples, marked ~, until all have been measured."},
    {.name = "now within",
     .also = "interval|low|high|auc low|auc high",
     .meaning = "The interval in which the figure lies with 95 % confidence, by the number of "
                "samples alone.",
     .source = "DeLong 1988 for areas, Clopper and Pearson 1934 for shares"},
    {.name = "quartiles",
     .also = "q1|q3|median",
     .meaning = "A quarter of the values lies below the first, half below the median, three "
                "quarters below the third."},
    {.name = "wins",
     .meaning =
         "In 'compare selectors': of how many forget samples this way of choosing units came "
         "nearest to retraining at so many parameters. Who is equally near wins as well."},
    {.name = "nll", .meaning = "The negative log likelihood, another word for the loss."},
    {.name = "as retraining",
     .also = "test|means|difference|decided by|originals test|equivalence test|like",
     .meaning = "An equivalence test says so: two one-sided tests at 5 % that the figure differs "
                "from that of retraining by less than a bound, 0.75 sd of one retraining for means "
                "of many models, 2 sd for one model."},
    {.name = "different",
     .meaning = "A two-sided test at 5 % tells the figure from that of retraining, and it is not "
                "known to differ by less than the bound of 'as retraining'."},
    {.name = "cannot tell",
     .meaning = "Neither test speaks: the models are too few to show a difference, or to show that "
                "there is none. More retrains, or 'audit n=', may."},
    {.name = "proximal yardstick",
     .also = "proximal|lengths|epochs|moved|seeds",
     .meaning =
         "For networks that follow a recipe and never reach a minimum: from the same weights the "
         "recipe goes on with the forget samples and without them, through the same batches, and "
         "what the two differ by is the removal. 'compare proximal' has it for several lengths.",
     .source = "Bae et al. 2022"},
    {.name = "along",
     .also = "along logits",
     .meaning = "How far a step goes in the direction of a retraining's change: 1 as far, 0.5 half "
                "as far. Of 'compare proximal'."},
    {.name = "others",
     .also = "others logits",
     .meaning = "The share of one retraining's change that a retraining by another order of the "
                "batches makes: nearer than this a step cannot be told from retraining."},
    {.name = NULL},
};
