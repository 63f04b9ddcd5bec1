/* SPDX-License-Identifier: MIT
 * Shapes of the outputs. Each function fills out[i]'s dims from the inputs' and refuses, naming
 * both shapes, what does not fit. */
#include "nn/shape.h"

#include <stdio.h>
#include <string.h>

#include "nn/op.h"

void lethe_tensor_shape(struct lethe_tensor *t, size_t ndim, const size_t *dims)
{
    t->ndim = ndim;
    t->size = 1;
    for (size_t d = 0; d < ndim; d++)
        t->size *= t->dims[d] = dims[d];
}

void lethe_shape_text(char *text, size_t room, const struct lethe_tensor *t)
{
    size_t at = (size_t)snprintf(text, room, "(");
    for (size_t d = 0; d < t->ndim && at < room; d++)
        at += (size_t)snprintf(text + at, room - at, d ? ", %zu" : "%zu", t->dims[d]);
    if (at < room)
        snprintf(text + at, room - at, ")");
}

static enum lethe_err misfit(const struct lethe_call *call, struct lethe_error *err)
{
    char a[96], b[96];
    lethe_shape_text(a, sizeof a, call->in[0]);
    lethe_shape_text(b, sizeof b, call->in[1]);
    return lethe_fail(err, LETHE_EFORMAT, "node '%s' (%s): shapes %s and %s do not fit",
                      call->node->name, call->node->op->name, a, b);
}

static size_t dim_of(const struct lethe_tensor *t, size_t ndim, size_t d)
{
    return d + t->ndim < ndim ? 1 : t->dims[d + t->ndim - ndim];
}

/* Broadcast of the first `take` leading dimensions rule: fills dims, 0 when they do not fit. */
static int broadcast(size_t *dims, const struct lethe_tensor *a, const struct lethe_tensor *b,
                     size_t ndim)
{
    for (size_t d = 0; d < ndim; d++) {
        size_t x = dim_of(a, ndim, d), y = dim_of(b, ndim, d);
        if (x != y && x != 1 && y != 1)
            return 0;
        dims[d] = x == 1 ? y : x;
    }
    return 1;
}

enum lethe_err lethe_shape_add(struct lethe_call *call, struct lethe_error *err)
{
    const struct lethe_tensor *a = call->in[0], *b = call->in[1];
    size_t dims[LETHE_MAX_DIMS], ndim = a->ndim > b->ndim ? a->ndim : b->ndim;
    if (!broadcast(dims, a, b, ndim))
        return misfit(call, err);
    lethe_tensor_shape(call->out[0], ndim, dims);
    return LETHE_OK;
}

static enum lethe_err same(struct lethe_call *call)
{
    lethe_tensor_shape(call->out[0], call->in[0]->ndim, call->in[0]->dims);
    return LETHE_OK;
}

#define SAME_SHAPE(kernel)                                                                         \
    enum lethe_err lethe_shape_##kernel(struct lethe_call *call, struct lethe_error *err)          \
    {                                                                                              \
        (void)err;                                                                                 \
        return same(call);                                                                         \
    }
SAME_SHAPE(identity)
SAME_SHAPE(relu)
SAME_SHAPE(sigmoid)
SAME_SHAPE(tanh)

enum lethe_err lethe_shape_softmax(struct lethe_call *call, struct lethe_error *err)
{
    long ndim = (long)call->in[0]->ndim, axis = lethe_node_int(call->node, "axis", -1);
    if (axis < -ndim || axis >= ndim)
        return lethe_fail(err, LETHE_EFORMAT, "node '%s' (Softmax): axis %ld of %ld dimensions",
                          call->node->name, axis, ndim);
    return same(call);
}

enum lethe_err lethe_shape_flatten(struct lethe_call *call, struct lethe_error *err)
{
    const struct lethe_tensor *x = call->in[0];
    long axis = lethe_node_int(call->node, "axis", 1), ndim = (long)x->ndim;
    if (axis < -ndim || axis > ndim)
        return lethe_fail(err, LETHE_EFORMAT, "node '%s' (Flatten): axis %ld of %ld dimensions",
                          call->node->name, axis, ndim);
    size_t dims[2] = {1, 1};
    for (size_t d = 0; d < x->ndim; d++)
        dims[(long)d >= (axis < 0 ? axis + ndim : axis)] *= x->dims[d];
    lethe_tensor_shape(call->out[0], 2, dims);
    return LETHE_OK;
}

