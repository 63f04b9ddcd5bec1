/* SPDX-License-Identifier: MIT
 * Words about second derivatives and their approximations, and how they are compared. */
#include "text/glossary.h"

const struct lethe_term lethe_terms_curvature[] = {
    {.name = "curvature",
     .also = "curvatures",
     .meaning = "The second derivative of the retained objective, restricted to the blanket: the "
                "step is the gradient divided by it.",
     .trap = "Made from few samples it promises more than it keeps; what is drawn or approximated "
             "is said beside its name."},
    {.name = "curvature samples",
     .also = "by at most",
     .meaning = "How many retained samples the curvature is made from. 'auto' takes 2,000, and all "
                "where that is quick: in networks of linear layers up to some ten thousand. Where "
                "it is known by products alone, convolutions take as many as one product passes "
                "within a third of a second.",
     .good = "Twenty and more for each parameter, or all.",
     .trap = "From few the whole step moves what the others say: worse than nothing at a damping "
             "that is right with 2,000."},
    {.name = "labels drawn",
     .also = "drawn|draws",
     .meaning =
         "With very many classes and samples ggn is estimated: for each sample so many labels are "
         "drawn from the model's own probabilities instead of every class. Unbiased; fewer "
         "'curvature samples' make it exact. In 'compare' draws are repetitions of what is random.",
     .trap = "No certificate stands on it, and leverage made with it is rough."},
    {.name = "ggn",
     .also = "gauss-newton|fisher information",
     .meaning = "Gauss-Newton matrix: the part of the Hessian that is never negative. The default. "
                "Exact while classes x samples allow it, else from 'labels drawn'.",
     .formula = "mean J'(diag p - p p')J + lambda I",
     .source = "Schraudolph 2002; Martens 2014"},
    {.name = "hessian",
     .also = "exact hessian",
     .meaning = "The exact second derivatives, by tangents of the backward pass; a corner such as "
                "Relu's counts as straight on either side. They may be indefinite: then damping "
                "above the size of the smallest eigenvalue, or ggn, is needed.",
     .trap = "A network with Relus has corners, where it does not exist."},
    {.name = "fisher",
     .also = "empirical fisher",
     .meaning = "Empirical Fisher: outer products of the samples' own gradients. As an unlearning "
                "method it is noise: 'explain fisher forgetting'.",
     .formula = "mean g_i g_i' + lambda I",
     .source = "Kunstner, Balles, Hennig 2019 (why not)",
     .trap = "It vanishes where the model fits, so steps with it are far too long."},
    {.name = "diag",
     .also = "diagonal",
     .meaning = "The diagonal of ggn alone: no unit knows of another."},
    {.name = "kfac",
     .also = "kronecker factors",
     .meaning = "For each layer the inputs times the derivatives, two small matrices instead of a "
                "large one.",
     .source = "Martens and Grosse 2015"},
    {.name = "ekfac",
     .meaning = "kfac whose eigenvalues are measured rather than multiplied: a factor of the whole "
                "network, in which every damping costs two products a layer. On the screen and at "
                "the prompt it is made in the background once model and data are there, and a "
                "session that is kept keeps it for the next start, until it is sealed.",
     .source = "George et al. 2018; Grosse et al. 2023"},
    {.name = "paper",
     .meaning = "Curvature of rank one from two gradients a step apart, as the text of the CVPR "
                "2022 paper has it: right along that step, weight decay elsewhere.",
     .source = "Mehta et al., CVPR 2022"},
    {.name = "released",
     .meaning = "Emulation of the program published with that paper, faults included, to compare "
                "with: its curvature is -g g' of the forget samples, its step may go backwards."},
    {.name = "negative curvature",
     .meaning = "A direction in which the exact Hessian bends downwards: no step towards a minimum "
                "exists there without damping."},
    {.name = "largest eigenvalue",
     .also = "width|width before",
     .meaning = "The steepest direction of the curvature. 'width' is how wide the rounded corners "
                "of Relus are."},
    {.name = "leverage",
     .also = "largest leverage",
     .meaning = "The share of the curvature that one sample holds in the direction where it weighs "
                "most, 0 to 1. Without the sample 1 minus that is left.",
     .formula = "h = largest eigenvalue of H_S^-1 B_i' B_i / n",
     .good = "Small: a linear step is right then.",
     .trap = "Near 1 the sample carries a direction alone, and one step cannot follow."},
    {.name = "compare",
     .also = "all at once|rungs|rung|ways|way|ladder|removals|failed|parent",
     .meaning =
         "Tables of one removal done in several ways. The ladder goes from the blanket's step to "
         "the whole network's, to a second step, to retraining: where the error comes from.",
     .trap = "Ways tuned on the figure they are compared by would be no comparison; nothing is "
             "tuned here."},
    {.name = "surface",
     .also = "map|cells|sizes|nearest|figure of the surface|loss change",
     .meaning = "A figure over blanket size and damping, with the present point in brackets. "
                "Before there is a retraining it shows what the step itself predicts.",
     .good = "The lowest cell that keeps the held-out accuracy."},
    {.name = "gradient",
     .also = "gradient norm|converged|unconverged|not converged",
     .meaning = "The largest entry of the objective's gradient where training ended; converged "
                "when it is below the tolerance.",
     .good = "1e-6 and less: otherwise figures compare where training stopped, not what it learnt.",
     .trap = "A network trained by a recipe never gets there; then only differences between two "
             "such trainings mean something."},
    {.name = "spectrum",
     .also = "eigenvalues",
     .meaning = "The eigendecomposition of the curvature, made in the background: after it a "
                "damping costs one product."},
    {.name = "by differences",
     .meaning = "One operator of the network, the one named, has no second derivative here: the "
                "Hessian is then made of differences of gradients, which are wrong wherever a unit "
                "changes sides between the two. An estimate."},
    {.name = "estimated",
     .meaning = "A figure marked ~ comes from EKFAC alone; the step solved with the curvature "
                "itself takes its place, and is what 'commit' keeps."},
    {.name = "shrink",
     .also = "curvature shrink|shrunk",
     .meaning =
         "A ggn from fewer than about fifteen rows for each parameter is mixed with EKFAC's, "
         "which knows less and errs less: the share is P / (P + rows). 'set "
         "curvature.shrink off' takes the samples at their word."},
    {.name = NULL},
};
