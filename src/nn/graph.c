/* SPDX-License-Identifier: MIT
 * Life of a graph, the steps to build one, and what is asked of a finished one. */
#include "nn/graph.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/ops.h"
#include "nn/plan.h"

struct lethe_graph *lethe_graph_new(enum lethe_dtype dtype, int opset)
{
    struct lethe_graph *graph = lethe_alloc_zero(1, sizeof *graph);
    if (!graph)
        return NULL;
    atomic_init(&graph->refs, 1);
    graph->dtype = dtype;
    graph->opset = opset;
    graph->producer = "";
    return graph;
}

struct lethe_graph *lethe_graph_ref(struct lethe_graph *graph)
{
    atomic_fetch_add(&graph->refs, 1);
    return graph;
}

void lethe_graph_unref(struct lethe_graph *graph)
{
    if (!graph || atomic_fetch_sub(&graph->refs, 1) != 1)
        return;
    for (size_t v = 0; v < graph->value_count; v++)
        lethe_free(graph->values[v].own);
    lethe_free(graph->values);
    lethe_free(graph->nodes);
    lethe_free(graph->inputs);
    lethe_free(graph->outputs);
    lethe_free(graph->notes);
    lethe_arena_release(&graph->arena);
    lethe_free(graph);
}

/* Room for one more entry of an array that doubles. */
static int grow(void **array, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return 1;
    size_t larger = *room ? 2 * *room : 32;
    void *moved = lethe_realloc(*array, larger, size);
    if (!moved)
        return 0;
    *array = moved;
    *room = larger;
    return 1;
}

static struct lethe_tensor_value *new_value(struct lethe_graph *graph, size_t *id, const char *name)
{
    void *values = graph->values;
    char *copy = lethe_arena_strdup(&graph->arena, name);
    if (!copy || !grow(&values, graph->value_count, &graph->value_room, sizeof *graph->values))
        return NULL;
    graph->values = values;
    *id = graph->value_count++;
    graph->values[*id] =
        (struct lethe_tensor_value){.name = copy, .param = LETHE_NONE, .node = LETHE_NONE};
    return &graph->values[*id];
}

static enum lethe_err append(size_t **list, size_t *count, size_t *room, size_t item)
{
    void *moved = *list;
    if (!grow(&moved, *count, room, sizeof **list))
        return LETHE_ENOMEM;
    *list = moved;
    (*list)[(*count)++] = item;
    return LETHE_OK;
}

enum lethe_err lethe_graph_add_input(struct lethe_graph *graph, size_t *id, const char *name,
                                     int elem, const struct lethe_shape *shape)
{
    struct lethe_tensor_value *value = new_value(graph, id, name);
    if (!value)
        return LETHE_ENOMEM;
    value->kind = LETHE_VALUE_INPUT;
    value->elem = elem;
    value->shape = *shape;
    return append(&graph->inputs, &graph->input_count, &graph->input_room, *id);
}

/* Larger tensors, the parameters, have a block of their own each, which is given back once they are
 * in w. */
static enum lethe_err keep_data(struct lethe_graph *graph, struct lethe_tensor_value *value,
                                const double *data)
{
    enum { LARGE = 4096 };
    const size_t size = lethe_shape_size(&value->shape);
    if (size < LARGE)
        value->data = lethe_arena_copy(&graph->arena, data, size, sizeof *data);
    else
        value->data = value->own = lethe_alloc(size, sizeof *data);
    if (value->own)
        memcpy(value->own, data, size * sizeof *data);
    return value->data ? LETHE_OK : LETHE_ENOMEM;
}

