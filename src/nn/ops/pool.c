/* SPDX-License-Identifier: MIT
 * Average (kind 0) and maximum (kind 1) pools, plane by plane. The derivative of a maximum goes to
 * the first of equal entries; a window without entries gives 0. */
#include <math.h>

#include "nn/ops/columns.h"
#include "nn/ops/real.h"

/* Inputs [first, last) and their stride along one axis for output o, and how many the average
 * divides by. */
struct span {
    size_t first, last;
    size_t divisor;
};

static struct span span_of(const struct lethe_window *w, int axis, size_t o, int count_padding)
{
    ptrdiff_t start = (ptrdiff_t)(o * w->stride[axis]) - (ptrdiff_t)w->before[axis];
    ptrdiff_t by = (ptrdiff_t)w->dilation[axis], in = (ptrdiff_t)w->in[axis];
    ptrdiff_t end = start + (ptrdiff_t)w->kernel[axis] * by;
    ptrdiff_t padded = in + (ptrdiff_t)w->after[axis];
    ptrdiff_t counted = ((end < padded ? end : padded) - start + by - 1) / by;
    while (start < 0)
        start += by;
    end = end < in ? end : in;
    struct span s = {(size_t)start, end > start ? (size_t)end : (size_t)start, 0};
    s.divisor = count_padding ? (size_t)counted : (s.last - s.first + (size_t)by - 1) / (size_t)by;
    return s;
}

struct cell {
    struct span at[3];
    size_t divisor;
};

static struct cell cell_of(const struct lethe_pool_args *args, size_t o)
{
    const struct lethe_window *w = &args->window;
    struct cell cell = {.at = {span_of(w, 0, o / (w->out[1] * w->out[2]), args->count_padding),
                               span_of(w, 1, o / w->out[2] % w->out[1], args->count_padding),
                               span_of(w, 2, o % w->out[2], args->count_padding)}};
    cell.divisor = cell.at[0].divisor * cell.at[1].divisor * cell.at[2].divisor;
    return cell;
}

#define EACH_INPUT(w, cell, i, body)                                                               \
    for (size_t d_ = (cell)->at[0].first; d_ < (cell)->at[0].last; d_ += (w)->dilation[0])         \
        for (size_t h_ = (cell)->at[1].first; h_ < (cell)->at[1].last; h_ += (w)->dilation[1])     \
            for (size_t w_ = (cell)->at[2].first; w_ < (cell)->at[2].last;                         \
                 w_ += (w)->dilation[2]) {                                                         \
                size_t i = (d_ * (w)->in[1] + h_) * (w)->in[2] + w_;                               \
                body                                                                               \
            }

static size_t largest(const real *x, const struct lethe_window *w, const struct cell *cell)
{
    size_t best = LETHE_NONE;
    EACH_INPUT(w, cell, i, if (best == LETHE_NONE || x[i] > x[best] || isnan(x[i])) best = i;)
    return best;
}

static real mean(const real *x, const struct lethe_window *w, const struct cell *cell)
{
    double sum = 0;
    EACH_INPUT(w, cell, i, sum += (double)x[i];)
    return cell->divisor ? (real)(sum / (double)cell->divisor) : 0;
}

/* y from x; `chosen` decides where the maximum is (the same as x for forward). */
static void run(real *y, const real *x, const real *chosen, const struct lethe_call *call)
{
    const struct lethe_pool_args *args = &call->args.pool;
    size_t inputs = lethe_window_inputs(&args->window);
    size_t outputs = lethe_window_outputs(&args->window);
    for (size_t o = 0; o < outputs; o++) {
        struct cell cell = cell_of(args, o);
        for (size_t p = 0; p < args->planes; p++) {
            const real *plane = x + p * inputs;
            size_t best;
            if (call->kind == 0)
                y[p * outputs + o] = mean(plane, &args->window, &cell);
            else if ((best = largest(chosen + p * inputs, &args->window, &cell)) == LETHE_NONE)
                y[p * outputs + o] = 0;
            else
                y[p * outputs + o] = plane[best];
        }
    }
}

void REAL(pool_forward)(const struct lethe_call *call, const struct lethe_data *data)
{
    run(data->y[0], data->x[0], data->x[0], call);
}

void REAL(pool_jvp)(const struct lethe_call *call, const struct lethe_data *data)
{
    run(data->ty[0], data->tx[0], data->x[0], call);
}

void REAL(pool_backward)(const struct lethe_call *call, const struct lethe_data *data)
{
    const struct lethe_pool_args *args = &call->args.pool;
    const struct lethe_window *w = &args->window;
    size_t inputs = lethe_window_inputs(w), outputs = lethe_window_outputs(w);
    const real *x = data->x[0], *g = data->dy[0];
    real *dx = data->dx[0];
    for (size_t o = 0; dx && o < outputs; o++) {
        struct cell cell = cell_of(args, o);
        for (size_t p = 0; p < args->planes; p++) {
            real *to = dx + p * inputs, slope = g[p * outputs + o];
            if (call->kind == 0 && cell.divisor) {
                slope /= (real)cell.divisor;
                EACH_INPUT(w, &cell, i, to[i] += slope;)
            } else if (call->kind == 1) {
                size_t best = largest(x + p * inputs, w, &cell);
                if (best != LETHE_NONE)
                    to[best] += slope;
            }
        }
    }
}
