/* SPDX-License-Identifier: MIT
 * Normalisations. BatchNormalization uses its running statistics, one pair per channel of
 * (outer, length, inner). InstanceNormalization (kind 0) and LayerNormalization (kind 1) use those
 * of each row; a row's scale and shift are one number per channel or one per entry. */
#include <math.h>
#include <string.h>

#include "nn/ops/real.h"
#include "nn/ops/vector.h"

static real inverse_deviation(double variance, double epsilon)
{
    return (real)(1 / sqrt(variance + epsilon));
}

/* ---- with running statistics ----------------------------------------------------------------- */

LETHE_WIDE static void shift_row(real *y, const real *x, size_t n, real mean, real by, real to)
{
    for (size_t i = 0; i < n; i++)
        y[i] = (x[i] - mean) * by + to;
}

/* d (+)= by * g */
LETHE_WIDE static void scale_row(real *d, const real *g, size_t n, real by, int fresh)
{
    if (fresh)
        for (size_t i = 0; i < n; i++)
            d[i] = g[i] * by;
    else
        for (size_t i = 0; i < n; i++)
            d[i] += g[i] * by;
}

/* sums = (sum of g, sum of g (x - mean)) */
LETHE_WIDE static void sum_row(double sums[2], const real *g, const real *x, size_t n, real mean)
{
    double_lanes all[2] = {{0}}, product[2] = {{0}};
    size_t i = 0;
    for (; i + 2 * LANES <= n; i += 2 * LANES)
        for (size_t k = 0; k < 2; k++) {
            const real *at = g + i + k * LANES;
            real_lanes off = *(const real_lanes *)(x + i + k * LANES) - mean;
            off *= *(const real_lanes *)at;
            all[k] += WIDEN(at);
            product[k] += WIDEN(&off);
        }
    sums[0] = sum_lanes(&all[0], &all[1]);
    sums[1] = sum_lanes(&product[0], &product[1]);
    for (; i < n; i++) {
        sums[0] += (double)g[i];
        sums[1] += (double)(g[i] * (x[i] - mean));
    }
}

KERNEL(batchnorm_forward)
{
    const struct lethe_axis_args *a = &call->args.axis;
    const real *scale = data->x[1], *shift = data->x[2], *mean = data->x[3], *var = data->x[4];
    for (size_t r = 0; r < a->outer * a->length; r++) {
        size_t c = r % a->length;
        real by = scale[c] * inverse_deviation((double)var[c], a->epsilon);
        shift_row((real *)data->y[0] + r * a->inner, (const real *)data->x[0] + r * a->inner,
                  a->inner, mean[c], by, shift[c]);
    }
}

KERNEL(batchnorm_backward)
{
    const struct lethe_axis_args *a = &call->args.axis;
    const real *scale = data->x[1], *mean = data->x[3], *var = data->x[4];
    real *dscale = data->dx[1], *dshift = data->dx[2];
    for (unsigned k = 1; k < 5; k++) /* sums over rows, or nothing */
        if (data->fresh >> k & 1)
            memset(data->dx[k], 0, lethe_shape_size(call->in[k]) * sizeof(real));
    for (size_t r = 0; r < a->outer * a->length; r++) {
        size_t c = r % a->length;
        const real *x = (const real *)data->x[0] + r * a->inner;
        const real *g = (const real *)data->dy[0] + r * a->inner;
        real inverse = inverse_deviation((double)var[c], a->epsilon);
        if (data->dx[0])
            scale_row((real *)data->dx[0] + r * a->inner, g, a->inner, scale[c] * inverse,
                      data->fresh & 1);
        if (!dscale && !dshift)
            continue;
        double sums[2];
        sum_row(sums, g, x, a->inner, mean[c]);
        if (dscale)
            dscale[c] += (real)sums[1] * inverse;
        if (dshift)
            dshift[c] += (real)sums[0];
    }
}

KERNEL(batchnorm_jvp)
{
    const struct lethe_axis_args *a = &call->args.axis;
    const real *scale = data->x[1], *mean = data->x[3], *var = data->x[4];
    const real *tscale = data->tx[1], *tshift = data->tx[2];
    for (size_t r = 0; r < a->outer * a->length; r++) {
        size_t c = r % a->length;
        const real *x = (const real *)data->x[0] + r * a->inner;
        const real *tx = data->tx[0] ? (const real *)data->tx[0] + r * a->inner : NULL;
        real *t = (real *)data->ty[0] + r * a->inner;
        real inverse = inverse_deviation((double)var[c], a->epsilon);
        real by = (tscale ? tscale[c] : 0) * inverse, to = tshift ? tshift[c] : 0;
        for (size_t i = 0; i < a->inner; i++)
            t[i] = (tx ? tx[i] * scale[c] * inverse : 0) + (x[i] - mean[c]) * by + to;
    }
}

