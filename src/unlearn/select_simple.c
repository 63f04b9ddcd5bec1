/* SPDX-License-Identifier: MIT
 * The others that need no perturbation: orders by one number for each unit. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "tensor/blas.h"
#include "unlearn/selectors.h"

LETHE_SELECT_ROW(lethe_select_random)
{
    (void)input;
    (void)watch;
    struct lethe_rng rng;
    double *scores = lethe_alloc(out->units, sizeof *scores);
    if (!scores)
        return lethe_fail_memory(err, "scores", out->units, sizeof *scores);
    lethe_rng_init(&rng, options->seed, LETHE_RNG_SELECT, options->draw, 0);
    for (size_t u = 0; u < out->units; u++)
        scores[u] = lethe_rng_uniform(&rng);
    enum lethe_err rc = lethe_select_rank(out, scores, out->units, options->max, err);
    lethe_free(scores);
    return rc;
}

LETHE_SELECT_ROW(lethe_select_gradnorm)
{
    (void)watch;
    double *scores = lethe_alloc(out->units, sizeof *scores);
    if (!scores)
        return lethe_fail_memory(err, "scores", out->units, sizeof *scores);
    lethe_select_norms(scores, input->graph, input->removal->pull);
    enum lethe_err rc = lethe_select_rank(out, scores, out->units, options->max, err);
    lethe_free(scores);
    return rc;
}

/* All units are ranked before those of other layers go: `max` counts the layer's own. */
LETHE_SELECT_ROW(lethe_select_lastlayer)
{
    struct lethe_select_options all = *options;
    all.max = out->units; /* `max` is of what is left */
    enum lethe_err rc = lethe_select_gradnorm(out, input, &all, watch, err);
    size_t last = lethe_graph_layer_count(input->graph) - 1, kept = 0;
    double sum = 0;
    for (size_t k = 0; !rc && k < out->count; k++)
        if (lethe_unit_at(input->graph, out->picks[k].unit).layer == last) {
            out->picks[kept] = out->picks[k];
            out->picks[kept++].cumulative = sum += out->picks[k].score;
        }
    if (rc)
        return rc;
    out->stopped = kept > options->max ? "max" : "all units of the last layer";
    out->count = out->accepted = kept < options->max ? kept : options->max;
    return LETHE_OK;
}

LETHE_SELECT_ROW(lethe_select_full)
{
    (void)input;
    (void)watch;
    double *scores = lethe_alloc_zero(out->units, sizeof *scores);
    if (!scores)
        return lethe_fail_memory(err, "scores", out->units, sizeof *scores);
    enum lethe_err rc = lethe_select_rank(out, scores, out->units, options->max, err);
    lethe_free(scores);
    return rc;
}

/* Ranks the candidates by the norm of v (candidates' parameters) over each unit. */
static enum lethe_err rank_candidates(struct lethe_selection *out,
                                      const struct lethe_select_set *set, const double *v,
                                      size_t max, struct lethe_error *err)
{
    double *scores = lethe_alloc_zero(out->units, sizeof *scores);
    if (!scores)
        return lethe_fail_memory(err, "scores", out->units, sizeof *scores);
    for (size_t k = 0; k < set->blanket.count; k++) {
        size_t first = set->blanket.offset[k], n = set->blanket.offset[k + 1] - first;
        scores[set->blanket.units[k]] = lethe_dnorm(v + first, n);
    }
    max = max < set->blanket.count ? max : set->blanket.count;
    enum lethe_err rc = lethe_select_rank(out, scores, out->units, max, err);
    lethe_free(scores);
    return rc;
}

/* Score of a unit: sqrt(sum g^2 / (h + mu)) with h the diagonal of the Gauss-Newton matrix, the
 * true Fisher information: the decrease a diagonal curvature promises. */
LETHE_SELECT_ROW(lethe_select_fisher)
{
    struct lethe_select_set set = {0};
    enum lethe_err rc = lethe_select_candidates(&set, input, options, watch, err);
    for (size_t i = 0; !rc && i < set.curvature.size; i++)
        set.pull[i] /= sqrt(set.curvature.matrix[i * set.curvature.size + i] + options->mu);
    if (!rc)
        rc = rank_candidates(out, &set, set.pull, options->max, err);
    lethe_select_candidates_release(&set);
    return rc;
}

LETHE_SELECT_ROW(lethe_select_updatenorm)
{
    struct lethe_select_set set = {0};
    struct lethe_factor *factor = NULL;
    enum lethe_err rc = lethe_select_candidates(&set, input, options, watch, err);
    if (!rc)
        rc = lethe_factor_cholesky(&factor, &set.curvature, options->mu, err);
    if (!rc)
        rc = lethe_factor_solve(factor, set.pull, set.curvature.size, options->mu, err);
    if (!rc)
        rc = rank_candidates(out, &set, set.pull, options->max, err);
    lethe_factor_unref(factor);
    lethe_select_candidates_release(&set);
    return rc;
}
