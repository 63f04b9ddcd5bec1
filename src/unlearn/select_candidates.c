/* SPDX-License-Identifier: MIT
 * What several selectors share: giving up and ranking a selection, norms by unit, and the
 * candidates of those that weigh curvature. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "unlearn/selectors.h"

enum { CANDIDATES = 64 };

void lethe_selection_release(struct lethe_selection *out)
{
    lethe_free(out->picks);
    lethe_free(out->marginal);
    *out = (struct lethe_selection){0};
}

static int by_score(const void *a, const void *b)
{
    const struct lethe_pick *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->unit < y->unit ? -1 : x->unit > y->unit;
}

enum lethe_err lethe_select_rank(struct lethe_selection *out, const double *scores, size_t units,
                                 size_t max, struct lethe_error *err)
{
    out->picks = lethe_alloc_zero(units, sizeof *out->picks);
    if (!out->picks)
        return lethe_fail_memory(err, "a selection", units, sizeof *out->picks);
    for (size_t u = 0; u < units; u++) {
        if (!isfinite(scores[u]))
            return lethe_fail(err, LETHE_ENUM, "the score of unit number %zu is not finite", u);
        out->picks[u] = (struct lethe_pick){.unit = u, .score = scores[u]};
    }
    qsort(out->picks, units, sizeof *out->picks, by_score);
    out->count = out->accepted = units < max ? units : max;
    double sum = 0;
    for (size_t k = 0; k < out->count; k++)
        out->picks[k].cumulative = sum += out->picks[k].score;
    out->stopped = out->count < units ? "max" : "all units";
    return LETHE_OK;
}

void lethe_select_norms(double *scores, const struct lethe_graph *graph, const double *v)
{
    size_t units = lethe_unit_count(graph);
    memset(scores, 0, units * sizeof *scores);
    for (size_t k = 0, first = 0; k < lethe_graph_layer_count(graph); k++) {
        const struct lethe_layer *layer = lethe_graph_layer(graph, k);
        for (size_t u = 0; u < layer->units; u++) {
            size_t small[1024], *index = small;
            if (layer->unit_params > sizeof small / sizeof *small)
                index = lethe_alloc(layer->unit_params, sizeof *index);
            double square = index ? 0 : NAN; /* out of memory: rank refuses it */
            if (index)
                lethe_graph_unit_params(graph, k, u, index);
            for (size_t i = 0; index && i < layer->unit_params; i++)
                square += v[index[i]] * v[index[i]];
            scores[first + u] = sqrt(square);
            if (index != small)
                lethe_free(index);
        }
        first += layer->units;
    }
}

/* Units that may be chosen, in *units (total of them all); *count of them. */
static enum lethe_err candidates(size_t *chosen, size_t *count,
                                 const struct lethe_select_input *input, struct lethe_error *err)
{
    size_t units = lethe_unit_count(input->graph), params = 0;
    struct lethe_selection ranked = {0};
    double *scores = lethe_alloc(units, sizeof *scores);
    enum lethe_err rc = LETHE_OK;
    if (!scores)
        return lethe_fail_memory(err, "scores", units, sizeof *scores);
    lethe_select_norms(scores, input->graph, input->removal->pull);
    int small = lethe_graph_size(input->graph) <= LETHE_CURVATURE_DENSE;
    rc = lethe_select_rank(&ranked, scores, units, small ? units : CANDIDATES, err);
    *count = 0;
    for (size_t k = 0; !rc && k < ranked.count; k++) {
        params += lethe_unit_at(input->graph, ranked.picks[k].unit).params;
        if (*count == 0 || params <= LETHE_CURVATURE_DENSE)
            chosen[(*count)++] = ranked.picks[k].unit;
    }
    lethe_selection_release(&ranked);
    lethe_free(scores);
    return rc;
}

enum lethe_err lethe_select_candidates(struct lethe_select_set *set,
                                       const struct lethe_select_input *input,
                                       const struct lethe_select_options *options,
                                       struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_select_set made = {0};
    const struct lethe_curvature_method *ggn = NULL;
    const struct lethe_curvature_options how = {.seed = options->seed};
    size_t units = lethe_unit_count(input->graph), count = 0;
    size_t *chosen = lethe_alloc(units, sizeof *chosen);
    assert(input->removal && input->curvature);
    enum lethe_err rc = LETHE_OK;
    if (!chosen)
        return lethe_fail_memory(err, "candidates", units, sizeof *chosen);
    rc = candidates(chosen, &count, input, err);
    if (!rc)
        rc = lethe_blanket_init(&made.blanket, input->graph, chosen, count, err);
    if (!rc)
        rc = lethe_curvature_find(&ggn, "ggn", err);
    if (!rc)
        rc = lethe_curvature_make(&made.curvature, ggn, input->curvature, input->w, &made.blanket,
                                  &how, watch, err);
    size_t size = made.curvature.size;
    if (!rc) {
        made.pull = lethe_alloc(size, sizeof *made.pull);
        if (!made.pull)
            rc = lethe_fail_memory(err, "gradients", size, sizeof *made.pull);
    }
    for (size_t i = 0; !rc && i < size; i++) {
        made.pull[i] = input->removal->pull[made.blanket.index[i]];
        for (size_t j = 0; j < i; j++)
            made.curvature.matrix[j * size + i] = made.curvature.matrix[i * size + j];
    }
    lethe_free(chosen);
    if (rc)
        lethe_select_candidates_release(&made);
    else
        *set = made;
    return rc;
}

void lethe_select_candidates_release(struct lethe_select_set *set)
{
    lethe_blanket_release(&set->blanket);
    lethe_curvature_release(&set->curvature);
    lethe_free(set->pull);
    set->pull = NULL;
}
