/* SPDX-License-Identifier: MIT
 * Words of features: where a network looks, and whom it takes for the same. */
#include "text/glossary.h"

const struct lethe_term lethe_terms_features[] = {
    {.name = "spurious feature",
     .also = "marked|unmarked|spurious|planted mark|marked_of_class|marked_of_others",
     .meaning = "Something that goes with a class in the training samples and is not the class: "
                "here a mark in a corner of the image ('generate mark'). 'marked' and 'unmarked' "
                "are the samples with and without it, 'marked of class' and 'marked of others' how "
                "many training samples of the class it goes with, and of all others, have it.",
     .trap = "Accuracy on samples like those of the training does not show it: the mark helps "
             "there."},
    {.name = "gap",
     .also = "gap of the mark|taken for the class",
     .meaning =
         "A figure on marked samples minus the same on unmarked ones; 'taken for the class': "
         "samples of other classes that the network says are of the class the mark goes "
         "with.",
     .good = "Near 0: the mark plays no part."},
    {.name = "dependence",
     .also = "dependence on the mark",
     .meaning = "How far a unit's activation is decided by the mark when the label is known, "
                "measured with CODEC.",
     .formula = "T(activation, mark | label)",
     .good = "Near 0; it scatters by about .05 at some hundred samples."},
    {.name = "shift",
     .also = "shift of a unit|contrast",
     .meaning = "What the mark adds to a unit's activation when the label is known, in standard "
                "deviations of the unit: the mean over samples of contrast times activation. A "
                "sample's contrast is its mark minus the share of its class that is marked, "
                "divided by the mean square of that.",
     .formula = "mean_i c_i a_ij / sd(a_j)"},
    {.name = "penalty",
     .also = "penalised_units|penalty_strength|strength",
     .meaning = "What 'train penalty=UNITS' adds to the loss of every mini-batch, so that these "
                "units cannot tell marked samples of a class from unmarked ones.",
     .formula = "strength/2 sum_j shift_j^2",
     .trap = "Units that are not penalised may learn the mark in their place: few units close "
             "little of the gap. A strong penalty costs accuracy."},
    {.name = "activation map",
     .also = "activation maps|cam|grad-cam|gradient times embedding|probability",
     .meaning = "Where in a picture the evidence for a class lies: at every place, how much of the "
                "class' logit comes from there.",
     .formula = "CAM: sum_k w_ck A_k(place). Grad-CAM: max(0, sum_k mean(dz_c/dA_k) A_k(place))",
     .good = "After a removal the forgotten class' map fades as it does in the retrained model, "
             "and other classes' maps stay.",
     .trap = "A map says what the network uses, not what it has kept; each model's own scale "
             "differs, so compare the numbers named 'largest'.",
     .source = "Zhou et al., CVPR 2016; Selvaraju et al., ICCV 2017"},
    {.name = "words of a text",
     .also = "words|word|text|important words",
     .meaning = "Tokens of a sample with what each adds to the class' logit, to first order: the "
                "derivative times the token's embedding. The weightiest stand between stars.",
     .formula = "sum_d dz_c/de_td e_td",
     .trap = "First order only: words that matter together may each have little."},
    {.name = "features",
     .also = "feature network|features of a network|layers below the last|retrain.by",
     .meaning = "What the last layer sees of a sample: the outputs of all layers below it. Where "
                "they came from elsewhere and only the last layer was trained on these samples "
                "('head N; train head', or \"layers\": \"last\" in a bundle's recipe), a removal "
                "moves that layer alone and is judged beside its own retraining: softmax "
                "regression on features, which are made once and kept in memory. So too where a "
                "bare model does not say how it was trained and 'select method=lastlayer' was "
                "chosen. 'select', 'why', 'null' and 'stability' then put their noise "
                "(perturb.sigma) on the features, not on the network's inputs, and units below "
                "count as dead.",
     .good = "A step and a retraining take a fraction of a second whatever the network.",
     .trap = "Features that were trained on the samples know them still: 'set retrain.by head' "
             "does not take that away, and no certificate covers it."},
    {.name = "rank-1",
     .also = "rank1|retrieval|queries|gallery",
     .meaning = "Share of queries whose nearest picture in the gallery, by the angle between "
                "features, shows the same class. Pictures of the query's own group (a tracklet) "
                "are left out of its gallery.",
     .good = "For the forgotten: as in the retrained model. For the others: as before.",
     .trap = "A network knows people apart that it never saw: forgetting one does not make rank-1 "
             "fall to chance."},
    {.name = "mean average precision",
     .also = "average precision",
     .meaning = "Mean over queries of the average precision: of the gallery in the order of its "
                "nearness, the mean share of the same class among the first k, over the k at which "
                "one stands.",
     .formula = "AP = 1/r sum_k [k-th is right] (right among the first k) / k"},
    {.name = "equal error rate",
     .also = "eer|verification|pairs same|pairs other",
     .meaning = "Two pictures are taken for one person when their features are nearer than a "
                "threshold; at the threshold where as many strangers pass as same pairs fail, the "
                "share of either.",
     .good = "0 tells everybody apart, .5 is chance.",
     .trap = "With few pairs it moves in steps of one pair."},
    {.name = "Markov blanket",
     .also = "blankets|bullseye|parents|children|spouses|recall|variables|graphs|"
             "linear|nonlinear|graph|far",
     .meaning = "Of a variable in a graph of causes: its parents, its children and their other "
                "parents (spouses). Given these it depends on nothing else. Precision: the share "
                "of what was selected that is in it; recall: the share of it that was selected.",
     .trap = "FOCI stops where nothing adds: a part of the blanket that the rest already explains "
             "in these samples is left out.",
     .source = "Azadkia and Chatterjee 2021; Mehta et al., CVPR 2022, supplement"},
    {.name = NULL},
};
