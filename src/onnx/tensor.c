/* SPDX-License-Identifier: MIT
 * Reads a TensorProto: numbers as raw little-endian bytes, in a typed list, or in a file of their
 * own. Nothing is believed: the size must follow from shape and type. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "onnx/model.h"

static size_t bytes_of(int type)
{
    static const unsigned char sizes[17] = {0, 4, 1, 1, 2, 2, 4, 8, 0, 1, 2, 8, 4, 8, 0, 0, 2};
    return type > 0 && type < 17 ? sizes[type] : 0;
}

#define READ(type)                                                                                 \
    do {                                                                                           \
        type number;                                                                               \
        memcpy(&number, at, sizeof number);                                                        \
        return (double)number;                                                                     \
    } while (0)

/* One little-endian number; the machines this runs on are little-endian, too. */
static double raw_number(const unsigned char *at, int type)
{
    uint16_t two;
    switch (type) {
    case LETHE_ELEM_FLOAT:
        READ(float);
    case LETHE_ELEM_DOUBLE:
        READ(double);
    case LETHE_ELEM_INT64:
        READ(int64_t);
    case LETHE_ELEM_INT32:
        READ(int32_t);
    case LETHE_ELEM_UINT64:
        READ(uint64_t);
    case LETHE_ELEM_UINT32:
        READ(uint32_t);
    case LETHE_ELEM_INT16:
        READ(int16_t);
    case LETHE_ELEM_UINT16:
        READ(uint16_t);
    case LETHE_ELEM_INT8:
        READ(int8_t);
    case LETHE_ELEM_HALF:
    case LETHE_ELEM_BRAIN:
        memcpy(&two, at, sizeof two);
        return type == LETHE_ELEM_HALF ? lethe_half_to_double(two) : lethe_bfloat16_to_double(two);
    default:
        return (double)*at;
    }
}
#undef READ

static size_t typed_count(const Onnx__TensorProto *proto, int type)
{
    switch (type) {
    case LETHE_ELEM_FLOAT:
        return proto->n_float_data;
    case LETHE_ELEM_DOUBLE:
        return proto->n_double_data;
    case LETHE_ELEM_INT64:
        return proto->n_int64_data;
    case LETHE_ELEM_UINT32:
    case LETHE_ELEM_UINT64:
        return proto->n_uint64_data;
    default:
        return proto->n_int32_data;
    }
}

static double typed_number(const Onnx__TensorProto *proto, int type, size_t i)
{
    switch (type) {
    case LETHE_ELEM_FLOAT:
        return (double)proto->float_data[i];
    case LETHE_ELEM_DOUBLE:
        return proto->double_data[i];
    case LETHE_ELEM_INT64:
        return (double)proto->int64_data[i];
    case LETHE_ELEM_UINT32:
    case LETHE_ELEM_UINT64:
        return (double)proto->uint64_data[i];
    case LETHE_ELEM_HALF:
        return lethe_half_to_double((uint16_t)proto->int32_data[i]);
    case LETHE_ELEM_BRAIN:
        return lethe_bfloat16_to_double((uint16_t)proto->int32_data[i]);
    default:
        return (double)proto->int32_data[i];
    }
}

static enum lethe_err read_shape(struct lethe_onnx_tensor *tensor, const Onnx__TensorProto *proto,
                                 size_t width, struct lethe_error *err)
{
    const char *name = lethe_onnx_text(proto->name);
    if (width == 0)
        return lethe_fail(err, LETHE_EFORMAT,
                          "tensor '%s' has element type %d, which is not "
                          "supported",
                          name, proto->data_type);
    if (proto->n_dims > LETHE_SHAPE_DIMS)
        return lethe_fail(err, LETHE_EFORMAT,
                          "tensor '%s' has %zu dimensions; at most %d are "
                          "supported",
                          name, proto->n_dims, LETHE_SHAPE_DIMS);
    tensor->shape.ndim = proto->n_dims;
    size_t empty = 0;
    for (size_t d = 0; d < proto->n_dims; d++) {
        if (proto->dims[d] < 0)
            return lethe_fail(err, LETHE_EFORMAT, "tensor '%s' has a negative dimension", name);
        tensor->shape.dims[d] = (size_t)proto->dims[d];
        empty |= proto->dims[d] == 0;
    }
    if (!empty && lethe_shape_size(&tensor->shape) == 0)
        return lethe_fail(err, LETHE_EFORMAT, "tensor '%s' is larger than memory", name);
    return LETHE_OK;
}

