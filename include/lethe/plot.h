/* SPDX-License-Identifier: MIT
 * Plots as pictures: a description (series, axes, cells, marks), turned into a gnuplot script, run
 * by gnuplot, and written to a file. The terminal's own charts do not need this. All text may come
 * from users: it is quoted, never interpreted. */
#ifndef LETHE_PLOT_H
#define LETHE_PLOT_H

#include <stddef.h>
#include "lethe/cancel.h"
#include "lethe/error.h"
#include "lethe/eval.h"

enum lethe_plot_style {
    LETHE_PLOT_LINE,
    LETHE_PLOT_POINTS,
    LETHE_PLOT_CIRCLES, /* large and open, around points */
    LETHE_PLOT_LINE_POINTS,
    LETHE_PLOT_STEPS,     /* ROC curves */
    LETHE_PLOT_BAND,      /* between low and high, with y as a line */
    LETHE_PLOT_BARS,      /* x is the position, several series stand side by side */
    LETHE_PLOT_HISTOGRAM, /* boxes as wide as the step of x, translucent */
    LETHE_PLOT_STYLE_COUNT
};

/* How the points of LETHE_PLOT_POINTS look. */
enum lethe_plot_point {
    LETHE_POINT_DISC,
    LETHE_POINT_DOT,    /* small: what there are many of */
    LETHE_POINT_RING,   /* small and open */
    LETHE_POINT_CIRCLE, /* large and open */
    LETHE_POINT_SQUARE, /* large and filled */
    LETHE_POINT_COUNT
};

/* Points (x_i, y_i). NAN is a gap. Borrowed. */
struct lethe_plot_series {
    const char *title; /* NULL: not in the key */
    enum lethe_plot_style style;
    const double *x;          /* (n); NULL: 1, 2, 3 ... */
    const double *y;          /* (n) */
    const double *low, *high; /* (n): the band, or error bars of bars and points; NULL: none */
    size_t n;
    int reference; /* drawn dashed, and grey unless it has a colour: before, chance, a floor */
    size_t colour; /* 0: one of its own; else this one, from 1 on, which others may share */
    enum lethe_plot_point point;
    size_t panel; /* of a plot of panels: the one it is drawn in, from 1 on; 0: in all */
};

struct lethe_plot_axis {
    const char *label;        /* NULL: none */
    int log;                  /* values must be positive */
    double low, high;         /* both 0: as the data asks */
    const char *const *names; /* names of the positions 1, 2, 3 ...; NULL: numbers */
    size_t name_count;
    double step; /* between the numbers; 0: as the data asks */
};

/* A map of cells; the axes' names label columns and rows. */
struct lethe_plot_cells {
    const double *value; /* (rows, columns) row-major, row 0 at the bottom; NAN: left empty */
    size_t rows, columns;
    const char *label; /* of the colour scale */
    int log;
};

/* A point with words beside it; on a map, x and y are positions 1, 2, 3 ... */
struct lethe_plot_mark {
    double x, y;
    const char *label;
};

struct lethe_plot {
    const char *title, *subtitle; /* NULL: none */
    struct lethe_plot_axis x, y;
    const struct lethe_plot_series *series;
    size_t series_count;
    const struct lethe_plot_cells *cells; /* NULL: no map; with a map there are no series */
    const struct lethe_plot_mark *marks;
    size_t mark_count;
    int square;                /* equal sides and the diagonal of chance: ROC */
    const char *const *panels; /* (panel_count) names of frames side by side on the same axes */
    size_t panel_count;        /* 0: one frame */
};

enum lethe_plot_format {
    LETHE_PLOT_PNG,
    LETHE_PLOT_SVG,
    LETHE_PLOT_PDF,
    LETHE_PLOT_SIXEL, /* for terminals that show it */
    LETHE_PLOT_FORMAT_COUNT
};
/* From the ending of a path; LETHE_EARG lists what there is. */
enum lethe_err lethe_plot_format_of(enum lethe_plot_format *format, const char *path,
                                    struct lethe_error *err);

/* The script that draws the plot on gnuplot's standard output; heap text (lethe_free). */
enum lethe_err lethe_plot_script(char **script, const struct lethe_plot *plot,
                                 enum lethe_plot_format format, struct lethe_error *err);
/* The picture in memory (lethe_free). LETHE_EIO when gnuplot is missing or fails: the message says
 * how to install it, or what it said. watch may be NULL. */
