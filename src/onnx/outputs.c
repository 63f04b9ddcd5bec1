/* SPDX-License-Identifier: MIT
 * The outputs of a file. Besides what the classes are chosen by it may have others, labels and maps
 * among them: the first of real numbers comes first, the others are kept for exports. */
#include <string.h>

#include "base/alloc.h"
#include "onnx/builder.h"

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
    size_t best = LETHE_NONE;
    int like = -1;
    graph->file_outputs =
        lethe_arena_alloc(&graph->arena, source->n_output + 1, sizeof *graph->file_outputs);
    if (!graph->file_outputs)
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
        if (alike > like && !(graph->literal && best != LETHE_NONE)) {
            like = alike;
            best = unzipped(graph, value);
        }
    }
    if (best == LETHE_NONE)
        return LETHE_OK; /* reported when the graph is finished */
    return lethe_graph_add_output(graph, best) ? lethe_onnx_no_memory(b) : LETHE_OK;
}
