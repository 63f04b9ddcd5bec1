/* SPDX-License-Identifier: MIT
 * The outputs of a file. Besides what the classes are chosen by it may have others, labels, maps
 * and features among them: the first of real numbers that can be computed comes first, and what is
 * made of it in its place; the others are kept for exports. */
#include <string.h>

#include "base/alloc.h"
#include "onnx/builder.h"

struct best {
    size_t value;
    int alike, computable;
};

/* 2: a tensor of real numbers; 1: not said; 0: something else. */
static int likeness(const Onnx__ValueInfoProto *info)
{
    const Onnx__TypeProto *type = info->type;
    if (!type || type->value_case == ONNX__TYPE_PROTO__VALUE__NOT_SET)
        return 1;
    if (type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || !type->tensor_type)
        return 0;
    int elem = type->tensor_type->elem_type;
    return elem == 0 ? 1 : lethe_elem_is_real(elem) || lethe_elem_is_half(elem) ? 2 : 0;
}

/* What a ZipMap makes a map of. */
static size_t unzipped(const struct lethe_graph *graph, size_t value)
{
    const struct lethe_tensor_value *v = &graph->values[value];
    const struct lethe_node *node = v->kind == LETHE_VALUE_NODE ? &graph->nodes[v->node] : NULL;
    return node && !strcmp(node->type, "ZipMap") && node->in_count ? node->in[0] : value;
}

/* Whether `value` depends on `on`; also whether all that it depends on can be computed. Nodes stand
 * in the order in which they are computed. seen has room for a mark a value. */
static int depends(unsigned char *seen, const struct lethe_graph *graph, size_t value, size_t on,
                   int *computable)
{
    memset(seen, 0, graph->value_count);
    seen[value] = 1;
    *computable = 1;
    for (size_t i = graph->node_count; i-- > 0;) {
        const struct lethe_node *node = &graph->nodes[i];
        int wanted = 0;
        for (size_t k = 0; k < node->out_count; k++)
            wanted |= node->out[k] != LETHE_NONE && seen[node->out[k]];
        *computable &= !wanted || node->op != NULL;
        for (size_t k = 0; wanted && k < node->in_count; k++)
            if (node->in[k] != LETHE_NONE)
                seen[node->in[k]] = 1;
    }
    return on != LETHE_NONE && value != on && seen[on];
}

/* Operators that logits or probabilities come out of, and those that only pass them on: what ends
 * in another one (the largest probability, a distance) does not replace what it is made of. */
static int may_end(const struct lethe_graph *graph, size_t value)
{
    static const char *const types[] = {"Gemm",    "MatMul", "Add",    "Softmax",   "LogSoftmax",
                                        "Sigmoid", "Div",    "Concat", "Squeeze",   "Reshape",
                                        "Flatten", "Conv",   "Cast",   "Identity",  "Log",
                                        "Clip",    "Einsum", "Mul",    "Transpose", NULL};
    const struct lethe_tensor_value *v = &graph->values[value];
    for (size_t i = 0; v->kind == LETHE_VALUE_NODE && types[i]; i++)
        if (!strcmp(graph->nodes[v->node].type, types[i]))
            return 1;
    return 0;
}

/* How good an output is as what the classes are chosen by, beside the best one so far. */
static int takes_over(unsigned char *seen, const struct lethe_graph *graph, size_t value, int alike,
                      const struct best *best)
{
    int computable, behind = depends(seen, graph, value, best->value, &computable);
    if (best->value == LETHE_NONE || computable > best->computable)
        return 1;
    if (computable < best->computable)
        return 0;
    if (alike != best->alike || !may_end(graph, value))
        return alike > best->alike;
    return behind ||
           (!may_end(graph, best->value) && depends(seen, graph, best->value, value, &computable));
}

static enum lethe_err keep(struct lethe_onnx_builder *b, const Onnx__ValueInfoProto *info,
                           size_t value)
{
    struct lethe_graph *graph = b->graph;
    struct lethe_file_output *out = &graph->file_outputs[graph->file_output_count++];
    unsigned char *bytes = NULL;
    *out = (struct lethe_file_output){.value = value};
    out->info_size = onnx__value_info_proto__get_packed_size(info);
    if (!(bytes = lethe_arena_alloc(&graph->arena, out->info_size + 1, 1)))
        return lethe_onnx_no_memory(b);
    onnx__value_info_proto__pack(info, bytes);
    out->info = bytes;
    return LETHE_OK;
}

enum lethe_err lethe_onnx_add_outputs(struct lethe_onnx_builder *b, const Onnx__GraphProto *source)
{
    struct lethe_graph *graph = b->graph;
    struct best best = {.value = LETHE_NONE};
    unsigned char *seen = lethe_arena_alloc(&graph->arena, graph->value_count + 1, 1);
    graph->file_outputs =
        lethe_arena_alloc(&graph->arena, source->n_output + 1, sizeof *graph->file_outputs);
    if (!graph->file_outputs || !seen)
        return lethe_onnx_no_memory(b);
    for (size_t i = 0; i < source->n_output; i++) {
        const char *name = lethe_onnx_text(source->output[i]->name);
        size_t value = lethe_onnx_find(b, name);
        if (value == LETHE_NONE)
            return lethe_fail(b->err, LETHE_EFORMAT, "output '%s' is not computed by any node",
                              name);
        enum lethe_err code = keep(b, source->output[i], value);
        if (code)
            return code;
        int alike = unzipped(graph, value) != value ? 2 : likeness(source->output[i]);
        value = unzipped(graph, value);
        if (takes_over(seen, graph, value, alike, &best) &&
            !(graph->literal && best.value != LETHE_NONE)) {
            best = (struct best){.value = value, .alike = alike};
            depends(seen, graph, value, LETHE_NONE, &best.computable);
        }
    }
    if (best.value == LETHE_NONE)
        return LETHE_OK; /* reported when the graph is finished */
    return lethe_graph_add_output(graph, best.value) ? lethe_onnx_no_memory(b) : LETHE_OK;
}
