/* SPDX-License-Identifier: MIT
 * Reductions as walks (in, out) where out stands still along what is reduced. A maximum's
 * derivative goes to the first of equal entries, marked in scratch. Also ArgMax and CumSum. */
#include <math.h>
#include <string.h>

#include "nn/ops/real.h"
#include "nn/ops/vector.h"
#include "tensor/shape.h"

struct inner {
    size_t n;
    ptrdiff_t in, out;
};

static struct inner inner_of(const struct lethe_walk *walk)
{
    size_t last = walk->ndim - 1;
    return (struct inner){walk->dims[last], walk->step[0][last], walk->step[1][last]};
}

/* What a sum adds up, given the largest entry where exponentials are. */
static real term(real v, real top, int kind)
{
    switch (kind) {
    case LETHE_SUM_SQUARE:
    case LETHE_L2:
        return v * v;
    case LETHE_L1:
        return REAL_FN(fabs)(v);
    case LETHE_LOG_SUM_EXP:
        return REAL_FN(exp)(v - top);
    default:
        return v;
    }
}

LETHE_WIDE static void sum_row(real *y, const real *x, const real *top, const struct inner *row,
                               int kind)
{
    const int plain = kind == LETHE_SUM || kind == LETHE_MEAN || kind == LETHE_LOG_SUM;
    const int square = kind == LETHE_SUM_SQUARE || kind == LETHE_L2;
    if (row->in == 1 && row->out == 0 && (plain || square)) {
        *y += (real)(square ? sum_of_products(x, x, row->n) : sum_of(x, row->n));
        return;
    }
    if (row->in == 1 && row->out == 1 && plain) {
        for (size_t k = 0; k < row->n; k++)
            y[k] += x[k];
        return;
    }
    double sum = 0;
    for (size_t k = 0; k < row->n; k++) {
        real v = x[(ptrdiff_t)k * row->in];
        if (!plain)
            v = term(v, top[(ptrdiff_t)k * row->out], kind);
        if (row->out)
            y[(ptrdiff_t)k * row->out] += v;
        else
            sum += (double)v;
    }
    if (!row->out)
        *y += (real)sum;
}

static void product_row(real *y, const real *x, const struct inner *row)
{
    for (size_t k = 0; k < row->n; k++)
        y[(ptrdiff_t)k * row->out] *= x[(ptrdiff_t)k * row->in];
}

static void extreme_row(real *y, const real *x, const struct inner *row, int low)
{
    for (size_t k = 0; k < row->n; k++) {
        real v = x[(ptrdiff_t)k * row->in], *to = y + (ptrdiff_t)k * row->out;
        if (low ? v < *to || isnan(v) : v > *to || isnan(v))
            *to = v;
    }
}

/* y takes in all of x; top is what exponentials are relative to. */
static void accumulate(real *y, const real *top, const struct lethe_op_call *call,
                       const struct lethe_data *data, int kind)
{
    const struct lethe_reduce_args *args = &call->args.reduce;
    struct inner row = inner_of(&args->walk);
    const real *x = data->x[0];
    struct lethe_rows at;
    for (int more = lethe_rows_first(&at, &args->walk); more;
         more = lethe_rows_next(&at, &args->walk)) {
        if (kind == LETHE_REDUCE_MAX || kind == LETHE_REDUCE_MIN)
            extreme_row(y + at.at[1], x + at.at[0], &row, kind == LETHE_REDUCE_MIN);
        else if (kind == LETHE_PROD)
            product_row(y + at.at[1], x + at.at[0], &row);
        else
            sum_row(y + at.at[1], x + at.at[0], top + at.at[1], &row, kind);
    }
}

static void fill(real *y, size_t n, int kind)
{
    const real high = (real)INFINITY;
    for (size_t i = 0; i < n; i++)
        y[i] = kind == LETHE_REDUCE_MAX   ? -high
               : kind == LETHE_REDUCE_MIN ? high
                                          : (real)(kind == LETHE_PROD);
}

/* What a sum of exponentials is taken relative to: a finite number even when nothing is. */
static const real *tops(const struct lethe_op_call *call, const struct lethe_data *data, size_t n)
{
    real *top = data->scratch;
    fill(top, n, LETHE_REDUCE_MAX);
    accumulate(top, NULL, call, data, LETHE_REDUCE_MAX);
    for (size_t i = 0; i < n; i++)
        top[i] = isinf(top[i]) ? 0 : top[i];
    return top;
}