enum lethe_err lethe_graph_add_tensor(struct lethe_graph *graph, size_t *id,
                                      const struct lethe_tensor_value *tensor)
{
    struct lethe_tensor_value *value = new_value(graph, id, tensor->name);
    if (!value)
        return LETHE_ENOMEM;
    value->kind = LETHE_VALUE_TENSOR;
    value->elem = tensor->elem;
    value->shape = tensor->shape;
    value->initializer = tensor->initializer;
    value->stored = tensor->stored;
    value->hidden = tensor->hidden;
    value->proto = tensor->proto;
    value->proto_size = tensor->proto_size;
    if (tensor->own)
        value->data = value->own = tensor->own;
    return tensor->own ? LETHE_OK : keep_data(graph, value, tensor->data);
}

static int own_type(const struct lethe_graph *graph)
{
    return graph->dtype == LETHE_F32 ? LETHE_ELEM_FLOAT : LETHE_ELEM_DOUBLE;
}

enum lethe_err lethe_graph_add_number(struct lethe_graph *graph, size_t *id, const char *name,
                                      double number)
{
    const struct lethe_tensor_value tensor = {
        .name = name, .elem = own_type(graph), .stored = graph->stored, .data = &number};
    return lethe_graph_add_tensor(graph, id, &tensor);
}

enum lethe_err lethe_graph_add_zeros(struct lethe_graph *graph, size_t *id, const char *name,
                                     const struct lethe_shape *shape)
{
    double *zeros = lethe_alloc_zero(lethe_shape_size(shape) + 1, sizeof *zeros);
    const struct lethe_tensor_value tensor = {.name = name,
                                              .shape = *shape,
                                              .initializer = 1,
                                              .elem = own_type(graph),
                                              .stored = graph->stored,
                                              .data = zeros};
    enum lethe_err code = zeros ? lethe_graph_add_tensor(graph, id, &tensor) : LETHE_ENOMEM;
    lethe_free(zeros);
    return code;
}

/* Bytes of an attribute's text or words. */
static size_t text_size(const struct lethe_attr *attr)
{
    size_t size = attr->type == LETHE_ATTR_TEXTS ? 1 : strlen(attr->text) + 1;
    for (size_t k = 0; attr->type == LETHE_ATTR_TEXTS && k < attr->count; k++)
        size += strlen(attr->text + size - 1) + 1;
    return size;
}

static const struct lethe_attr *copy_attrs(struct lethe_arena *arena,
                                           const struct lethe_attr *attrs, size_t count)
{
    struct lethe_attr *copy = lethe_arena_copy(arena, attrs, count, sizeof *attrs);
    for (size_t i = 0; copy && i < count; i++) {
        copy[i].name = lethe_arena_strdup(arena, attrs[i].name);
        if (attrs[i].text)
            copy[i].text = lethe_arena_copy(arena, attrs[i].text, text_size(&attrs[i]), 1);
        if (attrs[i].ints)
            copy[i].ints = lethe_arena_copy(arena, attrs[i].ints,
                                            attrs[i].type == LETHE_ATTR_TENSOR ? 2 : attrs[i].count,
                                            sizeof *attrs[i].ints);
        if (attrs[i].floats)
            copy[i].floats =
                lethe_arena_copy(arena, attrs[i].floats, attrs[i].count, sizeof *attrs[i].floats);
        if (!copy[i].name || (attrs[i].text && !copy[i].text) || (attrs[i].ints && !copy[i].ints) ||
            (attrs[i].floats && !copy[i].floats))
            return NULL;
    }
    return copy;
}

