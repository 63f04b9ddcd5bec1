/* SPDX-License-Identifier: MIT
 * Blocks of a network: one for each layer (for each group of its filters), one for scale and shift
 * of a normalisation, one for each tensor besides. */
#include <string.h>

#include "base/alloc.h"
#include "nn/layer_entries.h"
#include "unlearn/ekfac.h"

static const struct lethe_layer_info *layer_of(const struct lethe_ekfac *ekfac,
                                               const struct lethe_ekfac_block *block)
{
    return &ekfac->graph->layers[block->layer];
}

/* ---- which there are ------------------------------------------------------------------------- */

static void add_layer(struct lethe_ekfac *ekfac, const struct lethe_grad_rows *rows, size_t layer)
{
    const struct lethe_layer *pub = &ekfac->graph->layers[layer].pub;
    const size_t groups = lethe_grad_rows_groups(rows, layer), units = pub->units / groups;
    for (size_t g = 0; g < groups; g++)
        ekfac->blocks[ekfac->count++] =
            (struct lethe_ekfac_block){.kind = LETHE_EKFAC_LAYER,
                                       .layer = layer,
                                       .group = g,
                                       .first = g * units,
                                       .tensor = {LETHE_NONE, LETHE_NONE},
                                       .units = units,
                                       .width = pub->fan_in + (pub->has_bias ? 1 : 0)};
}

/* One tensor, or scale and shift together, as rows: whole where that is not too wide, else along
 * its last axis, else number by number. */
static void add_tensors(struct lethe_ekfac *ekfac, const struct lethe_grad_rows *rows, size_t first,
                        size_t second, size_t widest)
{
    const struct lethe_param *param = &ekfac->graph->params[first];
    const enum lethe_grad_rows_kind kind = lethe_grad_rows_kind(rows, first);
    const size_t last = param->ndim ? param->dims[param->ndim - 1] : 1;
    struct lethe_ekfac_block block = {
        .kind = kind == LETHE_GRAD_ROWS_NONE ? LETHE_EKFAC_LEFT : LETHE_EKFAC_ROWS,
        .tensor = {first, second},
        .table = kind == LETHE_GRAD_ROWS_TABLE,
        .units = 1,
        .width = param->size + (second == LETHE_NONE ? 0 : ekfac->graph->params[second].size)};
    if (block.table || (block.kind == LETHE_EKFAC_ROWS && block.width > widest && param->ndim > 1 &&
                        second == LETHE_NONE)) {
        block.width = last;
        block.units = param->size / last;
    }
    ekfac->blocks[ekfac->count++] = block;
}

/* The shift that goes with a scale, when both can be taken sample by sample. */
static size_t partner(const struct lethe_ekfac *ekfac, const struct lethe_grad_rows *rows,
                      size_t param, size_t widest)
{
    const struct lethe_graph *graph = ekfac->graph;
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct lethe_node *node = &graph->nodes[i];
        if (!node->used || node->in_count < 3 || !strstr(node->type, "Normalization") ||
            node->in[1] == LETHE_NONE || node->in[2] == LETHE_NONE)
            continue;
        const size_t a = lethe_graph_origin(graph, node->in[1]);
        const size_t b = lethe_graph_origin(graph, node->in[2]);
        if (a == LETHE_NONE || b == LETHE_NONE || a == b || graph->values[a].param != param)
            continue;
        const size_t shift = graph->values[b].param;
        if (shift != LETHE_NONE && graph->params[shift].trainable &&
            graph->params[param].size + graph->params[shift].size <= widest &&
            lethe_grad_rows_kind(rows, param) == LETHE_GRAD_ROWS_TENSOR &&
            lethe_grad_rows_kind(rows, shift) == LETHE_GRAD_ROWS_TENSOR)
            return shift;
    }
    return LETHE_NONE;
}

