/* SPDX-License-Identifier: MIT
 * What LSTM and GRU share. One direction is run at a time over a trace in the scratch: the inputs
 * step by step, the gates of every step, the states before and after each. Sizes: T steps, N
 * samples, I inputs, H hidden, D directions, G gates. Step k of a direction that goes backward in
 * time is step T - 1 - k of the sequence. A sample whose sequence is over keeps its state, and its
 * output is 0. */
#ifndef LETHE_NN_OPS_RECURRENT_H
#define LETHE_NN_OPS_RECURRENT_H

#include <math.h>
#include <string.h>

#include "nn/ops/real.h"

enum { IN_X, IN_W, IN_R, IN_B, IN_LENGTHS, IN_H, IN_C, IN_P };

/* Entry k of a call's list of inputs or their adjoints; NULL where absent. */
static inline real *entry_of(void *const *list, const struct lethe_op_call *call, size_t k)
{
    return k < call->node->in_count ? list[k] : NULL;
}

static inline real *output_of(void *const *list, const struct lethe_op_call *call, size_t k)
{
    return k < call->node->out_count ? list[k] : NULL;
}

/* The part of a tensor (D, size) that is direction d's. */
static inline real *part_of(real *all, size_t d, size_t size)
{
    return all ? all + d * size : NULL;
}

static inline size_t time_of(const struct lethe_recurrent_args *a, size_t d, size_t k)
{
    return a->reverse[d] ? a->steps - 1 - k : k;
}

/* Where sample b's row of step t is: in X (I numbers) and, with the direction, in Y (H numbers). */
static inline size_t row_of_x(const struct lethe_recurrent_args *a, size_t t, size_t b)
{
    return a->batch_first ? b * a->steps + t : t * a->batch + b;
}

static inline size_t row_of_y(const struct lethe_recurrent_args *a, size_t d, size_t t, size_t b)
{
    return a->batch_first ? (b * a->steps + t) * a->directions + d
                          : (t * a->directions + d) * a->batch + b;
}

/* ... and of a state: (D, N, H) or (N, D, H). */
static inline size_t row_of_state(const struct lethe_recurrent_args *a, size_t d, size_t b)
{
    return a->batch_first ? b * a->directions + d : d * a->batch + b;
}

static inline int is_active(const real *lengths, size_t t, size_t b)
{
    return !lengths || (real)t < lengths[b];
}

static inline real logistic(real x)
{
    return 1 / (1 + REAL_FN(exp)(-x));
}

/* rows(T, N, I) in order of time: X itself, or a copy of it in `room`. */
static inline const real *rows_in_time(real *room, const real *x,
                                       const struct lethe_recurrent_args *a)
{
    if (!a->batch_first || !x)
        return x;
    for (size_t t = 0; t < a->steps; t++)
        for (size_t b = 0; b < a->batch; b++)
            memcpy(room + (t * a->batch + b) * a->width, x + row_of_x(a, t, b) * a->width,
                   a->width * sizeof *room);
    return room;
}

/* X's adjoint += rows(T, N, I) */
static inline void add_rows(real *x, const real *rows, const struct lethe_recurrent_args *a)
{
    for (size_t t = 0; t < a->steps; t++)
        for (size_t b = 0; b < a->batch; b++) {
            real *to = x + row_of_x(a, t, b) * a->width;
            const real *from = rows + (t * a->batch + b) * a->width;
            for (size_t i = 0; i < a->width; i++)
                to[i] += from[i];
        }
}

/* states(N, H) from an input or output of the call; 0 where it is absent. rows: the
 * first of a direction's rows for all samples; 0: each has its own. */
static inline void read_state(real *to, const real *from, const struct lethe_recurrent_args *a,
                              size_t d, size_t rows)
{
    for (size_t b = 0; b < a->batch; b++) {
        size_t at = !rows ? row_of_state(a, d, b) : a->batch_first ? d : d * rows;
        if (from)
            memcpy(to + b * a->hidden, from + at * a->hidden, a->hidden * sizeof *to);
        else
            memset(to + b * a->hidden, 0, a->hidden * sizeof *to);
    }
}

static inline void write_state(real *to, const real *from, const struct lethe_recurrent_args *a,
                               size_t d)
{
    for (size_t b = 0; b < a->batch && to; b++)
        memcpy(to + row_of_state(a, d, b) * a->hidden, from + b * a->hidden,
               a->hidden * sizeof *to);
}

static inline void add_state(real *to, const real *from, const struct lethe_recurrent_args *a,
                             size_t d)
{
    for (size_t b = 0; b < a->batch && to; b++)
        for (size_t j = 0; j < a->hidden; j++)
            to[row_of_state(a, d, b) * a->hidden + j] += from[b * a->hidden + j];
}

/* Y of one direction from states(T + 1, N, H), the first of which is the one at the start. */
static inline void write_outputs(real *y, const real *states, const real *lengths,
                                 const struct lethe_recurrent_args *a, size_t d)
{
    for (size_t k = 0; k < a->steps && y; k++)
        for (size_t b = 0; b < a->batch; b++) {
            size_t t = time_of(a, d, k);
            real *to = y + row_of_y(a, d, t, b) * a->hidden;
            if (is_active(lengths, t, b))
                memcpy(to, states + ((k + 1) * a->batch + b) * a->hidden, a->hidden * sizeof *to);
            else
                memset(to, 0, a->hidden * sizeof *to);
        }
}

