/* SPDX-License-Identifier: MIT
 * Quantised networks are read as the real networks behind them: a weight that is stored in whole
 * numbers is (x - zero point) * scale, and the way of an activation to whole numbers and back is
 * left out. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "onnx/builder.h"

struct dequantize {
    const struct lethe_tensor_value *x, *scale, *zero; /* zero NULL: 0 */
    size_t outer, length, inner, block; /* scales of (outer, blocks, inner) or (length) */
};

/* Input k when it is a tensor of the file. */
static const struct lethe_tensor_value *tensor_of(const struct lethe_onnx_builder *b,
                                                  const Onnx__NodeProto *proto, size_t k)
{
    size_t id =
        k < proto->n_input && *proto->input[k] ? lethe_onnx_find(b, proto->input[k]) : LETHE_NONE;
    id = lethe_graph_origin(b->graph, id);
    return id != LETHE_NONE && b->graph->values[id].kind == LETHE_VALUE_TENSOR
               ? &b->graph->values[id]
               : NULL;
}

static long long whole_attr(const Onnx__NodeProto *proto, const char *name, long long otherwise)
{
    for (size_t k = 0; k < proto->n_attribute; k++)
        if (!strcmp(lethe_onnx_text(proto->attribute[k]->name), name))
            return proto->attribute[k]->i;
    return otherwise;
}

/* How scales lie over x: one, one for each entry of the axis, or one for a block along it. */
static int lay_out(struct dequantize *d, const Onnx__NodeProto *proto)
{
    const struct lethe_shape *x = &d->x->shape, *s = &d->scale->shape;
    long long axis = whole_attr(proto, "axis", 1), block = whole_attr(proto, "block_size", 0);
    size_t size = lethe_shape_size(s), n = x->ndim;
    axis += axis < 0 ? (long long)n : 0;
    if (d->zero && lethe_shape_size(&d->zero->shape) != size)
        return 0;
    *d = (struct dequantize){d->x, d->scale, d->zero, 1, 1, lethe_shape_size(x), 0};
    if (size == 1 && block == 0)
        return 1;
    if (axis < 0 || axis >= (long long)n)
        return 0;
    d->outer = lethe_shape_product(x, 0, (size_t)axis);
    d->length = x->dims[axis];
    d->inner = lethe_shape_product(x, (size_t)axis + 1, n);
    d->block = block > 0 && block < 1 << 24 ? (size_t)block : 0;
    if (!d->block)
        return block == 0 && size == d->length;
    return s->ndim == n && size == d->outer * ((d->length + d->block - 1) / d->block) * d->inner;
}

static size_t scale_of(const struct dequantize *d, size_t i)
{
    size_t along = i / d->inner % d->length;
    if (!d->block)
        return along;
    size_t blocks = (d->length + d->block - 1) / d->block;
    return (i / d->inner / d->length * blocks + along / d->block) * d->inner + i % d->inner;
}

/* Whether the file has a value of that name, already or later. */
static int is_taken(const struct lethe_onnx_builder *b, const char *name)
{
    const Onnx__GraphProto *g = b->model->graph;
    int taken = lethe_onnx_find(b, name) != LETHE_NONE;
    for (size_t i = 0; i < g->n_node && !taken; i++)
        for (size_t k = 0; k < g->node[i]->n_output && !taken; k++)
            taken = !strcmp(g->node[i]->output[k], name);
    return taken;
}

/* "fc.weight" for "fc.weight_quantized" unless that is taken. */
static const char *weight_name(struct lethe_onnx_builder *b, const struct dequantize *d,
                               const char *output)
{
    static const char *const endings[] = {"_quantized", "_quant", "_q"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t n = strlen(d->x->name), k = strlen(endings[i]);
        if (n <= k || strcmp(d->x->name + n - k, endings[i]) != 0)
            continue;
        char *name = lethe_arena_strdup(&b->graph->arena, d->x->name);
        if (name)
            name[n - k] = '\0';
        if (name && strcmp(name, output) != 0 && !is_taken(b, name))
            return name;
    }
    return output;
}

static enum lethe_err add_weight(struct lethe_onnx_builder *b, struct dequantize *d,
                                 const Onnx__NodeProto *proto)
{
    char place[96];
    if (!lay_out(d, proto))
        return lethe_fail(b->err, LETHE_EFORMAT,
                          "operator 'DequantizeLinear' at %s: scales and zero points do not fit",
                          lethe_onnx_place(place, b, proto));
    size_t n = lethe_shape_size(&d->x->shape), id;
    double *data = lethe_alloc(n + 1, sizeof *data);
    if (!data)
        return lethe_onnx_no_memory(b);
    for (size_t i = 0; i < n; i++) {
        size_t s = scale_of(d, i);
        data[i] = (d->x->data[i] - (d->zero ? d->zero->data[s] : 0)) * d->scale->data[s];
    }
    const char *output = proto->output[0], *name = weight_name(b, d, output);
    struct lethe_tensor_value value = {.name = name,
                                       .elem = d->scale->elem,
                                       .stored = d->scale->stored,
                                       .shape = d->x->shape,
                                       .data = data,
                                       .initializer = 1};
    enum lethe_err code =
        lethe_graph_add_tensor(b->graph, &id, &value) ? lethe_onnx_no_memory(b) : LETHE_OK;
    lethe_free(data);
    if (!code)
        code = lethe_onnx_define(b, output, id);
    if (!code && name != output)
        code = lethe_onnx_define(b, name, id);
    if (!code && lethe_graph_add_note(b->graph, "quantised weights are read as the real numbers "
                                                "they stand for, and exported as those"))
        code = lethe_onnx_no_memory(b);
    return code;
}

/* An activation's way through whole numbers. */
static enum lethe_err pass_on(struct lethe_onnx_builder *b, const Onnx__NodeProto *proto,
                              int quantized)
{
    enum lethe_err code = lethe_onnx_add_alias(b, proto->output[0], proto->input[0]);
    if (code)
        return code;
    b->graph->values[lethe_onnx_find(b, proto->output[0])].quantized = quantized;
    if (lethe_graph_add_note(b->graph, "quantisation of activations is left out: the network is "
                                       "read with real numbers, and exported so"))
        return lethe_onnx_no_memory(b);
    return LETHE_OK;
}

enum lethe_err lethe_onnx_quantized(struct lethe_onnx_builder *b, const Onnx__NodeProto *proto,
                                    int *done)
{
    const char *type = lethe_onnx_text(proto->op_type);
    int back = !strcmp(type, "DequantizeLinear");
    if ((!back && strcmp(type, "QuantizeLinear") != 0) || proto->n_input < 2 ||
        proto->n_output != 1 || b->graph->literal)
        return LETHE_OK;
    size_t x = lethe_onnx_find(b, proto->input[0]);
    if (x == LETHE_NONE)
        return LETHE_OK; /* reported as any other node's */
    *done = 1;
    if (!back || b->graph->values[x].quantized)
        return pass_on(b, proto, !back);
    struct dequantize d = {.x = tensor_of(b, proto, 0),
                           .scale = tensor_of(b, proto, 1),
                           .zero = tensor_of(b, proto, 2)};
    *done = d.x && d.scale && (d.zero || proto->n_input < 3 || !*proto->input[2]);
    return *done ? add_weight(b, &d, proto) : LETHE_OK;
}