KERNEL(reduce_forward)
{
    int kind = call->kind;
    real *y = data->y[0];
    size_t n = lethe_shape_size(call->out[0]);
    const real *top = kind == LETHE_LOG_SUM_EXP ? tops(call, data, n) : y;
    fill(y, n, kind);
    accumulate(y, top, call, data, kind);
    for (size_t i = 0; i < n && kind == LETHE_MEAN; i++)
        y[i] /= (real)call->args.reduce.count;
    for (size_t i = 0; i < n && kind == LETHE_L2; i++)
        y[i] = REAL_FN(sqrt)(y[i]);
    for (size_t i = 0; i < n && kind == LETHE_LOG_SUM; i++)
        y[i] = REAL_FN(log)(y[i]);
    for (size_t i = 0; i < n && kind == LETHE_LOG_SUM_EXP; i++)
        y[i] = REAL_FN(log)(y[i]) + top[i];
}

/* For a product: how many factors are 0 in taken[o], the product of the others behind them. */
static void count_zeros(real *taken, const struct lethe_op_call *call,
                        const struct lethe_data *data)
{
    const struct lethe_walk *walk = &call->args.reduce.walk;
    struct inner row = inner_of(walk);
    const real *x = data->x[0];
    real *rest = taken + lethe_shape_size(call->out[0]);
    fill(rest, lethe_shape_size(call->out[0]), LETHE_PROD);
    struct lethe_rows at;
    for (int more = lethe_rows_first(&at, walk); more; more = lethe_rows_next(&at, walk))
        for (size_t k = 0; k < row.n; k++) {
            real v = x[at.at[0] + (ptrdiff_t)k * row.in];
            ptrdiff_t o = at.at[1] + (ptrdiff_t)k * row.out;
            taken[o] += v == 0;
            rest[o] *= v == 0 ? 1 : v;
        }
}

/* Derivative of output y by input x; `taken` says that an equal entry came before (or, for a
 * product, how many factors are 0, and `rest` is the product of the others). */
static real slope(const struct lethe_op_call *call, real x, real y, real *taken, real rest)
{
    switch ((enum lethe_reduction)call->kind) {
    case LETHE_SUM_SQUARE:
        return 2 * x;
    case LETHE_L1:
        return (real)((x > 0) - (x < 0));
    case LETHE_L2:
        return y > 0 ? x / y : 0;
    case LETHE_LOG_SUM:
        return REAL_FN(exp)(-y);
    case LETHE_LOG_SUM_EXP:
        return REAL_FN(exp)(x - y);
    case LETHE_PROD:
        return *taken == 0 ? rest / x : *taken == 1 && x == 0 ? rest : 0;
    case LETHE_MEAN: /* of chain_sum */
    case LETHE_SUM:
    case LETHE_REDUCE_MAX:
    case LETHE_REDUCE_MIN:
        break;
    }
    if (x != y || *taken != 0)
        return 0;
    *taken = 1;
    return 1;
}

/* d += by * g, step by step; where d stands still it takes the sum. */
LETHE_WIDE static void add_row(real *d, ptrdiff_t sd, const real *g, ptrdiff_t sg, size_t n,
                               real by)
{
    if (sd == 1 && sg == 0)
        for (size_t k = 0; k < n; k++)
            d[k] += by * g[0];
    else
        for (size_t k = 0; k < n; k++)
            d[(ptrdiff_t)k * sd] += by * g[(ptrdiff_t)k * sg];
}

/* Means and sums read neither x nor y. */
static void chain_sum(real *in, real *out, const struct lethe_op_call *call, int back)
{
    const struct lethe_walk *walk = &call->args.reduce.walk;
    struct inner row = inner_of(walk);
    real by = call->kind == LETHE_MEAN ? (real)1 / (real)call->args.reduce.count : 1;
    struct lethe_rows at;
    for (int more = lethe_rows_first(&at, walk); more; more = lethe_rows_next(&at, walk))
        if (back)
            add_row(in + at.at[0], row.in, out + at.at[1], row.out, row.n, by);
        else
            add_row(out + at.at[1], row.out, in + at.at[0], row.in, row.n, by);
}

