/* SPDX-License-Identifier: MIT
 * Products with a curvature. Those of ggn, fisher and hessian are taken on the linearised network;
 * where an operator has no second derivative the hessian is
 *     (g(w + r v) - g(w - r v)) / 2r, r = 1e-8 (1 + |w|) / |v|, g the gradient in double,
 * which is far off wherever a unit changes sides between the two weights: such products say so.
 * Check value: the matrix of the same name times v. */
#include "unlearn/product.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "unlearn/outer.h"

static const double reach = 1e-8;
enum { DIAGONAL_SAMPLES = 512, DIAGONAL_LABELS = 10 };

/* ---- life ------------------------------------------------------------------------------------ */

/* Which parameters have entries in P. */
static void mark_support(struct lethe_product *t)
{
    const struct lethe_graph *graph = lethe_problem_graph(t->spec.problem);
    const size_t params = lethe_graph_param_count(graph);
    const int all = t->size == t->all;
    for (size_t i = 0; !all && i < t->size; i++)
        t->own_g[t->spec.blanket->index[i]] = 1;
    for (size_t p = 0; p < params; p++) {
        const struct lethe_param *param = lethe_graph_param(graph, p);
        t->support[p] = all && param->trainable && param->size;
        for (size_t i = 0; param->trainable && i < param->size && !t->support[p]; i++)
            t->support[p] = t->own_g[param->offset + i] != 0;
    }
}

/* Vectors over all parameters, of a product on some of them. */
static enum lethe_err own_vectors(struct lethe_product *t, struct lethe_error *err)
{
    if (!t->own_v)
        t->own_v = lethe_alloc_zero(t->all, sizeof *t->own_v);
    if (!t->own_g)
        t->own_g = lethe_alloc_zero(t->all, sizeof *t->own_g);
    return t->own_v && t->own_g ? LETHE_OK
                                : lethe_fail_memory(err, "a product", 2 * t->all, sizeof(double));
}

static enum lethe_err allocate(struct lethe_product *t, struct lethe_error *err)
{
    const size_t params = lethe_graph_param_count(lethe_problem_graph(t->spec.problem));
    t->support = lethe_alloc_zero(params, 1);
    if (!t->support)
        return lethe_fail_memory(err, "a product", params, 1);
    return t->size == t->all ? LETHE_OK : own_vectors(t, err);
}

enum lethe_err lethe_product_new(struct lethe_product **product,
                                 const struct lethe_product_spec *spec, struct lethe_error *err)
{
    const struct lethe_graph *graph = lethe_problem_graph(spec->problem);
    if (!spec->method->times)
        return lethe_fail(err, LETHE_EARG,
                          "curvature '%s' has no products: use ggn, hessian or fisher",
                          spec->method->name);
    struct lethe_product *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a product", 1, sizeof *made);
    made->spec = *spec;
    made->size = spec->blanket->offset[spec->units];
    made->all = lethe_graph_size(graph);
    made->entries = made->all + lethe_graph_buffers(graph);
    const struct lethe_linearised_spec passes = {.problem = spec->problem,
                                                 .w = spec->w,
                                                 .dtype = spec->dtype,
                                                 .memory = spec->memory,
                                                 .threads = spec->threads};
    enum lethe_err rc = allocate(made, err);
    if (!rc && !spec->linearised)
        rc = lethe_linearised_new(&made->own, &passes, err);
    if (rc) {
        lethe_product_free(made);
        return rc;
    }
    made->w = spec->w;
    mark_support(made);
    made->linearised = spec->linearised ? spec->linearised : made->own;
    *product = made;
    return LETHE_OK;
}

void lethe_product_free(struct lethe_product *product)
{
    if (!product)
        return;
    lethe_linearised_free(product->own);
    lethe_problem_free(product->doubles);
    lethe_free(product->support);
    lethe_free(product->moved);
    lethe_free(product->own_v);
    lethe_free(product->own_g);
    lethe_free(product);
}

size_t lethe_product_size(const struct lethe_product *product)
{
    return product->size;
}

int lethe_product_holds_all(const struct lethe_product *product)
{
    return product->size == product->all;
}

const char *lethe_product_rough(const struct lethe_product *product)
{
    return product->spec.method->times == lethe_product_hessian
               ? lethe_linearised_rough(product->linearised)
               : NULL;
}

/* g = the data part of H v. */
static enum lethe_err multiply(struct lethe_product *t, double *g, const double *v,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    t->v = v;
    t->g = g;
    const enum lethe_err rc = lethe_linearised_support(t->linearised, t->support, err);
    return rc ? rc : t->spec.method->times(t, watch, err);
}

