/* SPDX-License-Identifier: MIT
 * Functions of two numbers with broadcasting, as walks (y, a, b). Derivatives of a broadcast
 * operand are sums over the places it was used. */
#include <math.h>
#include <string.h>

#include "nn/ops/real.h"
#include "nn/ops/vector.h"
#include "tensor/shape.h"

/* y[i] = value for a row of n; steps of y are 1, those of a and b any, with the common ones (1 or
 * 0) as loops the compiler can vectorise. */
#define LOOP(value, ia, ib)                                                                        \
    for (size_t i = 0; i < n; i++) {                                                               \
        real u = a[ia], v = b[ib];                                                                 \
        y[i] = (value);                                                                            \
    }
#define EACH(kind, value)                                                                          \
    case kind:                                                                                     \
        if (sa == 1 && sb == 1)                                                                    \
            LOOP(value, i, i)                                                                      \
        else if (sa == 1 && sb == 0)                                                               \
            LOOP(value, i, 0)                                                                      \
        else if (sa == 0 && sb == 1)                                                               \
            LOOP(value, 0, i)                                                                      \
        else                                                                                       \
            LOOP(value, (ptrdiff_t)i *sa, (ptrdiff_t)i *sb)                                        \
        break

static real modulo(real u, real v, int c_style)
{
    real r = REAL_FN(fmod)(u, v);
    return !c_style && r != 0 && (r < 0) != (v < 0) ? r + v : r;
}

static real quotient(real u, real v, int integer)
{
    return integer ? REAL_FN(trunc)(u / v) : u / v;
}

static real power(real u, real v)
{
    return v == 2 ? u * u : REAL_FN(pow)(u, v);
}

struct row {
    size_t n;
    ptrdiff_t sa, sb;
};

LETHE_WIDE static void forward_row(real *restrict y, const real *a, const real *b,
                                   const struct row *row, const struct lethe_op_call *call)
{
    size_t n = row->n;
    ptrdiff_t sa = row->sa, sb = row->sb;
    if (call->kind == LETHE_POW && sa == 1 && sb == 0 && b[0] == 2) {
        for (size_t i = 0; i < n; i++)
            y[i] = a[i] * a[i];
        return;
    }
    switch ((enum lethe_binary)call->kind) {
        EACH(LETHE_ADD, u + v);
        EACH(LETHE_SUB, u - v);
        EACH(LETHE_MUL, u * v);
        EACH(LETHE_DIV, quotient(u, v, call->integer));
        EACH(LETHE_POW, power(u, v));
        EACH(LETHE_PRELU, u < 0 ? u * v : u);
        EACH(LETHE_EQUAL, (real)(u == v));
        EACH(LETHE_GREATER, (real)(u > v));
        EACH(LETHE_LESS, (real)(u < v));
        EACH(LETHE_GREATER_EQUAL, (real)(u >= v));
        EACH(LETHE_LESS_EQUAL, (real)(u <= v));
        EACH(LETHE_AND, (real)(u != 0 && v != 0));
        EACH(LETHE_OR, (real)(u != 0 || v != 0));
        EACH(LETHE_XOR, (real)((u != 0) != (v != 0)));
    case LETHE_MIN:
    case LETHE_MAX:
    case LETHE_MEAN_OF:
        break; /* of many.c */
        EACH(LETHE_MOD, modulo(u, v, !call->integer));
    }
}
#undef EACH
#undef LOOP

KERNEL(binary_forward)
{
    const struct lethe_walk *walk = &call->args.walk;
    size_t last = walk->ndim - 1;
    struct row row = {walk->dims[last], walk->step[1][last], walk->step[2][last]};
    const real *a = data->x[0], *b = data->x[1];
    real *y = data->y[0];
    struct lethe_rows at;
    for (int more = lethe_rows_first(&at, walk); more; more = lethe_rows_next(&at, walk))
        forward_row(y + at.at[0], a + at.at[1], b + at.at[2], &row, call);
}

