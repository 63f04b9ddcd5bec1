/* SPDX-License-Identifier: MIT
 * Inside of a graph: values, nodes and attributes as an ONNX file has them, and the steps to build
 * one. A graph is built by its maker (lethe_graph_new, add..., finish) and immutable afterwards.
 * Everything hangs on the graph's arena. */
#ifndef LETHE_NN_GRAPH_H
#define LETHE_NN_GRAPH_H

#include <stdatomic.h>
#include "base/arena.h"
#include "lethe/nn.h"
#include "tensor/shape.h"

#define LETHE_NONE ((size_t)-1) /* an optional input that is absent; no index */

enum lethe_elem { /* numbered as in ONNX's TensorProto */
                  LETHE_ELEM_FLOAT = 1,
                  LETHE_ELEM_UINT8 = 2,
                  LETHE_ELEM_INT8 = 3,
                  LETHE_ELEM_UINT16 = 4,
                  LETHE_ELEM_INT16 = 5,
                  LETHE_ELEM_INT32 = 6,
                  LETHE_ELEM_INT64 = 7,
                  LETHE_ELEM_TEXT = 8, /* kept for exports, never computed with */
                  LETHE_ELEM_BOOL = 9,
                  LETHE_ELEM_HALF = 10, /* half floats and bfloat16 are read as floats */
                  LETHE_ELEM_DOUBLE = 11,
                  LETHE_ELEM_UINT32 = 12,
                  LETHE_ELEM_UINT64 = 13,
                  LETHE_ELEM_BRAIN = 16
};

static inline int lethe_elem_is_real(int elem)
{
    return elem == LETHE_ELEM_FLOAT || elem == LETHE_ELEM_DOUBLE;
}

static inline int lethe_elem_is_half(int elem)
{
    return elem == LETHE_ELEM_HALF || elem == LETHE_ELEM_BRAIN;
}

enum lethe_tensor_kind { LETHE_VALUE_INPUT, LETHE_VALUE_TENSOR, LETHE_VALUE_NODE };

struct lethe_tensor_value {
    const char *name;
    enum lethe_tensor_kind kind;
    int elem, stored;         /* element type here and in the file (0: as here) */
    struct lethe_shape shape; /* inputs (dims[0] is the batch) and tensors */
    const double *data;       /* tensors: values at load, whatever the type; parameters: NULL once w
                                 has them */
    double *own;              /* block of data, where it has one of its own */
    int initializer;          /* tensor from the initializer list, not from a Constant node */
    size_t param;             /* index of its parameter or LETHE_NONE */
    size_t node;              /* producer or LETHE_NONE */
    int wanted;               /* the logits depend on it */
    int hidden;               /* made here, not of the file: no export has it */
    int quantized;            /* a file has it in whole numbers: the real ones behind them */
    const unsigned char
        *proto; /* tensors of texts, which data has no numbers of: the file's bytes */
    size_t proto_size;
};

enum lethe_attr_type {
    LETHE_ATTR_INTS,
    LETHE_ATTR_FLOATS,
    LETHE_ATTR_TEXT,
    LETHE_ATTR_TENSOR,
    LETHE_ATTR_TEXTS /* text holds count words, each with its NUL */
};

struct lethe_attr {
    const char *name;
    enum lethe_attr_type type;
    int single;            /* INT or FLOAT rather than INTS or FLOATS */
    size_t count;          /* entries of ints or floats */
    const long long *ints; /* a tensor keeps its element type in ints[0], the file's in ints[1] */
    const double *floats;
    const char *text;
};

struct lethe_op;

struct lethe_node {
    const char *name;   /* may be "" */
    const char *type;   /* "Conv" */
    const char *domain; /* "": ONNX's own */
    const struct lethe_op *op;
    int used; /* the logits depend on it */
    size_t in_count, out_count, attr_count;
    size_t *in, *out; /* values; LETHE_NONE where an optional one is absent */
    const struct lethe_attr *attrs;
    size_t place;               /* number in the file, from 1; 0: made here */
    int hidden;                 /* no export has it */
    const unsigned char *proto; /* its bytes in the file, when no operator of ours stands for it */
    size_t proto_size;
};

/* A set of operators that the file names besides ONNX's own. */
struct lethe_domain {
    const char *name;
    long long version;
};

/* An output of the file, which an export has again. */
struct lethe_file_output {
    size_t value;
    const unsigned char
        *info; /* its name and type as the file has them (ValueInfoProto), or NULL */
    size_t info_size;
};

/* One place where a layer's units are computed. */
struct lethe_site {
    size_t node;         /* Gemm, MatMul, Conv, ConvTranspose, LSTM or GRU */
    size_t preact;       /* value holding the pre-activation, bias included; of LSTM and GRU the
                            state, which they put out */
    size_t norm;         /* normalisation directly after, or LETHE_NONE */
    int conv;            /* positions are pixels, after the unit in memory */
    int transposed;      /* conv: a window is spread over the pixels, not read from them */
    size_t outer, inner; /* rows run over (outer, directions, sample, inner), units / directions of
                            them in a row */
    size_t directions;
};

struct lethe_layer_info {
    struct lethe_layer pub;
    size_t weight, bias, scale, shift; /* parameters or LETHE_NONE */
    size_t states, peepholes;          /* LSTM, GRU: weights of the state before, of the cell */
    size_t directions;                 /* LSTM, GRU: 1 or 2, else 1 */
    int by_column;                     /* a unit is a column of the weight */
    int transposed; /* weight is (channels read, units of a group, taps of a window) */
    size_t groups, taps;
    size_t site_count;
    struct lethe_site *sites;
};

