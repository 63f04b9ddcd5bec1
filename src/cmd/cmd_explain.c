/* SPDX-License-Identifier: MIT
 * explain: terms and metrics in a sentence or two. */
#include <string.h>
#include "cmd/commands.h"
#include "lethe/eval.h"
#include "text/nearest.h"

static const struct {
    const char *term, *meaning;
} terms[] = {
    {"unit", "One output of a layer with the parameters that produce it: a row of weights and its "
             "bias, or a filter. Written layer[index]."},
    {"blanket", "The units a removal may change, or single weights, in the order they were "
                "selected. Everything else stays as it is."},
    {"codec", "T(Y, Z | X): how much more Z tells about Y when X is known; 0 for nothing, 1 when Y "
              "becomes a function of both. Measured with ranks and nearest neighbours."},
    {"lfoci",
     "Selects units one by one: always the one with the largest T for the loss given those "
     "already selected, until nothing is gained."},
    {"null band",
     "The largest score that chance alone gives in 95 of 100 cases, found by permuting "
     "the losses."},
    {"damping", "mu, added to the curvature on the diagonal. It makes steps smaller in directions "
                "the retained samples say little about. auto is 0 where retraining goes on to a "
                "minimum, and 1/T for networks that follow a recipe: T is the sum over the "
                "retraining's steps of rate / (1 - momentum), how far such a training goes."},
    {"curvature", "The second derivative of the retained objective, restricted to the blanket: "
                  "the step is the gradient divided by it."},
    {"ggn", "Gauss-Newton matrix: the part of the Hessian that is never negative. The default. "
            "Exact while classes x samples allow it, else from 'labels drawn'."},
    {"labels drawn",
     "With very many classes and samples ggn is estimated: for each sample so many labels are "
     "drawn from the model's own probabilities instead of every class. Unbiased, but no "
     "certificate stands on it; fewer 'curvature samples' make it exact."},
    {"by differences",
     "One operator of the network, the one named, has no second derivative here: the Hessian is "
     "then made of differences of gradients, which are wrong wherever a unit changes sides "
     "between the two. An estimate."},
    {"hessian",
     "The exact second derivatives, by tangents of the backward pass; a corner such as Relu's "
     "counts as straight on either side. They may be indefinite: then damping above the size of "
     "the smallest eigenvalue, or ggn, is needed."},
    {"fisher",
     "Empirical Fisher: outer products of the samples' own gradients. It vanishes where the "
     "model fits, so steps with it are far too long."},
    {"diag", "The diagonal of ggn alone: no unit knows of another."},
    {"kfac",
     "For each layer the inputs times the derivatives, two small matrices instead of a large "
     "one (Martens and Grosse, 2015)."},
    {"ekfac", "kfac whose eigenvalues are measured rather than multiplied (George et al., 2018)."},
    {"paper", "Curvature of rank one from two gradients a step apart, as the text of the CVPR 2022 "
              "paper has it: right along that step, weight decay elsewhere."},
    {"released", "Emulation of the program published with that paper, faults included, to compare "
                 "with: its curvature is -g g' of the forget samples, its step may go backwards."},
    {"pcg",
     "Conjugate gradients on products with the curvature, preconditioned with EKFAC, in a small "
     "subspace where every damping costs next to nothing. They end when the forget samples' "
     "predicted logits move by less than 'solve.settled' from one product to the next. Used where "
     "there are too many parameters for a matrix."},
    {"conjugate gradients",
     "Solves an equation from products with its matrix alone, here preconditioned with EKFAC."},
    {"preconditioner",
     "A cheap likeness of the curvature, here EKFAC, in whose terms a solve takes "
     "tens of products instead of hundreds."},
    {"reach",
     "The share of the decrease a step of the whole network makes that one confined to the blanket "
     "can make: g_P'(H_PP + mu)^-1 g_P over g'(H + mu)^-1 g, both by EKFAC. Under 10 % the blanket "
     "is in the way, not the damping."},
    {"estimated", "A figure marked ~ comes from EKFAC alone; the step solved with the curvature "
                  "itself takes its place, and is what 'commit' keeps."},
    {"memory",
     "Megabytes each stage of a removal keeps to: fewer samples go through the network at "
     "once, and fewer passes are kept. 'set memory 1024' is the usual."},
    {"negative curvature",
     "A direction in which the exact Hessian bends downwards: no step towards a "
     "minimum exists there without damping."},
    {"leverage",
     "The share of the curvature that one sample holds in the direction where it weighs "
     "most, 0 to 1. Without the sample 1 minus that is left. See 'help leverage'."},
    {"rho", "Actual over predicted decrease of the retained objective. Below 1/4 more damping is "
            "called for, above 3/4 less (Levenberg and Marquardt)."},
    {"l-curve",
     "log of what is left of the equation against log of the step, over all dampings; its "
     "corner is a rule for choosing one (Hansen)."},
    {"unfinished training", "What the step would do with nothing removed: the part of the residual "
                            "form that finishes the training rather than forgets."},
    {"noise",
     "Gaussian noise on every parameter, of the size a certificate that holds names. Without "
     "a certificate there is none."},
    {"residual", "Form of the step that follows the gradient of the retained samples; right also "
                 "when training stopped early, which it then finishes."},
    {"influence", "Form of the step that takes away the pull of the forget samples and nothing "
                  "else; right at a minimum."},
    {"outcome", "Form of the step that fits the parameters of the blanket to what the step of the "
                "whole network makes of the forgotten samples: the least KL, to second order and "
                "over all samples, between the two. It pays at small budgets; of the logits it may "
                "recover less than the residual form."},
    {"weights",
     "Single entries of the parameters as a blanket. A sample needs a few inputs of many units, "
     "not all inputs of few: a tenth of the weights, chosen by the step of the whole network, "
     "comes near it where whole units do not. L-FOCI answers which units the loss depends on; "
     "that is not what the step should be confined to."},
    {"order", "Of single weights: step by their part of the step of the whole network, gain one by "
              "one by the decrease of the objective each adds, kl one by one by how much nearer "
              "each brings the outcome of the whole step."},
    {"within", "Where single weights may be chosen: all, L-FOCI's blanket, or the layers named."},
    {"cumulative",
     "What the order holds up to here: of L-FOCI T given all so far; of single weights the share "
     "of the whole step's square length (order step), decrease (gain) or outcome (kl)."},
    {"one by one", "Weights of a greedy order that were chosen each given all before it; the rest "
                   "follow by what each would add to those."},
    {"whole step", "The step of every parameter: what single weights are ordered by, and what the "
                   "form outcome is fitted to."},
    {"warm retrain", "Training from the present weights on the retained samples to a minimum."},
    {"proximal yardstick",
     "For networks that follow a recipe and never reach a minimum: from the same weights the "
     "recipe "
     "goes on with the forget samples and without them, through the same batches, and what the two "
     "differ by is the removal (Bae et al., 2022). 'compare proximal' has it for several lengths."},
    {"along",
     "How far a step goes in the direction of a retraining's change: 1 as far, 0.5 half as "
     "far. Of 'compare proximal'."},
    {"others", "The share of one retraining's change that a retraining by another order of the "
               "batches makes: nearer than this a step cannot be told from retraining."},
    {"control", "The retraining with nothing removed. In 'compare proximal' what the order of the "
                "batches alone moves, over what the removal moves."},
    {"cold retrain",
     "Training from fresh weights on the retained samples: the model that never saw "
     "what is forgotten."},
    {"certificate", "A promise that the noisy result cannot be told from retraining. It holds for "
                    "softmax regression under conditions that are checked one by one."},
    {"as retraining",
     "An equivalence test says so: two one-sided tests at 5 % that the figure differs from that of "
     "retraining by less than a bound, 0.75 sd of one retraining for means of many models, 2 sd "
     "for one model."},
    {"different", "A two-sided test at 5 % tells the figure from that of retraining, and it is not "
                  "known to differ by less than the bound of 'as retraining'."},
    {"cannot tell", "Neither test speaks: the models are too few to show a difference, or to show "
                    "that there is none. More retrains, or 'audit n=', may."},
    {"z", "Distance to retraining in units of chance: of one model over the sd of retrains, in "
          "'audit' of the removals' mean over its standard error. A spread in the last digits "
          "counts as none."},
    {"over-unlearning", "The forget samples look less known than to a model that never saw them: "
                        "that, too, gives them away."},
    {"logits",
     "The numbers a softmax makes probabilities of. Files may end in probabilities, labels "
     "or one number of two classes: 'info' says in what, and logits are what stands "
     "behind it. Two classes by one logit z are (0, z)."},
    {"one-vs-rest", "A sigmoid for each class, the largest of which decides: the logits are the "
                    "logarithms of these probabilities."},
    {"multi-label", "Several classes may hold at once, each with a sigmoid of its own. Such a "
                    "network chooses no class, and lethe does not take it."},
    {"regression", "The output is a number, not a class. Such a network lethe does not take."},
    {"stored precision", "The type of the numbers in a model's file. Half precision (float16, "
                         "bfloat16) is computed with in float; 'export precision=stored' writes "
                         "every tensor in the type it had."},
    {"missing values", "Empty cells, NA, NaN, ?, null of a table. 'missing' says what becomes of "
                       "them: refuse, drop (the row), mean, median, or column (mean, and an input "
                       "that says where). Held-out samples get the training samples' fillings."},
    {"group", "A second label of a sample: who it is about, where it comes from. 'forget add "
              "group:NAME' takes all of one."},
    {"network", "The widths of the layers, inputs first and classes last."},
    {"effective degrees of freedom", "Directions of the blanket in which the data, rather than "
                                     "weight decay and damping, decide the step."},
};