/* Derivatives by both operands at one place. */
static void slopes(real *by_a, real *by_b, enum lethe_binary kind, real u, real v)
{
    switch (kind) {
    case LETHE_MUL:
        *by_a = v;
        *by_b = u;
        break;
    case LETHE_DIV:
        *by_a = 1 / v;
        *by_b = -u / (v * v);
        break;
    case LETHE_POW:
        *by_a = v == 2 ? 2 * u : v == 0 ? 0 : v * REAL_FN(pow)(u, v - 1);
        *by_b = u > 0 ? REAL_FN(pow)(u, v) * REAL_FN(log)(u) : 0;
        break;
    case LETHE_PRELU:
        *by_a = u < 0 ? v : 1;
        *by_b = u < 0 ? u : 0;
        break;
    case LETHE_ADD:
        *by_a = *by_b = 1;
        break;
    case LETHE_SUB:
        *by_a = 1;
        *by_b = -1;
        break;
    default:
        *by_a = *by_b = 0;
    }
}

/* d[k * step] += scale * g[k]; a step of 0 sums in double. */
LETHE_WIDE static void add_scaled(real *d, ptrdiff_t step, const real *g, size_t n, real scale)
{
    if (step == 1) {
        for (size_t i = 0; i < n; i++)
            d[i] += scale * g[i];
    } else if (step == 0) {
        *d += (real)(scale * (real)sum_of(g, n));
    } else {
        for (size_t i = 0; i < n; i++)
            d[(ptrdiff_t)i * step] += scale * g[i];
    }
}

LETHE_WIDE static void multiply_row(real *d, ptrdiff_t sd, const real *g, const real *other,
                                    const struct row *row)
{
    ptrdiff_t so = row->sb;
    if (sd == 1 && so == 1) {
        for (size_t i = 0; i < row->n; i++)
            d[i] += g[i] * other[i];
    } else if (sd == 1 && so == 0) {
        for (size_t i = 0; i < row->n; i++)
            d[i] += g[i] * other[0];
    } else if (sd == 0 && so == 1) {
        *d += (real)sum_of_products(g, other, row->n);
    } else if (sd == 0) {
        double sum = 0;
        for (size_t i = 0; i < row->n; i++)
            sum += (double)(g[i] * other[(ptrdiff_t)i * so]);
        *d += (real)sum;
    } else {
        for (size_t i = 0; i < row->n; i++)
            d[(ptrdiff_t)i * sd] += g[i] * other[(ptrdiff_t)i * so];
    }
}

/* x^2 and quotients of a row by one number, as layer normalisation in parts has them; 0: neither.
 */
LETHE_WIDE static int common_row(real *da, real *db, const real *g, const real *a, const real *b,
                                 const struct row *row, enum lethe_binary kind)
{
    if (row->sa != 1 || row->sb != 0)
        return 0;
    if (kind == LETHE_POW && b[0] == 2 && !db) {
        for (size_t i = 0; da && i < row->n; i++)
            da[i] += g[i] * (2 * a[i]);
        return 1;
    }
    if (kind != LETHE_DIV)
        return 0;
    const real by = 1 / b[0];
    for (size_t i = 0; da && i < row->n; i++)
        da[i] += g[i] * by;
    if (db)
        db[0] -= (real)sum_of_products(g, a, row->n) * (by * by);
    return 1;
}

static void backward_row(real *da, real *db, const real *g, const real *a, const real *b,
                         const struct row *row, enum lethe_binary kind)
{
    double sum_a = 0, sum_b = 0;
    for (size_t i = 0; i < row->n; i++) {
        ptrdiff_t k = (ptrdiff_t)i;
        real by_a, by_b;
        slopes(&by_a, &by_b, kind, a[k * row->sa], b[k * row->sb]);
        if (da && row->sa)
            da[k * row->sa] += g[i] * by_a;
        else
            sum_a += (double)(g[i] * by_a);
        if (db && row->sb)
            db[k * row->sb] += g[i] * by_b;
        else
            sum_b += (double)(g[i] * by_b);
    }
    if (da && !row->sa)
        *da += (real)sum_a;
    if (db && !row->sb)
        *db += (real)sum_b;
}

