/* SPDX-License-Identifier: MIT
 * GroupNormalization and RMSNormalization: rows normalised by their own statistics. A row is `per`
 * runs of `run` entries that share one scale and one shift. */
#include <math.h>
#include <string.h>

#include "nn/ops/real.h"

struct row {
    size_t n, at; /* entries; number of the first scale */
    real mean, inverse;
};

static struct row row_of(const real *x, const struct lethe_row_args *a, size_t r)
{
    double sum = 0, square = 0, mean, n = (double)(a->per * a->run);
    struct row row = {.n = a->per * a->run, .at = r % a->groups * a->per};
    for (size_t i = 0; a->centred && i < row.n; i++)
        sum += (double)x[i];
    mean = sum / n;
    for (size_t i = 0; i < row.n; i++)
        square += ((double)x[i] - mean) * ((double)x[i] - mean);
    row.mean = (real)mean;
    row.inverse = (real)(1 / sqrt(square / n + a->epsilon));
    return row;
}

static const real *shift_of(void *const *list, const struct lethe_op_call *call)
{
    return call->node->in_count > 2 ? list[2] : NULL;
}

KERNEL(spannorm_forward)
{
    const struct lethe_row_args *a = &call->args.rows;
    const real *scale = data->x[1], *shift = shift_of(data->x, call);
    for (size_t r = 0; r < a->rows; r++) {
        const real *x = (const real *)data->x[0] + r * a->per * a->run;
        real *y = (real *)data->y[0] + r * a->per * a->run;
        struct row row = row_of(x, a, r);
        for (size_t j = 0; j < a->per; j++)
            for (size_t i = j * a->run; i < (j + 1) * a->run; i++)
                y[i] = (x[i] - row.mean) * row.inverse * scale[row.at + j] +
                       (shift ? shift[row.at + j] : 0);
    }
}

/* Sums over a row of g * scale and of g * scale * hat; adds to the derivatives by scale and shift.
 */
static void sum_row(double sums[2], const struct lethe_data *data, const struct lethe_op_call *call,
                    const struct row *row, const real *x, const real *g)
{
    const struct lethe_row_args *a = &call->args.rows;
    const real *scale = data->x[1];
    real *dscale = data->dx[1], *dshift = call->node->in_count > 2 ? data->dx[2] : NULL;
    sums[0] = sums[1] = 0;
    for (size_t j = 0; j < a->per; j++) {
        double all = 0, product = 0;
        for (size_t i = j * a->run; i < (j + 1) * a->run; i++) {
            all += (double)g[i];
            product += (double)(g[i] * (x[i] - row->mean) * row->inverse);
        }
        sums[0] += all * (double)scale[row->at + j];
        sums[1] += product * (double)scale[row->at + j];
        if (dscale)
            dscale[row->at + j] += (real)product;
        if (dshift)
            dshift[row->at + j] += (real)all;
    }
}

KERNEL(spannorm_backward)
{
    const struct lethe_row_args *a = &call->args.rows;
    const real *scale = data->x[1];
    for (unsigned k = 1; k < 3; k++)
        if (data->fresh >> k & 1)
            memset(data->dx[k], 0, lethe_shape_size(call->in[k]) * sizeof(real));
    for (size_t r = 0; r < a->rows; r++) {
        const real *x = (const real *)data->x[0] + r * a->per * a->run;
        const real *g = (const real *)data->dy[0] + r * a->per * a->run;
        real *dx = data->dx[0] ? (real *)data->dx[0] + r * a->per * a->run : NULL;
        struct row row = row_of(x, a, r);
        double sums[2];
        sum_row(sums, data, call, &row, x, g);
        real mean = a->centred ? (real)(sums[0] / (double)row.n) : 0;
        real slope = (real)(sums[1] / (double)row.n);
        for (size_t i = 0; dx && i < row.n; i++) {
            real hat = (x[i] - row.mean) * row.inverse;
            real by_x = row.inverse * (g[i] * scale[row.at + i / a->run] - mean - hat * slope);
            dx[i] = data->fresh & 1 ? by_x : dx[i] + by_x;
        }
    }
}

