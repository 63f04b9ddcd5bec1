/* SPDX-License-Identifier: MIT
 * The surface: what every blanket size does at every damping. Cells hold a distance to the warm
 * retrain, or the predicted change of the forget samples' loss while there is none. */
#ifndef LETHE_STUDY_SURFACE_H
#define LETHE_STUDY_SURFACE_H

#include "base/text.h"
#include "study/surface_value.h"

enum { LETHE_SURFACE_MOST = 40 }; /* rows and columns at most */

struct lethe_surface {
    int refs;
    int predicted;                    /* cells are predictions, not distances */
    enum lethe_surface_value figure;  /* what distances they are */
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

/* How a surface is asked for. */
struct lethe_surface_spec {
    struct lethe_blanket_curvature *curve; /* NULL: made here, over the order of the selection */
    size_t rows, columns; /* from 2 to LETHE_SURFACE_MOST; fewer columns come out where there are
                             fewer units */
    enum lethe_surface_value figure;
};
enum lethe_err lethe_surface_make(struct lethe_surface **surface,
                                  struct lethe_comparison_base *base,
                                  const struct lethe_surface_spec *spec, struct lethe_watch *watch,
                                  struct lethe_error *err);
struct lethe_surface *lethe_surface_ref(struct lethe_surface *surface);
void lethe_surface_unref(struct lethe_surface *surface); /* NULL ok */

/* A map of characters: one row a damping, largest on top; darker is farther from retraining, the
 * point that is set stands in brackets, rules stand at the right. */
void lethe_surface_print(struct lethe_text *out, const struct lethe_surface *surface);

#endif
