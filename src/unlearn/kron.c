/* SPDX-License-Identifier: MIT
 * Two passes over the samples: sums of outer products, then, in their eigenbases, the eigenvalues
 * as they are measured (Martens and Grosse, 2015; George et al., 2018). Check value: for softmax
 * regression on one sample the product of the factors is the Gauss-Newton matrix. */
#include "unlearn/kron.h"

#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "tensor/lapack.h"

static enum lethe_err open_layers(struct lethe_kron *k, struct lethe_error *err)
{
    size_t count = k->pairs.layer_count, batch = k->outer.batch;
    k->layers = lethe_alloc_zero(count, sizeof *k->layers);
    if (!k->layers)
        return lethe_fail_memory(err, "layers", count, sizeof *k->layers);
    for (size_t l = 0; l < count; l++) {
        struct lethe_kron_layer *own = &k->layers[l];
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

static void close_layers(struct lethe_kron *k)
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
static void add_factors(struct lethe_kron_layer *own, const double *x, size_t q, size_t n,
                        double scale)
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

static void add_values(struct lethe_kron_layer *own, const double *x, size_t q, size_t n,
                       double scale)
{
    const struct lethe_gemm how = {
        .m = own->units, .n = own->params, .k = n, .ta = 1, .alpha = scale, .beta = 1};
    if (q == 0)
        turn(own->inputs, x, own->a, n, own->params);
    turn(own->turned, own->delta, own->s, n, own->units);
    lethe_dgemm(own->values, own->turned, own->inputs, &how);
}

/* What add does with every batch looked at and every direction of every layer. */
static enum lethe_err sweep(struct lethe_kron *k,
                            void (*add)(struct lethe_kron_layer *own, const double *x, size_t q,
                                        size_t n, double scale),
                            struct lethe_watch *watch, struct lethe_error *err)
{
    size_t batches = lethe_problem_batches(k->outer.problem), first, n;
    double scale = 1 / (double)k->samples;
    for (size_t b = 0; b < batches; b += k->stride) {
        enum lethe_err rc = lethe_watch_step(watch, "curvature", (long)b, (long)batches, err);
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

static enum lethe_err turn_layers(struct lethe_kron *k, struct lethe_error *err)
{
    for (size_t l = 0; l < k->pairs.layer_count; l++) {
        struct lethe_kron_layer *own = &k->layers[l];
        size_t most = own->units > own->params ? own->units : own->params;
        double *scratch = lethe_alloc(most, sizeof *scratch);
        if (!scratch)
            return lethe_fail_memory(err, "eigenvalues", most, sizeof *scratch);
        enum lethe_err rc = lethe_eigen(scratch, own->s, own->units, err);
        if (!rc)
            rc = lethe_eigen(scratch, own->a, own->params, err);
        lethe_free(scratch);
        if (rc)
            return rc;
    }
    return LETHE_OK;
}

/* Every stride-th batch, so that samples sorted by class are all seen. */
static void choose_batches(struct lethe_kron *k, const struct lethe_kron_spec *spec)
{
    const size_t count = lethe_problem_count(spec->problem);
    const size_t batch = lethe_problem_batch(spec->problem);
    const size_t batches = lethe_problem_batches(spec->problem);
    k->stride = spec->most && spec->most < count ? (count + spec->most - 1) / spec->most : 1;
    if (k->stride > batches)
        k->stride = batches;
    k->samples = 0;
    for (size_t b = 0; b < batches; b += k->stride)
        k->samples += b + 1 < batches ? batch : count - b * batch;
}

int lethe_kron_possible(const struct lethe_graph *graph, const struct lethe_blanket *blanket)
{
    return lethe_unit_pairs_possible(graph, blanket, 0);
}

enum lethe_err lethe_kron_init(struct lethe_kron *kron, const struct lethe_kron_spec *spec,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_kron k = {.turned = spec->turn};
    const struct lethe_outer_spec rows = {
        .problem = spec->problem, .w = spec->w, .blanket = spec->blanket, .seed = spec->seed};
    enum lethe_err rc = lethe_outer_init(&k.outer, &rows, err);
    if (rc)
        return rc;
    choose_batches(&k, spec);
    rc = lethe_unit_pairs_init(&k.pairs, k.outer.graph, spec->blanket, k.outer.batch, err);
    if (!rc)
        rc = open_layers(&k, err);
    if (!rc)
        rc = sweep(&k, add_factors, watch, err);
    if (!rc && k.turned)
        rc = turn_layers(&k, err);
    if (!rc && k.turned)
        rc = sweep(&k, add_values, watch, err);
    if (rc)
        lethe_kron_release(&k);
    else
        *kron = k;
    return rc;
}

void lethe_kron_release(struct lethe_kron *kron)
{
    close_layers(kron);
    lethe_unit_pairs_release(&kron->pairs);
    lethe_outer_release(&kron->outer);
    *kron = (struct lethe_kron){0};
}

size_t lethe_kron_work(const struct lethe_kron *kron)
{
    size_t most = 0;
    for (size_t l = 0; l < kron->pairs.layer_count; l++) {
        const size_t cells = kron->layers[l].units * kron->layers[l].params;
        most = cells > most ? cells : most;
    }
    return 2 * most;
}

/* x (units, params) = U [(U'x V) / (values + shift)] V', eigenvectors in the rows of s and a. */
static void solve_layer(const struct lethe_kron_layer *own, double *x, double shift, double *work)
{
    const size_t u = own->units, p = own->params;
    const struct lethe_gemm in_s = {.m = u, .n = p, .k = u, .alpha = 1};
    const struct lethe_gemm in_a = {.m = u, .n = p, .k = p, .tb = 1, .alpha = 1};
    const struct lethe_gemm out_a = {.m = u, .n = p, .k = p, .alpha = 1};
    const struct lethe_gemm out_s = {.m = u, .n = p, .k = u, .ta = 1, .alpha = 1};
    lethe_dgemm(work, own->s, x, &in_s);
    lethe_dgemm(x, work, own->a, &in_a);
    for (size_t i = 0; i < u * p; i++)
        x[i] /= own->values[i] + shift;
    lethe_dgemm(work, x, own->a, &out_a);
    lethe_dgemm(x, own->s, work, &out_s);
}

void lethe_kron_solve(const struct lethe_kron *kron, double *x, double shift, double *work)
{
    for (size_t l = 0; l < kron->pairs.layer_count; l++) {
        const struct lethe_unit_pairs_layer *at = &kron->pairs.layers[l];
        const struct lethe_kron_layer *own = &kron->layers[l];
        double *block = work + own->units * own->params;
        for (size_t i = 0; i < at->count; i++)
            memcpy(block + at->unit[i] * at->params, x + at->offset[i], at->params * sizeof *block);
        solve_layer(own, block, shift, work);
        for (size_t i = 0; i < at->count; i++)
            memcpy(x + at->offset[i], block + at->unit[i] * at->params, at->params * sizeof *block);
    }
}