KERNEL(binary_backward)
{
    const struct lethe_walk *walk = &call->args.walk;
    enum lethe_binary kind = (enum lethe_binary)call->kind;
    size_t last = walk->ndim - 1;
    struct row row = {walk->dims[last], walk->step[1][last], walk->step[2][last]};
    struct row swapped = {row.n, row.sb, row.sa};
    const real *a = data->x[0], *b = data->x[1], *g = data->dy[0];
    real *da = data->dx[0], *db = data->dx[1];
    for (unsigned k = 0; k < 2; k++) {
        if (!(data->fresh >> k & 1))
            continue;
        size_t size = lethe_shape_size(call->in[k]);
        if (kind == LETHE_ADD && size == lethe_shape_size(call->out[0])) {
            memcpy(data->dx[k], g, size * sizeof *g); /* nothing is left to do for it */
            da = k == 0 ? NULL : da;
            db = k == 1 ? NULL : db;
        } else {
            memset(data->dx[k], 0, size * sizeof *g);
        }
    }
    struct lethe_rows at;
    for (int more = lethe_rows_first(&at, walk); more; more = lethe_rows_next(&at, walk)) {
        const real *ga = g + at.at[0];
        real *to_a = da ? da + at.at[1] : NULL, *to_b = db ? db + at.at[2] : NULL;
        if (kind == LETHE_ADD || kind == LETHE_SUB) {
            if (to_a)
                add_scaled(to_a, row.sa, ga, row.n, 1);
            if (to_b)
                add_scaled(to_b, row.sb, ga, row.n, kind == LETHE_SUB ? -1 : 1);
        } else if (kind == LETHE_MUL) {
            if (to_a)
                multiply_row(to_a, row.sa, ga, b + at.at[2], &row);
            if (to_b)
                multiply_row(to_b, row.sb, ga, a + at.at[1], &swapped);
        } else if (!common_row(to_a, to_b, ga, a + at.at[1], b + at.at[2], &row, kind)) {
            backward_row(to_a, to_b, ga, a + at.at[1], b + at.at[2], &row, kind);
        }
    }
}

KERNEL(binary_jvp)
{
    const struct lethe_walk *walk = &call->args.walk;
    size_t last = walk->ndim - 1, n = walk->dims[last];
    ptrdiff_t sa = walk->step[1][last], sb = walk->step[2][last];
    const real *a = data->x[0], *b = data->x[1], *ta = data->tx[0], *tb = data->tx[1];
    real *t = data->ty[0];
    struct lethe_rows at;
    for (int more = lethe_rows_first(&at, walk); more; more = lethe_rows_next(&at, walk))
        for (size_t i = 0; i < n; i++) {
            ptrdiff_t ia = at.at[1] + (ptrdiff_t)i * sa, ib = at.at[2] + (ptrdiff_t)i * sb;
            real by_a, by_b;
            slopes(&by_a, &by_b, (enum lethe_binary)call->kind, a[ia], b[ib]);
            t[at.at[0] + (ptrdiff_t)i] = (ta ? by_a * ta[ia] : 0) + (tb ? by_b * tb[ib] : 0);
        }
}

KERNEL(where_forward)
{
    const struct lethe_walk *w = &call->args.walk;
    size_t last = w->ndim - 1;
    const real *c = data->x[0], *a = data->x[1], *b = data->x[2];
    real *y = data->y[0];
    struct lethe_rows at;
    for (int more = lethe_rows_first(&at, w); more; more = lethe_rows_next(&at, w))
        for (size_t k = 0; k < w->dims[last]; k++) {
            ptrdiff_t i = (ptrdiff_t)k;
            y[at.at[0] + i] = c[at.at[1] + i * w->step[1][last]] != 0
                                  ? a[at.at[2] + i * w->step[2][last]]
                                  : b[at.at[3] + i * w->step[3][last]];
        }
}

KERNEL(where_backward)
{
    const struct lethe_walk *w = &call->args.walk;
    size_t last = w->ndim - 1;
    const real *c = data->x[0], *g = data->dy[0];
    real *da = data->dx[1], *db = data->dx[2];
    struct lethe_rows at;
    for (int more = lethe_rows_first(&at, w); more; more = lethe_rows_next(&at, w))
        for (size_t k = 0; k < w->dims[last]; k++) {
            ptrdiff_t i = (ptrdiff_t)k;
            int first = c[at.at[1] + i * w->step[1][last]] != 0;
            if (first && da)
                da[at.at[2] + i * w->step[2][last]] += g[at.at[0] + i];
            if (!first && db)
                db[at.at[3] + i * w->step[3][last]] += g[at.at[0] + i];
        }
}

