/* SPDX-License-Identifier: MIT
 * A plane through the inputs, on which samples and decisions can be drawn. Of two inputs it is all
 * there is; of more it is the plane of the two principal components through the mean of the
 * training samples: a cut, on which samples are drawn where they fall but do not lie. The axes
 * depend on the training data alone, so they stay while weights change. */
#ifndef LETHE_STUDY_PLANE_H
#define LETHE_STUDY_PLANE_H

#include "lethe/cancel.h"
#include "lethe/dataset.h"
#include "lethe/nn.h"

struct lethe_plane {
    int refs;
    int cut;                /* 1: principal components of more than two inputs */
    double share;           /* of the variance that the plane shows, in [0, 1] */
    size_t drawn;           /* samples that the components were found from */
    size_t width;           /* inputs */
    double *centre;         /* (width) the point at (0, 0) */
    double *axes;           /* (2, width) of unit length */
    double low[2], high[2]; /* what is shown along each axis: all samples, and a margin */
    size_t count;           /* training samples */
    double *at;             /* (count, 2) where each falls */
};

/* LETHE_EARG for networks whose inputs are no real numbers, or that have one. Takes up to 2,000
 * samples for the components, every so many of the data. */
enum lethe_err lethe_plane_make(struct lethe_plane **plane, const struct lethe_graph *graph,
                                const struct lethe_dataset *data, struct lethe_watch *watch,
                                struct lethe_error *err);
struct lethe_plane *lethe_plane_ref(struct lethe_plane *plane);
void lethe_plane_unref(struct lethe_plane *plane); /* NULL ok */
/* The sample nearest to a point of the plane; (size_t)-1 when there is none. */
size_t lethe_plane_nearest(const struct lethe_plane *plane, double x, double y);
/* x (width) = the input at a point of the plane. */
void lethe_plane_input(double *x, const struct lethe_plane *plane, const double at[2]);

/* ---- what weights say on the plane ----------------------------------------------------------- */

struct lethe_plane_field {
    int refs;
    size_t rows, cols, classes;
    int *top;          /* (rows, cols) class, row 0 at low[1] */
    double *sure;      /* (rows, cols) probability of that class */
    size_t line_count; /* of the decision boundary */
    double *line;      /* (line_count, 2): points joined one after the other, NAN between lines */
};

/* Rows and columns of a grid that this network answers in a blink, at most 64 x 96. */
void lethe_plane_grid(size_t *rows, size_t *cols, const struct lethe_graph *graph);
/* w is (size + buffers). Grid points lie on the ends of what is shown and between. */
enum lethe_err lethe_plane_field_make(struct lethe_plane_field **field,
                                      const struct lethe_plane *plane, struct lethe_graph *graph,
                                      const double *w, struct lethe_watch *watch,
                                      struct lethe_error *err);
struct lethe_plane_field *lethe_plane_field_ref(struct lethe_plane_field *field);
void lethe_plane_field_unref(struct lethe_plane_field *field); /* NULL ok */

#endif
