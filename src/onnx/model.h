/* SPDX-License-Identifier: MIT
 * Inside of the ONNX room: from a parsed model to a graph and back. */
#ifndef LETHE_ONNX_MODEL_H
#define LETHE_ONNX_MODEL_H

#include "nn/graph.h"
#include "onnx.pb-c.h"

/* Text that a file leaves out is NULL in the parsed message; here it is empty. */
static inline const char *lethe_onnx_text(const char *text)
{
    return text ? text : "";
}

/* Numbers of half precision and of bfloat16, as the bits a file has. */
double lethe_half_to_double(uint16_t bits);
double lethe_bfloat16_to_double(uint16_t bits);
/* The nearest, ties to even; beyond the largest: infinity. */
uint16_t lethe_double_to_half(double x);
uint16_t lethe_double_to_bfloat16(double x);

/* Bytes of a number of an element type, and the number written as that; halves are rounded. */
size_t lethe_onnx_number_size(int type);
void lethe_onnx_number_write(unsigned char *to, double x, int type);

/* A TensorProto as doubles, whatever its type. data is heap memory (lethe_free). */
struct lethe_onnx_tensor {
    int elem;   /* half precision becomes LETHE_ELEM_FLOAT */
    int stored; /* as in the file */
    struct lethe_shape shape;
    double *data;
};

/* folder is where external data files are looked for; NULL refuses them. */
enum lethe_err lethe_onnx_tensor_read(struct lethe_onnx_tensor *tensor,
                                      const Onnx__TensorProto *proto, const char *folder,
                                      struct lethe_error *err);

/* What it points to lies in the arena. err may be NULL. */
enum lethe_err lethe_onnx_attr_read(struct lethe_attr *attr, struct lethe_arena *arena,
                                    const Onnx__AttributeProto *proto, const char *folder,
                                    struct lethe_error *err);

/* LETHE_EARG, naming the operator, when the network's operators do not take bfloat16. */
enum lethe_err lethe_onnx_takes_bfloat16(const struct lethe_graph *graph, struct lethe_error *err);

enum lethe_onnx_build {
    LETHE_ONNX_LITERAL = 1, /* inputs keep the shapes of the file and nothing is trainable (for
                               single operators) */
    LETHE_ONNX_CONSUME = 2, /* each initializer's bytes are freed once it is read: of a model that
                               was unpacked, and is read once */
};
/* how: any of lethe_onnx_build. */
enum lethe_err lethe_onnx_build(struct lethe_graph **graph, double **w,
                                const Onnx__ModelProto *model, const char *folder, unsigned how,
                                struct lethe_error *err);

/* Whether messages nest at most `depth` deep. What is malformed is left to the parser. */
int lethe_onnx_is_shallow(const unsigned char *at, size_t size,
                          const ProtobufCMessageDescriptor *message, int depth);
/* The message in a file's bytes; free it with onnx__model_proto__free_unpacked. */
enum lethe_err lethe_onnx_unpack(Onnx__ModelProto **model, const unsigned char *bytes, size_t size,
                                 struct lethe_error *err);
/* A file's bytes. Messages say "it is cut short ..."; the caller names the file. */
enum lethe_err lethe_onnx_parse(struct lethe_graph **graph, double **w, const unsigned char *bytes,
                                size_t size, const char *folder, struct lethe_error *err);

#endif