KERNEL(where_jvp)
{
    const struct lethe_walk *w = &call->args.walk;
    size_t last = w->ndim - 1;
    const real *c = data->x[0], *ta = data->tx[1], *tb = data->tx[2];
    real *t = data->ty[0];
    struct lethe_rows at;
    for (int more = lethe_rows_first(&at, w); more; more = lethe_rows_next(&at, w))
        for (size_t k = 0; k < w->dims[last]; k++) {
            ptrdiff_t i = (ptrdiff_t)k;
            int first = c[at.at[1] + i * w->step[1][last]] != 0;
            real from_a = ta ? ta[at.at[2] + i * w->step[2][last]] : 0;
            real from_b = tb ? tb[at.at[3] + i * w->step[3][last]] : 0;
            t[at.at[0] + i] = first ? from_a : from_b;
        }
}

/* ---- second derivatives
 * -------------------------------------------------------------------------- The tangent of
 * backward, as a walk (y, a, b). Check: of y = a b the slope by a is b, so it adds g tb to da and g
 * ta to db. */

/* How much the slopes by both operands change along tangents tu and tv. */
static void bend(real *of_a, real *of_b, enum lethe_binary kind, const real at[2], const real t[2])
{
    const real u = at[0], v = at[1], tu = t[0], tv = t[1];
    *of_a = *of_b = 0;
    switch (kind) {
    case LETHE_DIV:
        *of_a = -tv / (v * v);
        *of_b = (2 * u * tv / v - tu) / (v * v);
        break;
    case LETHE_POW: {
        const real one = v == 1 ? 1 : REAL_FN(pow)(u, v - 1);
        const real two = v == 2 ? 1 : v == 1 || v == 0 ? 0 : REAL_FN(pow)(u, v - 2);
        const real logarithm = u > 0 ? REAL_FN(log)(u) : 0;
        const real mixed = u > 0 ? one + v * one * logarithm : 0;
        *of_a = v * (v - 1) * two * tu + mixed * tv;
        *of_b = mixed * tu + (u > 0 ? one * u * logarithm * logarithm * tv : 0);
        break;
    }
    case LETHE_PRELU:
        *of_a = u < 0 ? tv : 0;
        *of_b = u < 0 ? tu : 0;
        break;
    default:
        break;
    }
}

/* Each factor's derivative reads the other factor: backward with the tangents in their place. */
static void multiply(const struct lethe_op_call *call, const struct lethe_data *data)
{
    void *dx[2] = {data->tx[1] ? data->dx[0] : NULL, data->tx[0] ? data->dx[1] : NULL};
    struct lethe_data turned = *data;
    turned.x = data->tx;
    turned.dx = dx;
    turned.fresh = 0;
    REAL(binary_backward)(call, &turned);
}

KERNEL(binary_backward_jvp)
{
    const struct lethe_walk *walk = &call->args.walk;
    const enum lethe_binary kind = (enum lethe_binary)call->kind;
    const size_t last = walk->ndim - 1;
    const ptrdiff_t sa = walk->step[1][last], sb = walk->step[2][last];
    const real *a = data->x[0], *b = data->x[1], *ta = data->tx[0], *tb = data->tx[1];
    const real *g = data->dy[0];
    real *da = data->dx[0], *db = data->dx[1];
    struct lethe_rows rows;
    if (kind == LETHE_ADD || kind == LETHE_SUB)
        return;
    if (kind == LETHE_MUL) {
        multiply(call, data);
        return;
    }
    for (int more = lethe_rows_first(&rows, walk); more; more = lethe_rows_next(&rows, walk)) {
        double sum_a = 0, sum_b = 0;
        for (size_t i = 0; i < walk->dims[last]; i++) {
            const ptrdiff_t ia = rows.at[1] + (ptrdiff_t)i * sa;
            const ptrdiff_t ib = rows.at[2] + (ptrdiff_t)i * sb;
            const real at[2] = {a[ia], b[ib]}, t[2] = {ta ? ta[ia] : 0, tb ? tb[ib] : 0};
            const real gi = g[rows.at[0] + (ptrdiff_t)i];
            real of_a, of_b;
            bend(&of_a, &of_b, kind, at, t);
            if (da && sa)
                da[ia] += gi * of_a;
            if (db && sb)
                db[ib] += gi * of_b;
            sum_a += (double)(gi * of_a);
            sum_b += (double)(gi * of_b);
        }
        if (da && !sa)
            da[rows.at[1]] += (real)sum_a;
        if (db && !sb)
            db[rows.at[2]] += (real)sum_b;
    }
}