static void chain(real *in, real *out, const struct lethe_op_call *call,
                  const struct lethe_data *data, int back)
{
    const struct lethe_walk *walk = &call->args.reduce.walk;
    if (call->kind == LETHE_MEAN || call->kind == LETHE_SUM) {
        chain_sum(in, out, call, back);
        return;
    }
    struct inner row = inner_of(walk);
    const real *x = data->x[0], *y = data->y[0];
    real *taken = data->scratch;
    size_t outputs = lethe_shape_size(call->out[0]);
    const real *rest = call->kind == LETHE_PROD ? taken + outputs : taken;
    memset(taken, 0, outputs * sizeof *taken);
    if (call->kind == LETHE_PROD)
        count_zeros(taken, call, data);
    struct lethe_rows at;
    for (int more = lethe_rows_first(&at, walk); more; more = lethe_rows_next(&at, walk))
        for (size_t k = 0; k < row.n; k++) {
            ptrdiff_t i = at.at[0] + (ptrdiff_t)k * row.in, o = at.at[1] + (ptrdiff_t)k * row.out;
            real by = slope(call, x[i], y[o], taken + o, rest[o]);
            if (back)
                in[i] += by * out[o];
            else
                out[o] += by * in[i];
        }
}

KERNEL(reduce_backward)
{
    if (data->dx[0])
        chain(data->dx[0], data->dy[0], call, data, 1);
}

KERNEL(reduce_jvp)
{
    memset(data->ty[0], 0, lethe_shape_size(call->out[0]) * sizeof(real));
    chain(data->tx[0], data->ty[0], call, data, 0);
}

/* How much the slope changes along tangents tx and ty. */
static real bend(int kind, real x, real y, real tx, real ty)
{
    switch ((enum lethe_reduction)kind) {
    case LETHE_SUM_SQUARE:
        return 2 * tx;
    case LETHE_L2:
        return y > 0 ? (tx - x * ty / y) / y : 0;
    case LETHE_LOG_SUM:
        return -REAL_FN(exp)(-y) * ty;
    case LETHE_LOG_SUM_EXP:
        return REAL_FN(exp)(x - y) * (tx - ty);
    default:
        return 0;
    }
}

KERNEL(reduce_backward_jvp)
{
    const struct lethe_walk *walk = &call->args.reduce.walk;
    struct inner row = inner_of(walk);
    const real *x = data->x[0], *y = data->y[0], *tx = data->tx[0], *ty = data->ty[0];
    const real *g = data->dy[0];
    real *dx = data->dx[0];
    const int bends = call->kind == LETHE_SUM_SQUARE || call->kind == LETHE_L2 ||
                      call->kind == LETHE_LOG_SUM || call->kind == LETHE_LOG_SUM_EXP;
    struct lethe_rows at;
    if (!dx || !bends)
        return;
    for (int more = lethe_rows_first(&at, walk); more; more = lethe_rows_next(&at, walk))
        for (size_t k = 0; k < row.n; k++) {
            ptrdiff_t i = at.at[0] + (ptrdiff_t)k * row.in, o = at.at[1] + (ptrdiff_t)k * row.out;
            dx[i] += g[o] * bend(call->kind, x[i], y[o], tx[i], ty[o]);
        }
}

/* Along (outer, length, inner); of equal entries the first, or the last when count is set. */
KERNEL(argmax_forward)
{
    const struct lethe_axis_args *a = &call->args.axis;
    const real *x = data->x[0];
    real *y = data->y[0];
    for (size_t o = 0; o < a->outer; o++)
        for (size_t i = 0; i < a->inner; i++) {
            const real *row = x + o * a->length * a->inner + i;
            size_t best = 0;
            for (size_t k = 1; k < a->length; k++) {
                real v = row[k * a->inner], top = row[best * a->inner];
                if (call->kind ? v < top : v > top)
                    best = k;
                else if (a->count && v >= top && v <= top)
                    best = k;
            }
            y[o * a->inner + i] = (real)best;
        }
}

/* y = running sum of x along (outer, length, inner); count bit 0: without the entry itself, bit 1:
 * from the end. `back` sums from the other end, which is the transpose. */
static void run_sum(real *y, const real *x, const struct lethe_axis_args *a, int back)
{
    int exclusive = a->count & 1, reverse = (a->count >> 1 & 1) != (size_t)back;
    for (size_t o = 0; o < a->outer; o++)
        for (size_t i = 0; i < a->inner; i++) {
            double sum = 0;
            for (size_t k = 0; k < a->length; k++) {
                size_t at = (o * a->length + (reverse ? a->length - 1 - k : k)) * a->inner + i;
                double before = sum;
                sum += (double)x[at];
                y[at] = (back ? y[at] : 0) + (real)(exclusive ? before : sum);
            }
        }
}

KERNEL(cumsum_forward)
{
    run_sum(data->y[0], data->x[0], &call->args.axis, 0);
}

KERNEL(cumsum_backward)
{
    if (data->dx[0])
        run_sum(data->dx[0], data->dy[0], &call->args.axis, 1);
}

KERNEL(cumsum_jvp)
{
    run_sum(data->ty[0], data->tx[0], &call->args.axis, 0);
}
