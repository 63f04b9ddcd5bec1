/* SPDX-License-Identifier: MIT
 * Shapes, and walks: nested loops over several strided operands, merged into as few loops as the
 * strides allow. See shape.h. Steps are counted in elements. */
#include "tensor/shape.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

size_t lethe_shape_product(const struct lethe_shape *shape, size_t from, size_t to)
{
    size_t size = 1;
    for (size_t d = from; d < to; d++) {
        if (shape->dims[d] && size > (size_t)PTRDIFF_MAX / shape->dims[d])
            return 0;
        size *= shape->dims[d];
    }
    return size;
}

size_t lethe_shape_size(const struct lethe_shape *shape)
{
    return lethe_shape_product(shape, 0, shape->ndim);
}

int lethe_shape_equal(const struct lethe_shape *a, const struct lethe_shape *b)
{
    return a->ndim == b->ndim && !memcmp(a->dims, b->dims, a->ndim * sizeof *a->dims);
}

char *lethe_shape_text(char text[128], const struct lethe_shape *shape)
{
    size_t used = 0;
    memcpy(text, "scalar", sizeof "scalar");
    for (size_t d = 0; d < shape->ndim; d++) {
        int wrote = snprintf(text + used, 128 - used, d ? "x%zu" : "%zu", shape->dims[d]);
        if (wrote < 0 || (size_t)wrote >= 128 - used)
            break;
        used += (size_t)wrote;
    }
    return text;
}

int lethe_shape_broadcast(struct lethe_shape *out, const struct lethe_shape *a,
                          const struct lethe_shape *b)
{
    const struct lethe_shape *wide = a->ndim >= b->ndim ? a : b;
    const struct lethe_shape *other = wide == a ? b : a;
    struct lethe_shape shape = *wide;
    size_t shift = wide->ndim - other->ndim;
    for (size_t d = 0; d < other->ndim; d++) {
        size_t x = wide->dims[d + shift], y = other->dims[d];
        if (x != y && x != 1 && y != 1)
            return 0;
        shape.dims[d + shift] = x == 1 ? y : x;
    }
    *out = shape;
    return 1;
}

void lethe_walk_operand(struct lethe_walk *walk, size_t k, const struct lethe_shape *of,
                        const struct lethe_shape *over)
{
    walk->ndim = over->ndim;
    memcpy(walk->dims, over->dims, over->ndim * sizeof *over->dims);
    size_t shift = over->ndim - of->ndim;
    size_t step = 1; /* may wrap for shapes that are refused afterwards */
    for (size_t d = over->ndim; d-- > 0;) {
        size_t length = d >= shift ? of->dims[d - shift] : 1;
        walk->step[k][d] = length == 1 ? 0 : (ptrdiff_t)step;
        step *= length;
    }
    walk->start[k] = 0;
    if (walk->operands <= k)
        walk->operands = k + 1;
}

static int mergeable(const struct lethe_walk *walk, size_t d, size_t e)
{
    for (size_t k = 0; k < walk->operands; k++)
        if ((size_t)walk->step[k][d] != (size_t)walk->step[k][e] * walk->dims[e])
            return 0;
    return 1;
}

void lethe_walk_merge(struct lethe_walk *walk)
{
    size_t kept = 0;
    for (size_t d = 0; d < walk->ndim; d++) {
        if (walk->dims[d] == 1)
            continue;
        int join = kept > 0 && mergeable(walk, kept - 1, d);
        size_t to = join ? kept - 1 : kept++;
        walk->dims[to] = walk->dims[d] * (join ? walk->dims[to] : 1);
        for (size_t k = 0; k < walk->operands; k++)
            walk->step[k][to] = walk->step[k][d];
    }
    if (kept == 0) {
        walk->dims[kept++] = 1;
        for (size_t k = 0; k < walk->operands; k++)
            walk->step[k][0] = 1;
    }
    walk->ndim = kept;
}

int lethe_rows_first(struct lethe_rows *rows, const struct lethe_walk *walk)
{
    memset(rows->index, 0, sizeof rows->index);
    memcpy(rows->at, walk->start, sizeof rows->at);
    for (size_t d = 0; d < walk->ndim; d++)
        if (walk->dims[d] == 0)
            return 0;
    return 1;
}

int lethe_rows_next(struct lethe_rows *rows, const struct lethe_walk *walk)
{
    for (size_t d = walk->ndim - 1; d-- > 0;) {
        for (size_t k = 0; k < walk->operands; k++)
            rows->at[k] += walk->step[k][d];
        if (++rows->index[d] < walk->dims[d])
            return 1;
        for (size_t k = 0; k < walk->operands; k++)
            rows->at[k] -= walk->step[k][d] * (ptrdiff_t)walk->dims[d];
        rows->index[d] = 0;
    }
    return 0;
}
