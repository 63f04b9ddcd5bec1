/* SPDX-License-Identifier: MIT
 * Kronecker-factored curvatures of plain linear layers, blocks between layers left out. With the
 * directions of outer.h, delta = d(a'logits)/d(pre-activations) and x = (input, 1):
 *   kfac   S (x) A with S = mean sum_q delta delta', A = mean x x'  (Martens and Grosse, 2015)
 *   ekfac  the same eigenvectors, the eigenvalue of a pair (s, a) measured as the mean of
 *          sum_q (u_s'delta)^2 (v_a'x)^2  (George et al., 2018)
 * Check value: for softmax regression on one sample both are exact. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "tensor/lapack.h"
#include "unlearn/curvatures.h"
#include "unlearn/outer.h"
#include "unlearn/pairs.h"

/* One layer's factors. */
struct kron {
    size_t units, params;
    double *s, *a;           /* (units, units), (params, params); then eigenvectors in rows */
    double *values;          /* (units, params) ekfac: measured eigenvalues */
    double *delta;           /* (batch, units) */
    double *turned, *inputs; /* (batch, units), (batch, params) squares in the eigenbases */
};

struct work {
    struct lethe_outer outer;
    struct lethe_unit_pairs pairs;
    struct kron *layers; /* (pairs.layer_count) */
    struct lethe_curvature *c;
    uint64_t seed;
    int measured; /* ekfac */
    struct lethe_watch *watch;
};

static enum lethe_err open_layers(struct work *k, struct lethe_error *err)
{
    size_t count = k->pairs.layer_count, batch = k->outer.batch;
    k->layers = lethe_alloc_zero(count, sizeof *k->layers);
    if (!k->layers)
        return lethe_fail_memory(err, "layers", count, sizeof *k->layers);
    for (size_t l = 0; l < count; l++) {
        struct kron *own = &k->layers[l];
        size_t u = own->units = k->pairs.layers[l].units,
               p = own->params = k->pairs.layers[l].params;
        own->s = lethe_alloc_zero(u * u, sizeof *own->s);
        own->a = lethe_alloc_zero(p * p, sizeof *own->a);
        own->values = lethe_alloc_zero(u * p, sizeof *own->values);
        own->delta = lethe_alloc(batch * u, sizeof *own->delta);
        own->turned = lethe_alloc(batch * u, sizeof *own->turned);
        own->inputs = lethe_alloc(batch * p, sizeof *own->inputs);
        if (!own->s || !own->a || !own->values || !own->delta || !own->turned || !own->inputs)
            return lethe_fail_memory(err, "Kronecker factors", u * u + p * p + u * p,
                                     sizeof *own->s);
    }
    return LETHE_OK;
}

static void close_layers(struct work *k)
{
    for (size_t l = 0; k->layers && l < k->pairs.layer_count; l++) {
        lethe_free(k->layers[l].s);
        lethe_free(k->layers[l].a);
        lethe_free(k->layers[l].values);
        lethe_free(k->layers[l].delta);
        lethe_free(k->layers[l].turned);
        lethe_free(k->layers[l].inputs);
    }
    lethe_free(k->layers);
}

/* Adds a batch's x x' (when q is 0) and delta delta' of direction q. */
static void add_factors(struct kron *own, const double *x, size_t q, size_t n, double scale)
{
    const struct lethe_gemm a = {.n = own->params, .k = n, .ta = 1, .alpha = scale, .beta = 1};
    const struct lethe_gemm s = {.n = own->units, .k = n, .ta = 1, .alpha = scale, .beta = 1};
    if (q == 0)
        lethe_dsyrk(own->a, x, &a);
    lethe_dsyrk(own->s, own->delta, &s);
}

/* rows (n, m) times the eigenvectors in the rows of v (m, m), squared, into out. */
static void turn(double *out, const double *rows, const double *v, size_t n, size_t m)
{
    const struct lethe_gemm how = {.m = n, .n = m, .k = m, .tb = 1, .alpha = 1};
    lethe_dgemm(out, rows, v, &how);
    for (size_t i = 0; i < n * m; i++)
        out[i] *= out[i];
}

static void add_values(struct kron *own, const double *x, size_t q, size_t n, double scale)
{
    const struct lethe_gemm how = {
        .m = own->units, .n = own->params, .k = n, .ta = 1, .alpha = scale, .beta = 1};
    if (q == 0)
        turn(own->inputs, x, own->a, n, own->params);
    turn(own->turned, own->delta, own->s, n, own->units);
    lethe_dgemm(own->values, own->turned, own->inputs, &how);
}

/* One pass over C: what add does with every batch and direction of every layer. */
static enum lethe_err sweep(struct work *k,
                            void (*add)(struct kron *own, const double *x, size_t q, size_t n,
                                        double scale),
                            struct lethe_error *err)
{
    size_t batches = lethe_problem_batches(k->outer.problem), first, n;
    double scale = 1 / (double)lethe_problem_count(k->outer.problem);
    for (size_t b = 0; b < batches; b++) {
        enum lethe_err rc = lethe_watch_step(k->watch, "curvature", (long)b, (long)batches, err);
        if (!rc)
            rc = lethe_outer_forward(&k->outer, b, &first, &n, err);
        if (rc)
            return rc;
        lethe_unit_pairs_inputs(&k->pairs, k->outer.exec, n);
        for (size_t q = 0; q < k->outer.directions; q++) {
            rc = lethe_outer_backward(&k->outer, q, first, n, err);
            for (size_t l = 0; !rc && l < k->pairs.layer_count; l++) {
                lethe_exec_delta(k->outer.exec, k->pairs.layers[l].layer, k->layers[l].delta);
                add(&k->layers[l], k->pairs.layers[l].x, q, n, scale);
            }
            if (rc)
                return rc;
        }
    }
    return LETHE_OK;
}