/* Slopes are g scale / sd by x and g (x - mean) / sd by scale; mean and sd do not move. */
KERNEL(batchnorm_backward_jvp)
{
    const struct lethe_axis_args *a = &call->args.axis;
    const real *var = data->x[4], *tscale = data->tx[1];
    real *dscale = data->dx[1];
    for (size_t r = 0; r < a->outer * a->length; r++) {
        size_t c = r % a->length;
        const real *g = (const real *)data->dy[0] + r * a->inner;
        real inverse = inverse_deviation((double)var[c], a->epsilon);
        if (data->dx[0] && tscale)
            scale_row((real *)data->dx[0] + r * a->inner, g, a->inner, tscale[c] * inverse, 0);
        if (dscale && data->tx[0])
            dscale[c] +=
                (real)sum_of_products(g, (const real *)data->tx[0] + r * a->inner, a->inner) *
                inverse;
    }
}

/* ---- with the statistics of each row --------------------------------------------------------- */

struct row {
    size_t n;
    real mean, inverse;
    size_t at, step; /* scale and shift of entry i are at[i * step] */
};

/* Statistics of row r: noted (note is not NULL), or from its x. */
static struct row row_of(const real *x, const struct lethe_op_call *call, const real *note,
                         size_t r)
{
    const struct lethe_axis_args *a = &call->args.axis;
    double sum = 0, square = 0, n = (double)a->inner;
    struct row row = {
        .n = a->inner, .at = call->kind == 0 ? r % a->length : 0, .step = call->kind != 0};
    if (note) {
        row.mean = note[2 * r];
        row.inverse = note[2 * r + 1];
        return row;
    }
    for (size_t i = 0; i < a->inner; i++)
        sum += (double)x[i];
    for (size_t i = 0; i < a->inner; i++)
        square += ((double)x[i] - sum / n) * ((double)x[i] - sum / n);
    row.mean = (real)(sum / n);
    row.inverse = inverse_deviation(square / n, a->epsilon);
    return row;
}

static size_t rows(const struct lethe_axis_args *a)
{
    return a->outer * a->length;
}

static const real *third(void *const *list, const struct lethe_op_call *call)
{
    return call->node->in_count > 2 ? list[2] : NULL;
}

KERNEL(rownorm_forward)
{
    const struct lethe_axis_args *a = &call->args.axis;
    const real *scale = data->x[1], *shift = third(data->x, call);
    for (size_t r = 0; r < rows(a); r++) {
        const real *x = (const real *)data->x[0] + r * a->inner;
        real *y = (real *)data->y[0] + r * a->inner;
        struct row row = row_of(x, call, NULL, r);
        for (size_t i = 0; i < row.n; i++) {
            size_t at = row.at + i * row.step;
            y[i] = (x[i] - row.mean) * row.inverse * scale[at] + (shift ? shift[at] : 0);
        }
        if (call->node->out_count > 1 && data->y[1])
            ((real *)data->y[1])[r] = row.mean;
        if (call->node->out_count > 2 && data->y[2])
            ((real *)data->y[2])[r] = row.inverse;
    }
}

KERNEL(rownorm_backward)
{
    const struct lethe_axis_args *a = &call->args.axis;
    const real *scale = data->x[1];
    real *dscale = data->dx[1], *dshift = call->node->in_count > 2 ? data->dx[2] : NULL;
    unsigned fresh = data->fresh;
    for (unsigned k = 1; k < 3; k++) /* sums over rows */
        if (fresh >> k & 1)
            memset(data->dx[k], 0, lethe_shape_size(call->in[k]) * sizeof(real));
    for (size_t r = 0; r < rows(a); r++) {
        const real *x = (const real *)data->x[0] + r * a->inner;
        const real *g = (const real *)data->dy[0] + r * a->inner;
        real *dx = data->dx[0] ? (real *)data->dx[0] + r * a->inner : NULL;
        struct row row = row_of(x, call, data->note, r);
        double sum = 0, product = 0;
        for (size_t i = 0; i < row.n; i++) {
            size_t at = row.at + i * row.step;
            real hat = (x[i] - row.mean) * row.inverse, gh = g[i] * scale[at];
            sum += (double)gh;
            product += (double)(gh * hat);
            if (dscale)
                dscale[at] += g[i] * hat;
            if (dshift)
                dshift[at] += g[i];
        }
        real mean = (real)(sum / (double)row.n), slope = (real)(product / (double)row.n);
        for (size_t i = 0; dx && i < row.n; i++) {
            real hat = (x[i] - row.mean) * row.inverse;
            real by_x = row.inverse * (g[i] * scale[row.at + i * row.step] - mean - hat * slope);
            dx[i] = fresh & 1 ? by_x : dx[i] + by_x;
        }
    }
}

