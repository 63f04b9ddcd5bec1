/* SPDX-License-Identifier: MIT
 * Operators that are read as several: Swish (opset 24), x sigmoid(alpha x). */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "onnx/builder.h"

/* The value's name with an ending of its own. NULL: no memory. */
static char *part(const struct lethe_onnx_builder *b, const char *of, const char *ending)
{
    size_t room = strlen(of) + strlen(ending) + 2;
    char *name = lethe_arena_alloc(&b->graph->arena, room, 1);
    if (name)
        snprintf(name, room, "%s/%s", of, ending);
    return name;
}

static double alpha_of(const Onnx__NodeProto *proto)
{
    for (size_t k = 0; k < proto->n_attribute; k++)
        if (!strcmp(lethe_onnx_text(proto->attribute[k]->name), "alpha"))
            return (double)proto->attribute[k]->f;
    return 1;
}

static enum lethe_err add(struct lethe_onnx_builder *b, size_t *out, const char *type, size_t x,
                          size_t y, const char *name)
{
    size_t in[2] = {x, y};
    struct lethe_node spec = {.name = name ? name : "",
                              .type = type,
                              .in = in,
                              .in_count = y == LETHE_NONE ? 1 : 2,
                              .out_count = 1};
    return name ? lethe_onnx_add_made(b, out, &spec, name) : lethe_onnx_no_memory(b);
}

static enum lethe_err swish(struct lethe_onnx_builder *b, const Onnx__NodeProto *proto, size_t x)
{
    const double alpha = alpha_of(proto);
    const char *output = proto->output[0];
    size_t gate = x, number;
    enum lethe_err code = LETHE_OK;
    if (alpha < 1 || alpha > 1) {
        const char *name = part(b, output, "alpha");
        const struct lethe_tensor_value value = {
            .name = name, .elem = LETHE_ELEM_FLOAT, .data = &alpha};
        if (!name || lethe_graph_add_tensor(b->graph, &number, &value))
            return lethe_onnx_no_memory(b);
        code = lethe_onnx_define(b, name, number);
        if (!code)
            code = add(b, &gate, "Mul", x, number, part(b, output, "Mul"));
    }
    if (!code)
        code = add(b, &gate, "Sigmoid", gate, LETHE_NONE, part(b, output, "Sigmoid"));
    return code ? code : add(b, &gate, "Mul", x, gate, output);
}

enum lethe_err lethe_onnx_composed(struct lethe_onnx_builder *b, const Onnx__NodeProto *proto,
                                   int *done)
{
    if (strcmp(lethe_onnx_text(proto->op_type), "Swish") != 0 || *lethe_onnx_text(proto->domain) ||
        proto->n_input != 1 || proto->n_output != 1)
        return LETHE_OK;
    size_t x = lethe_onnx_find(b, proto->input[0]);
    if (x == LETHE_NONE)
        return LETHE_OK; /* reported as any other node's */
    *done = 1;
    return swish(b, proto, x);
}
