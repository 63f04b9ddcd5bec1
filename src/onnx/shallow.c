/* SPDX-License-Identifier: MIT
 * The generated parser recurses into nested messages, so a file is first scanned for nesting that
 * no model has. Nothing is parsed here. */
#include "onnx/model.h"

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