enum { TERMS = sizeof terms / sizeof *terms };

static void put_all(struct lethe_value *out)
{
    struct lethe_value *list = lethe_put_list(out, "terms");
    for (size_t i = 0; i < TERMS; i++)
        lethe_put_text(list, NULL, terms[i].term);
    list = lethe_put_list(out, "metrics");
    for (size_t kind = 0; kind < lethe_metric_count(); kind++)
        lethe_put_text(list, NULL, lethe_metric(kind)->name);
}

static void put_metric(struct lethe_value *out, const struct lethe_metric *metric)
{
    lethe_put_text(out, "term", metric->name);
    lethe_put_text(out, "meaning", metric->meaning);
    lethe_put_text(out, "unit", metric->unit);
    lethe_put_text(out, "needs", metric->needs);
    lethe_put_int(out, "tier", metric->tier);
}

static enum lethe_err run_explain(struct lethe_call *call, struct lethe_error *err)
{
    const char *name = lethe_args_text(&call->args, "TERM", NULL);
    if (!name) {
        put_all(call->out);
        return LETHE_OK;
    }
    struct lethe_nearest guess;
    lethe_nearest_init(&guess, name);
    for (size_t i = 0; i < TERMS; i++) {
        lethe_nearest_offer(&guess, terms[i].term);
        if (strcmp(terms[i].term, name) != 0)
            continue;
        lethe_put_text(call->out, "term", name);
        lethe_put_text(call->out, "meaning", terms[i].meaning);
        return LETHE_OK;
    }
    const struct lethe_metric *metric = lethe_metric_find(name);
    if (metric) {
        put_metric(call->out, metric);
        return LETHE_OK;
    }
    for (size_t kind = 0; kind < lethe_metric_count(); kind++)
        lethe_nearest_offer(&guess, lethe_metric(kind)->name);
    if (guess.best)
        return lethe_fail(err, LETHE_EARG, "no term '%s': did you mean '%s'?", name, guess.best);
    return lethe_fail(err, LETHE_EARG, "no term '%s': 'explain' lists them", name);
}

static const struct lethe_arg_spec explain_args[] = {
    {.name = "TERM",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_REST,
     .help = "without it, all are listed"},
};

const struct lethe_command lethe_command_explain = {
    .name = "explain",
    .group = LETHE_GROUP_OTHER,
    .summary = "Explain a term or a metric",
    .examples = "explain blanket\nexplain attack.auc",
    LETHE_ARGS(explain_args),
    .run = run_explain,
};