KERNEL(spannorm_jvp)
{
    const struct lethe_row_args *a = &call->args.rows;
    const real *scale = data->x[1], *tscale = data->tx[1], *tshift = shift_of(data->tx, call);
    for (size_t r = 0; r < a->rows; r++) {
        const real *x = (const real *)data->x[0] + r * a->per * a->run;
        const real *tx = data->tx[0] ? (const real *)data->tx[0] + r * a->per * a->run : NULL;
        real *t = (real *)data->ty[0] + r * a->per * a->run;
        struct row row = row_of(x, a, r);
        double sum = 0, product = 0;
        for (size_t i = 0; tx && i < row.n; i++) {
            sum += (double)tx[i];
            product += (double)(tx[i] * (x[i] - row.mean) * row.inverse);
        }
        real mean = a->centred ? (real)(sum / (double)row.n) : 0;
        real slope = (real)(product / (double)row.n);
        for (size_t i = 0; i < row.n; i++) {
            size_t at = row.at + i / a->run;
            real hat = (x[i] - row.mean) * row.inverse;
            real th = tx ? row.inverse * (tx[i] - mean - hat * slope) : 0;
            t[i] = th * scale[at] + (tscale ? hat * tscale[at] : 0) + (tshift ? tshift[at] : 0);
        }
    }
}

/* Means over a row that backward and its tangent are made of: with hat = (x - mean) / sd, a = g
 * scale, b = g tscale the tangent of hat is inverse (tx - mean_t - hat slide), that of inverse
 * -inverse^2 slide. Without centring the means of tx, a and b count as 0. */
struct means {
    real mean_t, slide, mean_a, slope, mean_b, turned;
};

static real moved(const struct row *row, const struct means *m, const real *tx, size_t i, real hat)
{
    return tx ? row->inverse * (tx[i] - m->mean_t - hat * m->slide) : 0;
}

static struct means means_of(const struct row *row, const struct lethe_row_args *args,
                             const struct lethe_data *data, const real *x, const real *tx,
                             const real *g)
{
    const real *scale = data->x[1], *tscale = data->tx[1];
    double sums[6] = {0}, n = (double)row->n;
    struct means m = {0};
    for (size_t i = 0; tx && i < row->n; i++) {
        sums[0] += (double)tx[i];
        sums[1] += (double)(tx[i] * (x[i] - row->mean) * row->inverse);
    }
    m.mean_t = args->centred ? (real)(sums[0] / n) : 0;
    m.slide = (real)(sums[1] / n);
    for (size_t i = 0; i < row->n; i++) {
        const size_t at = row->at + i / args->run;
        const real hat = (x[i] - row->mean) * row->inverse, a = g[i] * scale[at];
        const real b = tscale ? g[i] * tscale[at] : 0;
        sums[2] += (double)a;
        sums[3] += (double)(a * hat);
        sums[4] += (double)b;
        sums[5] += (double)(b * hat + a * moved(row, &m, tx, i, hat));
    }
    m.mean_a = args->centred ? (real)(sums[2] / n) : 0;
    m.slope = (real)(sums[3] / n);
    m.mean_b = args->centred ? (real)(sums[4] / n) : 0;
    m.turned = (real)(sums[5] / n);
    return m;
}

/* Of dx = inverse (a - mean(a) - hat mean(a hat)) and dscale = g hat. */
KERNEL(spannorm_backward_jvp)
{
    const struct lethe_row_args *args = &call->args.rows;
    const real *scale = data->x[1], *tscale = data->tx[1];
    real *dscale = data->dx[1];
    for (size_t r = 0; r < args->rows; r++) {
        const size_t first = r * args->per * args->run;
        const real *x = (const real *)data->x[0] + first, *g = (const real *)data->dy[0] + first;
        const real *tx = data->tx[0] ? (const real *)data->tx[0] + first : NULL;
        real *dx = data->dx[0] ? (real *)data->dx[0] + first : NULL;
        const struct row row = row_of(x, args, r);
        const struct means m = means_of(&row, args, data, x, tx, g);
        for (size_t i = 0; i < row.n; i++) {
            const size_t at = row.at + i / args->run;
            const real hat = (x[i] - row.mean) * row.inverse, slid = moved(&row, &m, tx, i, hat);
            const real plain = g[i] * scale[at] - m.mean_a - hat * m.slope;
            const real b = tscale ? g[i] * tscale[at] : 0;
            if (dscale)
                dscale[at] += g[i] * slid;
            if (dx)
                dx[i] += row.inverse * (b - m.mean_b - slid * m.slope - hat * m.turned -
                                        row.inverse * m.slide * plain);
        }
    }
}
