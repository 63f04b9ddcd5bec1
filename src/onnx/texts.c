/* SPDX-License-Identifier: MIT
 * Tensors of texts, as files of classifiers have them for the names of classes. No operator here
 * computes with them: they are kept as they are in the file, for exports. */
#include <string.h>

#include "base/alloc.h"
#include "onnx/builder.h"

int lethe_onnx_is_texts(const Onnx__TensorProto *proto)
{
    return proto->data_type == LETHE_ELEM_TEXT;
}

enum lethe_err lethe_onnx_add_texts(struct lethe_onnx_builder *b, const Onnx__TensorProto *proto,
                                    const char *name, int initializer)
{
    struct lethe_shape shape = {.ndim = proto->n_dims};
    size_t id;
    int fits = proto->n_dims <= LETHE_SHAPE_DIMS;
    for (size_t d = 0; fits && d < proto->n_dims; d++) {
        fits = proto->dims[d] >= 0 && (size_t)proto->dims[d] <= proto->n_string_data;
        shape.dims[d] = (size_t)proto->dims[d];
    }
    const size_t room = fits ? lethe_shape_size(&shape) : 0;
    if (!fits || room != proto->n_string_data)
        return lethe_fail(b->err, LETHE_EFORMAT,
                          "tensor '%s' holds %zu texts, not as many as its "
                          "shape says",
                          name, proto->n_string_data);
    const size_t size = onnx__tensor_proto__get_packed_size(proto);
    unsigned char *bytes = lethe_arena_alloc(&b->graph->arena, size + 1, 1);
    double *nothing = lethe_alloc_zero(room + 1, sizeof *nothing);
    struct lethe_tensor_value value = {.name = name,
                                       .elem = LETHE_ELEM_TEXT,
                                       .stored = LETHE_ELEM_TEXT,
                                       .shape = shape,
                                       .data = nothing,
                                       .initializer = initializer,
                                       .proto = bytes,
                                       .proto_size = size};
    enum lethe_err code = LETHE_ENOMEM;
    if (bytes && nothing) {
        onnx__tensor_proto__pack(proto, bytes);
        code = lethe_graph_add_tensor(b->graph, &id, &value);
    }
    lethe_free(nothing);
    return code ? lethe_onnx_no_memory(b) : lethe_onnx_define(b, name, id);
}

enum lethe_err lethe_onnx_add_words(struct lethe_onnx_builder *b, const Onnx__AttributeProto *attr,
                                    const char *name)
{
    Onnx__TensorProto proto = ONNX__TENSOR_PROTO__INIT;
    const int single = attr->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING;
    ProtobufCBinaryData one = attr->s;
    int64_t count = (int64_t)attr->n_strings;
    proto.name = (char *)name;
    proto.has_data_type = 1;
    proto.data_type = LETHE_ELEM_TEXT;
    proto.n_dims = !single;
    proto.dims = &count;
    proto.n_string_data = single ? 1 : attr->n_strings;
    proto.string_data = single ? &one : attr->strings;
    return lethe_onnx_add_texts(b, &proto, name, 0);
}
