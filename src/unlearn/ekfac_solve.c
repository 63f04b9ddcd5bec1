/* SPDX-License-Identifier: MIT
 * Functions of EKFAC times a vector, block by block: with U and V the eigenvectors of the two sides
 * in rows and X a block's parameters, the parts
 *     C = U X V',  U X - C V,  X V' - U'C,  and what is then left of X
 * are each multiplied by a function of their values. With whole bases there is only the first. */
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "unlearn/ekfac.h"

struct scaling {
    double shift;
    int inverse; /* 1 / (value + shift), else value + shift */
};

static double scaled(double x, double value, const struct scaling *how)
{
    return how->inverse ? x / (value + how->shift) : x * (value + how->shift);
}

/* out (rank, columns) = V m, m (n, columns); and out (n, columns) += alpha V' m, m (rank, columns).
 */
static void into_left(double *out, const struct lethe_ekfac_side *side, const double *m,
                      size_t columns)
{
    const struct lethe_gemm how = {.m = side->rank, .n = columns, .k = side->n, .alpha = 1};
    if (side->v)
        lethe_dgemm(out, side->v, m, &how);
    else
        memcpy(out, m, side->n * columns * sizeof *out);
}

static void add_left(double *out, const struct lethe_ekfac_side *side, const double *m,
                     size_t columns, double alpha)
{
    const struct lethe_gemm how = {
        .m = side->n, .n = columns, .k = side->rank, .ta = 1, .alpha = alpha, .beta = 1};
    if (side->v)
        lethe_dgemm(out, side->v, m, &how);
    else
        lethe_daxpy(out, alpha, m, side->n * columns);
}

/* out (rows, n) += alpha m V, m (rows, rank). */
static void add_right(double *out, const struct lethe_ekfac_side *side, const double *m,
                      size_t rows, double alpha)
{
    const struct lethe_gemm how = {
        .m = rows, .n = side->n, .k = side->rank, .alpha = alpha, .beta = 1};
    if (side->v)
        lethe_dgemm(out, m, side->v, &how);
    else
        lethe_daxpy(out, alpha, m, rows * side->n);
}

/* m (rows, rank) by the values of those rows; then what is left of rows (rows, n) by the last. */
static void scale_inside(double *m, const double *values, size_t stride, size_t rows, size_t rank,
                         const struct scaling *how)
{
    for (size_t s = 0; s < rows; s++)
        for (size_t a = 0; a < rank; a++)
            m[s * rank + a] = scaled(m[s * rank + a], values[s * stride + a], how);
}

/* rows (count, width) in place: their parts along V and the rest by values (count, of the side). A
 * stride of 0 gives every row the same values. inside is (count, rank). */
static void scale_rows(double *rows, double *inside, const struct lethe_ekfac_side *side,
                       const double *values, size_t stride, size_t count, const struct scaling *how)
{
    lethe_side_into(side, inside, rows, count);
    if (side->rank == side->n) {
        memset(rows, 0, count * side->n * sizeof *rows);
    } else {
        add_right(rows, side, inside, count, -1);
        for (size_t s = 0; s < count; s++)
            for (size_t i = 0; i < side->n; i++)
                rows[s * side->n + i] =
                    scaled(rows[s * side->n + i], values[s * stride + side->rank], how);
    }
    scale_inside(inside, values, stride, count, side->rank, how);
    add_right(rows, side, inside, count, 1);
}

static size_t room(const struct lethe_ekfac_block *block)
{
    return block->out.rank * block->width + block->units * block->in.rank;
}

static void scale_block(double *x, const struct lethe_ekfac_block *block, const struct scaling *how,
                        double *work)
{
    const size_t u = block->units, p = block->width, vi = lethe_side_values(&block->in);
    double *turned = work, *inside = turned + block->out.rank * p;
    if (block->kind == LETHE_EKFAC_LEFT) {
        for (size_t i = 0; i < p; i++)
            x[i] = scaled(x[i], block->values[i], how);
        return;
    }
    into_left(turned, &block->out, x, p);
    if (block->out.rank == u) {
        memset(x, 0, u * p * sizeof *x);
    } else {
        add_left(x, &block->out, turned, p, -1);
        scale_rows(x, inside, &block->in, block->values + block->out.rank * vi, 0, u, how);
    }
    scale_rows(turned, inside, &block->in, block->values, vi, block->out.rank, how);
    add_left(x, &block->out, turned, p, 1);
}

enum lethe_err lethe_ekfac_apply(const struct lethe_ekfac *ekfac, double *x, double shift,
                                 int inverse, const unsigned char *touched, struct lethe_error *err)
{
    const struct scaling how = {.shift = shift, .inverse = inverse};
    size_t most = 1;
    for (size_t b = 0; b < ekfac->count; b++) {
        const struct lethe_ekfac_block *block = &ekfac->blocks[b];
        const size_t needs = room(block) + block->units * block->width;
        if (!touched || touched[b])
            most = needs > most ? needs : most;
    }
    double *work = lethe_alloc_aligned(most, sizeof *work);
    if (!work)
        return lethe_fail_memory(err, "a solve", most, sizeof *work);
    for (size_t b = 0; b < ekfac->count; b++) {
        const struct lethe_ekfac_block *block = &ekfac->blocks[b];
        if (touched && !touched[b])
            continue;
        lethe_ekfac_gather(work, ekfac, block, x);
        scale_block(work, block, &how, work + block->units * block->width);
        lethe_ekfac_scatter(x, ekfac, block, work);
    }
    lethe_free(work);
    return LETHE_OK;
}

enum lethe_err lethe_ekfac_solve(const struct lethe_ekfac *ekfac, double *x, double shift,
                                 struct lethe_error *err)
{
    if (!(shift > 0))
        return lethe_fail(err, LETHE_EARG,
                          "a solve with 'ekfac' needs weight decay or damping above 0, not %g",
                          shift);
    return lethe_ekfac_apply(ekfac, x, shift, 1, NULL, err);
}

enum lethe_err lethe_ekfac_times(const struct lethe_ekfac *ekfac, double *x, double shift,
                                 struct lethe_error *err)
{
    return lethe_ekfac_apply(ekfac, x, shift, 0, NULL, err);
}
