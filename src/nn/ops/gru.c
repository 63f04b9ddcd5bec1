/* SPDX-License-Identifier: MIT
 * GRU as ONNX has it: gates z, r and the candidate g in this order, h = (1 - z) g + z h'. The reset
 * r acts on the state before its product with R (linear_before_reset 0) or on the product. Backward
 * goes through time over a trace that is computed again. */
#include "nn/ops/recurrent.h"

/* One direction's run. gates (T, N, 3 H) are activated: z, r, g. */
struct trace {
    struct gate_sums sums;
    real *gates, *h; /* states are (T + 1, N, H) */
    real *inner;     /* (T, N, H): r h', or the product R h' + b that r acts on */
    const real *r;
    const real *bias;    /* of R's candidate rows, when it stands inside; NULL: none */
    const real *lengths; /* NULL: all are T */
    real *rest;          /* scratch that is left */
};

static const real *candidate_rows(const real *r, size_t H)
{
    return r ? r + 2 * H * H : NULL;
}

/* z(N, 3 H)[:, from : from + count] += x(N, H) r(count, H)' */
static void add_product(real *z, const real *x, const real *r, size_t N, size_t H, size_t from,
                        size_t count)
{
    struct lethe_gemm how = {
        .m = N, .n = count, .k = H, .tb = 1, .alpha = 1, .beta = 1, .ldc = 3 * H};
    REAL_GEMM(z + from, x, r, &how);
}

static void step(struct trace *s, const struct lethe_recurrent_args *a, size_t t, const real *h,
                 real *next)
{
    const size_t N = a->batch, H = a->hidden;
    real *z = s->gates + t * N * 3 * H, *inner = s->inner + t * N * H;
    add_product(z, h, s->r, N, H, 0, 2 * H);
    for (size_t i = 0; i < N * 2 * H; i++)
        z[i / (2 * H) * 3 * H + i % (2 * H)] = logistic(z[i / (2 * H) * 3 * H + i % (2 * H)]);
    if (a->linear_before_reset) {
        project(inner, h, candidate_rows(s->r, H), N, H, H, 0);
        add_bias(inner, s->bias, N, H, H);
        for (size_t i = 0; i < N * H; i++)
            z[i / H * 3 * H + 2 * H + i % H] += z[i / H * 3 * H + H + i % H] * inner[i];
    } else {
        for (size_t i = 0; i < N * H; i++)
            inner[i] = z[i / H * 3 * H + H + i % H] * h[i];
        add_product(z, inner, candidate_rows(s->r, H), N, H, 2 * H, H);
    }
    for (size_t b = 0; b < N; b++)
        for (size_t j = 0; j < H; j++) {
            real *gate = z + b * 3 * H + j, g = REAL_FN(tanh)(gate[2 * H]);
            gate[2 * H] = g;
            next[b * H + j] = is_active(s->lengths, t, b)
                                  ? (1 - gate[0]) * g + gate[0] * h[b * H + j]
                                  : h[b * H + j];
        }
}

static struct trace run(const struct lethe_op_call *call, const struct lethe_data *data, size_t d)
{
    const struct lethe_recurrent_args *a = &call->args.recurrent;
    const size_t rows = a->steps * a->batch, H = a->hidden, NH = a->batch * H;
    const real *bias = part_of(entry_of(data->x, call, IN_B), d, 6 * H);
    int inside = a->linear_before_reset;
    struct trace s = {.r = part_of(data->x[IN_R], d, 3 * H * H),
                      .bias = bias && inside ? bias + 5 * H : NULL,
                      .lengths = entry_of(data->x, call, IN_LENGTHS)};
    s.gates = data->scratch;
    s.h = s.gates + rows * 3 * H;
    s.inner = s.h + (rows + a->batch) * H;
    s.rest = s.inner + rows * H;
    s.sums = (struct gate_sums){.call = call,
                                .d = d,
                                .gates = 3 * H,
                                .inner = (inside ? 2 : 3) * H,
                                .x = rows_in_time(s.rest, data->x[IN_X], a),
                                .w = part_of(data->x[IN_W], d, 3 * H * a->width)};
    s.rest += a->batch_first ? rows * a->width : 0;
    sums_forward(s.gates, &s.sums, data);
    read_state(s.h, entry_of(data->x, call, IN_H), a, d, a->start_rows[0]);
    for (size_t k = 0; k < a->steps; k++)
        step(&s, a, time_of(a, d, k), s.h + k * NH, s.h + (k + 1) * NH);
    return s;
}