enum lethe_err lethe_plot_render(char **picture, size_t *size, const struct lethe_plot *plot,
                                 enum lethe_plot_format format, struct lethe_watch *watch,
                                 struct lethe_error *err);
/* The picture in a file, format by its ending, written atomically. */
enum lethe_err lethe_plot_save(const struct lethe_plot *plot, const char *path,
                               struct lethe_watch *watch, struct lethe_error *err);

/* ---- plots that own what they show ------------------------------------------------------------
 */

/* A plot with copies of its numbers and words, for results that outlive the arrays they were made
 * from. Reference-counted, immutable once it is shared. */
struct lethe_sheet;
/* A new, empty sheet (unref); title and subtitle are copied and may be NULL. NULL with err filled.
 */
struct lethe_sheet *lethe_sheet_new(const char *title, const char *subtitle,
                                    struct lethe_error *err);
/* Another reference; returns sheet. */
struct lethe_sheet *lethe_sheet_ref(struct lethe_sheet *sheet);
void lethe_sheet_unref(struct lethe_sheet *sheet);                          /* NULL ok */
const struct lethe_plot *lethe_sheet_plot(const struct lethe_sheet *sheet); /* borrowed */

/* Everything handed over is copied; a sheet is unchanged when these fail. */
enum lethe_err lethe_sheet_title(struct lethe_sheet *sheet, const char *title,
                                 struct lethe_error *err);
enum lethe_err lethe_sheet_axes(struct lethe_sheet *sheet, const struct lethe_plot_axis *x,
                                const struct lethe_plot_axis *y, struct lethe_error *err);
enum lethe_err lethe_sheet_series(struct lethe_sheet *sheet, const struct lethe_plot_series *series,
                                  struct lethe_error *err);
enum lethe_err lethe_sheet_cells(struct lethe_sheet *sheet, const struct lethe_plot_cells *cells,
                                 struct lethe_error *err);
enum lethe_err lethe_sheet_mark(struct lethe_sheet *sheet, const struct lethe_plot_mark *mark,
                                struct lethe_error *err);
/* Frames side by side on the same axes, for lines, steps and points. */
enum lethe_err lethe_sheet_panels(struct lethe_sheet *sheet, const char *const *names, size_t count,
                                  struct lethe_error *err);
/* Adds the ROC curve of scores (larger: member) and its AUC in the key; the sheet becomes square
 * and its axes get their labels. */
enum lethe_err lethe_sheet_roc(struct lethe_sheet *sheet, const char *title,
                               const struct lethe_pool *pool, struct lethe_error *err);
/* Adds one histogram per group over common bins; infinite and NAN values are left out. */
struct lethe_plot_group {
    const char *title;
    const double *values;
    size_t n;
};
/* One histogram per group; what is handed over is copied. LETHE_EARG: no value is finite. */
enum lethe_err lethe_sheet_histograms(struct lethe_sheet *sheet, const char *label,
                                      const struct lethe_plot_group *groups, size_t count,
                                      struct lethe_error *err);

/* A map over blanket size (columns) and damping (rows), both ascending. rules mark dampings on the
 * column of the current size, at their place between two rows. */
struct lethe_plot_rule {
    const char *label;
    double damping;
};
struct lethe_plot_surface {
    const double *value;    /* (rows, columns), NAN: not computed yet */
    const size_t *sizes;    /* (columns) units in the blanket */
    const double *dampings; /* (rows), may begin with 0 */
    size_t rows, columns;
    const char *label;  /* of the values: "KL to retraining (nats)" */
    size_t row, column; /* the current point; rows or more: none */
    const struct lethe_plot_rule *rules;
    size_t rule_count;
};
/* A map with its axes and marks; what is handed over is copied. LETHE_ENOMEM only. */
enum lethe_err lethe_sheet_surface(struct lethe_sheet *sheet,
                                   const struct lethe_plot_surface *surface,
                                   struct lethe_error *err);

/* Equal bins over [low, high]. */
struct lethe_bins {
    double low, high;
    size_t count;
};
/* share(count) of the n values; what lies outside counts in the first or last bin, what is not
 * finite in none.
 * centre(count) may be NULL. */
void lethe_histogram(double *share, double *centre, const struct lethe_bins *bins,
                     const double *values, size_t n);

#endif
