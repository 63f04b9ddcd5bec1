/* SPDX-License-Identifier: MIT
 * A copy of a graph with a linear classifier on top. Values are added again in their old order, so
 * they keep their numbers and nothing needs translating. */
#include <string.h>

#include "base/alloc.h"
#include "nn/graph.h"

/* A tensor of the copy holds the current weights, not those of the file. */
static enum lethe_err copy_tensor(struct lethe_graph *copy, const struct lethe_graph *graph,
                                  const double *w, size_t v)
{
    struct lethe_value tensor = graph->values[v];
    size_t id;
    if (tensor.param != LETHE_NONE)
        tensor.data = w + graph->params[tensor.param].offset;
    return lethe_graph_add_tensor(copy, &id, &tensor);
}

static enum lethe_err copy_node(struct lethe_graph *copy, const struct lethe_graph *graph,
                                const struct lethe_node *node)
{
    const char **names = lethe_arena_alloc(&copy->arena, node->out_count, sizeof *names);
    size_t *outs = lethe_arena_alloc(&copy->arena, node->out_count, sizeof *outs);
    if (!names || !outs)
        return LETHE_ENOMEM;
    for (size_t k = 0; k < node->out_count; k++)
        names[k] = node->out[k] == LETHE_NONE ? "" : graph->values[node->out[k]].name;
    return lethe_graph_add_node(copy, outs, node, names);
}

static enum lethe_err copy_all(struct lethe_graph *copy, const struct lethe_graph *graph,
                               const double *w)
{
    enum lethe_err code = LETHE_OK;
    size_t id, nodes = 0;
    for (size_t v = 0; v < graph->value_count && !code; v++) {
        const struct lethe_value *value = &graph->values[v];
        if (value->kind == LETHE_VALUE_TENSOR)
            code = copy_tensor(copy, graph, w, v);
        else if (value->kind == LETHE_VALUE_INPUT)
            code = lethe_graph_add_input(copy, &id, value->name, value->elem, &value->shape);
        else if (copy->value_count == v)
            for (; nodes <= value->node && !code; nodes++)
                code = copy_node(copy, graph, &graph->nodes[nodes]);
    }
    for (; nodes < graph->node_count && !code; nodes++)
        code = copy_node(copy, graph, &graph->nodes[nodes]);
    return code;
}

static enum lethe_err add_zeros(struct lethe_graph *graph, size_t *id, const char *name,
                                const struct lethe_shape *shape)
{
    struct lethe_value tensor = {.name = name,
                                 .shape = *shape,
                                 .initializer = 1,
                                 .elem = graph->dtype == LETHE_F32 ? LETHE_ELEM_FLOAT
                                                                   : LETHE_ELEM_DOUBLE};
    double *zeros = lethe_alloc_zero(lethe_shape_size(shape) + 1, sizeof *zeros);
    tensor.data = zeros;
    enum lethe_err code = zeros ? lethe_graph_add_tensor(graph, id, &tensor) : LETHE_ENOMEM;
    lethe_free(zeros);
    return code;
}

static enum lethe_err add_head(struct lethe_graph *copy, size_t features, size_t width,
                               size_t classes)
{
    const char *names[2] = {"head_input", "head_logits"};
    const long long one = 1;
    const struct lethe_attr transposed = {
        .name = "transB", .type = LETHE_ATTR_INTS, .single = 1, .count = 1, .ints = &one};
    struct lethe_shape matrix = {.ndim = 2, .dims = {classes, width}};
    struct lethe_shape row = {.ndim = 1, .dims = {classes}};
    size_t ends[3], flat, logits;
    struct lethe_node flatten = {
        .name = "/head/Flatten", .type = "Flatten", .in = &features, .in_count = 1, .out_count = 1};
    struct lethe_node gemm = {.name = "/head/Gemm",
                              .type = "Gemm",
                              .in = ends,
                              .in_count = 3,
                              .out_count = 1,
                              .attrs = &transposed,
                              .attr_count = 1};
    enum lethe_err code = lethe_graph_add_node(copy, &flat, &flatten, names);
    ends[0] = flat;
    if (!code)
        code = add_zeros(copy, &ends[1], "head.weight", &matrix);
    if (!code)
        code = add_zeros(copy, &ends[2], "head.bias", &row);
    if (!code)
        code = lethe_graph_add_node(copy, &logits, &gemm, names + 1);
    return code ? code : lethe_graph_add_output(copy, logits);
}

/* The head's own entries of a fresh initialisation. */
static enum lethe_err draw_head(const struct lethe_graph *copy, double *w, uint64_t seed)
{
    double *fresh = lethe_alloc(copy->size + copy->buffers + 1, sizeof *fresh);
    if (!fresh)
        return LETHE_ENOMEM;
    lethe_graph_init(copy, seed, fresh);
    for (size_t p = 0; p < copy->param_count; p++)
        if (!strcmp(copy->params[p].name, "head.weight"))
            memcpy(w + copy->params[p].offset, fresh + copy->params[p].offset,
                   copy->params[p].size * sizeof *w);
    lethe_free(fresh);
    return LETHE_OK;
}

enum lethe_err lethe_graph_head(struct lethe_graph **made, double **made_w,
                                const struct lethe_graph *graph, const double *w, size_t classes,
                                uint64_t seed, struct lethe_error *err)
{
    if (classes < 2 || classes > 1000000)
        return lethe_fail(err, LETHE_EARG, "a head of %zu classes; 2 to 1000000 are allowed",
                          classes);
    for (size_t v = 0; v < graph->value_count; v++)
        if (!strncmp(graph->values[v].name, "head.", 5) ||
            !strncmp(graph->values[v].name, "head_", 5))
            return lethe_fail(err, LETHE_EARG, "the network has a 'head' already");
    struct lethe_graph *copy = lethe_graph_new(graph->dtype, graph->opset);
    double *all = NULL;
    enum lethe_err code = copy ? copy_all(copy, graph, w) : LETHE_ENOMEM;
    if (!code) {
        copy->file_batch = graph->file_batch;
        copy->producer = lethe_arena_strdup(&copy->arena, graph->producer);
        code = add_head(copy, graph->outputs[0], graph->classes, classes);
    }
    if (code)
        lethe_fail_memory(err, "a head", classes, graph->classes * sizeof *w);
    else
        code = lethe_graph_finish(copy, &all, err);
    if (!code && draw_head(copy, all, seed))
        code = lethe_fail_memory(err, "a head", classes, graph->classes * sizeof *w);
    if (code) {
        lethe_graph_unref(copy);
        lethe_free(all);
        return code;
    }
    *made = copy;
    *made_w = all;
    return LETHE_OK;
}
