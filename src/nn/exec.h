/* SPDX-License-Identifier: MIT
 * Inside of an executor. Values, adjoints (derivatives of the scalar that backward was given) and
 * tangents of all live values lie in three arenas of the same layout, kept until the next run, so
 * that captures can read them. */
#ifndef LETHE_NN_EXEC_H
#define LETHE_NN_EXEC_H

#include "nn/plan.h"
#include "nn/ops.h"

struct lethe_exec {
    struct lethe_graph *graph;
    enum lethe_dtype dtype;
    size_t batch, bytes; /* bytes of a number */
    size_t n;            /* samples of the last forward, 0 before the first */
    int has_adjoints;
    struct lethe_plan *plans[2], *plan; /* the two batch sizes used last */

    size_t *offset; /* by value: place in the arenas, in numbers; LETHE_NONE: not live */
    size_t arena;   /* numbers in an arena */
    char *values, *adjoints, *tangents; /* the latter two are made when first needed */
    char *w;                            /* parameters and buffers */
    char *dw, *tw;                      /* adjoint and tangent of the parameters */
    char *consts;                       /* floats: constants of the plan in use */
    size_t consts_room;
    char *scratch;

    void **x, **dx, **tx;     /* by value */
    struct lethe_data *calls; /* by call of the plan, pointing into x, dx, tx by node */
    struct lethe_pool pool;   /* the pointer tables of calls */
    int params_too;           /* dx of parameters is bound */
    unsigned char *stale;     /* by value: differs from what the last forward computed */
    size_t ran;               /* calls made by the last forward or reforward */
};

/* Numbers in the logits of the last forward (of a full batch before the first). */
size_t lethe_exec_logits_size(const struct lethe_exec *exec);
/* Numbers of the executor's type to and from doubles. */
void lethe_exec_read(double *out, const char *from, size_t n, const struct lethe_exec *exec);
void lethe_exec_write(char *to, const double *in, size_t n, const struct lethe_exec *exec);

#endif
