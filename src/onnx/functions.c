/* SPDX-License-Identifier: MIT
 * Functions that a file defines: the nodes of a function stand in the place of its call, with the
 * call's values and attributes for the function's own. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "onnx/builder.h"

enum { DEPTH = 16, NODES = 100000 };

struct inlining {
    struct lethe_onnx_builder *b;
    const Onnx__NodeProto *call;
    const Onnx__FunctionProto *function;
    size_t number; /* of the call: values within get it as a prefix */
};

static const Onnx__FunctionProto *function_of(const struct lethe_onnx_builder *b,
                                              const Onnx__NodeProto *proto)
{
    for (size_t i = 0; i < b->model->n_functions; i++) {
        const Onnx__FunctionProto *f = b->model->functions[i];
        if (!strcmp(lethe_onnx_text(f->name), lethe_onnx_text(proto->op_type)) &&
            !strcmp(lethe_onnx_text(f->domain), lethe_onnx_text(proto->domain)))
            return f;
    }
    return NULL;
}

static size_t index_of(char *const *list, size_t count, const char *name)
{
    for (size_t k = 0; k < count; k++)
        if (!strcmp(list[k], name))
            return k;
    return LETHE_NONE;
}

/* A value of the function, as it is called outside. NULL: no memory. */
static char *outside(const struct inlining *in, char *name)
{
    size_t k = index_of(in->function->input, in->function->n_input, name);
    if (!*name)
        return name;
    if (k != LETHE_NONE)
        return k < in->call->n_input ? in->call->input[k] : name + strlen(name);
    k = index_of(in->function->output, in->function->n_output, name);
    if (k < in->call->n_output && *in->call->output[k])
        return in->call->output[k];
    const char *of = lethe_onnx_text(in->call->name);
    size_t room = strlen(of) + strlen(name) + 40;
    char *made = lethe_arena_alloc(&in->b->graph->arena, room, 1);
    if (made)
        snprintf(made, room, "%s/%zu/%s", of, in->number, name);
    return made;
}

static char **outside_all(const struct inlining *in, char *const *names, size_t count)
{
    char **list = lethe_arena_alloc(&in->b->graph->arena, count + 1, sizeof *list);
    for (size_t k = 0; list && k < count; k++)
        if (!(list[k] = outside(in, names[k])))
            return NULL;
    return list;
}

static void *arena_get(void *arena, size_t size)
{
    return lethe_arena_alloc(arena, size + 1, 1);
}

static void arena_keep(void *arena, void *memory)
{
    (void)arena;
    (void)memory;
}

/* Newer files give a function's attributes default values (field 11 of FunctionProto, which older
 * descriptions of the format do not have): the one of that name, or NULL. */
static Onnx__AttributeProto *usual(const struct inlining *in, const char *name)
{
    enum { ATTRIBUTE_PROTO = 11, NESTED = 16 };
    const ProtobufCMessage *message = &in->function->base;
    ProtobufCAllocator inside = {
        .alloc = arena_get, .free = arena_keep, .allocator_data = &in->b->graph->arena};
    for (unsigned i = 0; i < message->n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *field = &message->unknown_fields[i];
        size_t skip = 0;
        if (field->tag != ATTRIBUTE_PROTO ||
            field->wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
            continue;
        while (skip < field->len && field->data[skip] & 0x80) /* the length before it */
            skip++;
        if (skip + 1 > field->len ||
            !lethe_onnx_is_shallow(field->data + skip + 1, field->len - skip - 1,
                                   &onnx__attribute_proto__descriptor, NESTED))
            continue;
        Onnx__AttributeProto *found =
            onnx__attribute_proto__unpack(&inside, field->len - skip - 1, field->data + skip + 1);
        if (found && !strcmp(lethe_onnx_text(found->name), name))
            return found;
    }
    return NULL;
}

/* An attribute that refers to one of the call's; NULL: the call has none of that name. */
static Onnx__AttributeProto *resolved(const struct inlining *in, const Onnx__AttributeProto *given)
{
    for (size_t k = 0; k < in->call->n_attribute; k++)
        if (!strcmp(lethe_onnx_text(in->call->attribute[k]->name), given->ref_attr_name)) {
            Onnx__AttributeProto *copy =
                lethe_arena_copy(&in->b->graph->arena, in->call->attribute[k], 1, sizeof *copy);
            if (copy)
                copy->name = given->name;
            return copy;
        }
    Onnx__AttributeProto *found = usual(in, given->ref_attr_name);
    if (found)
        found->name = given->name;
    return found;
}

static enum lethe_err add_inner(const struct inlining *in, const Onnx__NodeProto *proto)
{
    Onnx__NodeProto node = *proto;
    struct lethe_arena *arena = &in->b->graph->arena;
    node.input = outside_all(in, proto->input, proto->n_input);
    node.output = outside_all(in, proto->output, proto->n_output);
    node.attribute = lethe_arena_alloc(arena, proto->n_attribute + 1, sizeof *node.attribute);
    node.n_attribute = 0;
    if (*lethe_onnx_text(proto->name))
        node.name = outside(in, proto->name);
    if (!node.input || !node.output || !node.attribute)
        return lethe_onnx_no_memory(in->b);
    for (size_t k = 0; k < proto->n_attribute; k++) {
        Onnx__AttributeProto *a = proto->attribute[k];
        if (*lethe_onnx_text(a->ref_attr_name))
            a = resolved(in, a);
        if (a)
            node.attribute[node.n_attribute++] = a;
    }
    return in->b->add_node(in->b, &node);
}

/* An output that is an input of the function: no node made it. */
static enum lethe_err pass_through(const struct inlining *in)
{
    enum lethe_err code = LETHE_OK;
    for (size_t k = 0; k < in->call->n_output && k < in->function->n_output && !code; k++) {
        char *name = in->call->output[k];
        size_t from = index_of(in->function->input, in->function->n_input, in->function->output[k]);
        if (*name && lethe_onnx_find(in->b, name) == LETHE_NONE && from < in->call->n_input)
            code = lethe_onnx_add_alias(in->b, name, in->call->input[from]);
    }
    return code;
}

enum lethe_err lethe_onnx_inline(struct lethe_onnx_builder *b, const Onnx__NodeProto *proto,
                                 int *done)
{
    struct inlining in = {b, proto, function_of(b, proto), b->inlined};
    enum lethe_err code = LETHE_OK;
    if (!in.function)
        return LETHE_OK;
    *done = 1;
    b->inlined += in.function->n_node;
    if (b->depth >= DEPTH || b->inlined > NODES)
        return lethe_fail(b->err, LETHE_EFORMAT,
                          "function '%s' calls itself or is too large: %d nodes, %d deep at most",
                          lethe_onnx_text(proto->op_type), NODES, DEPTH);
    b->depth++;
    for (size_t i = 0; i < in.function->n_node && !code; i++)
        code = add_inner(&in, in.function->node[i]);
    b->depth--;
    return code ? code : pass_through(&in);
}
