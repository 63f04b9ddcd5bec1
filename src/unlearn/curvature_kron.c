/* SPDX-License-Identifier: MIT
 * Kronecker-factored curvatures as dense matrices (kron.h has the factors):
 *   kfac   S (x) A
 *   ekfac  the same eigenvectors with measured eigenvalues
 * Check value: for softmax regression on one sample both are exact. */
#include "base/alloc.h"
#include "tensor/blas.h"
#include "unlearn/curvatures.h"
#include "unlearn/kron.h"

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
                 const struct lethe_kron_layer *own)
{
    for (size_t i = 0; i < layer->count; i++)
        for (size_t j = 0; j <= i; j++)
            put(c, layer, i, j, own->s[layer->unit[i] * own->units + layer->unit[j]], own->a);
}

/* Sum over s of u_s u_s' (x) V diag(values_s) V'; m and scaled are (params, params). */
static void fill_measured(struct lethe_curvature *c, const struct lethe_unit_pairs_layer *layer,
                          const struct lethe_kron_layer *own, double *m, double *scaled)
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

static enum lethe_err fill_layers(struct lethe_curvature *c, const struct lethe_kron *kron,
                                  struct lethe_error *err)
{
    for (size_t l = 0; l < kron->pairs.layer_count; l++) {
        const struct lethe_kron_layer *own = &kron->layers[l];
        const size_t cells = own->params * own->params;
        if (!kron->turned) {
            fill(c, &kron->pairs.layers[l], own);
            continue;
        }
        double *m = lethe_alloc(2 * cells, sizeof *m);
        if (!m)
            return lethe_fail_memory(err, "a block", 2 * cells, sizeof *m);
        fill_measured(c, &kron->pairs.layers[l], own, m, m + cells);
        lethe_free(m);
    }
    return LETHE_OK;
}

static enum lethe_err assemble(struct lethe_curvature *c, const struct lethe_kron_spec *spec,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_kron kron;
    if (!lethe_kron_possible(lethe_problem_graph(spec->problem), spec->blanket))
        return lethe_fail(err, LETHE_EARG,
                          "curvature '%s' is for plain linear layers: use ggn or diag here",
                          c->method->name);
    enum lethe_err rc = lethe_kron_init(&kron, spec, watch, err);
    if (rc)
        return rc;
    c->drawn = kron.outer.drawn;
    rc = fill_layers(c, &kron, err);
    lethe_kron_release(&kron);
    return rc;
}

LETHE_CURVATURE_ROW(lethe_curvature_kfac)
{
    const struct lethe_kron_spec spec = {
        .problem = problem, .w = w, .blanket = blanket, .seed = options->seed};
    return assemble(c, &spec, watch, err);
}

LETHE_CURVATURE_ROW(lethe_curvature_ekfac)
{
    const struct lethe_kron_spec spec = {
        .problem = problem, .w = w, .blanket = blanket, .seed = options->seed, .turn = 1};
    return assemble(c, &spec, watch, err);
}
