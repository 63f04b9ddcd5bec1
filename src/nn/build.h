/* SPDX-License-Identifier: MIT
 * Making a graph: inputs, parameters and constants first, then nodes in topological order, then
 * lethe_build_done, which infers shapes, finds the layers and lays out w. Values are named; every
 * name is used once. On any error the builder keeps its state and is released as usual. */
#ifndef LETHE_NN_BUILD_H
#define LETHE_NN_BUILD_H

#include "nn/graph.h"

struct lethe_build; /* a graph that is not finished */

struct lethe_build *lethe_build_new(enum lethe_dtype dtype, struct lethe_error *err);
void lethe_build_free(struct lethe_build *build); /* NULL ok */

/* Shape of one sample, without the batch dimension. */
enum lethe_err lethe_build_input(struct lethe_build *build, const char *name, size_t ndim,
                                 const size_t *dims, struct lethe_error *err);
/* values (product of dims) are copied. trainable 0: a running statistic. */
enum lethe_err lethe_build_param(struct lethe_build *build, const char *name,
                                 const struct lethe_tensor *tensor, int trainable,
                                 struct lethe_error *err);
/* Data of a constant is copied: double, or int64_t when tensor->integer. */
enum lethe_err lethe_build_const(struct lethe_build *build, const char *name,
                                 const struct lethe_tensor *tensor, struct lethe_error *err);

struct lethe_node_spec {
    const char *op, *name;
    const char *const *in; /* "" or NULL: optional input left out */
    size_t nin;
    const char *const *out;
    size_t nout;
    const struct lethe_attr *attr; /* copied */
    size_t nattr;
};
enum lethe_err lethe_build_node(struct lethe_build *build, const struct lethe_node_spec *spec,
                                struct lethe_error *err);

/* Finishes: `output` names the logits (batch, C). *w (may be NULL) gets the parameters' values,
 * size + buffers doubles, to be freed with lethe_free. */
enum lethe_err lethe_build_done(struct lethe_graph **graph, double **w, struct lethe_build *build,
                                const char *output, struct lethe_error *err);

#endif
