/* SPDX-License-Identifier: MIT
 * Functions of EKFAC times a vector, block by block: with U and V the eigenvectors of the two sides
 * in rows and X a block's parameters, the parts
 *     C = U X V',  U X - C V,  X V' - U'C,  and what is then left of X
 * are each multiplied by a function of their values. With whole bases there is only the first. */
#include <string.h>

#include "base/alloc.h"
#include "base/threads.h"
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

/* rows (count, width) in place: what lies outside V by the last of their values, their parts along
 * V by the rest: rows_s = f(last) rows_s + sum over a of (f(value_a) - f(last)) c_sa V_a. A stride
 * of 0 gives every row the same values. inside is (count, rank). */
static void scale_rows(double *rows, double *inside, const struct lethe_ekfac_side *side,
                       const double *values, size_t stride, size_t count, const struct scaling *how)
{
    const size_t n = side->n, r = side->rank;
    lethe_side_into(side, inside, rows, count);
    for (size_t s = 0; s < count; s++, values += stride) {
        const double outside = r < n ? scaled(1, values[r], how) : 0;
        for (size_t i = 0; i < n; i++)
            rows[s * n + i] *= outside;
        for (size_t a = 0; a < r; a++)
            inside[s * r + a] *= scaled(1, values[a], how) - outside;
    }
    add_right(rows, side, inside, count, 1);
}

static size_t room(const struct lethe_ekfac_block *block)
{
    return block->out.rank * block->width + block->units * block->in.rank +
           block->units * block->width;
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

/* ---- all blocks ------------------------------------------------------------------------------ */

struct scaler {
    const struct lethe_ekfac *ekfac;
    const unsigned char *touched; /* (blocks); NULL: all */
    struct scaling how;
    double *x, *work; /* (parameters); each worker's `room` */
    size_t room;
};

static void do_block(void *job, size_t item, unsigned worker)
{
    const struct scaler *s = job;
    const struct lethe_ekfac_block *block = &s->ekfac->blocks[item];
    double *matrix = s->work + worker * s->room;
    if (s->touched && !s->touched[item])
        return;
    lethe_ekfac_gather(matrix, s->ekfac, block, s->x);
    scale_block(matrix, block, &s->how, matrix + block->units * block->width);
    lethe_ekfac_scatter(s->x, s->ekfac, block, matrix);
}

/* Multiplications of a block. */
static double cost(const struct lethe_ekfac_block *block)
{
    const double u = (double)block->units, p = (double)block->width;
    return 2 * u * p * ((double)block->out.rank + (double)block->in.rank);
}

/* Threads that are worth their start. */
static size_t workers_for(const struct scaler *s)
{
    const double much = 1e8;
    double sum = 0;
    for (size_t b = 0; b < s->ekfac->count; b++)
        sum += s->touched && !s->touched[b] ? 0 : cost(&s->ekfac->blocks[b]);
    return sum > much ? lethe_ekfac_workers(s->ekfac->threads) : 1;
}

enum lethe_err lethe_ekfac_apply(const struct lethe_ekfac *ekfac, double *x, double shift,
                                 int inverse, const unsigned char *touched,
                                 struct lethe_watch *watch, struct lethe_error *err)
{
    struct scaler s = {ekfac, touched, {.shift = shift, .inverse = inverse}, x, NULL, 1};
    struct lethe_threads *pool = NULL;
    const size_t workers = workers_for(&s);
    for (size_t b = 0; b < ekfac->count; b++)
        if ((!touched || touched[b]) && room(&ekfac->blocks[b]) > s.room)
            s.room = room(&ekfac->blocks[b]);
    s.room = (s.room + 7) / 8 * 8;
    s.work = lethe_alloc_aligned(workers * s.room, sizeof *s.work);
    if (!s.work)
        return lethe_fail_memory(err, "a solve", workers * s.room, sizeof *s.work);
    enum lethe_err rc = workers > 1 ? lethe_threads_new(&pool, (unsigned)workers, err) : LETHE_OK;
    if (!rc && pool)
        lethe_threads_run(pool, do_block, &s, ekfac->count, watch);
    for (size_t b = 0; !rc && !pool && b < ekfac->count; b++)
        do_block(&s, b, 0);
    if (!rc && watch && atomic_load(&watch->cancelled))
        rc = lethe_fail(err, LETHE_ECANCEL, "cancelled while solving");
    lethe_threads_free(pool);
    lethe_free(s.work);
    return rc;
}

enum lethe_err lethe_ekfac_solve(const struct lethe_ekfac *ekfac, double *x, double shift,
                                 struct lethe_error *err)
{
    if (!(shift > 0))
        return lethe_fail(err, LETHE_EARG,
                          "a solve with 'ekfac' needs weight decay or damping above 0, not %g",
                          shift);
    return lethe_ekfac_apply(ekfac, x, shift, 1, NULL, NULL, err);
}

enum lethe_err lethe_ekfac_times(const struct lethe_ekfac *ekfac, double *x, double shift,
                                 struct lethe_error *err)
{
    return lethe_ekfac_apply(ekfac, x, shift, 0, NULL, NULL, err);
}
