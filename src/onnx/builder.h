/* SPDX-License-Identifier: MIT
 * A graph in the making from a file: what the files of this room that read nodes share. */
#ifndef LETHE_ONNX_BUILDER_H
#define LETHE_ONNX_BUILDER_H

#include "base/alloc.h"
#include "onnx/model.h"

/* Values by name: open addressing, a power of two of slots, at most half full. */
struct lethe_onnx_names {
    size_t count, room;
    const char **key;
    size_t *value;
};

struct lethe_onnx_builder {
    const Onnx__ModelProto *model;
    const char *folder;
    struct lethe_graph *graph;
    struct lethe_onnx_names names;
    size_t inlined; /* nodes that came out of functions */
    int depth;      /* functions within functions */
    /* One node of the file, whatever it takes to have it in the graph: for those that a node is
     * made of others for. Set by build.c. */
    enum lethe_err (*add_node)(struct lethe_onnx_builder *b, const Onnx__NodeProto *proto);
    struct lethe_error *err;
};

static inline enum lethe_err lethe_onnx_no_memory(const struct lethe_onnx_builder *b)
{
    return lethe_fail_memory(b->err, "the network", b->model->graph->n_node,
                             sizeof(struct lethe_node));
}
/* LETHE_NONE: no value has that name yet. */
size_t lethe_onnx_find(const struct lethe_onnx_builder *b, const char *name);
/* The names are read as long as the builder lives. */
enum lethe_err lethe_onnx_define(struct lethe_onnx_builder *b, const char *name, size_t value);

/* `name` becomes another name for the value called `of`. */
enum lethe_err lethe_onnx_add_alias(struct lethe_onnx_builder *b, const char *name, const char *of);
/* One output, named and defined; inputs and attributes as in spec. */
enum lethe_err lethe_onnx_add_made(struct lethe_onnx_builder *b, size_t *out,
                                   const struct lethe_node *spec, const char *name);
/* A tensor of the file; initializer: it may be a parameter. */
enum lethe_err lethe_onnx_add_tensor(struct lethe_onnx_builder *b, const Onnx__TensorProto *proto,
                                     const char *name, int initializer);
/* Tensors of texts, kept for exports only; name as above. */
int lethe_onnx_is_texts(const Onnx__TensorProto *proto);
enum lethe_err lethe_onnx_add_texts(struct lethe_onnx_builder *b, const Onnx__TensorProto *proto,
                                    const char *name, int initializer);
/* The same of an attribute: one text or a list. */
enum lethe_err lethe_onnx_add_words(struct lethe_onnx_builder *b, const Onnx__AttributeProto *attr,
                                    const char *name);
/* "node 'fc1'", or "node 7 of 30" for one without a name; returns text. */
const char *lethe_onnx_place(char text[96], const struct lethe_onnx_builder *b,
                             const Onnx__NodeProto *proto);

/* Each takes a node over when it is its business: *done. */
typedef enum lethe_err lethe_onnx_reader(struct lethe_onnx_builder *b, const Onnx__NodeProto *proto,
                                         int *done);
lethe_onnx_reader lethe_onnx_inline;    /* calls of functions that the file defines */
lethe_onnx_reader lethe_onnx_quantized; /* QuantizeLinear, DequantizeLinear */
lethe_onnx_reader lethe_onnx_classical; /* ai.onnx.ml */
lethe_onnx_reader lethe_onnx_composed;  /* operators that are several of ours */

/* The outputs of the file; the one that holds what the classes are chosen by comes first. */
enum lethe_err lethe_onnx_add_outputs(struct lethe_onnx_builder *b, const Onnx__GraphProto *source);

#endif
