/* SPDX-License-Identifier: MIT
 * How many labels are drawn for a Gauss-Newton matrix of many classes, where not all are gone
 * through. */
#include "lethe/curvature.h"

enum {
    CLASSES_EXACT = 20,   /* classes that never need a draw */
    ROWS_EXACT = 200000,  /* classes x samples that a backward pass each is affordable for */
    ROWS_PLAIN = 5000000, /* the same in plain linear layers, where a pass is cheap */
    FEWEST_DRAWN = 10
};

size_t lethe_curvature_labels(size_t classes, size_t samples, int plain)
{
    const size_t rows = plain ? ROWS_PLAIN : ROWS_EXACT;
    if (classes <= CLASSES_EXACT || samples <= rows / classes)
        return 0;
    return rows / samples > FEWEST_DRAWN ? rows / samples : FEWEST_DRAWN;
}
