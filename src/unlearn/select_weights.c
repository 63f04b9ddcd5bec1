/* SPDX-License-Identifier: MIT
 * weights: single weights in the place of units. A sample needs a few inputs of many units, not all
 * inputs of few.
 *
 *   step   by |d_i|, d the step of the whole network
 *   gain   greedily the largest (g_i - H_iP d_P)^2 / S_ii: the decrease of F_R's quadratic model
 *   kl     the same on the outcome's M and target (lethe/projection.h): the decrease of the
 * distance between what the whole step and what the chosen weights make of the outputs
 *
 * Greedy orders (pursuit.h) take a quarter of the candidates one by one, which is more than a
 * removal needs; the rest follow by what each would add to those. Weights that may not be chosen
 * are not in the order. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "unlearn/method.h"
#include "unlearn/pursuit.h"
#include "unlearn/selectors.h"

static const double auto_share = 0.1; /* of all parameters: what `blanket auto` takes */

static const struct {
    const char *name;
} orders[] = {{"auto"}, {"step"}, {"gain"}, {"kl"}};

const char *lethe_weight_order_name(enum lethe_weight_order order)
{
    return orders[order].name;
}

enum lethe_err lethe_weight_order_find(enum lethe_weight_order *order, const char *name,
                                       struct lethe_error *err)
{
    size_t at;
    enum lethe_err rc = lethe_method_find(&at, name, "order", orders, sizeof *orders,
                                          sizeof orders / sizeof *orders, err);
    if (!rc)
        *order = (enum lethe_weight_order)at;
    return rc;
}

/* The weights that may be chosen, as positions in the whole's blanket. */
struct candidates {
    size_t *at; /* (count) */
    size_t count;
};

static enum lethe_err collect(struct candidates *c, const struct lethe_select_whole *whole,
                              struct lethe_error *err)
{
    const struct lethe_blanket *blanket = whole->blanket;
    const size_t size = blanket->offset[blanket->count];
    c->at = lethe_alloc(size, sizeof *c->at);
    if (!c->at)
        return lethe_fail_memory(err, "candidates", size, sizeof *c->at);
    for (size_t i = 0; i < size; i++)
        if (!whole->within || whole->within[blanket->index[i]])
            c->at[c->count++] = i;
    return c->count ? LETHE_OK : lethe_fail(err, LETHE_EARG, "there are no weights to choose from");
}

/* ---- by the step ----------------------------------------------------------------------------- */

static int by_score(const void *a, const void *b)
{
    const struct lethe_pick *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->unit < y->unit ? -1 : x->unit > y->unit;
}

static enum lethe_err by_step(struct lethe_selection *out, const struct lethe_select_input *input,
                              const struct candidates *c, struct lethe_error *err)
{
    const struct lethe_select_whole *whole = input->whole;
    const size_t first = lethe_unit_of_weight(input->graph, 0);
    const size_t size = lethe_graph_size(input->graph);
    const double all = lethe_ddot(whole->step, whole->step, size);
    double sum = 0;
    for (size_t k = 0; k < c->count; k++) {
        const size_t entry = whole->blanket->index[c->at[k]];
        if (!isfinite(whole->step[entry]))
            return lethe_fail(err, LETHE_ENUM, "the step of the whole network is not finite");
        out->picks[k] =
            (struct lethe_pick){.unit = first + entry, .score = fabs(whole->step[entry])};
    }
    qsort(out->picks, c->count, sizeof *out->picks, by_score);
    for (size_t k = 0; k < c->count; k++) {
        sum += out->picks[k].score * out->picks[k].score;
        out->picks[k].cumulative = all > 0 ? sum / all : 0;
    }
    return LETHE_OK;
}

/* ---- greedily -------------------------------------------------------------------------------- */

/* m (count, count), both triangles: the candidates' part of the curvature with its damping, and of
 * the outcome's sum where it is asked for; rhs (count) what goes with it. */
static enum lethe_err system_of(double *m, double *rhs, const struct lethe_select_input *input,
                                const struct candidates *c, int outcome, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    const struct lethe_select_whole *whole = input->whole;
    const size_t n = whole->curvature->size, count = c->count;
    const double *from = outcome ? whole->projection->target : whole->rhs;
    size_t *index = lethe_alloc(count, sizeof *index);
    if (!index)
        return lethe_fail_memory(err, "candidates", count, sizeof *index);
    for (size_t i = 0; i < count; i++) {
        const double *row = whole->curvature->matrix + c->at[i] * n;
        index[i] = whole->blanket->index[c->at[i]];
        rhs[i] = from[index[i]];
        for (size_t j = 0; j <= i; j++)
            m[i * count + j] = row[c->at[j]];
        m[i * count + i] += whole->mu;
    }
    enum lethe_err rc = LETHE_OK;
    if (outcome)
        rc = lethe_projection_add(m, count, index, whole->projection, whole->forget, input->w,
                                  watch, err);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            m[j * count + i] = m[i * count + j];
    lethe_free(index);
    return rc;
}

