/* SPDX-License-Identifier: MIT
 * Shares of values in equal bins, for pictures and for the charts of the terminal alike.
 * Check: 0, 1, 2, 3 in two bins of [0, 4]: one half each. */
#include "lethe/plot.h"

#include <math.h>

void lethe_histogram(double *share, double *centre, const struct lethe_bins *bins,
                     const double *values, size_t n)
{
    double width = (bins->high - bins->low) / (double)bins->count;
    for (size_t b = 0; b < bins->count; b++) {
        share[b] = 0;
        if (centre)
            centre[b] = bins->low + ((double)b + 0.5) * width;
    }
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i]))
            continue;
        double place = width > 0 ? floor((values[i] - bins->low) / width) : 0;
        double last = (double)(bins->count - 1);
        share[(size_t)fmax(0, fmin(last, place))] += 1 / (double)n;
    }
}
