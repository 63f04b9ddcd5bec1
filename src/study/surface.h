/* SPDX-License-Identifier: MIT
 * The surface: what every blanket size does at every damping. Cells hold the mean KL to the warm
 * retrain over the forget samples, or the predicted change of their loss while there is none. */
#ifndef LETHE_STUDY_SURFACE_H
#define LETHE_STUDY_SURFACE_H

#include "base/text.h"
#include "study/variant.h"

enum { LETHE_SURFACE_MOST = 40 }; /* rows and columns at most */

struct lethe_surface {
    int refs;
    int predicted;                    /* cells are predictions, not distances */
    size_t rows, columns;             /* dampings, sizes: both ascending */
    double *value;                    /* (rows, columns); NAN: indefinite there */
    double *dampings;                 /* (rows), 0 first */
    size_t *sizes;                    /* (columns) units */
    size_t *parameters;               /* (columns) */
    size_t row, column;               /* the point that is set */
    double before;                    /* the same figure of the model as it is */
    struct lethe_damping_hints hints; /* at the size that is set; NAN: not known */
    double automatic;                 /* what damping auto stands for */
    double seconds;
};

/* rows, columns: from 2 to LETHE_SURFACE_MOST; fewer columns come out where there are fewer units.
 * curve NULL: made here, over the order of the stand's selection. */
enum lethe_err lethe_surface_make(struct lethe_surface **surface,
                                  struct lethe_comparison_base *base,
                                  struct lethe_blanket_curvature *curve, size_t rows,
                                  size_t columns, struct lethe_watch *watch,
                                  struct lethe_error *err);
struct lethe_surface *lethe_surface_ref(struct lethe_surface *surface);
void lethe_surface_unref(struct lethe_surface *surface); /* NULL ok */

/* A map of characters: one row a damping, largest on top; darker is farther from retraining, the
 * point that is set stands in brackets, rules stand at the right. */
void lethe_surface_print(struct lethe_text *out, const struct lethe_surface *surface);

#endif
