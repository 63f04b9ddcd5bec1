/* SPDX-License-Identifier: MIT
 * Shapes, and walks: nested loops over several strided operands, merged into as few loops as the
 * strides allow. Broadcasting, transposing, slicing and reducing are all walks. */
#ifndef LETHE_TENSOR_SHAPE_H
#define LETHE_TENSOR_SHAPE_H

#include <stddef.h>

enum { LETHE_SHAPE_DIMS = 8, LETHE_WALK_DIMS = 2 * LETHE_SHAPE_DIMS, LETHE_WALK_OPERANDS = 4 };

struct lethe_shape {
    size_t ndim, dims[LETHE_SHAPE_DIMS];
};

/* Product of dims; 0 when it does not fit (an empty tensor has 0 entries too). */
size_t lethe_shape_size(const struct lethe_shape *shape);
size_t lethe_shape_product(const struct lethe_shape *shape, size_t from, size_t to);
int lethe_shape_equal(const struct lethe_shape *a, const struct lethe_shape *b);
/* "2x3x4"; returns text. */
char *lethe_shape_text(char text[128], const struct lethe_shape *shape);
/* numpy's rules; 0 when the two do not fit. out may be a. */
int lethe_shape_broadcast(struct lethe_shape *out, const struct lethe_shape *a,
                          const struct lethe_shape *b);

struct lethe_walk {
    size_t ndim, dims[LETHE_WALK_DIMS];
    size_t operands;
    ptrdiff_t start[LETHE_WALK_OPERANDS];
    ptrdiff_t step[LETHE_WALK_OPERANDS][LETHE_WALK_DIMS];
};

/* Operand k of a walk over `over`: the steps of a dense tensor of shape `of`, 0 where broadcast. */
void lethe_walk_operand(struct lethe_walk *walk, size_t k, const struct lethe_shape *of,
                        const struct lethe_shape *over);
/* Drops dimensions of one step and merges neighbours. At least one dimension stays. */
void lethe_walk_merge(struct lethe_walk *walk);

/* The position of a walk in its outer loops; the last dimension is the caller's inner loop. */
struct lethe_rows {
    size_t index[LETHE_WALK_DIMS];
    ptrdiff_t at[LETHE_WALK_OPERANDS];
};

/* for (int more = lethe_rows_first(&rows, walk); more; more = lethe_rows_next(&rows, walk)) */
int lethe_rows_first(struct lethe_rows *rows, const struct lethe_walk *walk);
int lethe_rows_next(struct lethe_rows *rows, const struct lethe_walk *walk);

#endif
