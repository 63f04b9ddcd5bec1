/* SPDX-License-Identifier: MIT
 * Helpers of the prepare functions: errors that name the node, integers from wherever the opset
 * keeps them, axes. */
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/alloc.h"
#include "nn/prepare.h"

enum lethe_err lethe_prepare_fail(struct lethe_prepare *p, const char *format, ...)
{
    char text[256], place[96];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    lethe_fail(p->err, LETHE_EFORMAT, "operator '%s' at %s: %s", p->node->type,
               lethe_node_place(place, p->graph, p->node), text);
    lethe_error_at(p->err, "%s", p->node->name);
    return LETHE_EFORMAT;
}

LETHE_PREPARE(memory)
{
    return lethe_fail_memory(p->err, p->node->type, 1, 1);
}

const double *lethe_prepare_known(const struct lethe_prepare *p, size_t k)
{
    return k < p->node->in_count && p->in[k] && p->in[k]->known ? p->in[k]->data : NULL;
}

/* Slice ends are written as the largest integer; as doubles they are beyond what casts allow. */
static long long whole(double x)
{
    const double limit = 4e18;
    return isnan(x)     ? 0
           : x > limit  ? (long long)limit
           : x < -limit ? -(long long)limit
                        : (long long)x;
}

enum lethe_err lethe_prepare_ints(struct lethe_prepare *p, long long *list, size_t *count,
                                  const char *attr, size_t k)
{
    const struct lethe_attr *found = attr ? lethe_node_attr(p->node, attr) : NULL;
    *count = LETHE_NONE;
    if (found && found->type == LETHE_ATTR_INTS) {
        *count = found->count;
    } else if (k < p->node->in_count && p->in[k]) {
        if (!p->in[k]->known)
            return lethe_prepare_fail(p, "input %zu depends on the data; it must be known at load",
                                      k);
        *count = lethe_shape_size(&p->in[k]->shape);
        found = NULL;
    } else {
        return LETHE_OK;
    }
    if (*count > 2 * LETHE_SHAPE_DIMS)
        return lethe_prepare_fail(p, "a list of %zu numbers; at most %d are supported", *count,
                                  2 * LETHE_SHAPE_DIMS);
    for (size_t i = 0; i < *count; i++)
        list[i] = found ? found->ints[i] : whole(p->in[k]->data[i]);
    return LETHE_OK;
}

int lethe_prepare_size_ok(const struct lethe_shape *shape)
{
    size_t empty = 0;
    for (size_t d = 0; d < shape->ndim; d++) {
        if (shape->dims[d] > INT_MAX)
            return 0;
        empty |= shape->dims[d] == 0;
    }
    return empty || (lethe_shape_size(shape) > 0 && lethe_shape_size(shape) <= INT_MAX);
}

enum lethe_err lethe_prepare_axis(struct lethe_prepare *p, size_t *axis, long long given,
                                  size_t ndim)
{
    long long n = (long long)ndim;
    if (given < -n || given >= n)
        return lethe_prepare_fail(p, "axis %lld of a tensor with %zu dimensions", given, ndim);
    *axis = (size_t)(given < 0 ? given + n : given);
    return LETHE_OK;
}