KERNEL(gru_forward)
{
    const struct lethe_recurrent_args *a = &call->args.recurrent;
    for (size_t d = 0; d < a->directions; d++) {
        struct trace s = run(call, data, d);
        write_outputs(output_of(data->y, call, 0), s.h, s.lengths, a, d);
        write_state(output_of(data->y, call, 1), s.h + a->steps * a->batch * a->hidden, a, d);
    }
}

/* ---- backward through time ------------------------------------------------------------------- */

/* Adjoints of what a step holds, (N, H) each. */
struct step_back {
    real *dh, *before, *inner; /* of the state after it and before it; of the inner product */
};

/* The part of one sample's step: its gates become their adjoints, without that of r. */
static void cell_back(real *gate, const struct step_back *to, const real *h, size_t at, size_t H)
{
    for (size_t j = 0; j < H; j++) {
        real z = gate[j], g = gate[2 * H + j], dh = to->dh[at + j];
        gate[j] = dh * (h[at + j] - g) * z * (1 - z);
        gate[2 * H + j] = dh * (1 - z) * (1 - g * g);
        to->before[at + j] = dh * z;
    }
}

/* Through the reset: r's adjoint, and what the state before and R's candidate rows get. */
static void reset_back(real *z, const struct step_back *to, const struct trace *s,
                       const struct lethe_recurrent_args *a, const real *h, const real *inner,
                       real *dr, real *dbias)
{
    const size_t N = a->batch, H = a->hidden;
    real *rows = dr ? dr + 2 * H * H : NULL;
    if (!a->linear_before_reset) {
        project_back(to->inner, z + 2 * H, candidate_rows(s->r, H), N, H, H, 3 * H, 0);
        add_weights(rows, z + 2 * H, inner, N, H, H, 3 * H);
    }
    for (size_t i = 0; i < N * H; i++) {
        real *gate = z + i / H * 3 * H + i % H, r = gate[H];
        real by_r = a->linear_before_reset ? gate[2 * H] * inner[i] : to->inner[i] * h[i];
        if (a->linear_before_reset)
            to->inner[i] = gate[2 * H] * r;
        else
            to->before[i] += to->inner[i] * r;
        gate[H] = by_r * r * (1 - r);
    }
    if (a->linear_before_reset) {
        project_back(to->before, to->inner, candidate_rows(s->r, H), N, H, H, H, 1);
        add_weights(rows, to->inner, h, N, H, H, H);
        sum_bias(dbias, to->inner, N, H, H);
    }
}

static void steps_back(const struct trace *s, const struct lethe_op_call *call,
                       const struct lethe_data *data, size_t d)
{
    const struct lethe_recurrent_args *a = &call->args.recurrent;
    const size_t N = a->batch, H = a->hidden, NH = N * H;
    real *dr = part_of(data->dx[IN_R], d, 3 * H * H);
    real *bias = part_of(entry_of(data->dx, call, IN_B), d, 6 * H);
    struct step_back to = {.dh = s->rest, .before = s->rest + NH, .inner = s->rest + 2 * NH};
    read_state(to.dh, output_of(data->dy, call, 1), a, d, 0);
    for (size_t k = a->steps; k-- > 0;) {
        size_t t = time_of(a, d, k);
        real *z = s->gates + t * N * 3 * H;
        const real *h = s->h + k * NH;
        add_outputs(to.dh, output_of(data->dy, call, 0), s->lengths, a, d, t);
        for (size_t b = 0; b < N; b++) {
            if (is_active(s->lengths, t, b)) {
                cell_back(z + b * 3 * H, &to, h, b * H, H);
                continue;
            }
            memset(z + b * 3 * H, 0, 3 * H * sizeof *z);
            memcpy(to.before + b * H, to.dh + b * H, H * sizeof *z);
        }
        reset_back(z, &to, s, a, h, s->inner + t * NH, dr, bias ? bias + 5 * H : NULL);
        project_back(to.before, z, s->r, N, 2 * H, H, 3 * H, 1);
        add_weights(dr, z, h, N, 2 * H, H, 3 * H);
        memcpy(to.dh, to.before, NH * sizeof *to.dh);
    }
    add_state(entry_of(data->dx, call, IN_H), to.dh, a, d);
}

