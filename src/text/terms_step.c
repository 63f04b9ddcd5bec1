/* SPDX-License-Identifier: MIT
 * Words about the step: damping, form, solvers, what it promised and kept. */
#include "text/glossary.h"

const struct lethe_term lethe_terms_step[] = {
    {.name = "preview",
     .also = "now|removal|step of a removal|update",
     .meaning = "What the removal would do, without doing it: figures of the model before, after "
                "the step (now), and retrained without the forget samples.",
     .good = "Now beside retrain, not now beside zero."},
    {.name = "update norm",
     .also = "step norm|moved by|largest",
     .meaning = "The length of the step: the root of the sum of squared changes of the parameters. "
                "'largest' is the largest change of one.",
     .trap = "A long step is not a thorough one: with too little curvature it runs away."},
    {.name = "damping",
     .also = "mu|dampings",
     .meaning = "mu, added to the curvature on the diagonal. It makes steps smaller in directions "
                "the retained samples say little about. auto is 0 where retraining goes on to a "
                "minimum, and 1/T for networks that follow a recipe: T is the sum over the "
                "retraining's steps of rate / (1 - momentum), how far such a training goes.",
     .formula = "step = (H_R[P,P] + mu I)^-1 g",
     .good = "0 where training reached a minimum and the curvature is exact; otherwise the "
             "smallest that keeps the retained samples.",
     .trap = "The figure that damping improves most, the gradient on the rest, is lowest where "
             "nothing is forgotten."},
    {.name = "passes",
     .also = "pass|passes over the data",
     .meaning = "Iterations of L-BFGS on the retained objective after the step of the whole "
                "network; the path holds the figures after each: KL to retraining, forget and "
                "held-out accuracy, objective and gradient.",
     .good = "As few as the path needs to come near retraining; a look at it shows where it "
             "flattens.",
     .trap = "With none the removal is one step, with enough of them it is warm retraining."},
    {.name = "effective degrees of freedom",
     .also = "dof|degrees of freedom",
     .meaning = "Directions of the blanket in which the data, rather than weight decay and "
                "damping, decide the step.",
     .formula = "sum_k s_k / (s_k + lambda + mu), s the eigenvalues of the data part",
     .source = "Hastie, Tibshirani, Friedman, 7.6",
     .trap = "Far fewer than the parameters: the others are held by weight decay alone."},
    {.name = "form",
     .also = "form used",
     .meaning = "Which right-hand side the step has: residual, influence, or auto, which takes "
                "residual where training was finished and influence where it was not."},
    {.name = "residual",
     .also = "residual form",
     .meaning = "Form of the step that follows the gradient of the retained samples; right also "
                "when training stopped early, which it then finishes.",
     .formula = "-(H_R + mu)^-1 grad F_R(w)",
     .trap = "On a model far from a minimum most of it is further training, not forgetting."},
    {.name = "influence",
     .also = "influence form",
     .meaning = "Form of the step that takes away the pull of the forget samples and nothing else; "
                "right at a minimum.",
     .formula = "(H_R + mu)^-1 sum_forget grad f_i(w) / (n - m)",
     .source = "Koh and Liang 2017; Sekhari et al. 2021"},
    {.name = "unfinished training",

     .meaning = "What the step would do with nothing removed: the part of the residual form that "
                "finishes the training rather than forgets.",
     .good = "Under a tenth of the step."},
    {.name = "predicted change",
     .also = "actual change|objective|promised",
     .meaning = "By how much the step should lower the retained objective if that were its "
                "quadratic model, and by how much it did.",
     .good = "Nearly the same.",
     .trap = "A large promise from few curvature samples is kept by nobody: see rho."},
    {.name = "rho",
     .meaning = "Actual over predicted decrease of the retained objective.",
     .source = "Levenberg and Marquardt; Nocedal and Wright, ch. 4",
     .good = "Near 1. Below 1/4 more damping is called for, above 3/4 less."},
    {.name = "levenberg marquardt",

     .meaning = "The damping that rho calls for next: 3/2 of the present one below 1/4, 2/3 of it "
                "above 3/4."},
    {.name = "smallest eigenvalue",
     .also = "lift",
     .meaning = "Of the curvature, weight decay included and damping not. Below 0 it bends down "
                "there: only damping above its size makes the matrix definite again.",
     .good = "Above 0: it bends down nowhere."},
    {.name = "tenth of mean",
     .also = "tenth|mean|mean eigenvalue",
     .meaning = "A tenth of the mean eigenvalue of the curvature, a rule for damping.",
     .source = "Grosse et al. 2023 (the default of kronfluence)",
     .trap = "On a converged small network it is far too much."},
    {.name = "corner",
     .also = "l-curve",
     .meaning = "log of what is left of the equation against log of the step, over all dampings; "
                "its corner is a rule for choosing one.",
     .source = "Hansen 1992"},
    {.name = "hints",
     .also = "rule|rules|rules for damping",
     .meaning =
         "Dampings that known rules recommend. None of them knows what retraining would do."},
    {.name = "solver",
     .also = "factoring|solving|stepping",
     .meaning = "How the step was solved: Cholesky or eigendecomposition of a matrix, Lanczos and "
                "conjugate gradients where there are too many parameters for one."},
    {.name = "solve residual",

     .meaning = "What is left of the equation after solving, over its right side.",
     .good = "1e-6 and less."},
    {.name = "products",
     .also = "product",
     .meaning = "How many products of the curvature with a vector were made: what a step by "
                "products costs."},
    {.name = "lanczos",
     .meaning = "A small basis made from products with the curvature in which every damping costs "
                "next to nothing. Used where there are too many parameters for a matrix."},
    {.name = "conjugate gradients",
     .also = "cg",
     .meaning =
         "Solves an equation from products with its matrix alone, here preconditioned with EKFAC.",
     .source = "Hestenes and Stiefel 1952"},
    {.name = "steps",
     .also = "step|iterations",
     .meaning = "How often something was repeated: steps that take the curvature anew, iterations "
                "of a solver or of training."},
    {.name = "time",
     .also = "seconds|time training|time removing|retraining time|curvature time",
     .meaning = "How long it took on this machine, in seconds of the clock."},
    {.name = "stage",
     .also = "done|left|fraction|perturbing|selecting|training|evaluating|relearning|shuffling",
     .meaning = "What a job does just now, how much of that is done and, as an estimate from the "
                "time so far, how long the rest will take. Of training it is how far the gradient "
                "has fallen on a log scale."},
    {.name = "certificate",
     .also = "failing|condition|cure|from|holds|certify",
     .meaning = "A promise that the noisy result cannot be told from retraining. It holds for "
                "softmax regression under conditions that are checked one by one.",
     .source = "Sekhari, Acharya, Kamath, Suresh: Remember What You Want to Forget, 2021",
     .trap =
         "It speaks of the published model with its noise; without the noise it promises nothing."},
    {.name = "eps",
     .also = "delta|epsilon|noise.eps|noise.delta",
     .meaning = "The two numbers of the promise: with probability 1 - delta no test tells the "
                "result from retraining with odds better than e^eps.",
     .good = "eps 1 and below, delta far below 1 / n.",
     .trap = "eps 10 promises next to nothing."},
    {.name = "noise",
     .also = "noise sd",
     .meaning = "Gaussian noise on every parameter, of the size a certificate that holds names. "
                "Without a certificate there is none."},
    {.name = "gamma",
     .also = "bound|lipschitz|hessian lipschitz|sensitivity",
     .meaning = "What the noise is made from: how far the step may be from retraining (gamma), "
                "from bounds on the inputs and on how fast gradient and Hessian can change.",
     .formula =
         "gamma = 2 M L^2 m^2 / (lambda^3 n^2), sigma = gamma sqrt(2 ln(1.25 / delta)) / eps",
     .source = "Sekhari et al. 2021"},
    {.name = "step to noise",

     .meaning = "The step's length over the noise's: below 1 the noise drowns what was done.",
     .formula = "|step| / (sigma sqrt(parameters))"},
    {.name = "capacity",
     .also = "m max|removed in all",
     .meaning = "How many samples can be removed in all before the noise costs more accuracy than "
                "allowed. 'removed in all' counts every removal since training.",
     .trap = "Deletions add up: each alone with m = 1 would promise too much."},
    {.name = "pcg",
     .meaning = "Conjugate gradients on products with the curvature, preconditioned with EKFAC, in "
                "a small subspace where every damping costs next to nothing. They end when the "
                "forget samples' predicted logits move by less than 'solve.settled' from one "
                "product to the next. Used where there are too many parameters for a matrix."},
    {.name = "preconditioner",
     .meaning = "A cheap likeness of the curvature, here EKFAC, in whose terms a solve takes tens "
                "of products instead of hundreds."},
    {.name = "memory",
     .meaning = "Megabytes each stage of a removal keeps to: fewer samples go through the network "
                "at once, and fewer passes are kept. 'set memory 1024' is the usual."},
    {.name = "outcome",
     .also = "form outcome|outcome step",
     .meaning = "Form of the step that fits the parameters of the blanket to what the step of the "
                "whole network makes of the forgotten samples: the least KL, to second order and "
                "over all samples, between the two; in a softmax regression the least squared "
                "distance of their probabilities.",
     .good = "It pays at small budgets.",
     .trap = "Of the logits it may recover less than the residual form."},
    {.name = "whole step",
     .meaning =
         "The step of every parameter: what single weights are ordered by, and what the form "
         "outcome is fitted to."},
    {.name = NULL},
};