/* dh(N, H) += the adjoint of step t's outputs, where the sample has that step. */
static inline void add_outputs(real *dh, const real *dy, const real *lengths,
                               const struct lethe_recurrent_args *a, size_t d, size_t t)
{
    for (size_t b = 0; b < a->batch && dy; b++)
        for (size_t j = 0; j < a->hidden && is_active(lengths, t, b); j++)
            dh[b * a->hidden + j] += dy[row_of_y(a, d, t, b) * a->hidden + j];
}

/* z(rows, G) = or += x(rows, k) w(G, k)' */
static inline void project(real *z, const real *x, const real *w, size_t rows, size_t gates,
                           size_t k, int adds)
{
    struct lethe_gemm how = {
        .m = rows, .n = gates, .k = k, .tb = 1, .alpha = 1, .beta = adds ? 1 : 0};
    REAL_GEMM(z, x, w, &how);
}

/* w(G, k) += dz(rows, G)' x(rows, k); a row of dz is `stride` long. */
static inline void add_weights(real *w, const real *dz, const real *x, size_t rows, size_t gates,
                               size_t k, size_t stride)
{
    struct lethe_gemm how = {
        .m = gates, .n = k, .k = rows, .ta = 1, .alpha = 1, .beta = 1, .lda = stride};
    if (w)
        REAL_GEMM(w, dz, x, &how);
}

/* x(rows, k) = or += dz(rows, G) w(G, k) */
static inline void project_back(real *x, const real *dz, const real *w, size_t rows, size_t gates,
                                size_t k, size_t stride, int adds)
{
    struct lethe_gemm how = {
        .m = rows, .n = k, .k = gates, .alpha = 1, .beta = adds ? 1 : 0, .lda = stride};
    REAL_GEMM(x, dz, w, &how);
}

/* z(rows, stride)[:count] += bias(count) */
static inline void add_bias(real *z, const real *bias, size_t rows, size_t count, size_t stride)
{
    for (size_t r = 0; r < rows && bias; r++)
        for (size_t j = 0; j < count; j++)
            z[r * stride + j] += bias[j];
}

static inline void sum_bias(real *bias, const real *dz, size_t rows, size_t count, size_t stride)
{
    for (size_t r = 0; r < rows && bias; r++)
        for (size_t j = 0; j < count; j++)
            bias[j] += dz[r * stride + j];
}

/* ---- the sums of all gates over all steps, without what the states add ----------------------- */

/* rows = T N; G columns, of which the bias of R reaches the first `inner`: (T, N, G) numbers. */
struct gate_sums {
    const struct lethe_op_call *call;
    size_t d, gates, inner;
    const real *x, *w; /* (T, N, I), (G, I) */
};

static inline size_t rows_of(const struct gate_sums *s)
{
    return s->call->args.recurrent.steps * s->call->args.recurrent.batch;
}

/* The biases of W and of R, one after the other, from a list of inputs or of their tangents. */
static inline void add_biases(real *z, const struct gate_sums *s, void *const *list)
{
    const real *bias = part_of(entry_of(list, s->call, IN_B), s->d, 2 * s->gates);
    add_bias(z, bias, rows_of(s), s->gates, s->gates);
    add_bias(z, bias ? bias + s->gates : NULL, rows_of(s), s->inner, s->gates);
}

static inline void sums_forward(real *z, const struct gate_sums *s, const struct lethe_data *data)
{
    project(z, s->x, s->w, rows_of(s), s->gates, s->call->args.recurrent.width, 0);
    add_biases(z, s, data->x);
}

/* From the adjoints dz of the sums to those of W, of the biases and of X, by way of room(T, N, I).
 */
static inline void sums_back(real *room, const real *dz, const struct gate_sums *s,
                             const struct lethe_data *data)
{
    const struct lethe_recurrent_args *a = &s->call->args.recurrent;
    const size_t rows = rows_of(s);
    real *bias = part_of(entry_of(data->dx, s->call, IN_B), s->d, 2 * s->gates);
    add_weights(part_of(data->dx[IN_W], s->d, s->gates * a->width), dz, s->x, rows, s->gates,
                a->width, s->gates);
    sum_bias(bias, dz, rows, s->gates, s->gates);
    sum_bias(bias ? bias + s->gates : NULL, dz, rows, s->inner, s->gates);
    if (!data->dx[IN_X])
        return;
    project_back(room, dz, s->w, rows, s->gates, a->width, s->gates, 0);
    add_rows(data->dx[IN_X], room, a);
}

/* tz from the tangents of X, W and the biases; room(T, N, I). */
static inline void sums_tangent(real *tz, real *room, const struct gate_sums *s,
                                const struct lethe_data *data)
{
    const struct lethe_recurrent_args *a = &s->call->args.recurrent;
    const real *tx = rows_in_time(room, data->tx[IN_X], a);
    const real *tw = part_of(data->tx[IN_W], s->d, s->gates * a->width);
    memset(tz, 0, rows_of(s) * s->gates * sizeof *tz);
    if (tx)
        project(tz, tx, s->w, rows_of(s), s->gates, a->width, 1);
    if (tw)
        project(tz, s->x, tw, rows_of(s), s->gates, a->width, 1);
    add_biases(tz, s, data->tx);
}

#endif