static size_t most_blocks(const struct lethe_ekfac *ekfac, const struct lethe_grad_rows *rows)
{
    size_t most = ekfac->graph->param_count + 1;
    for (size_t l = 0; l < ekfac->graph->layer_count; l++)
        most += lethe_grad_rows_groups(rows, l);
    return most;
}

enum lethe_err lethe_ekfac_divide(struct lethe_ekfac *ekfac, const struct lethe_grad_rows *rows,
                                  size_t widest, struct lethe_error *err)
{
    const struct lethe_graph *graph = ekfac->graph;
    const size_t most = most_blocks(ekfac, rows);
    unsigned char *taken = lethe_alloc_zero(graph->param_count + 1, 1);
    ekfac->blocks = lethe_alloc_zero(most, sizeof *ekfac->blocks);
    if (!taken || !ekfac->blocks) {
        lethe_free(taken);
        return lethe_fail_memory(err, "blocks", most, sizeof *ekfac->blocks);
    }
    for (size_t l = 0; l < graph->layer_count; l++) {
        const struct lethe_layer_info *info = &graph->layers[l];
        if (info->pub.gates) /* its gates share no rows: tensor by tensor */
            continue;
        add_layer(ekfac, rows, l);
        taken[info->weight] = 1;
        if (info->bias != LETHE_NONE)
            taken[info->bias] = 1;
    }
    for (size_t p = 0; p < graph->param_count; p++) {
        const size_t second = taken[p] ? LETHE_NONE : partner(ekfac, rows, p, widest);
        if (second == LETHE_NONE || taken[second] || !graph->params[p].trainable)
            continue;
        add_tensors(ekfac, rows, p, second, widest);
        taken[p] = taken[second] = 1;
    }
    for (size_t p = 0; p < graph->param_count; p++)
        if (!taken[p] && graph->params[p].trainable)
            add_tensors(ekfac, rows, p, LETHE_NONE, widest);
    lethe_free(taken);
    return LETHE_OK;
}

/* ---- parameters as matrices ------------------------------------------------------------------ */

/* Where in w entry i of unit j of a layer's block is. */
static size_t place(const struct lethe_ekfac *ekfac, const struct lethe_ekfac_block *block,
                    size_t j, size_t i)
{
    const struct lethe_layer_info *info = layer_of(ekfac, block);
    const size_t fan_in = info->pub.fan_in, unit = block->first + j;
    if (i == fan_in)
        return ekfac->graph->params[info->bias].offset + unit;
    return lethe_layer_entry(ekfac->graph, info, unit, i);
}

void lethe_ekfac_gather(double *matrix, const struct lethe_ekfac *ekfac,
                        const struct lethe_ekfac_block *block, const double *v)
{
    if (block->kind == LETHE_EKFAC_LAYER) {
        for (size_t j = 0; j < block->units; j++)
            for (size_t i = 0; i < block->width; i++)
                matrix[j * block->width + i] = v[place(ekfac, block, j, i)];
        return;
    }
    for (size_t k = 0; k < 2 && block->tensor[k] != LETHE_NONE; k++) {
        const struct lethe_param *param = &ekfac->graph->params[block->tensor[k]];
        memcpy(matrix, v + param->offset, param->size * sizeof *matrix);
        matrix += param->size;
    }
}

void lethe_ekfac_scatter(double *v, const struct lethe_ekfac *ekfac,
                         const struct lethe_ekfac_block *block, const double *matrix)
{
    if (block->kind == LETHE_EKFAC_LAYER) {
        for (size_t j = 0; j < block->units; j++)
            for (size_t i = 0; i < block->width; i++)
                v[place(ekfac, block, j, i)] = matrix[j * block->width + i];
        return;
    }
    for (size_t k = 0; k < 2 && block->tensor[k] != LETHE_NONE; k++) {
        const struct lethe_param *param = &ekfac->graph->params[block->tensor[k]];
        memcpy(v + param->offset, matrix, param->size * sizeof *matrix);
        matrix += param->size;
    }
}
