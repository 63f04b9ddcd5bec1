/* SPDX-License-Identifier: MIT
 * Inside of an executor: one slot for each value, one call for each node. */
#ifndef LETHE_NN_EXEC_H
#define LETHE_NN_EXEC_H

#include "nn/op.h"

struct lethe_slot {
    struct lethe_tensor value;
    void *gradient; /* NULL: nothing trainable behind this value */
    void *tangent;
    size_t room; /* elements allocated */
    int trained; /* depends on a trainable parameter */
};

struct lethe_exec {
    struct lethe_graph *graph;
    enum lethe_dtype dtype;
    size_t batch, n, width; /* most samples, samples of the last forward, bytes of a real */
    struct lethe_slot *slots;
    struct lethe_call *calls;
    int *sources;   /* first slot that holds a parameter's value; aliases share it */
    void *pointers; /* the calls' arrays, one block */
    int has_tangents;
};

/* Element i of a block of the executor's reals. */
static inline double lethe_exec_get(const struct lethe_exec *exec, const void *block, size_t i)
{
    return exec->dtype == LETHE_F32 ? (double)((const float *)block)[i]
                                    : ((const double *)block)[i];
}

/* to (n doubles) = from, or += when add. */
void lethe_exec_out(const struct lethe_exec *exec, double *to, const void *from, size_t n, int add);
void lethe_exec_in(const struct lethe_exec *exec, void *to, const double *from, size_t n);

#endif