struct lethe_graph {
    atomic_size_t refs;
    struct lethe_arena arena;
    enum lethe_dtype dtype;
    int opset;
    int literal;          /* inputs keep the shapes they were given: no free batch */
    const char *producer; /* program that wrote the file, "" when unknown */
    size_t file_batch;    /* batch size the file fixes, 0 when it is free */
    int loose;            /* constants that hold the file's batch size are read as the batch ... */
    struct lethe_shape *file_shapes; /* ... with the help of each value's shape in the file */
    int stored;                      /* type of its real tensors in the file when it is a half */
    long long ir_version;
    size_t place, file_nodes; /* node at work while it is built; nodes in the file */
    size_t domain_count, note_count, note_room, file_output_count;
    struct lethe_domain *domains;
    const char **notes; /* what was left out or read in another way */
    struct lethe_file_output *file_outputs;
    enum lethe_graph_end end; /* what the file's output holds; 0: not looked at yet */
    int chooses;              /* the file itself takes the class with the largest output */
    size_t value_count, node_count, input_count, output_count;
    size_t value_room, node_room, input_room, output_room;
    struct lethe_tensor_value *values;
    struct lethe_node *nodes; /* in an order that can be run */
    size_t *inputs, *outputs; /* values; outputs[0] is the logits */

    size_t param_count, size, buffers, classes;
    struct lethe_param *params;
    size_t *param_value; /* value of each parameter */
    size_t layer_count;
    struct lethe_layer_info *layers;
};

struct lethe_graph *lethe_graph_new(enum lethe_dtype dtype, int opset); /* NULL: no memory */

/* All copy what they are given and return the new value in *id. */
enum lethe_err lethe_graph_add_input(struct lethe_graph *graph, size_t *id, const char *name,
                                     int elem, const struct lethe_shape *shape);
enum lethe_err lethe_graph_add_tensor(struct lethe_graph *graph, size_t *id,
                                      const struct lethe_tensor_value *tensor);
/* A fixed number, a fresh parameter of zeros; both of the graph's own precision. */
enum lethe_err lethe_graph_add_number(struct lethe_graph *graph, size_t *id, const char *name,
                                      double number);
enum lethe_err lethe_graph_add_zeros(struct lethe_graph *graph, size_t *id, const char *name,
                                     const struct lethe_shape *shape);
/* spec->in and spec->attrs are read; the values of the outputs are new and named out_names. */
enum lethe_err lethe_graph_add_node(struct lethe_graph *graph, size_t *outs,
                                    const struct lethe_node *spec, const char *const *out_names);
enum lethe_err lethe_graph_add_output(struct lethe_graph *graph, size_t value);
/* Checks everything, finds parameters and layers. *w (may be NULL) gets the parameters' values. */
enum lethe_err lethe_graph_finish(struct lethe_graph *graph, double **w, struct lethe_error *err);

/* Whether a value of an unfinished graph is one number that follows from constants and shapes, the
 * same for every batch. */
int lethe_graph_fold(struct lethe_graph *graph, size_t value, double *number);

/* A note for lethe_graph_note, once. */
enum lethe_err lethe_graph_add_note(struct lethe_graph *graph, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "node 'fc1'", or "node 7 of 30" when it has no name; returns text. */
const char *lethe_node_place(char text[96], const struct lethe_graph *graph,
                             const struct lethe_node *node);

/* Steps of finish. */
enum lethe_err lethe_graph_find_choice(struct lethe_graph *graph, struct lethe_error *err);
enum lethe_err lethe_graph_find_end(struct lethe_graph *graph, int *changed,
                                    struct lethe_error *err);
int lethe_graph_loosen(
    struct lethe_graph *graph); /* reads it loosely from now on; 0: it cannot be */
/* Logits (n, C) of the made-up samples of these numbers. */
enum lethe_err lethe_graph_try(double *logits, struct lethe_graph *graph, const double *w,
                               const size_t *samples, size_t n, struct lethe_error *err);
/* Refuses a network whose answer to a sample depends on those beside it. */
enum lethe_err lethe_graph_check_mixing(struct lethe_graph *graph, const double *w,
                                        struct lethe_error *err);
enum lethe_err lethe_graph_check_loose(struct lethe_graph *graph, const double *w,
                                       struct lethe_error *err);
enum lethe_err lethe_graph_find_params(struct lethe_graph *graph, struct lethe_error *err);
enum lethe_err lethe_graph_find_layers(struct lethe_graph *graph, struct lethe_error *err);
/* Readable name of a layer from its weight's and its node's names: "/enc.0/q/MatMul" -> "enc.0.q".
 */
void lethe_layer_name(char name[256], const char *weight, const char *node, const char *type);
/* Whether an exporter made the name up: "onnx::MatMul_312", "17". */
int lethe_name_is_generated(const char *name);

const struct lethe_attr *lethe_node_attr(const struct lethe_node *node, const char *name);
long long lethe_node_int(const struct lethe_node *node, const char *name, long long otherwise);
double lethe_node_float(const struct lethe_node *node, const char *name, double otherwise);
const char *lethe_node_text(const struct lethe_node *node, const char *name, const char *otherwise);
/* Whether a node is where a value enters a round corner (smooth.c). */
int lethe_node_is_corner(const struct lethe_graph *graph, const struct lethe_node *node);
/* The tensor or parameter behind a value when only Identity nodes lie between. */
size_t lethe_graph_origin(const struct lethe_graph *graph, size_t value);

#endif