enum lethe_err lethe_shape_gemm(struct lethe_call *call, struct lethe_error *err)
{
    const struct lethe_tensor *a = call->in[0], *b = call->in[1];
    int ta = lethe_node_int(call->node, "transA", 0) != 0;
    int tb = lethe_node_int(call->node, "transB", 0) != 0;
    if (a->ndim != 2 || b->ndim != 2 || a->dims[!ta] != b->dims[tb])
        return misfit(call, err);
    const size_t dims[2] = {a->dims[ta], b->dims[!tb]};
    lethe_tensor_shape(call->out[0], 2, dims);
    size_t fit[2];
    if (call->in[2] && (call->in[2]->ndim > 2 || !broadcast(fit, call->in[2], call->out[0], 2) ||
                        fit[0] != dims[0] || fit[1] != dims[1])) {
        char c[96], y[96];
        lethe_shape_text(c, sizeof c, call->in[2]);
        lethe_shape_text(y, sizeof y, call->out[0]);
        return lethe_fail(err, LETHE_EFORMAT, "node '%s' (Gemm): bias %s does not fit output %s",
                          call->node->name, c, y);
    }
    return LETHE_OK;
}

enum lethe_err lethe_shape_matmul(struct lethe_call *call, struct lethe_error *err)
{
    const struct lethe_tensor *a = call->in[0], *b = call->in[1];
    if (!a->ndim || !b->ndim)
        return misfit(call, err);
    size_t inner_b = b->ndim > 1 ? b->dims[b->ndim - 2] : b->dims[0];
    if (a->dims[a->ndim - 1] != inner_b)
        return misfit(call, err);
    struct lethe_tensor la = *a, lb = *b;
    la.ndim = a->ndim > 2 ? a->ndim - 2 : 0;
    lb.ndim = b->ndim > 2 ? b->ndim - 2 : 0;
    size_t dims[LETHE_MAX_DIMS], ndim = la.ndim > lb.ndim ? la.ndim : lb.ndim;
    if (!broadcast(dims, &la, &lb, ndim))
        return misfit(call, err);
    if (a->ndim > 1)
        dims[ndim++] = a->dims[a->ndim - 2];
    if (b->ndim > 1)
        dims[ndim++] = b->dims[b->ndim - 1];
    lethe_tensor_shape(call->out[0], ndim, dims);
    return LETHE_OK;
}

/* Target from the second input (opset 5 and later) or the attribute; 0 keeps, -1 fills. */
enum lethe_err lethe_shape_reshape(struct lethe_call *call, struct lethe_error *err)
{
    const struct lethe_tensor *x = call->in[0], *want = call->in[1];
    const struct lethe_attr *attr = lethe_node_attr(call->node, "shape");
    const int64_t *target = want ? want->data : attr ? attr->ints : NULL;
    size_t ndim = want ? want->size : attr ? attr->count : 0;
    int keep = !lethe_node_int(call->node, "allowzero", 0);
    if ((want && !want->integer) || !target || ndim > LETHE_MAX_DIMS)
        return lethe_fail(err, LETHE_EFORMAT, "node '%s' (Reshape): the target shape is not known",
                          call->node->name);
    size_t dims[LETHE_MAX_DIMS], known = 1, hole = LETHE_MAX_DIMS;
    for (size_t d = 0; d < ndim; d++) {
        if (target[d] == -1 && hole == LETHE_MAX_DIMS) {
            hole = d;
            continue;
        }
        dims[d] = target[d] == 0 && keep && d < x->ndim ? x->dims[d] : (size_t)target[d];
        known *= dims[d];
    }
    if (hole < LETHE_MAX_DIMS)
        known *= dims[hole] = known ? x->size / known : 0;
    lethe_tensor_shape(call->out[0], ndim, dims);
    if (known == x->size)
        return LETHE_OK;
    char a[96], b[96];
    lethe_shape_text(a, sizeof a, x);
    lethe_shape_text(b, sizeof b, call->out[0]);
    return lethe_fail(err, LETHE_EFORMAT, "node '%s' (Reshape): shapes %s and %s do not fit",
                      call->node->name, a, b);
}