KERNEL(gru_backward)
{
    const struct lethe_recurrent_args *a = &call->args.recurrent;
    for (size_t d = 0; d < a->directions; d++) {
        struct trace s = run(call, data, d);
        steps_back(&s, call, data, d);
        sums_back(s.rest + 3 * a->batch * a->hidden, s.gates, &s.sums, data);
    }
}

/* ---- tangents -------------------------------------------------------------------------------- */

/* The candidate's sums get what the reset lets through; tr of the gate is there already. */
static void reset_tangent(real *tz, real *room, const real *th, const struct trace *s,
                          const struct lethe_recurrent_args *a, size_t k, size_t t, const real *tr,
                          const real *tbias)
{
    const size_t N = a->batch, H = a->hidden;
    const real *z = s->gates + t * N * 3 * H, *h = s->h + k * N * H, *inner = s->inner + t * N * H;
    if (a->linear_before_reset) {
        project(room, th, candidate_rows(s->r, H), N, H, H, 0);
        if (tr)
            project(room, h, candidate_rows(tr, H), N, H, H, 1);
        add_bias(room, tbias, N, H, H);
    }
    for (size_t i = 0; i < N * H; i++) {
        size_t at = i / H * 3 * H + i % H;
        if (a->linear_before_reset)
            tz[at + 2 * H] += tz[at + H] * inner[i] + z[at + H] * room[i];
        else
            room[i] = tz[at + H] * h[i] + z[at + H] * th[i];
    }
    if (a->linear_before_reset)
        return;
    add_product(tz, room, candidate_rows(s->r, H), N, H, 2 * H, H);
    if (tr)
        add_product(tz, inner, candidate_rows(tr, H), N, H, 2 * H, H);
}

static void step_tangent(real *tz, real *next, const real *th, const struct trace *s,
                         const struct lethe_recurrent_args *a, size_t k, size_t t)
{
    const size_t N = a->batch, H = a->hidden;
    const real *gates = s->gates + t * N * 3 * H, *h = s->h + k * N * H;
    for (size_t i = 0; i < N * H; i++) {
        size_t at = i / H * 3 * H + i % H;
        real z = gates[at], g = gates[at + 2 * H];
        next[i] = is_active(s->lengths, t, i / H)
                      ? tz[at] * (h[i] - g) + (1 - z) * (1 - g * g) * tz[at + 2 * H] + z * th[i]
                      : th[i];
    }
}

static void steps_tangent(real *tz, real *th, real *room, const struct trace *s,
                          const struct lethe_op_call *call, const struct lethe_data *data, size_t d)
{
    const struct lethe_recurrent_args *a = &call->args.recurrent;
    const size_t N = a->batch, H = a->hidden, NH = N * H;
    const real *tr = part_of(data->tx[IN_R], d, 3 * H * H);
    const real *bias = part_of(entry_of(data->tx, call, IN_B), d, 6 * H);
    read_state(th, entry_of(data->tx, call, IN_H), a, d, 0);
    for (size_t k = 0; k < a->steps; k++) {
        size_t t = time_of(a, d, k);
        real *sums = tz + t * N * 3 * H;
        const real *gates = s->gates + t * N * 3 * H;
        add_product(sums, th + k * NH, s->r, N, H, 0, 2 * H);
        if (tr)
            add_product(sums, s->h + k * NH, tr, N, H, 0, 2 * H);
        for (size_t i = 0; i < N * 2 * H; i++) {
            size_t at = i / (2 * H) * 3 * H + i % (2 * H);
            sums[at] *= gates[at] * (1 - gates[at]);
        }
        reset_tangent(sums, room, th + k * NH, s, a, k, t, tr, bias ? bias + 5 * H : NULL);
        step_tangent(sums, th + (k + 1) * NH, th + k * NH, s, a, k, t);
    }
}

KERNEL(gru_jvp)
{
    const struct lethe_recurrent_args *a = &call->args.recurrent;
    const size_t rows = a->steps * a->batch, H = a->hidden;
    for (size_t d = 0; d < a->directions; d++) {
        struct trace s = run(call, data, d);
        real *tz = s.rest, *th = tz + rows * 3 * H, *room = th + (rows + a->batch) * H;
        sums_tangent(tz, room + a->batch * H, &s.sums, data);
        steps_tangent(tz, th, room, &s, call, data, d);
        write_outputs(output_of(data->ty, call, 0), th, s.lengths, a, d);
        write_state(output_of(data->ty, call, 1), th + rows * H, a, d);
    }
}
