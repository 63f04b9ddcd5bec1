/* SPDX-License-Identifier: MIT
 * Operators that are read as others: Swish (opset 24), x sigmoid(alpha x), and CastLike, a cast to
 * the type of another value. */
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

/* The type of what a node makes is not known before the network is whole; networks of one real type
 * need no cast to it. */
static enum lethe_err cast_like(struct lethe_onnx_builder *b, const Onnx__NodeProto *proto,
                                size_t x, size_t like)
{
    const struct lethe_tensor_value *of = &b->graph->values[like];
    const long long to = of->stored ? of->stored : of->elem;
    const struct lethe_attr attr = {
        .name = "to", .type = LETHE_ATTR_INTS, .single = 1, .count = 1, .ints = &to};
    const int known = of->kind != LETHE_VALUE_NODE && to;
    struct lethe_node spec = {.name = lethe_onnx_text(proto->name),
                              .type = known ? "Cast" : "Identity",
                              .in = &x,
                              .in_count = 1,
                              .out_count = 1,
                              .attrs = &attr,
                              .attr_count = known ? 1 : 0};
    return lethe_onnx_add_made(b, &x, &spec, proto->output[0]);
}

enum lethe_err lethe_onnx_composed(struct lethe_onnx_builder *b, const Onnx__NodeProto *proto,
                                   int *done)
{
    const char *type = lethe_onnx_text(proto->op_type);
    const int casts = !strcmp(type, "CastLike");
    if ((strcmp(type, "Swish") != 0 && !casts) || *lethe_onnx_text(proto->domain) ||
        proto->n_input != 1 + (size_t)casts || proto->n_output != 1)
        return LETHE_OK;
    size_t x = lethe_onnx_find(b, proto->input[0]);
    size_t like = casts ? lethe_onnx_find(b, proto->input[1]) : x;
    if (x == LETHE_NONE || like == LETHE_NONE)
        return LETHE_OK; /* reported as any other node's */
    *done = 1;
    return casts ? cast_like(b, proto, x, like) : swish(b, proto, x);
}
