/* SPDX-License-Identifier: MIT
 * Where the words of marks stand, so that lines and other words do not cross them. */
#ifndef LETHE_PLOT_LABELS_H
#define LETHE_PLOT_LABELS_H

#include "lethe/plot.h"

struct lethe_label_place {
    const char *align; /* "left", "right" or "center" of the words is at the mark */
    double dx, dy;     /* from there, in characters */
};

/* places is (mark_count): for each mark the first of the places around it that the fewest points
 * of lines, bars and marks, and words that stand already, lie in, and that is inside the frame. */
void lethe_labels_place(struct lethe_label_place *places, const struct lethe_plot *plot);

#endif