/* Block of units i and j: weight times m (params, params), lower triangle of the whole. */
static void put(struct lethe_curvature *c, const struct lethe_unit_pairs_layer *layer, size_t i,
                size_t j, double weight, const double *m)
{
    for (size_t r = 0; r < layer->params; r++) {
        double *to = c->matrix + (layer->offset[i] + r) * c->size + layer->offset[j];
        for (size_t q = 0; q < layer->params; q++)
            to[q] += weight * m[r * layer->params + q];
    }
}

static void fill(struct lethe_curvature *c, const struct lethe_unit_pairs_layer *layer,
                 const struct kron *own)
{
    for (size_t i = 0; i < layer->count; i++)
        for (size_t j = 0; j <= i; j++)
            put(c, layer, i, j, own->s[layer->unit[i] * own->units + layer->unit[j]], own->a);
}

/* Sum over s of u_s u_s' (x) V diag(values_s) V'; m and scaled are (params, params). */
static void fill_measured(struct lethe_curvature *c, const struct lethe_unit_pairs_layer *layer,
                          const struct kron *own, double *m, double *scaled)
{
    size_t p = own->params;
    const struct lethe_gemm how = {.m = p, .n = p, .k = p, .ta = 1, .alpha = 1};
    for (size_t s = 0; s < own->units; s++) {
        const double *u = own->s + s * own->units;
        for (size_t a = 0; a < p; a++)
            for (size_t r = 0; r < p; r++)
                scaled[a * p + r] = own->values[s * p + a] * own->a[a * p + r];
        lethe_dgemm(m, own->a, scaled, &how);
        for (size_t i = 0; i < layer->count; i++)
            for (size_t j = 0; j <= i; j++)
                put(c, layer, i, j, u[layer->unit[i]] * u[layer->unit[j]], m);
    }
}

static enum lethe_err measure(struct work *k, struct lethe_error *err)
{
    enum lethe_err rc = LETHE_OK;
    for (size_t l = 0; !rc && l < k->pairs.layer_count; l++) {
        struct kron *own = &k->layers[l];
        size_t most = own->units > own->params ? own->units : own->params;
        double *scratch = lethe_alloc(most, sizeof *scratch);
        if (!scratch)
            return lethe_fail_memory(err, "eigenvalues", most, sizeof *scratch);
        rc = lethe_eigen(scratch, own->s, own->units, err);
        if (!rc)
            rc = lethe_eigen(scratch, own->a, own->params, err);
        lethe_free(scratch);
    }
    if (!rc)
        rc = sweep(k, add_values, err);
    for (size_t l = 0; !rc && l < k->pairs.layer_count; l++) {
        struct kron *own = &k->layers[l];
        size_t cells = own->params * own->params;
        double *m = lethe_alloc(2 * cells, sizeof *m);
        if (!m)
            return lethe_fail_memory(err, "a block", 2 * cells, sizeof *m);
        fill_measured(k->c, &k->pairs.layers[l], own, m, m + cells);
        lethe_free(m);
    }
    return rc;
}

static enum lethe_err assemble(struct work *k, struct lethe_problem *problem, const double *w,
                               const struct lethe_blanket *blanket, struct lethe_error *err)
{
    if (!lethe_unit_pairs_possible(lethe_problem_graph(problem), blanket, 0))
        return lethe_fail(err, LETHE_EARG,
                          "curvature '%s' is for plain linear layers: use ggn or diag here",
                          k->c->method->name);
    enum lethe_err rc = lethe_outer_init(&k->outer, problem, w, blanket, k->seed, 0, err);
    if (rc)
        return rc;
    rc = lethe_unit_pairs_init(&k->pairs, k->outer.graph, blanket, k->outer.batch, err);
    if (!rc)
        rc = open_layers(k, err);
    if (!rc)
        rc = sweep(k, add_factors, err);
    if (!rc && k->measured)
        rc = measure(k, err);
    for (size_t l = 0; !rc && !k->measured && l < k->pairs.layer_count; l++)
        fill(k->c, &k->pairs.layers[l], &k->layers[l]);
    close_layers(k);
    lethe_unit_pairs_release(&k->pairs);
    lethe_outer_release(&k->outer);
    return rc;
}

LETHE_CURVATURE_ROW(lethe_curvature_kfac)
{
    struct work k = {.c = c, .seed = options->seed, .watch = watch};
    return assemble(&k, problem, w, blanket, err);
}

LETHE_CURVATURE_ROW(lethe_curvature_ekfac)
{
    struct work k = {.c = c, .seed = options->seed, .measured = 1, .watch = watch};
    return assemble(&k, problem, w, blanket, err);
}