KERNEL(rownorm_jvp)
{
    const struct lethe_axis_args *a = &call->args.axis;
    const real *scale = data->x[1], *tscale = data->tx[1], *tshift = third(data->tx, call);
    for (size_t r = 0; r < rows(a); r++) {
        const real *x = (const real *)data->x[0] + r * a->inner;
        const real *tx = data->tx[0] ? (const real *)data->tx[0] + r * a->inner : NULL;
        real *t = (real *)data->ty[0] + r * a->inner;
        struct row row = row_of(x, call, data->note, r);
        double sum = 0, product = 0;
        for (size_t i = 0; tx && i < row.n; i++) {
            sum += (double)tx[i];
            product += (double)(tx[i] * (x[i] - row.mean) * row.inverse);
        }
        real mean = (real)(sum / (double)row.n), slope = (real)(product / (double)row.n);
        for (size_t i = 0; i < row.n; i++) {
            size_t at = row.at + i * row.step;
            real hat = (x[i] - row.mean) * row.inverse;
            real th = tx ? row.inverse * (tx[i] - mean - hat * slope) : 0;
            t[i] = th * scale[at] + (tscale ? hat * tscale[at] : 0) + (tshift ? tshift[at] : 0);
        }
    }
}

KERNEL(rownorm_note)
{
    const struct lethe_axis_args *a = &call->args.axis;
    real *note = data->note;
    for (size_t r = 0; r < rows(a); r++) {
        struct row row = row_of((const real *)data->x[0] + r * a->inner, call, NULL, r);
        note[2 * r] = row.mean;
        note[2 * r + 1] = row.inverse;
    }
}

/* Means over a row that backward and its tangent are made of; hat = (x - mean) / sd, its tangent is
 * inverse (tx - mean_t - hat slide), a = g scale, b = g tscale. */
struct means {
    real mean_t, slide;  /* of tx, of tx hat */
    real mean_a, slope;  /* of a, of a hat */
    real mean_b, turned; /* of b, of b hat + a hat' */
};

struct entry {
    real hat, a, b;
};

static struct entry entry_of(const struct row *row, size_t i, const real *x, const real *g,
                             const real *scale, const real *tscale)
{
    size_t at = row->at + i * row->step;
    return (struct entry){(x[i] - row->mean) * row->inverse, g[i] * scale[at],
                          tscale ? g[i] * tscale[at] : 0};
}

/* Tangent of hat at entry i; tx may be NULL. */
static real moved(const struct row *row, const struct means *m, const real *tx, size_t i, real hat)
{
    return tx ? row->inverse * (tx[i] - m->mean_t - hat * m->slide) : 0;
}

static struct means means_of(const struct row *row, const real *x, const real *tx, const real *g,
                             const real *scale, const real *tscale)
{
    double sums[6] = {0}, n = (double)row->n;
    struct means m = {0};
    for (size_t i = 0; tx && i < row->n; i++) {
        sums[0] += (double)tx[i];
        sums[1] += (double)(tx[i] * (x[i] - row->mean) * row->inverse);
    }
    m.mean_t = (real)(sums[0] / n);
    m.slide = (real)(sums[1] / n);
    for (size_t i = 0; i < row->n; i++) {
        struct entry e = entry_of(row, i, x, g, scale, tscale);
        sums[2] += (double)e.a;
        sums[3] += (double)(e.a * e.hat);
        sums[4] += (double)e.b;
        sums[5] += (double)(e.b * e.hat + e.a * moved(row, &m, tx, i, e.hat));
    }
    m.mean_a = (real)(sums[2] / n);
    m.slope = (real)(sums[3] / n);
    m.mean_b = (real)(sums[4] / n);
    m.turned = (real)(sums[5] / n);
    return m;
}

/* Of dx = inverse (a - mean(a) - hat mean(a hat)) and dscale = g hat, where inverse moves by
 * -inverse^2 slide. */
KERNEL(rownorm_backward_jvp)
{
    const struct lethe_axis_args *args = &call->args.axis;
    const real *scale = data->x[1], *tscale = data->tx[1];
    real *dscale = data->dx[1];
    for (size_t r = 0; r < rows(args); r++) {
        const real *x = (const real *)data->x[0] + r * args->inner;
        const real *g = (const real *)data->dy[0] + r * args->inner;
        const real *tx = data->tx[0] ? (const real *)data->tx[0] + r * args->inner : NULL;
        real *dx = data->dx[0] ? (real *)data->dx[0] + r * args->inner : NULL;
        struct row row = row_of(x, call, data->note, r);
        struct means m = means_of(&row, x, tx, g, scale, tscale);
        for (size_t i = 0; i < row.n; i++) {
            struct entry e = entry_of(&row, i, x, g, scale, tscale);
            real slid = moved(&row, &m, tx, i, e.hat);
            real plain = e.a - m.mean_a - e.hat * m.slope;
            if (dscale)
                dscale[row.at + i * row.step] += g[i] * slid;
            if (dx)
                dx[i] += row.inverse * (e.b - m.mean_b - slid * m.slope - e.hat * m.turned -
                                        row.inverse * m.slide * plain);
        }
    }
}
