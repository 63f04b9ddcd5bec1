/* SPDX-License-Identifier: MIT
 * Reads the attributes of a node. Graphs, lists of tensors and the like are refused; an operator
 * that has them is not among the supported ones or reads them itself. */
#include <string.h>

#include "base/alloc.h"
#include "onnx/model.h"

static enum lethe_err no_memory(const Onnx__AttributeProto *proto, struct lethe_error *err)
{
    return lethe_fail_memory(err, lethe_onnx_text(proto->name), proto->n_ints + proto->n_floats,
                             sizeof(double));
}

/* Words one after the other, each with its NUL; a NUL within a word ends it. */
static enum lethe_err read_texts(struct lethe_attr *attr, struct lethe_arena *arena,
                                 const Onnx__AttributeProto *proto, struct lethe_error *err)
{
    size_t room = 1, at = 0;
    for (size_t i = 0; i < proto->n_strings; i++)
        room += proto->strings[i].len + 1;
    char *text = lethe_arena_alloc(arena, room, 1);
    if (!text)
        return no_memory(proto, err);
    for (size_t i = 0; i < proto->n_strings; i++) {
        size_t length = proto->strings[i].len;
        if (length)
            memcpy(text + at, proto->strings[i].data, length);
        at += strlen(text + at) + 1;
        memset(text + at, 0, room - at);
    }
    attr->type = LETHE_ATTR_TEXTS;
    attr->count = proto->n_strings;
    attr->text = text;
    return LETHE_OK;
}

enum lethe_err lethe_onnx_attr_read(struct lethe_attr *attr, struct lethe_arena *arena,
                                    const Onnx__AttributeProto *proto, const char *folder,
                                    struct lethe_error *err)
{
    long long *ints;
    double *floats;
    char *text;
    struct lethe_onnx_tensor tensor = {0};
    attr->name = lethe_onnx_text(proto->name);
    switch (proto->type) {
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT:
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS:
        attr->type = LETHE_ATTR_INTS;
        attr->single = proto->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT;
        attr->count = attr->single ? 1 : proto->n_ints;
        if (!(ints = lethe_arena_alloc(arena, attr->count + 1, sizeof *ints)))
            return no_memory(proto, err);
        for (size_t i = 0; i < attr->count; i++)
            ints[i] = attr->single ? proto->i : proto->ints[i];
        attr->ints = ints;
        return LETHE_OK;
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT:
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS:
        attr->type = LETHE_ATTR_FLOATS;
        attr->single = proto->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT;
        attr->count = attr->single ? 1 : proto->n_floats;
        if (!(floats = lethe_arena_alloc(arena, attr->count + 1, sizeof *floats)))
            return no_memory(proto, err);
        for (size_t i = 0; i < attr->count; i++)
            floats[i] = (double)(attr->single ? proto->f : proto->floats[i]);
        attr->floats = floats;
        return LETHE_OK;
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING:
        attr->type = LETHE_ATTR_TEXT;
        if (!(text = lethe_arena_alloc(arena, proto->s.len + 1, 1)))
            return no_memory(proto, err);
        if (proto->s.len)
            memcpy(text, proto->s.data, proto->s.len);
        attr->text = text;
        return LETHE_OK;
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR: {
        if (!proto->t)
            break;
        enum lethe_err code = lethe_onnx_tensor_read(&tensor, proto->t, folder, err);
        if (code)
            return code;
        attr->type = LETHE_ATTR_TENSOR;
        attr->count = lethe_shape_size(&tensor.shape);
        ints = lethe_arena_alloc(arena, 2, sizeof *ints);
        attr->floats = lethe_arena_copy(arena, tensor.data, attr->count, sizeof *tensor.data);
        lethe_free(tensor.data);
        if (!ints || !attr->floats)
            return no_memory(proto, err);
        ints[0] = tensor.elem;
        ints[1] = tensor.stored;
        attr->ints = ints;
        return LETHE_OK;
    }
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS:
        return read_texts(attr, arena, proto, err);
    default:
        break;
    }
    return lethe_fail(err, LETHE_EFORMAT, "attribute '%s' has a type that is not supported",
                      lethe_onnx_text(proto->name));
}
