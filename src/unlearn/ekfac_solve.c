/* SPDX-License-Identifier: MIT
 * Functions of EKFAC times a vector, block by block: with U and V the eigenvectors of the two sides
 * in rows and X a block's parameters, the parts
 *     C = U X V',  U X - C V,  X V' - U'C,  and what is then left of X
 * are each multiplied by a function of their values. With whole bases there is only the first.
 * Where one vector is solved for at many shifts, its parts are made once and kept. */
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

/* rows (count, width) in place, inside (count, rank) their parts along V and used up: what lies
 * outside V by the last of their values, the parts by the rest:
 * rows_s = f(last) rows_s + sum over a of (f(value_a) - f(last)) c_sa V_a. A stride of 0 gives
 * every row the same values. */
static void scale_parts(double *rows, double *inside, const struct lethe_ekfac_side *side,
                        const double *values, size_t stride, size_t count,
                        const struct scaling *how)
{
    const size_t n = side->n, r = side->rank;
    for (size_t s = 0; s < count; s++, values += stride) {
        const double outside = r < n ? scaled(1, values[r], how) : 0;
        for (size_t i = 0; i < n; i++)
            rows[s * n + i] *= outside;
        for (size_t a = 0; a < r; a++)
            inside[s * r + a] *= scaled(1, values[a], how) - outside;
    }
    lethe_side_back(side, rows, inside, count, 1);
}

static const double *beyond(const struct lethe_ekfac_block *block)
{
    return block->values + block->out.rank * lethe_side_values(&block->in);
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
    lethe_side_left(&block->out, turned, x, p);
    if (block->out.rank == u) {
        memset(x, 0, u * p * sizeof *x);
    } else {
        lethe_side_left_back(&block->out, x, turned, p, -1);
        lethe_side_into(&block->in, inside, x, u);
        scale_parts(x, inside, &block->in, beyond(block), 0, u, how);
    }
    lethe_side_into(&block->in, inside, turned, block->out.rank);
    scale_parts(turned, inside, &block->in, block->values, vi, block->out.rank, how);
    lethe_side_left_back(&block->out, x, turned, p, 1);
}

/* ---- parts that are kept --------------------------------------------------------------------- */

/* A block's matrix X for any shift: U X and C, and what is left of X with its parts along V. Rows
 * are kept only where they have something outside V. */
struct parts {
    size_t turned, inside, rest, beside; /* doubles */
};

static struct parts parts_of(const struct lethe_ekfac_block *block)
{
    const size_t u = block->units, p = block->width, r = block->in.rank;
    const size_t out = block->out.rank, left = out < u ? u : 0, rows = r < p ? p : 0;
    if (block->kind == LETHE_EKFAC_LEFT)
        return (struct parts){.turned = u * p};
    return (struct parts){out * rows, out * r, left * rows, left * r};
}

size_t lethe_ekfac_turned_room(const struct lethe_ekfac *ekfac)
{
    size_t sum = 0;
    for (size_t b = 0; b < ekfac->count; b++) {
        const struct parts parts = parts_of(&ekfac->blocks[b]);
        sum += parts.turned + parts.inside + parts.rest + parts.beside;
    }
    return sum;
}

/* x is used up. */
static void turn_block(double *kept, const struct lethe_ekfac_block *block, double *x, double *work)
{
    const size_t u = block->units, p = block->width;
    const struct parts parts = parts_of(block);
    double *inside = kept + parts.turned, *rest = inside + parts.inside;
    if (block->kind == LETHE_EKFAC_LEFT) {
        memcpy(kept, x, parts.turned * sizeof *kept);
        return;
    }
    lethe_side_left(&block->out, work, x, p);
    lethe_side_into(&block->in, inside, work, block->out.rank);
    memcpy(kept, work, parts.turned * sizeof *kept);
    if (block->out.rank == u)
        return;
    lethe_side_left_back(&block->out, x, work, p, -1);
    lethe_side_into(&block->in, rest + parts.rest, x, u);
    memcpy(rest, x, parts.rest * sizeof *rest);
}

/* rows (count, width) of a block: those that are kept, or zero where V holds all of them. */
static void bring(double *rows, double *inside, const double *kept, size_t kept_rows,
                  size_t kept_inside, size_t cells)
{
    memset(rows, 0, kept_rows ? 0 : cells * sizeof *rows);
    memcpy(rows, kept, kept_rows * sizeof *rows);
    memcpy(inside, kept + kept_rows, kept_inside * sizeof *inside);
}

static void spread_block(double *x, const double *kept, const struct lethe_ekfac_block *block,
                         const struct scaling *how, double *work)
{
    const size_t u = block->units, p = block->width, vi = lethe_side_values(&block->in);
    const struct parts parts = parts_of(block);
    double *rows = work, *inside = rows + block->out.rank * p;
    if (block->kind == LETHE_EKFAC_LEFT) {
        for (size_t i = 0; i < p; i++)
            x[i] = scaled(kept[i], block->values[i], how);
        return;
    }
    if (block->out.rank == u) {
        memset(x, 0, u * p * sizeof *x);
    } else {
        bring(x, inside, kept + parts.turned + parts.inside, parts.rest, parts.beside, u * p);
        scale_parts(x, inside, &block->in, beyond(block), 0, u, how);
    }
    bring(rows, inside, kept, parts.turned, parts.inside, block->out.rank * p);
    scale_parts(rows, inside, &block->in, block->values, vi, block->out.rank, how);
    lethe_side_left_back(&block->out, x, rows, p, 1);
}

