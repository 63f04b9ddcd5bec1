/* SPDX-License-Identifier: MIT
 * Words about choosing units: perturbation, CODEC, selectors, their checks. */
#include "text/glossary.h"

const struct lethe_term lethe_terms_select[] = {
    {.name = "blanket",
     .also = "units of the blanket|all units|blanket size",
     .meaning = "The units a removal may change, in the order they were selected. Everything else "
                "stays as it is. The name is that of the Markov blanket: what makes the loss "
                "independent of the rest.",
     .source = "Mehta, Pal, Singh, Ravi: Deep Unlearning via Randomized Conditionally Independent "
               "Hessians, CVPR 2022",
     .good = "Large enough to do what the whole network would (see reach), small enough to solve.",
     .trap = "It says what the loss depends on, not what the step should be confined to: a small "
             "blanket on a large network often does next to nothing."},
    {.name = "perturb",
     .also = "perturbation|perturbations|copies|copy|noisy copies|count|noise of inputs",
     .meaning = "Copies of a sample with a little noise on the input, and what units and loss are "
                "on each.",
     .trap = "Noise as large as the data asks about other samples; as small as rounding, about "
             "nothing."},
    {.name = "sigma",
     .also = "perturb.sigma|standard deviation of the noise",
     .meaning = "The size of a noise: of perturbed inputs in units of the data's spread, or of the "
                "Gaussian noise that a certificate puts on every parameter."},
    {.name = "codec",
     .also = "T|score|scores|conditional dependence|value|T of the unit",
     .meaning = "T(Y, Z | X): how much more Z tells about Y when X is known; 0 for nothing, 1 when "
                "Y becomes a function of both. Measured with ranks and nearest neighbours.",
     .formula = "T = sum_i (min(R_i, R_M(i)) - min(R_i, R_N(i))) / sum_i (R_i - min(R_i, R_N(i)))",
     .source = "Azadkia and Chatterjee: A simple measure of conditional dependence, 2021",
     .good = "Above the null band: what chance alone gives.",
     .trap = "Estimates go below 0 and scatter by about .05 at 1,000 copies. A sum over samples is "
             "no T: see gain."},
    {.name = "marginal",
     .also = "marginal T|height|not scored",
     .meaning =
         "T of a unit alone, with nothing known before: the height of its bar in the Layers pane."},
    {.name = "conditional",
     .also = "given|conditional T",
     .meaning =
         "T of a unit given those taken before it. FOCI takes the unit where it is largest."},
    {.name = "cumulative",
     .also = "cumulative T",
     .meaning = "T of all units taken so far together: how much of the loss they explain.",
     .good = "It rises towards 1; FOCI stops where it no longer does."},
    {.name = "numerator",
     .also = "denominator|rank|ranks|pairs|neighbour|its loss|dead",
     .meaning =
         "The parts of T: what is gained by the nearest neighbour in (X, Z) over that in X, "
         "divided by what there was to gain. A unit is dead when the loss never moves with it.",
     .trap = "With a denominator of 0 T is undefined: Y is a function of X already."},
    {.name = "lfoci",
     .also = "foci|l-foci|selection|select|selected",
     .meaning = "Selects units one by one: always the one with the largest T for the loss given "
                "those already selected, until nothing is gained.",
     .source = "Azadkia and Chatterjee 2021 (FOCI); for layers: Mehta et al., CVPR 2022",
     .trap = "With several samples each makes its own order; they are united by votes."},
    {.name = "gain",
     .also = "sum of gains|gains",
     .meaning = "In the Blanket pane: what taking the unit added to the cumulative T of a sample, "
                "summed over the forget samples that chose it; it breaks ties of their number. As "
                "a selector: the decrease of the retained objective's model per added parameter.",
     .formula = "sum over samples of T(after) - T(before); selector: g_P'(H_PP + mu I)^-1 g_P / 2 "
                "per parameter",
     .trap = "It grows with the number of samples: 3.2 over 146 samples is not T = 3.2. 'why' "
             "shows T for one sample."},
    {.name = "chosen by",
     .also = "votes|chosen|samples that chose it",
     .meaning =
         "How many of the deciding forget samples selected the unit: the first key of the order.",
     .good = "A unit that all chose matters to all of them."},
    {.name = "method",
     .also = "selector|selectors|select method|way of selecting",
     .meaning = "How units are ordered: lfoci by dependence, gain by what the step would win, "
                "gradient and others as baselines, random as the floor. 'help select' lists them. "
                "The command 'method' is another thing: how the removal is made, see 'explain "
                "unlearning method'."},
    {.name = "random", .meaning = "Units drawn by chance: the floor any selector has to beat."},
    {.name = "stopped",
     .also = "foci stops here|stop|after the stop|why it stopped",
     .meaning = "Why the selection ended: nothing more is gained, the most that were asked for, no "
                "unit left.",
     .trap = "Units below that line are in order, but chance would put them there as well."},
    {.name = "below the line",
     .also = "runners up|ordered",
     .meaning = "Units in order after the selection itself would have stopped. 'blanket N' takes "
                "them, 'blanket auto' never does."},
    {.name = "auto",
     .also = "natural size|of units|ordered units",
     .meaning = "The value the program chooses: for the blanket the size the selection stopped at, "
                "for the form by how far training is from its end."},
    {.name = "scaling",
     .also = "sd of a column|jitter",
     .meaning = "Columns are divided by their spread before distances are taken (sd), or not "
                "(none); jitter adds a little noise to break ties."},
    {.name = "null band",
     .also = "null|band|chance|permutations|null of|above|units above|permuting",
     .meaning = "The largest marginal T that chance alone gives in 95 of 100 cases, found by "
                "permuting the losses of the copies.",
     .good = "Scores above it are worth believing.",
     .trap = "It is made for one sample (the one it names), not for a mean over many."},
    {.name = "stability",
     .also = "stable|st|runs|times|share of runs|selected again|stable of",
     .meaning = "How often a unit is selected again when the copies are drawn anew. The pane shows "
                "the least stable unit of the blanket: 5/5 means every one came back every time.",
     .good = "All of the runs.",
     .trap =
         "An unstable unit is one of several that say the same: leaving it out may cost nothing."},
    {.name = "why",
     .also = "activation",
     .meaning = "The activation of a unit against the loss on noisy copies of one sample, with the "
                "neighbours T was made from: what the score is about, to see."},
    {.name = "k",
     .also = "knn|neighbours|nearest neighbours|retained samples|baseline",
     .meaning =
         "How many nearest neighbours decide. A nearest-neighbour classifier forgets by deletion: "
         "after that it is exactly the model that never saw the sample, so it is a baseline."},
    {.name = "reach",
     .also = "share of the whole step|reach estimated|reach by units",
     .meaning = "The share of the decrease a step of the whole network makes that one confined to "
                "the blanket can make. By EKFAC, marked ~, until both steps are solved with the "
                "curvature: at once on small networks, elsewhere once 'blanket all' was previewed.",
     .formula = "g_P'(H_PP + mu)^-1 g_P / g'(H + mu)^-1 g",
     .good = "Near 1. Under one tenth a larger blanket, or 'blanket all', is called for.",
     .trap = "It speaks of the step, not of what forgetting needs."},
    {.name = "share",
     .also = "share of its weights",
     .meaning =
         "A part of a whole, 0 to 1. Beside a unit, in the blanket pane and as the height in "
         "the layers pane: how many of its weights are in the blanket. Of a job: how much "
         "of it is done."},
    {.name = "max", .also = "most|limit", .meaning = "The most that is taken or tried."},
    {.name = "weights",
     .also = "weight|single weights|blanket of weights|select method weights",
     .meaning =
         "Single entries of the parameters as a blanket. A sample needs a few inputs of many "
         "units, not all inputs of few: a tenth of the weights, chosen by the step of the "
         "whole network, comes near it where whole units do not.",
     .trap = "L-FOCI answers which units the loss depends on; that is not what the step should be "
             "confined to."},
    {.name = "order",
     .also = "select order|orders",
     .meaning = "Of single weights: step by their part of the step of the whole network, gain one "
                "by one by the decrease of the objective each adds, kl one by one by how much "
                "nearer each brings the outcome of the whole step."},
    {.name = "within",
     .also = "select within",
     .meaning = "Where single weights may be chosen: all, L-FOCI's blanket, or the layers named."},
    {.name = "one by one",
     .meaning = "Weights of a greedy order that were chosen each given all before it; the rest "
                "follow by what each would add to those."},
    {.name = "input",
     .meaning =
         "What a single weight multiplies: a number of the layer's inputs, or nothing, for a "
         "bias and for scale and shift of a normalisation."},
    {.name = "place", .meaning = "Where a single weight stands in the order, from 1 on."},
    {.name = "taken", .meaning = "Whether the blanket, of the size it has now, takes this weight."},
    {.name = "pull",
     .meaning = "The entry of g: how strongly removing the forget samples pulls at this weight."},
    {.name = "by unit",
     .meaning = "A blanket of single weights by the units they belong to: how many of how many."},
    {.name = "first weights",
     .meaning = "The weights at the beginning of the order, each with its score."},
    {.name = NULL},
};
