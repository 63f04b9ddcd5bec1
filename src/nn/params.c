/* SPDX-License-Identifier: MIT
 * Which tensors of a graph are parameters. A file does not say, so the rule is by role: a floating
 * initializer that is used where frameworks put weights (the right side of a product, a bias, a
 * scale, an embedding table) is trainable; the running statistics of a normalisation are buffers;
 * everything else (shapes, constants of formulas, scalars) is fixed. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/graph.h"
#include "nn/ops.h"

enum { WEIGHT = 1, STATISTIC = 2 };

/* Inputs (bits) that hold weights, and those that pass on what their output is used for. */
static const struct {
    const char *type;
    unsigned weights, passes;
} roles[] = {
    {"Add", 3, 0},
    {"BatchNormalization", 6, 0},
    {"Cast", 0, 1},
    {"Concat", ~0u, 0},
    {"Conv", 6, 0},
    {"Expand", 0, 1},
    {"Flatten", 0, 1},
    {"Gather", 1, 0},
    {"Gemm", 7, 0},
    {"Identity", 0, 1},
    {"InstanceNormalization", 6, 0},
    {"LayerNormalization", 6, 0},
    {"MatMul", 3, 0},
    {"Mul", 3, 0},
    {"PRelu", 2, 0},
    {"Pad", 0, 1},
    {"Reshape", 0, 1},
    {"Slice", 0, 1},
    {"Split", 0, 1},
    {"Squeeze", 0, 1},
    {"Tile", 0, 1},
    {"Transpose", 0, 1},
    {"Unsqueeze", 0, 1},
};

static int output_roles(const struct lethe_node *node, const unsigned char *role)
{
    int all = 0;
    for (size_t k = 0; k < node->out_count; k++)
        if (node->out[k] != LETHE_NONE)
            all |= role[node->out[k]];
    return all;
}

static void spread_roles(const struct lethe_graph *graph, unsigned char *role)
{
    for (size_t i = graph->node_count; i-- > 0;) {
        const struct lethe_node *node = &graph->nodes[i];
        unsigned weights = 0, passes = 0;
        for (size_t r = 0; r < sizeof roles / sizeof *roles; r++)
            if (!strcmp(roles[r].type, node->type)) {
                weights = roles[r].weights;
                passes = roles[r].passes;
            }
        for (size_t k = 0; node->used && k < node->in_count; k++) {
            if (node->in[k] == LETHE_NONE)
                continue;
            unsigned bit = k < 32 ? 1u << k : 1u << 31;
            unsigned char *to = &role[node->in[k]];
            if (weights & bit)
                *to |= WEIGHT;
            if (passes & bit)
                *to |= (unsigned char)output_roles(node, role);
            if (!strcmp(node->type, "BatchNormalization") && (k == 3 || k == 4))
                *to |= STATISTIC;
        }
    }
}

static enum lethe_err check_finite(const struct lethe_value *value, struct lethe_error *err)
{
    size_t n = lethe_shape_size(&value->shape);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(value->data[i]))
            return lethe_fail(err, LETHE_EFORMAT,
                              "weights '%s' hold %s at entry %zu; the file is "
                              "damaged or its training diverged",
                              value->name, isnan(value->data[i]) ? "NaN" : "infinity", i);
    return LETHE_OK;
}

static void add_param(struct lethe_graph *graph, size_t v, int trainable)
{
    struct lethe_value *value = &graph->values[v];
    struct lethe_param *param = &graph->params[graph->param_count];
    *param = (struct lethe_param){.name = value->name,
                                  .size = lethe_shape_size(&value->shape),
                                  .ndim = value->shape.ndim,
                                  .trainable = trainable,
                                  .layer = -1};
    param->offset = graph->size + graph->buffers;
    memcpy(param->dims, value->shape.dims, sizeof param->dims);
    *(trainable ? &graph->size : &graph->buffers) += param->size;
    graph->param_value[graph->param_count] = v;
    value->param = graph->param_count++;
}

enum lethe_err lethe_graph_find_params(struct lethe_graph *graph, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    struct lethe_pool *pool = &graph->pool;
    unsigned char *role = lethe_alloc_zero(graph->value_count, 1);
    graph->params = lethe_pool_alloc(pool, graph->value_count, sizeof *graph->params);
    graph->param_value = lethe_pool_alloc(pool, graph->value_count, sizeof *graph->param_value);
    if (!role || !graph->params || !graph->param_value) {
        code = lethe_fail_memory(err, "parameters", graph->value_count, sizeof *graph->params);
        goto out;
    }
    spread_roles(graph, role);
    for (int trainable = 1; trainable >= 0; trainable--)
        for (size_t v = 0; v < graph->value_count && !graph->literal; v++) {
            const struct lethe_value *value = &graph->values[v];
            if (value->kind != LETHE_VALUE_TENSOR || !value->initializer || !value->shape.ndim ||
                !lethe_elem_is_real(value->elem) || value->param != LETHE_NONE ||
                lethe_shape_size(&value->shape) == 0 ||
                !(role[v] & (trainable ? WEIGHT : STATISTIC)))
                continue;
            if ((code = check_finite(value, err)))
                goto out;
            add_param(graph, v, trainable);
        }
out:
    lethe_free(role);
    return code;
}
