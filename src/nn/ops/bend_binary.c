/* SPDX-License-Identifier: MIT
 * Second derivatives of functions of two numbers with broadcasting: the tangent of backward, as a
 * walk (y, a, b). Check: of y = a b the slope by a is b, so it adds g tb to da and g ta to db. */
#include <math.h>

#include "nn/ops/real.h"
#include "tensor/shape.h"

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

void REAL(binary_backward_jvp)(const struct lethe_op_call *call, const struct lethe_data *data)
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
