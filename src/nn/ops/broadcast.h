/* SPDX-License-Identifier: MIT
 * Walking two inputs that broadcast to one output (numpy's rules). The innermost run is handed to
 * the caller with strides 0 or 1, so that plain loops vectorise. */
#ifndef LETHE_NN_OPS_BROADCAST_H
#define LETHE_NN_OPS_BROADCAST_H

#include "nn/op.h"
#include "tensor/real.h"

struct broadcast {
    size_t outer, inner;               /* runs, elements of one run */
    size_t ndim, dims[LETHE_MAX_DIMS]; /* outer dimensions */
    size_t step_a[LETHE_MAX_DIMS], step_b[LETHE_MAX_DIMS];
    size_t run_a, run_b; /* 0: the run uses one element, 1: consecutive */
};

/* Offsets of run number `run` in a and b. */
static inline void broadcast_at(const struct broadcast *w, size_t run, size_t *a, size_t *b)
{
    *a = *b = 0;
    for (size_t d = w->ndim; d-- > 0;) {
        size_t at = run % w->dims[d];
        run /= w->dims[d];
        *a += at * w->step_a[d];
        *b += at * w->step_b[d];
    }
}

static inline size_t broadcast_dim(const struct lethe_tensor *t, size_t ndim, size_t d)
{
    return d + t->ndim < ndim ? 1 : t->dims[d + t->ndim - ndim];
}

/* Merges neighbouring dimensions in which a and b behave alike, so runs are as long as can be. */
static inline void broadcast_plan(struct broadcast *w, const struct lethe_tensor *a,
                                  const struct lethe_tensor *b, const struct lethe_tensor *out)
{
    size_t stride_a = 1, stride_b = 1, n = 0;
    size_t dims[LETHE_MAX_DIMS], sa[LETHE_MAX_DIMS], sb[LETHE_MAX_DIMS];
    for (size_t d = out->ndim; d-- > 0;) {
        size_t da = broadcast_dim(a, out->ndim, d), db = broadcast_dim(b, out->ndim, d);
        size_t size = out->dims[d];
        size_t ta = da == 1 ? 0 : stride_a, tb = db == 1 ? 0 : stride_b;
        stride_a *= da;
        stride_b *= db;
        if (size == 1)
            continue;
        if (n && ta == sa[n - 1] * dims[n - 1] && tb == sb[n - 1] * dims[n - 1]) {
            dims[n - 1] *= size;
            continue;
        }
        dims[n] = size;
        sa[n] = ta;
        sb[n++] = tb;
    }
    *w = (struct broadcast){.outer = 1, .inner = n ? dims[0] : 1};
    w->run_a = n ? sa[0] : 0;
    w->run_b = n ? sb[0] : 0;
    for (size_t d = n; d-- > 1;) {
        w->dims[w->ndim] = dims[d];
        w->step_a[w->ndim] = sa[d];
        w->step_b[w->ndim++] = sb[d];
        w->outer *= dims[d];
    }
}

#endif