static enum lethe_err check_finite(const struct lethe_product *t, double sum,
                                   struct lethe_error *err)
{
    return isfinite(sum) ? LETHE_OK
                         : lethe_fail(err, LETHE_ENUM, "the curvature '%s' is not finite",
                                      t->spec.method->name);
}

enum lethe_err lethe_product_apply(struct lethe_product *product, double *out, const double *v,
                                   struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t *index = product->spec.blanket->index;
    const double decay = lethe_problem_decay(product->spec.problem);
    double sum = 0;
    enum lethe_err rc = own_vectors(product, err);
    for (size_t i = 0; !rc && i < product->size; i++)
        product->own_v[index[i]] = v[i];
    if (!rc)
        rc = multiply(product, product->own_g, product->own_v, watch, err);
    for (size_t i = 0; !rc && i < product->size; i++) {
        out[i] = product->own_g[index[i]] + decay * v[i];
        sum += fabs(out[i]);
    }
    return rc ? rc : check_finite(product, sum, err);
}

enum lethe_err lethe_product_apply_all(struct lethe_product *product, double *out, const double *v,
                                       struct lethe_watch *watch, struct lethe_error *err)
{
    const double decay = lethe_problem_decay(product->spec.problem);
    double sum = 0;
    enum lethe_err rc =
        product->size == product->all
            ? multiply(product, out, v, watch, err)
            : lethe_fail(err, LETHE_EBUG, "a product of %zu parameters", product->size);
    for (size_t i = 0; !rc && i < product->all; i++) {
        out[i] += decay * v[i];
        sum += fabs(out[i]);
    }
    return rc ? rc : check_finite(product, sum, err);
}

/* ---- rows ------------------------------------------------------------------------------------ */

LETHE_PRODUCT_ROW(lethe_product_ggn)
{
    return lethe_linearised_ggn(product->linearised, product->g, product->v, watch, err);
}

LETHE_PRODUCT_ROW(lethe_product_fisher)
{
    return lethe_linearised_fisher(product->linearised, product->g, product->v, watch, err);
}

/* moved = w + r v */
static void move(struct lethe_product *t, double r)
{
    memcpy(t->moved, t->w, t->entries * sizeof *t->moved);
    lethe_daxpy(t->moved, r, t->v, t->all);
}

/* A problem that gradients are accurate enough of. */
static enum lethe_err in_double(struct lethe_problem **problem, struct lethe_product *t,
                                struct lethe_error *err)
{
    struct lethe_problem *own = t->spec.problem;
    const struct lethe_problem_spec spec = {.graph = lethe_problem_graph(own),
                                            .data = lethe_problem_data(own),
                                            .ids = lethe_problem_ids(own),
                                            .count = lethe_problem_count(own),
                                            .decay = lethe_problem_decay(own),
                                            .dtype = LETHE_F64};
    enum lethe_err rc = LETHE_OK;
    if (lethe_problem_dtype(own) == LETHE_F32 && !t->doubles)
        rc = lethe_problem_new(&t->doubles, &spec, err);
    *problem = t->doubles ? t->doubles : own;
    return rc;
}

static enum lethe_err by_differences(struct lethe_product *t, struct lethe_watch *watch,
                                     struct lethe_error *err)
{
    struct lethe_problem *problem = NULL;
    const double norm = lethe_dnorm(t->v, t->all), decay = lethe_problem_decay(t->spec.problem);
    double value;
    memset(t->g, 0, t->all * sizeof *t->g);
    if (norm == 0)
        return LETHE_OK;
    const double r = reach * (1 + lethe_dnorm(t->w, t->all)) / norm;
    double *low = lethe_alloc(t->all, sizeof *low);
    if (!t->moved)
        t->moved = lethe_alloc(t->entries, sizeof *t->moved);
    if (!low || !t->moved) {
        lethe_free(low);
        return lethe_fail_memory(err, "a gradient", t->all + t->entries, sizeof *low);
    }
    enum lethe_err rc = in_double(&problem, t, err);
    move(t, -r);
    if (!rc)
        rc = lethe_problem_value(problem, &value, low, t->moved, watch, err);
    move(t, r);
    if (!rc)
        rc = lethe_problem_value(problem, &value, t->g, t->moved, watch, err);
    for (size_t i = 0; !rc && i < t->all; i++)
        t->g[i] = (t->g[i] - low[i]) / (2 * r) - decay * t->v[i];
    lethe_free(low);
    return rc;
}

LETHE_PRODUCT_ROW(lethe_product_hessian)
{
    if (lethe_linearised_rough(product->linearised))
        return by_differences(product, watch, err);
    return lethe_linearised_hessian(product->linearised, product->g, product->v, watch, err);
}

