/* SPDX-License-Identifier: MIT
 * Loads an ONNX file. The generated parser recurses into nested messages, so a file is first
 * scanned for nesting that no model has. */
#include "lethe/onnx.h"

#include "base/alloc.h"
#include "base/file.h"
#include "onnx/model.h"

enum { DEPTH = 32 };

/* A protobuf varint; 0 when it runs over the end. */
static size_t varint(uint64_t *value, const unsigned char *at, size_t size)
{
    *value = 0;
    for (size_t i = 0; i < size && i < 10; i++) {
        *value |= (uint64_t)(at[i] & 0x7f) << (7 * i);
        if (!(at[i] & 0x80))
            return i + 1;
    }
    return 0;
}

int lethe_onnx_is_shallow(const unsigned char *at, size_t size,
                          const ProtobufCMessageDescriptor *message, int depth)
{
    while (size > 0) {
        uint64_t tag, length = 0;
        size_t used = varint(&tag, at, size);
        if (used == 0)
            return 1;
        at += used;
        size -= used;
        switch (tag & 7) {
        case 0:
        case 2:
            if ((used = varint(&length, at, size)) == 0)
                return 1;
            at += used;
            size -= used;
            break;
        case 1:
        case 5:
            length = (tag & 7) == 1 ? 8 : 4;
            break;
        default:
            return 1;
        }
        if ((tag & 7) == 0)
            continue;
        if (length > size)
            return 1;
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(message, (unsigned)(tag >> 3));
        if ((tag & 7) == 2 && field && field->type == PROTOBUF_C_TYPE_MESSAGE &&
            (depth == 0 ||
             !lethe_onnx_is_shallow(at, (size_t)length, field->descriptor, depth - 1)))
            return 0;
        at += length;
        size -= (size_t)length;
    }
    return 1;
}

enum lethe_err lethe_onnx_unpack(Onnx__ModelProto **model, const unsigned char *bytes, size_t size,
                                 struct lethe_error *err)
{
    if (!lethe_onnx_is_shallow(bytes, size, &onnx__model_proto__descriptor, DEPTH))
        return lethe_fail(err, LETHE_EFORMAT, "messages in it are nested more than %d deep", DEPTH);
    *model = size ? onnx__model_proto__unpack(NULL, size, bytes) : NULL;
    return *model ? LETHE_OK
                  : lethe_fail(err, LETHE_EFORMAT, "it is %s",
                               size ? "cut short or not an ONNX file" : "empty");
}

enum lethe_err lethe_onnx_parse(struct lethe_graph **graph, double **w, const unsigned char *bytes,
                                size_t size, const char *folder, struct lethe_error *err)
{
    Onnx__ModelProto *model = NULL;
    enum lethe_err code = lethe_onnx_unpack(&model, bytes, size, err);
    if (code)
        return code;
    code = lethe_onnx_build(graph, w, model, folder, 0, err);
    onnx__model_proto__free_unpacked(model, NULL);
    return code;
}

enum lethe_err lethe_onnx_load(struct lethe_graph **graph, double **w, const char *path,
                               struct lethe_error *err)
{
    struct lethe_bytes file = {0};
    struct lethe_error why = {0};
    char *folder = lethe_path_folder(path);
    enum lethe_err code = lethe_file_read(&file, path, LETHE_FILE_LIMIT, err);
    if (!code) {
        code = lethe_onnx_parse(graph, w, file.data, file.size, folder, &why);
        if (code)
            lethe_fail(err, code, "cannot load '%s': %s", path, why.message);
    }
    if (code)
        lethe_error_at(err, "%s", path);
    lethe_free(file.data);
    lethe_free(folder);
    return code;
}

enum lethe_err lethe_onnx_decode(struct lethe_graph **graph, double **w, const unsigned char *bytes,
                                 size_t size, struct lethe_error *err)
{
    return lethe_onnx_parse(graph, w, bytes, size, NULL, err);
}
