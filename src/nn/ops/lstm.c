/* SPDX-License-Identifier: MIT
 * LSTM with peepholes, by Hochreiter and Schmidhuber (1997) as ONNX has it: gates i, o, f, g in
 * this order, c = f c' + i g, h = o tanh(c). Backward goes through time over a trace that is
 * computed again. */
#include "nn/ops/recurrent.h"

/* One direction's run. gates (T, N, 4 H) are activated: i, o, f, g. */
struct trace {
    struct gate_sums sums;
    real *gates, *c, *h; /* states are (T + 1, N, H) */
    const real *r, *p;   /* peepholes i, o, f; NULL: none */
    const real *lengths; /* NULL: all are T */
    real *rest;          /* scratch that is left */
};

static void cell(real *z, real *c, real *h, const real *before, const struct trace *s, size_t H)
{
    const real *p = s->p;
    for (size_t j = 0; j < H; j++) {
        real peep_i = p ? p[j] * before[j] : 0, peep_f = p ? p[2 * H + j] * before[j] : 0;
        real i = logistic(z[j] + peep_i), f = logistic(z[2 * H + j] + peep_f);
        real g = REAL_FN(tanh)(z[3 * H + j]);
        c[j] = f * before[j] + i * g;
        real o = logistic(z[H + j] + (p ? p[H + j] * c[j] : 0));
        h[j] = o * REAL_FN(tanh)(c[j]);
        z[j] = i;
        z[H + j] = o;
        z[2 * H + j] = f;
        z[3 * H + j] = g;
    }
}

static void steps(struct trace *s, const struct lethe_recurrent_args *a, size_t d)
{
    const size_t N = a->batch, H = a->hidden, NH = N * H;
    for (size_t k = 0; k < a->steps; k++) {
        size_t t = time_of(a, d, k);
        real *z = s->gates + t * N * 4 * H, *c = s->c + k * NH, *h = s->h + k * NH;
        project(z, h, s->r, N, 4 * H, H, 1);
        for (size_t b = 0; b < N; b++) {
            if (is_active(s->lengths, t, b)) {
                cell(z + b * 4 * H, c + NH + b * H, h + NH + b * H, c + b * H, s, H);
                continue;
            }
            memset(z + b * 4 * H, 0, 4 * H * sizeof *z);
            memcpy(c + NH + b * H, c + b * H, H * sizeof *c);
            memcpy(h + NH + b * H, h + b * H, H * sizeof *h);
        }
    }
}

static struct trace run(const struct lethe_op_call *call, const struct lethe_data *data, size_t d)
{
    const struct lethe_recurrent_args *a = &call->args.recurrent;
    const size_t rows = a->steps * a->batch, H = a->hidden;
    struct trace s = {.r = part_of(data->x[IN_R], d, 4 * H * H),
                      .p = part_of(entry_of(data->x, call, IN_P), d, 3 * H),
                      .lengths = entry_of(data->x, call, IN_LENGTHS)};
    s.gates = data->scratch;
    s.c = s.gates + rows * 4 * H;
    s.h = s.c + (rows + a->batch) * H;
    s.rest = s.h + (rows + a->batch) * H;
    s.sums = (struct gate_sums){.call = call,
                                .d = d,
                                .gates = 4 * H,
                                .inner = 4 * H,
                                .x = rows_in_time(s.rest, data->x[IN_X], a),
                                .w = part_of(data->x[IN_W], d, 4 * H * a->width)};
    s.rest += a->batch_first ? rows * a->width : 0;
    sums_forward(s.gates, &s.sums, data);
    read_state(s.h, entry_of(data->x, call, IN_H), a, d, a->start_rows[0]);
    read_state(s.c, entry_of(data->x, call, IN_C), a, d, a->start_rows[1]);
    steps(&s, a, d);
    return s;
}

KERNEL(lstm_forward)
{
    const struct lethe_recurrent_args *a = &call->args.recurrent;
    const size_t last = a->steps * a->batch * a->hidden;
    for (size_t d = 0; d < a->directions; d++) {
        struct trace s = run(call, data, d);
        write_outputs(output_of(data->y, call, 0), s.h, s.lengths, a, d);
        write_state(output_of(data->y, call, 1), s.h + last, a, d);
        write_state(output_of(data->y, call, 2), s.c + last, a, d);
    }
}

/* ---- backward through time ------------------------------------------------------------------- */

/* Turns a cell's gates z into their adjoints. dh and dc, adjoints of what it made, become c's
 * before it and (without what goes through R) h's: 0. */
static void cell_back(real *z, real *dh, real *dc, real *dp, const real *c, const real *before,
                      const struct trace *s, size_t H)
{
    const real *p = s->p;
    for (size_t j = 0; j < H; j++) {
        real i = z[j], o = z[H + j], f = z[2 * H + j], g = z[3 * H + j];
        real bent = REAL_FN(tanh)(c[j]), out = dh[j] * bent * o * (1 - o);
        real by_c = dc[j] + dh[j] * o * (1 - bent * bent) + (p ? out * p[H + j] : 0);
        z[j] = by_c * g * i * (1 - i);
        z[H + j] = out;
        z[2 * H + j] = by_c * before[j] * f * (1 - f);
        z[3 * H + j] = by_c * i * (1 - g * g);
        dc[j] = by_c * f + (p ? z[j] * p[j] + z[2 * H + j] * p[2 * H + j] : 0);
        dh[j] = 0;
        if (dp) {
            dp[j] += z[j] * before[j];
            dp[H + j] += out * c[j];
            dp[2 * H + j] += z[2 * H + j] * before[j];
        }
    }
}

