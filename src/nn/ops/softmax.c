/* SPDX-License-Identifier: MIT
 * Softmax over one axis (default the last): y = exp(x - max) / sum. J' dy = y (dy - <y, dy>). */
#include "nn/op.h"
#include "tensor/real.h"

struct axis {
    size_t outer, length, inner;
};

static struct axis softmax_axis(const struct lethe_call *call)
{
    const struct lethe_tensor *t = call->out[0];
    long at = lethe_node_int(call->node, "axis", -1);
    size_t axis = (size_t)(at < 0 ? at + (long)t->ndim : at);
    struct axis s = {.outer = 1, .length = t->dims[axis], .inner = 1};
    for (size_t d = 0; d < t->ndim; d++) {
        if (d < axis)
            s.outer *= t->dims[d];
        if (d > axis)
            s.inner *= t->dims[d];
    }
    return s;
}

void R(lethe_softmax_forward)(struct lethe_call *call)
{
    const struct axis s = softmax_axis(call);
    const real *x = call->in[0]->data;
    real *y = call->out[0]->data;
    for (size_t o = 0; o < s.outer * s.inner; o++) {
        size_t base = o / s.inner * s.length * s.inner + o % s.inner;
        real top = x[base];
        for (size_t c = 1; c < s.length; c++)
            top = x[base + c * s.inner] > top ? x[base + c * s.inner] : top;
        real sum = 0;
        for (size_t c = 0; c < s.length; c++)
            sum += y[base + c * s.inner] = RM(exp)(x[base + c * s.inner] - top);
        for (size_t c = 0; c < s.length; c++)
            y[base + c * s.inner] /= sum;
    }
}

/* The Jacobian is symmetric, so backward and forward mode are the same product. */
static void product(const struct lethe_call *call, real *to, const real *from)
{
    const struct axis s = softmax_axis(call);
    const real *y = call->out[0]->data;
    for (size_t o = 0; o < s.outer * s.inner; o++) {
        size_t base = o / s.inner * s.length * s.inner + o % s.inner;
        real inner = 0;
        for (size_t c = 0; c < s.length; c++)
            inner += y[base + c * s.inner] * from[base + c * s.inner];
        for (size_t c = 0; c < s.length; c++)
            to[base + c * s.inner] += y[base + c * s.inner] * (from[base + c * s.inner] - inner);
    }
}

void R(lethe_softmax_backward)(struct lethe_call *call)
{
    product(call, call->din[0], call->dout[0]);
}

void R(lethe_softmax_jvp)(struct lethe_call *call)
{
    real *tout = call->tout[0];
    for (size_t i = 0; i < call->out[0]->size; i++)
        tout[i] = 0;
    product(call, tout, call->tin[0]);
}
