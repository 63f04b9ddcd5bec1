/* SPDX-License-Identifier: MIT
 * What the readers of nodes share: further names of a value, nodes the file does not have, and how
 * a place in the file is called. */
#include "onnx/builder.h"

#include "nn/ops.h"

const char *lethe_onnx_place(char text[96], const struct lethe_onnx_builder *b,
                             const Onnx__NodeProto *proto)
{
    struct lethe_node node = {.name = lethe_onnx_text(proto->name), .place = b->graph->place};
    return lethe_node_place(text, b->graph, &node);
}

enum lethe_err lethe_onnx_add_alias(struct lethe_onnx_builder *b, const char *name, const char *of)
{
    char *ends[2] = {(char *)of, (char *)name};
    Onnx__NodeProto node = ONNX__NODE_PROTO__INIT;
    node.op_type = "Identity";
    node.name = ends[1];
    node.n_input = node.n_output = 1;
    node.input = &ends[0];
    node.output = &ends[1];
    return b->add_node(b, &node);
}

enum lethe_err lethe_onnx_add_made(struct lethe_onnx_builder *b, size_t *out,
                                   const struct lethe_node *spec, const char *name)
{
    if (lethe_graph_add_node(b->graph, out, spec, &name))
        return lethe_onnx_no_memory(b);
    b->graph->nodes[b->graph->node_count - 1].place = b->graph->place;
    return lethe_onnx_define(b, b->graph->values[*out].name, *out);
}