/* x'b / 2 of the whole problem, which a greedy order is measured against: d is its solution. */
static double whole_gain(const struct lethe_select_whole *whole, size_t size, int outcome)
{
    return lethe_ddot(outcome ? whole->projection->target : whole->rhs, whole->step, size) / 2;
}

static enum lethe_err fill(struct lethe_selection *out, const struct lethe_select_input *input,
                           const struct candidates *c, const size_t *order, const double *gains,
                           int outcome, struct lethe_error *err)
{
    const struct lethe_select_whole *whole = input->whole;
    const size_t first = lethe_unit_of_weight(input->graph, 0);
    const double all = whole_gain(whole, lethe_graph_size(input->graph), outcome);
    double sum = 0;
    for (size_t k = 0; k < c->count; k++) {
        if (!isfinite(gains[k]))
            return lethe_fail(err, LETHE_ENUM, "the gain of a weight is not finite");
        sum += gains[k];
        out->picks[k] = (struct lethe_pick){
            .unit = first + whole->blanket->index[c->at[order[k]]],
            .score = gains[k],
            .cumulative = k < out->greedy && all > 0 ? fmin(sum / all, 1) : NAN};
    }
    return LETHE_OK;
}

static enum lethe_err greedily(struct lethe_selection *out, const struct lethe_select_input *input,
                               const struct candidates *c, int outcome, struct lethe_watch *watch,
                               struct lethe_error *err)
{
    const size_t count = c->count;
    double *m = lethe_alloc_aligned(count, count * sizeof *m);
    double *rhs = lethe_alloc(2 * count, sizeof *rhs), *gains = rhs + count;
    size_t *order = lethe_alloc(count, sizeof *order);
    struct lethe_pursuit pursuit = {
        .matrix = m, .rhs = rhs, .size = count, .most = count / 4 < 64 ? 64 : count / 4};
    enum lethe_err rc = LETHE_OK;
    if (!m || !rhs || !order)
        rc = lethe_fail_memory(err, "an order of weights", count, count * sizeof *m);
    if (!rc)
        rc = system_of(m, rhs, input, c, outcome, watch, err);
    if (!rc)
        rc = lethe_pursuit_run(order, gains, &out->greedy, &pursuit, watch, err);
    if (!rc)
        rc = fill(out, input, c, order, gains, outcome, err);
    lethe_free(m);
    lethe_free(rhs);
    lethe_free(order);
    return rc;
}

/* ---- the row --------------------------------------------------------------------------------- */

static enum lethe_err resolve(enum lethe_weight_order *order,
                              const struct lethe_select_input *input,
                              const struct lethe_select_options *options, struct lethe_error *err)
{
    const int dense = input->whole->curvature->matrix != NULL;
    *order = options->order;
    if (*order == LETHE_WEIGHTS_AUTO)
        *order = dense ? LETHE_WEIGHTS_KL : LETHE_WEIGHTS_STEP;
    if (dense || *order == LETHE_WEIGHTS_STEP)
        return LETHE_OK;
    return lethe_fail(err, LETHE_EARG,
                      "order '%s' needs a matrix of the whole network, of at most %d parameters, "
                      "not %zu: use order=step",
                      lethe_weight_order_name(*order), (int)LETHE_CURVATURE_DENSE,
                      lethe_graph_size(input->graph));
}

LETHE_SELECT_ROW(lethe_select_weights)
{
    struct candidates c = {0};
    if (!input->whole)
        return lethe_fail(err, LETHE_EBUG, "weights are ordered by the step of the whole network");
    enum lethe_err rc = resolve(&out->order, input, options, err);
    if (!rc)
        rc = collect(&c, input->whole, err);
    if (!rc) {
        out->picks = lethe_alloc_zero(c.count, sizeof *out->picks);
        if (!out->picks)
            rc = lethe_fail_memory(err, "a selection", c.count, sizeof *out->picks);
    }
    if (!rc && out->order == LETHE_WEIGHTS_STEP)
        rc = by_step(out, input, &c, err);
    else if (!rc)
        rc = greedily(out, input, &c, out->order == LETHE_WEIGHTS_KL, watch, err);
    const double share = ceil(auto_share * (double)lethe_graph_size(input->graph));
    out->weights = 1;
    out->count = c.count;
    out->accepted = share < (double)c.count ? (size_t)share : c.count;
    out->stopped = "10 % of the parameters";
    lethe_free(c.at);
    return rc;
}
