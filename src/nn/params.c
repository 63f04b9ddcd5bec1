/* SPDX-License-Identifier: MIT
 * Which tensors of a graph are parameters. A file does not say, so the rule is by role: a floating
 * initializer that is used where frameworks put weights (the right side of a product, a bias, a
 * scale, an embedding table) is trainable; the running statistics of a normalisation are buffers;
 * everything else (shapes, constants of formulas, scalars) is fixed. Where constants are as likely
 * as weights (subtracted, divided by), a tensor must have a name of its own: those that exporters
 * make up belong to folded constants. What is added or multiplied and has two values only, 0 and
 * -infinity, is a mask. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/graph.h"
#include "nn/ops.h"

enum { WEIGHT = 1, TERM = 2, NAMED = 4, STATISTIC = 8 };

#define ALL (~0u)

/* Inputs (bits) that hold weights, those that may be weights or masks, those that are weights when
 * they have a name, and those that pass on what their output is used for. */
static const struct {
    const char *type;
    unsigned weights, terms, named, passes;
} roles[] = {
    {"Abs", 0, 0, 1, 0},
    {"Add", 0, 3, 0, 0},
    {"BatchNormalization", 6, 0, 0, 0},
    {"Cast", 0, 0, 0, 1},
    {"Clip", 0, 0, 1, 0},
    {"Concat", ALL, 0, 0, 0},
    {"Conv", 6, 0, 0, 0},
    {"ConvTranspose", 6, 0, 0, 0},
    {"Div", 0, 0, 3, 0},
    {"Einsum", 7, 0, 0, 0},
    {"Exp", 0, 0, 1, 0},
    {"Expand", 0, 0, 0, 1},
    {"Flatten", 0, 0, 0, 1},
    {"GRU", 14, 0, 32, 0},
    {"Gather", 1, 0, 0, 0},
    {"GatherElements", 1, 0, 0, 0},
    {"GatherND", 1, 0, 0, 0},
    {"Gemm", 7, 0, 0, 0},
    {"GroupNormalization", 6, 0, 0, 0},
    {"Identity", 0, 0, 0, 1},
    {"InstanceNormalization", 6, 0, 0, 0},
    {"LSTM", 142, 0, 96, 0},
    {"LayerNormalization", 6, 0, 0, 0},
    {"MatMul", 3, 0, 0, 0},
    {"Max", 0, 0, ALL, 0},
    {"Min", 0, 0, ALL, 0},
    {"Mul", 0, 3, 0, 0},
    {"Neg", 0, 0, 1, 0},
    {"PRelu", 2, 0, 0, 0},
    {"Pad", 0, 0, 0, 1},
    {"Pow", 0, 0, 1, 0},
    {"RMSNormalization", 2, 0, 0, 0},
    {"ReduceL2", 0, 0, 1, 0},
    {"ReduceMean", 0, 0, 1, 0},
    {"ReduceSum", 0, 0, 1, 0},
    {"Relu", 0, 0, 1, 0},
    {"Reshape", 0, 0, 0, 1},
    {"Sigmoid", 0, 0, 1, 0},
    {"Slice", 0, 0, 0, 1},
    {"Softmax", 0, 0, 1, 0},
    {"Softplus", 0, 0, 1, 0},
    {"Split", 0, 0, 0, 1},
    {"Sqrt", 0, 0, 1, 0},
    {"Squeeze", 0, 0, 0, 1},
    {"Sub", 0, 0, 3, 0},
    {"Tanh", 0, 0, 1, 0},
    {"Tile", 0, 0, 0, 1},
    {"Transpose", 0, 0, 0, 1},
    {"Unsqueeze", 0, 0, 0, 1},
    {"Where", 0, 0, 6, 0},
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
        size_t r = 0, count = sizeof roles / sizeof *roles;
        while (r < count && strcmp(roles[r].type, node->type) != 0)
            r++;
        for (size_t k = 0; node->used && r < count && k < node->in_count; k++) {
            if (node->in[k] == LETHE_NONE)
                continue;
            unsigned bit = k < 32 ? 1u << k : 1u << 31;
            unsigned char *to = &role[node->in[k]];
            *to |= roles[r].weights & bit ? WEIGHT : 0;
            *to |= roles[r].terms & bit ? TERM : 0;
            *to |= roles[r].named & bit ? NAMED : 0;
            if (roles[r].passes & bit)
                *to |= (unsigned char)output_roles(node, role);
            if (!strcmp(node->type, "BatchNormalization") && (k == 3 || k == 4))
                *to |= STATISTIC;
        }
    }
}

/* Two values only: 0 and one that hides what it is added to or keeps what it multiplies. */
static int is_mask(const struct lethe_tensor_value *value)
{
    size_t n = lethe_shape_size(&value->shape), zeros = 0;
    double other = 0;
    for (size_t i = 0; i < n; i++) {
        double x = value->data[i];
        if (x == 0)
            zeros++;
        else if (other == 0)
            other = x;
        else if (x != other)
            return 0;
    }
    return n > 3 && zeros > 0 && zeros < n && (other == 1 || fabs(other) >= 100);
}

/* PyTorch names single numbers only when they are parameters or buffers of a module. */
static int has_size(const struct lethe_graph *graph, const struct lethe_tensor_value *value)
{
    return value->shape.ndim > 0
               ? lethe_shape_size(&value->shape) > 0
               : !strcmp(graph->producer, "pytorch") && !lethe_name_is_generated(value->name);
}

static int is_trainable(const struct lethe_tensor_value *value, unsigned role)
{
    if (role & WEIGHT)
        return 1;
    if (!(role & TERM) && (!(role & NAMED) || lethe_name_is_generated(value->name)))
        return 0;
    return !is_mask(value);
}

static enum lethe_err check_finite(const struct lethe_tensor_value *value, struct lethe_error *err)
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
    struct lethe_tensor_value *value = &graph->values[v];
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
    struct lethe_arena *arena = &graph->arena;
    unsigned char *role = lethe_alloc_zero(graph->value_count, 1);
    graph->params = lethe_arena_alloc(arena, graph->value_count, sizeof *graph->params);
    graph->param_value = lethe_arena_alloc(arena, graph->value_count, sizeof *graph->param_value);
    if (!role || !graph->params || !graph->param_value) {
        code = lethe_fail_memory(err, "parameters", graph->value_count, sizeof *graph->params);
        goto out;
    }
    spread_roles(graph, role);
    for (int trainable = 1; trainable >= 0; trainable--)
        for (size_t v = 0; v < graph->value_count && !graph->literal; v++) {
            const struct lethe_tensor_value *value = &graph->values[v];
            if (value->kind != LETHE_VALUE_TENSOR || !value->initializer ||
                !lethe_elem_is_real(value->elem) || value->param != LETHE_NONE ||
                !has_size(graph, value) ||
                !(trainable ? is_trainable(value, role[v]) : role[v] & STATISTIC))
                continue;
            if ((code = check_finite(value, err)))
                goto out;
            add_param(graph, v, trainable);
        }
out:
    lethe_free(role);
    return code;
}