/* ---- diagonal -------------------------------------------------------------------------------- */

/* Adds the squares of the gradients J'a of every sample by every unit. unit is (batch, largest). */
static enum lethe_err add_squares(struct lethe_product *t, double *diagonal, double *unit, size_t n,
                                  struct lethe_error *err)
{
    const struct lethe_blanket *blanket = t->spec.blanket;
    for (size_t k = 0; k < t->spec.units; k++) {
        struct lethe_unit u =
            lethe_unit_at(lethe_problem_graph(t->spec.problem), blanket->units[k]);
        double *to = diagonal + blanket->offset[k];
        if (u.group || u.weight)
            continue;
        enum lethe_err rc = lethe_exec_unit_grads(lethe_problem_exec(t->spec.problem), unit,
                                                  u.layer, &u.index, 1, err);
        if (rc)
            return rc;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < u.params; j++)
                to[j] += unit[i * u.params + j] * unit[i * u.params + j];
    }
    return LETHE_OK;
}

static enum lethe_err sum_squares(struct lethe_product *t, double *diagonal, double *unit,
                                  size_t *samples, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    struct lethe_outer outer = {0};
    const size_t batches = lethe_problem_batches(t->spec.problem);
    const int few =
        lethe_graph_classes(lethe_problem_graph(t->spec.problem)) <= 2 * DIAGONAL_LABELS;
    const struct lethe_outer_spec spec = {.problem = t->spec.problem,
                                          .w = t->w,
                                          .blanket = t->spec.blanket,
                                          .seed = t->spec.seed,
                                          .labels = few ? 0 : DIAGONAL_LABELS};
    enum lethe_err rc = lethe_outer_init(&outer, &spec, err);
    *samples = 0;
    for (size_t b = 0; !rc && b < batches && *samples < DIAGONAL_SAMPLES; b++) {
        size_t first, n = 0;
        rc = lethe_outer_forward(&outer, b, &first, &n, err);
        for (size_t q = 0; !rc && q < outer.directions; q++) {
            rc = lethe_watch_step(watch, "preconditioning", (long)(b * outer.directions + q), 0,
                                  err);
            if (!rc)
                rc = lethe_outer_backward(&outer, q, first, n, err);
            if (!rc)
                rc = add_squares(t, diagonal, unit, n, err);
        }
        *samples += n;
    }
    lethe_outer_release(&outer);
    return rc;
}

/* Means over the samples, decay added; groups get the mean of the rest. */
static void finish_diagonal(const struct lethe_product *t, double *diagonal, size_t samples)
{
    const struct lethe_blanket *blanket = t->spec.blanket;
    const struct lethe_graph *graph = lethe_problem_graph(t->spec.problem);
    const double decay = lethe_problem_decay(t->spec.problem);
    double sum = 0;
    size_t count = 0;
    for (size_t k = 0; k < t->spec.units; k++)
        for (size_t i = blanket->offset[k]; i < blanket->offset[k + 1]; i++)
            if (!lethe_unit_at(graph, blanket->units[k]).group) {
                diagonal[i] /= (double)samples;
                sum += diagonal[i];
                count++;
            }
    const double mean = sum > 0 ? sum / (double)count : 1;
    for (size_t k = 0; k < t->spec.units; k++) {
        const int group = lethe_unit_at(graph, blanket->units[k]).group;
        for (size_t i = blanket->offset[k]; i < blanket->offset[k + 1]; i++)
            diagonal[i] = (group ? mean : diagonal[i] + 1e-6 * mean) + decay;
    }
}

enum lethe_err lethe_product_diagonal(struct lethe_product *product, double *diagonal,
                                      struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_product *t = product;
    const struct lethe_blanket *blanket = t->spec.blanket;
    size_t largest = 1, samples = 0;
    for (size_t k = 0; k < t->spec.units; k++) {
        const size_t params = blanket->offset[k + 1] - blanket->offset[k];
        if (!lethe_unit_at(lethe_problem_graph(t->spec.problem), blanket->units[k]).group)
            largest = params > largest ? params : largest;
    }
    double *unit = lethe_alloc(lethe_problem_batch(t->spec.problem) * largest, sizeof *unit);
    if (!unit)
        return lethe_fail_memory(err, "per-sample gradients",
                                 lethe_problem_batch(t->spec.problem) * largest, sizeof *unit);
    memset(diagonal, 0, t->size * sizeof *diagonal);
    enum lethe_err rc = sum_squares(t, diagonal, unit, &samples, watch, err);
    if (!rc)
        finish_diagonal(t, diagonal, samples);
    lethe_free(unit);
    return rc;
}
