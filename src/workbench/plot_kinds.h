/* SPDX-License-Identifier: MIT
 * The kinds of plots: one row each, which `plot`, its help, completion and the screen go through. A
 * kind is filled from results that are there, or computed anew. */
#ifndef LETHE_WORKBENCH_PLOT_KINDS_H
#define LETHE_WORKBENCH_PLOT_KINDS_H

#include "lethe/plot.h"
#include "study/variant.h"
#include "workbench/plots.h"

struct lethe_workbench;

struct lethe_plot_kind {
    const char *name;  /* as in `plot NAME` */
    const char *title; /* of the picture */
    const char *shows; /* half a sentence for help */
    /* From the results of the workbench; LETHE_EARG names the command that makes what is missing.
     */
    enum lethe_err (*fill)(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                           struct lethe_error *err);
    /* Computed anew from a removal's base. Exactly one of the two is set. */
    enum lethe_err (*compute)(struct lethe_sheet *sheet, struct lethe_comparison_base *base,
                              struct lethe_watch *watch, struct lethe_error *err);
    const char *pane; /* title in the plot pane, which shows it without being asked; NULL: it is
                         shown there once the command drew it */
    enum lethe_plot_about about; /* what the line below the title may speak of */
    int map; /* without a picture it is a map in characters, and no plot of the terminal */
};

enum { LETHE_PLOT_KINDS_MOST = 32 };
size_t lethe_plot_kind_count(void);
const struct lethe_plot_kind *lethe_plot_kind(size_t number);
const struct lethe_plot_kind *lethe_plot_kind_find(const char *name); /* NULL: none */

#endif
