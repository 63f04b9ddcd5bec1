/* SPDX-License-Identifier: MIT
 * Blocks of second derivatives for pairs of units, one wide matrix product for each unit. */
#include "unlearn/pairs.h"

#include "base/alloc.h"
#include "tensor/blas.h"

int lethe_unit_pairs_possible(const struct lethe_graph *graph, const struct lethe_blanket *blanket,
                              int need_bias)
{
    for (size_t k = 0; k < blanket->count; k++) {
        struct lethe_unit unit = lethe_unit_at(graph, blanket->units[k]);
        if (unit.group || unit.weight)
            return 0;
        const struct lethe_layer *layer = lethe_graph_layer(graph, unit.layer);
        size_t bias = layer->has_bias ? 1 : 0;
        if (!layer->single || layer->unit_params != layer->fan_in + bias || (need_bias && !bias))
            return 0;
    }
    return 1;
}

static enum lethe_err add_layer(struct lethe_unit_pairs *pairs, const struct lethe_graph *graph,
                                const struct lethe_blanket *blanket, size_t number,
                                struct lethe_error *err)
{
    const struct lethe_layer *layer = lethe_graph_layer(graph, number);
    struct lethe_unit_pairs_layer *own = &pairs->layers[pairs->layer_count];
    *own = (struct lethe_unit_pairs_layer){.layer = number,
                                           .units = layer->units,
                                           .fan_in = layer->fan_in,
                                           .params = layer->unit_params};
    own->unit = lethe_alloc(layer->units, sizeof *own->unit);
    own->offset = lethe_alloc(layer->units, sizeof *own->offset);
    own->x = lethe_alloc_aligned(pairs->batch * own->params, sizeof *own->x);
    pairs->layer_count++;
    if (!own->unit || !own->offset || !own->x)
        return lethe_fail_memory(err, "a layer's inputs", pairs->batch * own->params,
                                 sizeof *own->x);
    for (size_t k = 0; k < blanket->count; k++) {
        struct lethe_unit unit = lethe_unit_at(graph, blanket->units[k]);
        if (unit.group || unit.weight || unit.layer != number)
            continue;
        own->unit[own->count] = unit.index;
        own->offset[own->count++] = blanket->offset[k];
    }
    if (own->count == 0) { /* nothing of this layer: the next one takes the slot */
        pairs->layer_count--;
        lethe_free(own->unit);
        lethe_free(own->offset);
        lethe_free(own->x);
        *own = (struct lethe_unit_pairs_layer){0};
    }
    return LETHE_OK;
}

enum lethe_err lethe_unit_pairs_init(struct lethe_unit_pairs *pairs,
                                     const struct lethe_graph *graph,
                                     const struct lethe_blanket *blanket, size_t batch,
                                     struct lethe_error *err)
{
    size_t layers = lethe_graph_layer_count(graph), widest = 1, params = 1;
    *pairs = (struct lethe_unit_pairs){.batch = batch};
    pairs->layers = lethe_alloc_zero(layers, sizeof *pairs->layers);
    enum lethe_err rc = LETHE_OK;
    if (!pairs->layers)
        rc = lethe_fail_memory(err, "layers", layers, sizeof *pairs->layers);
    for (size_t l = 0; !rc && l < layers; l++)
        rc = add_layer(pairs, graph, blanket, l, err);
    for (size_t l = 0; !rc && l < pairs->layer_count; l++) {
        const struct lethe_unit_pairs_layer *own = &pairs->layers[l];
        widest = own->count * own->params > widest ? own->count * own->params : widest;
        params = own->params > params ? own->params : params;
    }
    if (!rc) {
        pairs->scaled = lethe_alloc_aligned(batch * widest, sizeof *pairs->scaled);
        pairs->block = lethe_alloc_aligned(params * widest, sizeof *pairs->block);
        if (!pairs->scaled || !pairs->block)
            rc = lethe_fail_memory(err, "blocks of curvature", (batch + params) * widest,
                                   sizeof *pairs->block);
    }
    if (rc)
        lethe_unit_pairs_release(pairs);
    return rc;
}

void lethe_unit_pairs_release(struct lethe_unit_pairs *pairs)
{
    for (size_t l = 0; pairs->layers && l < pairs->layer_count; l++) {
        lethe_free(pairs->layers[l].unit);
        lethe_free(pairs->layers[l].offset);
        lethe_free(pairs->layers[l].x);
    }
    lethe_free(pairs->layers);
    lethe_free(pairs->scaled);
    lethe_free(pairs->block);
    *pairs = (struct lethe_unit_pairs){0};
}

void lethe_unit_pairs_inputs(struct lethe_unit_pairs *pairs, const struct lethe_exec *exec,
                             size_t n)
{
    for (size_t l = 0; l < pairs->layer_count; l++) {
        struct lethe_unit_pairs_layer *own = &pairs->layers[l];
        size_t in = own->fan_in;
        double *packed = own->params == in ? own->x : pairs->scaled;
        if (own->params == in) {
            lethe_exec_input(exec, own->layer, own->x);
            continue;
        }
        /* scaled is free here and at least (batch, params) large */
        lethe_exec_input(exec, own->layer, packed);
        for (size_t i = 0; i < n; i++) {
            for (size_t c = 0; c < in; c++)
                own->x[i * own->params + c] = packed[i * in + c];
            own->x[i * own->params + in] = 1;
        }
    }
}

/* row = for each unit j from `first` on: s_j (x, 1) + e_j (t, 0), of one sample. */
static void scale_row(double *row, const struct lethe_unit_pairs_layer *other, size_t first,
                      size_t i, const struct lethe_unit_pairs_sums *sums)
{
    const double *x = other->x + i * other->params;
    const double *t = sums->t ? sums->t + i * other->fan_in : NULL;
    for (size_t j = first; j < other->count; j++, row += other->params) {
        double s = sums->s[i * other->units + other->unit[j]];
        for (size_t c = 0; c < other->params; c++)
            row[c] = s * x[c];
        if (!t)
            continue;
        double e = sums->e[i * other->units + other->unit[j]];
        for (size_t c = 0; c < other->fan_in; c++)
            row[c] += e * t[c];
    }
}

/* Adds block (rows, columns) at (row, column), or its transpose where that is the lower side. */
static void put(double *matrix, size_t size, size_t row, size_t column, const double *block,
                size_t rows, size_t columns)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            if (row >= column)
                matrix[(row + r) * size + column + c] += block[r * columns + c];
            else
                matrix[(column + c) * size + row + r] += block[r * columns + c];
}

void lethe_unit_pairs_add(struct lethe_unit_pairs *pairs, double *matrix, size_t size,
                          const struct lethe_unit_pairs_layer *own, size_t k,
                          const struct lethe_unit_pairs_layer *other,
                          const struct lethe_unit_pairs_sums *sums)
{
    size_t first = own == other ? k : 0, width = (other->count - first) * other->params;
    for (size_t i = 0; i < sums->n; i++)
        scale_row(pairs->scaled + i * width, other, first, i, sums);
    const struct lethe_gemm how = {.m = width, .n = own->params, .k = sums->n, .ta = 1, .alpha = 1};
    lethe_dgemm(pairs->block, pairs->scaled, own->x, &how);
    for (size_t j = first; j < other->count; j++)
        put(matrix, size, other->offset[j], own->offset[k],
            pairs->block + (j - first) * other->params * own->params, other->params, own->params);
}
