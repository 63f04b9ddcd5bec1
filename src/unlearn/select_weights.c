/* SPDX-License-Identifier: MIT
 * weights: single weights in the place of units. A sample needs a few inputs of many units, not all
 * inputs of few.
 *
 *   step   by |d_i|, d the step of the whole network
 *   gain   greedily the largest (g_i - H_iP d_P)^2 / S_ii: the decrease of F_R's quadratic model
 *   kl     the same on the projection's M and target (lethe/projection.h): the decrease of the
 *          distance between what the whole step and what the chosen weights make of the outputs
 *
 * Where the whole network has a matrix every weight is a candidate of a greedy order (pursuit.h)
 * and a quarter of them, more than a removal needs, is chosen one by one; the rest follow by what
 * each would add to those. In larger networks the candidates are the three times as many of largest
 * |d_i|, and all others follow by |d_i|. Weights that may not be chosen are not in the order. */
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

/* ---- by the step ----------------------------------------------------------------------------- */

static int by_score(const void *a, const void *b)
{
    const struct lethe_pick *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->unit < y->unit ? -1 : x->unit > y->unit;
}

/* All weights that may be chosen, into the picks of out. */
static enum lethe_err by_step(struct lethe_selection *out, const struct lethe_select_input *input,
                              struct lethe_error *err)
{
    const struct lethe_select_whole *whole = input->whole;
    const size_t first = lethe_unit_of_weight(input->graph, 0);
    const size_t size = lethe_graph_size(input->graph);
    const double all = lethe_ddot(whole->step, whole->step, size);
    double sum = 0;
    out->picks = lethe_alloc_zero(size, sizeof *out->picks);
    if (!out->picks)
        return lethe_fail_memory(err, "a selection", size, sizeof *out->picks);
    for (size_t i = 0; i < size; i++) {
        if (!isfinite(whole->step[i]))
            return lethe_fail(err, LETHE_ENUM, "the step of the whole network is not finite");
        if (!whole->within || whole->within[i])
            out->picks[out->count++] =
                (struct lethe_pick){.unit = first + i, .score = fabs(whole->step[i])};
    }
    qsort(out->picks, out->count, sizeof *out->picks, by_score);
    for (size_t k = 0; k < out->count; k++) {
        sum += out->picks[k].score * out->picks[k].score;
        out->picks[k].cumulative = all > 0 ? sum / all : 0;
    }
    return out->count ? LETHE_OK
                      : lethe_fail(err, LETHE_EARG, "there are no weights to choose from");
}

/* ---- greedily -------------------------------------------------------------------------------- */

/* The candidates of a greedy order: the first `count` of the order by |d_i|. */
struct candidates {
    const struct lethe_select_input *input;
    size_t count, most; /* most: to be chosen one by one */
    size_t *index;      /* (count) entries of w */
    double *m, *rhs;    /* (count, count) both triangles, (count): the system */
    int outcome;        /* of M; else of the curvature alone */
};

/* Lower triangle of the candidates' part of a matrix of the whole network. */
static enum lethe_err gather(struct candidates *c, const struct lethe_curvature *from,
                             struct lethe_error *err)
{
    const struct lethe_select_whole *whole = c->input->whole;
    const size_t n = from->size;
    size_t *place = lethe_alloc(n, sizeof *place);
    if (!place)
        return lethe_fail_memory(err, "candidates", n, sizeof *place);
    for (size_t i = 0; i < n; i++)
        place[whole->blanket->index[i]] = i;
    for (size_t i = 0; i < c->count; i++)
        for (size_t j = 0; j <= i; j++) {
            const size_t a = place[c->index[i]], b = place[c->index[j]];
            c->m[i * c->count + j] = from->matrix[(a > b ? a : b) * n + (a > b ? b : a)];
        }
    lethe_free(place);
    return LETHE_OK;
}

/* The same where there is no such matrix: the curvature of a blanket of the candidates. */
static enum lethe_err measure(struct candidates *c, uint64_t seed, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    const struct lethe_select_input *input = c->input;
    const struct lethe_curvature_options options = {.seed = seed};
    const struct lethe_curvature_method *ggn = NULL;
    struct lethe_blanket blanket = {0};
    struct lethe_curvature own = {0};
    size_t *units = lethe_alloc(c->count, sizeof *units);
    enum lethe_err rc = units ? lethe_curvature_find(&ggn, "ggn", err)
                              : lethe_fail_memory(err, "candidates", c->count, sizeof *units);
    for (size_t k = 0; !rc && k < c->count; k++)
        units[k] = lethe_unit_of_weight(input->graph, c->index[k]);
    if (!rc)
        rc = lethe_blanket_init(&blanket, input->graph, units, c->count, err);
    if (!rc)
        rc = lethe_curvature_make(&own, ggn, input->curvature, input->w, &blanket, &options, watch,
                                  err);
    if (!rc)
        memcpy(c->m, own.matrix, c->count * c->count * sizeof *c->m);
    lethe_curvature_release(&own);
    lethe_blanket_release(&blanket);
    lethe_free(units);
    return rc;
}