/* The part of an external file that holds the tensor. */
static enum lethe_err read_external(struct lethe_bytes *file, size_t *offset, size_t need,
                                    const Onnx__TensorProto *proto, const char *folder,
                                    struct lethe_error *err)
{
    const char *location = NULL;
    unsigned long long start = 0, length = need;
    for (size_t i = 0; i < proto->n_external_data; i++) {
        const Onnx__StringStringEntryProto *entry = proto->external_data[i];
        if (!strcmp(lethe_onnx_text(entry->key), "location"))
            location = lethe_onnx_text(entry->value);
        else if (!strcmp(lethe_onnx_text(entry->key), "offset"))
            start = strtoull(lethe_onnx_text(entry->value), NULL, 10);
        else if (!strcmp(lethe_onnx_text(entry->key), "length"))
            length = strtoull(lethe_onnx_text(entry->value), NULL, 10);
    }
    if (!location || !*location || !folder || location[0] == '/' || strstr(location, ".."))
        return lethe_fail(err, LETHE_EFORMAT,
                          "external data of tensor '%s' lie at '%s'; only a "
                          "path below the model's folder is allowed",
                          lethe_onnx_text(proto->name), location ? location : "");
    char *path = lethe_path_join(folder, location);
    if (!path)
        return lethe_fail_memory(err, "a path", 1, 1);
    struct lethe_error why = {0};
    enum lethe_err code = lethe_file_read(file, path, LETHE_FILE_LIMIT, &why);
    lethe_free(path);
    if (code)
        return lethe_fail(err, code, "external data of tensor '%s': %s",
                          lethe_onnx_text(proto->name), why.message);
    if (length != need || start > file->size || file->size - start < need)
        return lethe_fail(err, LETHE_EFORMAT,
                          "external data of tensor '%s': %zu bytes at %llu are "
                          "needed, '%s' has %zu bytes",
                          lethe_onnx_text(proto->name), need, start, location, file->size);
    *offset = start;
    return LETHE_OK;
}

enum lethe_err lethe_onnx_tensor_read(struct lethe_onnx_tensor *tensor,
                                      const Onnx__TensorProto *proto, const char *folder,
                                      struct lethe_error *err)
{
    int type = proto->data_type;
    size_t width = bytes_of(type), offset = 0;
    struct lethe_bytes file = {0};
    struct lethe_onnx_tensor read = {.elem = lethe_elem_is_half(type) ? LETHE_ELEM_FLOAT : type,
                                     .stored = type};
    enum lethe_err code = read_shape(&read, proto, width, err);
    if (code)
        return code;
    size_t n = lethe_shape_size(&read.shape), have;
    const unsigned char *raw = NULL;
    char text[128];
    if (proto->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL) {
        if ((code = read_external(&file, &offset, n * width, proto, folder, err)))
            goto out;
        raw = file.data + offset;
    } else {
        if (proto->has_raw_data)
            raw = proto->raw_data.data;
        have = proto->has_raw_data ? proto->raw_data.len / width : typed_count(proto, type);
        if (have != n || (proto->has_raw_data && proto->raw_data.len % width)) {
            code = lethe_fail(err, LETHE_EFORMAT,
                              "tensor '%s' of shape %s needs %zu numbers and "
                              "holds %zu",
                              lethe_onnx_text(proto->name), lethe_shape_text(text, &read.shape), n,
                              have);
            goto out;
        }
    }
    read.data = lethe_alloc(n + 1, sizeof *read.data);
    if (!read.data) {
        code = lethe_fail_memory(err, lethe_onnx_text(proto->name), n, sizeof *read.data);
        goto out;
    }
    for (size_t i = 0; i < n; i++)
        read.data[i] = raw ? raw_number(raw + i * width, type) : typed_number(proto, type, i);
    *tensor = read;
out:
    lethe_free(file.data);
    return code;
}