/* ---- all blocks ------------------------------------------------------------------------------ */

enum act { SCALE, TURN, SPREAD };

struct scaler {
    const struct lethe_ekfac *ekfac;
    const unsigned char *touched; /* (blocks); NULL: all */
    struct scaling how;
    double *x, *work; /* (parameters); each worker's `room` */
    size_t room;
    enum act act;
    struct lethe_ekfac_turned *turned; /* of TURN and SPREAD */
};

static void do_block(void *job, size_t item, unsigned worker)
{
    const struct scaler *s = job;
    const struct lethe_ekfac_block *block = &s->ekfac->blocks[item];
    double *matrix = s->work + worker * s->room, *work = matrix + block->units * block->width;
    double *kept = s->act == SCALE ? NULL : s->turned->parts + s->turned->at[item];
    if (s->touched && !s->touched[item])
        return;
    if (s->act != SPREAD)
        lethe_ekfac_gather(matrix, s->ekfac, block, s->x);
    if (s->act == SCALE)
        scale_block(matrix, block, &s->how, work);
    else if (s->act == TURN)
        turn_block(kept, block, matrix, work);
    else
        spread_block(matrix, kept, block, &s->how, work);
    if (s->act != TURN)
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

static enum lethe_err run(struct scaler *s, struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_ekfac *ekfac = s->ekfac;
    struct lethe_threads *pool = NULL;
    const size_t workers = workers_for(s);
    s->room = 1;
    for (size_t b = 0; b < ekfac->count; b++)
        if ((!s->touched || s->touched[b]) && room(&ekfac->blocks[b]) > s->room)
            s->room = room(&ekfac->blocks[b]);
    s->room = (s->room + 7) / 8 * 8;
    s->work = lethe_alloc_aligned(workers * s->room, sizeof *s->work);
    if (!s->work)
        return lethe_fail_memory(err, "a solve", workers * s->room, sizeof *s->work);
    enum lethe_err rc = workers > 1 ? lethe_threads_new(&pool, (unsigned)workers, err) : LETHE_OK;
    if (!rc && pool)
        lethe_threads_run(pool, do_block, s, ekfac->count, watch);
    for (size_t b = 0; !rc && !pool && b < ekfac->count; b++)
        do_block(s, b, 0);
    if (!rc && watch && atomic_load(&watch->cancelled))
        rc = lethe_fail(err, LETHE_ECANCEL, "cancelled while solving");
    lethe_threads_free(pool);
    lethe_free(s->work);
    return rc;
}

enum lethe_err lethe_ekfac_apply(const struct lethe_ekfac *ekfac, double *x, double shift,
                                 int inverse, const unsigned char *touched,
                                 struct lethe_watch *watch, struct lethe_error *err)
{
    struct scaler s = {
        .ekfac = ekfac, .touched = touched, .how = {.shift = shift, .inverse = inverse}, .x = x};
    return run(&s, watch, err);
}

enum lethe_err lethe_ekfac_turn(struct lethe_ekfac_turned *turned, const struct lethe_ekfac *ekfac,
                                double *x, const unsigned char *touched, struct lethe_error *err)
{
    struct scaler s = {.ekfac = ekfac, .touched = touched, .x = x, .act = TURN, .turned = turned};
    size_t sum = 0;
    *turned = (struct lethe_ekfac_turned){
        lethe_alloc(ekfac->count, sizeof *turned->at),
        lethe_alloc(lethe_ekfac_turned_room(ekfac), sizeof *turned->parts)};
    if (!turned->at || !turned->parts) {
        lethe_ekfac_turned_release(turned);
        return lethe_fail_memory(err, "a solve", lethe_ekfac_turned_room(ekfac), sizeof *x);
    }
    for (size_t b = 0; b < ekfac->count; b++) {
        const struct parts parts = parts_of(&ekfac->blocks[b]);
        turned->at[b] = sum;
        sum += parts.turned + parts.inside + parts.rest + parts.beside;
    }
    const enum lethe_err rc = run(&s, NULL, err);
    if (rc)
        lethe_ekfac_turned_release(turned);
    return rc;
}

enum lethe_err lethe_ekfac_solve_turned(const struct lethe_ekfac *ekfac, double *x, double shift,
                                        const struct lethe_ekfac_turned *turned,
                                        const unsigned char *touched, struct lethe_error *err)
{
    struct lethe_ekfac_turned parts = *turned;
    struct scaler s = {.ekfac = ekfac,
                       .touched = touched,
                       .how = {.shift = shift, .inverse = 1},
                       .x = x,
                       .act = SPREAD,
                       .turned = &parts};
    return run(&s, NULL, err);
}

void lethe_ekfac_turned_release(struct lethe_ekfac_turned *turned)
{
    lethe_free(turned->at);
    lethe_free(turned->parts);
    *turned = (struct lethe_ekfac_turned){0};
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
