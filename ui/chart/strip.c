/* SPDX-License-Identifier: MIT
 * Charts of one row or one block per value: strips, bars, histograms. */
#include <math.h>

#include "ui/chart/chart.h"

int lethe_chart_level(double value, double lo, double hi, int steps)
{
    if (isnan(value))
        return -1;
    if (!(hi > lo))
        return 0;
    double scaled = (value - lo) / (hi - lo) * steps;
    return scaled <= 0 ? 0 : scaled >= steps ? steps - 1 : (int)scaled;
}

static uint16_t ink_of(uint16_t ink, int level, int steps)
{
    if (ink != LETHE_INK_RAMP)
        return ink;
    return (uint16_t)(LETHE_INK_RAMP + level * LETHE_RAMP / steps);
}

static double largest(const double *values, size_t from, size_t to)
{
    double best = NAN;
    for (size_t k = from; k < to; k++)
        best = fmax(best, values[k]); /* fmax skips NaN */
    return best;
}

void lethe_chart_strip(struct lethe_area row, const struct lethe_strip *strip)
{
    size_t cells = strip->count < (size_t)row.cols ? strip->count : (size_t)row.cols;
    for (size_t k = 0; k < cells; k++) {
        size_t from = k * strip->count / cells, to = (k + 1) * strip->count / cells;
        double value = largest(strip->values, from, to);
        int level = lethe_chart_level(value, 0, strip->hi, 8);
        if (level < 0)
            lethe_draw_glyph(row, 0, (int)k, ' ', LETHE_INK_DIM);
        else if (value <= strip->floor)
            lethe_draw_glyph(row, 0, (int)k, 0x00b7, LETHE_INK_DIM);
        else
            lethe_draw_glyph(row, 0, (int)k, 0x2581u + (uint32_t)level,
                             ink_of(strip->ink, level, 8));
    }
}

void lethe_chart_bar(struct lethe_area row, double fraction, uint16_t ink)
{
    int eighths = lethe_chart_level(fraction, 0, 1, row.cols * 8 + 1);
    for (int x = 0; x < row.cols && eighths > 0; x++, eighths -= 8)
        lethe_draw_glyph(row, 0, x, eighths >= 8 ? 0x2588u : 0x2590u - (uint32_t)eighths, ink);
}

/* Share of the values that fall into bin `bin`; the last bin includes hi, outliers are clamped. */
static double bin_share(const double *values, size_t count, double lo, double hi, int bin, int bins)
{
    size_t hits = 0;
    for (size_t k = 0; k < count; k++)
        hits += lethe_chart_level(values[k], lo, hi, bins) == bin;
    return count ? (double)hits / (double)count : 0;
}

double lethe_chart_histogram_top(const double *values, size_t count, double lo, double hi, int bins)
{
    double top = 0;
    for (int bin = 0; bin < bins; bin++)
        top = fmax(top, bin_share(values, count, lo, hi, bin, bins));
    return top;
}

void lethe_chart_histogram(struct lethe_area area, const double *values, size_t count, double lo,
                           double hi, double top, uint16_t ink)
{
    for (int x = 0; x < area.cols; x++) {
        double share = bin_share(values, count, lo, hi, x, area.cols);
        int eighths = lethe_chart_level(share, 0, top, area.rows * 8 + 1);
        if (share > 0 && eighths == 0)
            eighths = 1; /* one sample in a thousand still shows */
        for (int y = area.rows - 1; y >= 0 && eighths > 0; y--, eighths -= 8)
            lethe_draw_glyph(area, y, x, 0x2580u + (uint32_t)(eighths < 8 ? eighths : 8), ink);
    }
}