static void steps_back(const struct trace *s, const struct lethe_op_call *call,
                       const struct lethe_data *data, size_t d)
{
    const struct lethe_recurrent_args *a = &call->args.recurrent;
    const size_t N = a->batch, H = a->hidden, NH = N * H;
    real *dr = part_of(data->dx[IN_R], d, 4 * H * H);
    real *dp = part_of(entry_of(data->dx, call, IN_P), d, 3 * H);
    real *dh = s->rest, *dc = dh + NH;
    read_state(dh, output_of(data->dy, call, 1), a, d, 0);
    read_state(dc, output_of(data->dy, call, 2), a, d, 0);
    for (size_t k = a->steps; k-- > 0;) {
        size_t t = time_of(a, d, k);
        real *z = s->gates + t * N * 4 * H;
        const real *c = s->c + k * NH;
        add_outputs(dh, output_of(data->dy, call, 0), s->lengths, a, d, t);
        for (size_t b = 0; b < N; b++)
            if (is_active(s->lengths, t, b))
                cell_back(z + b * 4 * H, dh + b * H, dc + b * H, dp, c + NH + b * H, c + b * H, s,
                          H);
        project_back(dh, z, s->r, N, 4 * H, H, 4 * H, 1);
        add_weights(dr, z, s->h + k * NH, N, 4 * H, H, 4 * H);
    }
    add_state(entry_of(data->dx, call, IN_H), dh, a, d);
    add_state(entry_of(data->dx, call, IN_C), dc, a, d);
}

KERNEL(lstm_backward)
{
    const struct lethe_recurrent_args *a = &call->args.recurrent;
    for (size_t d = 0; d < a->directions; d++) {
        struct trace s = run(call, data, d);
        steps_back(&s, call, data, d);
        sums_back(s.rest + 2 * a->batch * a->hidden, s.gates, &s.sums, data);
    }
}

/* ---- tangents -------------------------------------------------------------------------------- */

/* tz, tangents of a cell's sums without peepholes, and of its state before: those after it. */
static void cell_tangent(real *tc, real *th, const real *tz, const real *t_before, const real *z,
                         const real *c, const real *before, const real *p, const real *tp, size_t H)
{
    for (size_t j = 0; j < H; j++) {
        real i = z[j], o = z[H + j], f = z[2 * H + j], g = z[3 * H + j];
        real ti = tz[j], to = tz[H + j], tf = tz[2 * H + j], bent = REAL_FN(tanh)(c[j]);
        if (p) {
            ti += p[j] * t_before[j];
            tf += p[2 * H + j] * t_before[j];
        }
        if (tp) {
            ti += tp[j] * before[j];
            tf += tp[2 * H + j] * before[j];
        }
        tc[j] = i * (1 - i) * ti * g + i * (1 - g * g) * tz[3 * H + j] +
                f * (1 - f) * tf * before[j] + f * t_before[j];
        to += (p ? p[H + j] * tc[j] : 0) + (tp ? tp[H + j] * c[j] : 0);
        th[j] = o * (1 - o) * to * bent + o * (1 - bent * bent) * tc[j];
    }
}

static void steps_tangent(real *tz, real *tc, real *th, const struct trace *s,
                          const struct lethe_op_call *call, const struct lethe_data *data, size_t d)
{
    const struct lethe_recurrent_args *a = &call->args.recurrent;
    const size_t N = a->batch, H = a->hidden, NH = N * H;
    const real *tr = part_of(data->tx[IN_R], d, 4 * H * H);
    const real *tp = part_of(entry_of(data->tx, call, IN_P), d, 3 * H);
    read_state(th, entry_of(data->tx, call, IN_H), a, d, 0);
    read_state(tc, entry_of(data->tx, call, IN_C), a, d, 0);
    for (size_t k = 0; k < a->steps; k++) {
        size_t t = time_of(a, d, k), at = t * N * 4 * H;
        real *from_c = tc + k * NH, *from_h = th + k * NH;
        project(tz + at, from_h, s->r, N, 4 * H, H, 1);
        if (tr)
            project(tz + at, s->h + k * NH, tr, N, 4 * H, H, 1);
        for (size_t b = 0; b < N; b++) {
            size_t j = b * H;
            if (is_active(s->lengths, t, b)) {
                cell_tangent(from_c + NH + j, from_h + NH + j, tz + at + 4 * j, from_c + j,
                             s->gates + at + 4 * j, s->c + (k + 1) * NH + j, s->c + k * NH + j,
                             s->p, tp, H);
                continue;
            }
            memcpy(from_c + NH + j, from_c + j, H * sizeof *tc);
            memcpy(from_h + NH + j, from_h + j, H * sizeof *th);
        }
    }
}

KERNEL(lstm_jvp)
{
    const struct lethe_recurrent_args *a = &call->args.recurrent;
    const size_t rows = a->steps * a->batch, H = a->hidden;
    for (size_t d = 0; d < a->directions; d++) {
        struct trace s = run(call, data, d);
        real *tz = s.rest, *tc = tz + rows * 4 * H, *th = tc + (rows + a->batch) * H;
        sums_tangent(tz, th + (rows + a->batch) * H, &s.sums, data);
        steps_tangent(tz, tc, th, &s, call, data, d);
        write_outputs(output_of(data->ty, call, 0), th, s.lengths, a, d);
        write_state(output_of(data->ty, call, 1), th + rows * H, a, d);
        write_state(output_of(data->ty, call, 2), tc + rows * H, a, d);
    }
}
