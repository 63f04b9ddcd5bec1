/* SPDX-License-Identifier: MIT
 * Images in another size or as many channels as a network wants. Resampling is bilinear; when an
 * image shrinks the triangle widens with it, as in common image libraries, so that no pixel is
 * skipped. Bytes are rounded to bytes again. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "data/resize.h"

/* One output pixel along an axis: weights of inputs first ... first + count - 1. */
struct tap {
    size_t first, count;
};

/* taps(out) and weights(out, *most) of an axis of `in` pixels. */
static enum lethe_err make_taps(struct tap **taps, double **weights, size_t *most, size_t in,
                                size_t out, struct lethe_error *err)
{
    double scale = (double)in / (double)out, reach = scale > 1 ? scale : 1;
    *most = 2 * (size_t)ceil(reach) + 1;
    *taps = lethe_alloc_zero(out, sizeof **taps);
    *weights = lethe_alloc_zero(out, *most * sizeof **weights);
    if (!*taps || !*weights)
        return lethe_fail_memory(err, "an image's weights", out, *most * sizeof **weights);
    for (size_t o = 0; o < out; o++) {
        double centre = ((double)o + 0.5) * scale, sum = 0, *w = *weights + o * *most;
        double low = centre - reach, high = centre + reach;
        struct tap *tap = &(*taps)[o];
        tap->first = low > 0 ? (size_t)low : 0;
        for (size_t i = tap->first; i < in && (double)i < high && tap->count < *most; i++) {
            double near = 1 - fabs((double)i + 0.5 - centre) / reach;
            w[tap->count++] = near > 0 ? near : 0;
            sum += near > 0 ? near : 0;
        }
        for (size_t k = 0; k < tap->count; k++)
            w[k] /= sum;
    }
    return LETHE_OK;
}

static void put(struct lethe_array *array, size_t index, double value)
{
    if (array->type == LETHE_U8)
        ((uint8_t *)array->data)[index] = (uint8_t)fmin(fmax(floor(value + 0.5), 0), 255);
    else if (array->type == LETHE_FLOAT)
        ((float *)array->data)[index] = (float)value;
    else
        ((double *)array->data)[index] = value;
}

struct plane { /* of one size to the other: along columns into `half`, then along rows */
    size_t rows, columns, to_rows, to_columns;
    struct tap *across, *down;
    double *by_column, *by_row, *half;
    size_t most_across, most_down;
};

static void resample(struct lethe_array *to, const struct lethe_array *from, size_t index,
                     const struct plane *p)
{
    size_t at = index * p->rows * p->columns;
    for (size_t r = 0; r < p->rows; r++)
        for (size_t o = 0; o < p->to_columns; o++) {
            double sum = 0;
            for (size_t k = 0; k < p->across[o].count; k++)
                sum += p->by_column[o * p->most_across + k] *
                       lethe_array_get(from, at + r * p->columns + p->across[o].first + k);
            p->half[r * p->to_columns + o] = sum;
        }
    for (size_t o = 0; o < p->to_rows; o++)
        for (size_t c = 0; c < p->to_columns; c++) {
            double sum = 0;
            for (size_t k = 0; k < p->down[o].count; k++)
                sum += p->by_row[o * p->most_down + k] *
                       p->half[(p->down[o].first + k) * p->to_columns + c];
            put(to, (index * p->to_rows + o) * p->to_columns + c, sum);
        }
}

enum lethe_err lethe_images_resize(struct lethe_array *x, size_t rows, size_t columns,
                                   const char *source, struct lethe_error *err)
{
    if (x->ndim < 3 || x->ndim > 4 || !x->count)
        return lethe_fail(err, LETHE_EFORMAT,
                          "%s: 'resize' needs images (rows and columns), its samples have %zu "
                          "dimensions",
                          source, x->ndim ? x->ndim - 1 : 0);
    struct plane p = {.rows = x->dims[x->ndim - 2],
                      .columns = x->dims[x->ndim - 1],
                      .to_rows = rows,
                      .to_columns = columns};
    size_t planes = x->count / (p.rows * p.columns);
    struct lethe_array to = *x;
    to.type = x->type == LETHE_U8 || x->type == LETHE_FLOAT ? x->type : LETHE_DOUBLE;
    to.dims[x->ndim - 2] = rows;
    to.dims[x->ndim - 1] = columns;
    to.count = planes * rows * columns;
    to.data = lethe_alloc(to.count, lethe_element_size(to.type));
    p.half = lethe_alloc(p.rows * columns, sizeof *p.half);
    enum lethe_err code = LETHE_OK;
    if (!to.data || !p.half)
        code = lethe_fail_memory(err, source, to.count, lethe_element_size(to.type));
    if (!code)
        code = make_taps(&p.across, &p.by_column, &p.most_across, p.columns, columns, err);
    if (!code)
        code = make_taps(&p.down, &p.by_row, &p.most_down, p.rows, rows, err);
    for (size_t i = 0; i < planes && !code; i++)
        resample(&to, x, i, &p);
    if (code) {
        lethe_free(to.data);
    } else {
        lethe_free(x->data);
        *x = to;
    }
    lethe_free(p.half);
    lethe_free(p.across);
    lethe_free(p.down);
    lethe_free(p.by_column);
    lethe_free(p.by_row);
    return code;
}

enum lethe_err lethe_images_colour(struct lethe_array *x, size_t channels, const char *source,
                                   struct lethe_error *err)
{
    size_t size = lethe_element_size(x->type), n = x->ndim ? x->dims[0] : 0;
    if (x->ndim == 4 && x->dims[1] == channels)
        return LETHE_OK;
    if (!n || (x->ndim != 3 && !(x->ndim == 4 && x->dims[1] == 1)))
        return lethe_fail(err, LETHE_EFORMAT, "%s: %zu 'channels' can be made of grey images only",
                          source, channels);
    size_t plane = x->count / n * size;
    char *all = lethe_alloc(n * channels, plane);
    if (!all)
        return lethe_fail_memory(err, source, n * channels, plane);
    for (size_t i = 0; i < n * channels; i++)
        memcpy(all + i * plane, (char *)x->data + i / channels * plane, plane);
    lethe_free(x->data);
    x->data = all;
    x->count *= channels;
    size_t rows = x->dims[x->ndim - 2], columns = x->dims[x->ndim - 1];
    x->ndim = 4;
    x->dims[1] = channels;
    x->dims[2] = rows;
    x->dims[3] = columns;
    return LETHE_OK;
}