/* m and rhs of the candidates: damping in it, and the projection's sum where it is asked for. */
static enum lethe_err make_system(struct candidates *c, uint64_t seed, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    const struct lethe_select_whole *whole = c->input->whole;
    const double *from = c->outcome ? whole->projection->target : whole->rhs;
    const int metric = c->outcome && whole->metric;
    const double ridge = metric ? lethe_projection_ridge(whole->projection) : whole->mu;
    enum lethe_err rc = whole->curvature->matrix
                            ? gather(c, metric ? whole->metric : whole->curvature, err)
                            : measure(c, seed, watch, err);
    if (!rc && c->outcome)
        rc = lethe_projection_add(c->m, c->count, c->index, whole->projection, whole->forget,
                                  c->input->w, watch, err);
    for (size_t i = 0; !rc && i < c->count; i++) {
        c->rhs[i] = from[c->index[i]];
        c->m[i * c->count + i] += ridge;
        for (size_t j = 0; j < i; j++)
            c->m[j * c->count + i] = c->m[i * c->count + j];
    }
    return rc;
}

/* x'b / 2 of the whole problem, which a greedy order is measured against: d is its solution. */
static double whole_gain(const struct candidates *c)
{
    const struct lethe_select_whole *whole = c->input->whole;
    return lethe_ddot(c->outcome ? whole->projection->target : whole->rhs, whole->step,
                      lethe_graph_size(c->input->graph)) /
           2;
}

/* The candidates' picks in their new order; the others are by |d_i| already. */
static enum lethe_err rewrite(struct lethe_selection *out, const struct candidates *c,
                              const size_t *order, const double *gains, struct lethe_error *err)
{
    const size_t first = lethe_unit_of_weight(c->input->graph, 0);
    const double all = whole_gain(c);
    double sum = 0;
    for (size_t k = 0; k < c->count; k++) {
        if (!isfinite(gains[k]))
            return lethe_fail(err, LETHE_ENUM, "the gain of a weight is not finite");
        sum += gains[k];
        out->picks[k] = (struct lethe_pick){
            .unit = first + c->index[order[k]],
            .score = gains[k],
            .cumulative = k < out->greedy && all > 0 ? fmin(sum / all, 1) : NAN};
    }
    for (size_t k = c->count; k < out->count; k++)
        out->picks[k].score = out->picks[k].cumulative = NAN;
    return LETHE_OK;
}

static void count_candidates(struct candidates *c, const struct lethe_selection *out,
                             const struct lethe_select_options *options)
{
    const size_t most = LETHE_CURVATURE_DENSE / 3;
    if (c->input->whole->curvature->matrix) {
        c->count = out->count;
        c->most = c->count / 4 < 64 ? 64 : c->count / 4;
        return;
    }
    c->most = lethe_graph_size(c->input->graph) / 100;
    c->most = c->most > options->max ? c->most : options->max;
    c->most = c->most < most ? c->most : most;
    c->count = 3 * c->most < out->count ? 3 * c->most : out->count;
}

static enum lethe_err greedily(struct lethe_selection *out, const struct lethe_select_input *input,
                               const struct lethe_select_options *options,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    struct candidates c = {.input = input, .outcome = out->order == LETHE_WEIGHTS_KL};
    count_candidates(&c, out, options);
    const size_t count = c.count, first = lethe_unit_of_weight(input->graph, 0);
    c.index = lethe_alloc(2 * count, sizeof *c.index);
    c.m = lethe_alloc_aligned(count, count * sizeof *c.m);
    c.rhs = lethe_alloc(2 * count, sizeof *c.rhs);
    enum lethe_err rc = LETHE_OK;
    if (!c.index || !c.m || !c.rhs)
        rc = lethe_fail_memory(err, "an order of weights", count, count * sizeof *c.m);
    for (size_t k = 0; !rc && k < count; k++)
        c.index[k] = out->picks[k].unit - first;
    if (!rc)
        rc = make_system(&c, options->seed, watch, err);
    const struct lethe_pursuit pursuit = {
        .matrix = c.m, .rhs = c.rhs, .size = count, .most = c.most};
    size_t *order = c.index + count;
    double *gains = c.rhs + count;
    if (!rc)
        rc = lethe_pursuit_run(order, gains, &out->greedy, &pursuit, watch, err);
    if (!rc)
        rc = rewrite(out, &c, order, gains, err);
    lethe_free(c.index);
    lethe_free(c.m);
    lethe_free(c.rhs);
    return rc;
}

/* ---- the row --------------------------------------------------------------------------------- */

LETHE_SELECT_ROW(lethe_select_weights)
{
    if (!input->whole)
        return lethe_fail(err, LETHE_EBUG, "weights are ordered by the step of the whole network");
    const int dense = input->whole->curvature->matrix != NULL;
    out->weights = 1;
    out->order = options->order;
    if (out->order == LETHE_WEIGHTS_AUTO)
        out->order = dense ? LETHE_WEIGHTS_KL : LETHE_WEIGHTS_STEP;
    enum lethe_err rc = by_step(out, input, err);
    if (!rc && out->order != LETHE_WEIGHTS_STEP)
        rc = greedily(out, input, options, watch, err);
    const double share = ceil(auto_share * (double)lethe_graph_size(input->graph));
    out->accepted = share < (double)out->count ? (size_t)share : out->count;
    out->stopped = "10 % of the parameters";
    return rc;
}