enum lethe_err lethe_graph_add_node(struct lethe_graph *graph, size_t *outs,
                                    const struct lethe_node *spec, const char *const *out_names)
{
    void *nodes = graph->nodes;
    if (!grow(&nodes, graph->node_count, &graph->node_room, sizeof *graph->nodes))
        return LETHE_ENOMEM;
    graph->nodes = nodes;
    struct lethe_arena *arena = &graph->arena;
    struct lethe_node node = *spec;
    node.name = lethe_arena_strdup(arena, spec->name);
    node.type = lethe_arena_strdup(arena, spec->type);
    node.domain = lethe_arena_strdup(arena, spec->domain ? spec->domain : "");
    node.op = spec->domain && *spec->domain ? NULL : lethe_op_find(spec->type);
    if (spec->proto)
        node.proto = lethe_arena_copy(arena, spec->proto, spec->proto_size + 1, 1);
    node.in = lethe_arena_copy(arena, spec->in, spec->in_count, sizeof *spec->in);
    node.out = lethe_arena_alloc(arena, spec->out_count, sizeof *node.out);
    node.attrs = copy_attrs(arena, spec->attrs, spec->attr_count);
    if (!node.name || !node.type || !node.domain || (spec->proto && !node.proto) || !node.in ||
        !node.out || !node.attrs)
        return LETHE_ENOMEM;
    for (size_t k = 0; k < spec->out_count; k++) {
        outs[k] = LETHE_NONE;
        if (*out_names[k]) {
            struct lethe_tensor_value *value = new_value(graph, &outs[k], out_names[k]);
            if (!value)
                return LETHE_ENOMEM;
            value->kind = LETHE_VALUE_NODE;
            value->hidden = node.hidden;
            value->node = graph->node_count;
        }
        node.out[k] = outs[k];
    }
    graph->nodes[graph->node_count++] = node;
    return LETHE_OK;
}

enum lethe_err lethe_graph_add_output(struct lethe_graph *graph, size_t value)
{
    return append(&graph->outputs, &graph->output_count, &graph->output_room, value);
}

enum lethe_err lethe_graph_add_note(struct lethe_graph *graph, const char *format, ...)
{
    char text[320];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (size_t i = 0; i < graph->note_count; i++)
        if (!strcmp(graph->notes[i], text))
            return LETHE_OK;
    void *notes = graph->notes;
    if (!grow(&notes, graph->note_count, &graph->note_room, sizeof *graph->notes))
        return LETHE_ENOMEM;
    graph->notes = notes;
    const char *copy = lethe_arena_strdup(&graph->arena, text);
    if (copy)
        graph->notes[graph->note_count++] = copy;
    return copy ? LETHE_OK : LETHE_ENOMEM;
}

/* ---- questions ------------------------------------------------------------------------------- */

size_t lethe_graph_size(const struct lethe_graph *graph)
{
    return graph->size;
}

size_t lethe_graph_buffers(const struct lethe_graph *graph)
{
    return graph->buffers;
}

size_t lethe_graph_inputs(const struct lethe_graph *graph)
{
    return graph->input_count;
}

size_t lethe_graph_input_width(const struct lethe_graph *graph, size_t input)
{
    const struct lethe_shape *shape = &graph->values[graph->inputs[input]].shape;
    return lethe_shape_product(shape, graph->literal ? 0 : 1, shape->ndim);
}

size_t lethe_graph_classes(const struct lethe_graph *graph)
{
    return graph->classes;
}

enum lethe_dtype lethe_graph_dtype(const struct lethe_graph *graph)
{
    return graph->dtype;
}

enum lethe_graph_end lethe_graph_end(const struct lethe_graph *graph)
{
    return graph->end;
}

const char *lethe_graph_note(const struct lethe_graph *graph, size_t index)
{
    return index < graph->note_count ? graph->notes[index] : NULL;
}

const char *lethe_graph_stored(const struct lethe_graph *graph)
{
    return graph->stored == LETHE_ELEM_HALF    ? "float16"
           : graph->stored == LETHE_ELEM_BRAIN ? "bfloat16"
           : graph->dtype == LETHE_F32         ? "float32"
                                               : "float64";
}

size_t lethe_graph_param_count(const struct lethe_graph *graph)
{
    return graph->param_count;
}

const struct lethe_param *lethe_graph_param(const struct lethe_graph *graph, size_t index)
{
    return &graph->params[index];
}

size_t lethe_graph_layer_count(const struct lethe_graph *graph)
{
    return graph->layer_count;
}

const struct lethe_layer *lethe_graph_layer(const struct lethe_graph *graph, size_t index)
{
    return &graph->layers[index].pub;
}
