/* SPDX-License-Identifier: MIT
 * Logits of three problems, and the figures that follow from them. */
#include "lethe/figures.h"

#include "base/alloc.h"

/* logits is new also after a failure; problem NULL: an empty set. */
static enum lethe_err run(struct lethe_outputs *out, double **logits, struct lethe_problem *problem,
                          const double *w, struct lethe_watch *watch, struct lethe_error *err)
{
    if (!problem)
        return LETHE_OK;
    out->n = lethe_problem_count(problem);
    out->classes = lethe_graph_classes(lethe_problem_graph(problem));
    out->labels = lethe_problem_labels(problem);
    *logits = lethe_alloc(out->n, out->classes * sizeof **logits);
    if (!*logits)
        return lethe_fail_memory(err, "logits", out->n * out->classes, sizeof **logits);
    out->logits = *logits;
    return lethe_problem_logits(problem, *logits, w, watch, err);
}

enum lethe_err lethe_figures_of(struct lethe_figures *figures,
                                const struct lethe_figures_sets *sets, const double *w,
                                uint64_t seed, struct lethe_watch *watch, struct lethe_error *err)
{
    double *logits[3] = {NULL, NULL, NULL};
    struct lethe_figures_input input = {.seed = seed};
    enum lethe_err code = run(&input.forget, &logits[0], sets->forget, w, watch, err);
    if (!code)
        code = run(&input.retain, &logits[1], sets->retain, w, watch, err);
    if (!code)
        code = run(&input.heldout, &logits[2], sets->heldout, w, watch, err);
    if (!code)
        code = lethe_figures_measure(figures, &input, err);
    for (int k = 0; k < 3; k++)
        lethe_free(logits[k]);
    return code;
}
