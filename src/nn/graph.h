/* SPDX-License-Identifier: MIT
 * Inside of a graph: values, nodes in topological order, parameters, layers. Built once through
 * nn/build.h, then immutable. */
#ifndef LETHE_NN_GRAPH_H
#define LETHE_NN_GRAPH_H

#include <stdatomic.h>
#include "lethe/nn.h"

struct lethe_op;

/* A tensor known when the graph is built or while a batch runs. Batch size is the first dimension
 * of values that depend on an input; data is real of the executor, or int64_t when integer. */
struct lethe_tensor {
    size_t ndim, dims[LETHE_MAX_DIMS], size;
    int integer;
    void *data;
};

enum lethe_value_kind { LETHE_VALUE_INPUT, LETHE_VALUE_PARAM, LETHE_VALUE_CONST, LETHE_VALUE_NODE };

struct lethe_value {
    char *name;
    enum lethe_value_kind kind;
    size_t input;              /* INPUT: position among the graph's inputs */
    size_t param;              /* PARAM: index of the parameter */
    struct lethe_tensor fixed; /* CONST: shape and data (double or int64_t); INPUT: sample shape */
};

struct lethe_attr {
    char *name;
    double f;      /* a float attribute */
    char *s;       /* a string attribute, or NULL */
    int64_t *ints; /* an int attribute has count 1 */
    size_t count;
    double *floats;
};

enum { LETHE_NO_VALUE = -1 }; /* an optional input left out */

struct lethe_node {
    const struct lethe_op *op;
    char *name;
    size_t nin, nout, nattr;
    int *in, *out; /* value indices */
    struct lethe_attr *attr;
};

struct lethe_graph {
    atomic_int refs;
    enum lethe_dtype dtype;
    size_t nvalues, nnodes, nparams, nlayers, ninputs;
    struct lethe_value *values;
    struct lethe_node *nodes;
    struct lethe_param *params;
    struct lethe_layer *layers;
    struct lethe_layer_inside *inside; /* one for each layer */
    int *inputs;                       /* value of each graph input */
    int output;                        /* value of the logits */
    size_t size, buffers, classes;
};

/* Where a layer's parts are. Parameter indices are -1 when absent. */
struct lethe_layer_inside {
    size_t node;
    int weight, bias, scale, shift;
    int columns;       /* units are columns of the weight (MatMul, Gemm without transB) */
    int input, preact; /* values */
};

long lethe_node_int(const struct lethe_node *node, const char *name, long fallback);
double lethe_node_float(const struct lethe_node *node, const char *name, double fallback);
const char *lethe_node_string(const struct lethe_node *node, const char *name,
                              const char *fallback);
const struct lethe_attr *lethe_node_attr(const struct lethe_node *node, const char *name);

void lethe_tensor_shape(struct lethe_tensor *t, size_t ndim, const size_t *dims);

#endif
