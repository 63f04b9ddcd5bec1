/* SPDX-License-Identifier: MIT
 * Pictures for a report: what the model made of the forgotten samples where it began and what it
 * makes of them now, beside samples it never saw. */
#ifndef LETHE_WORKBENCH_REPORT_PICTURES_H
#define LETHE_WORKBENCH_REPORT_PICTURES_H

#include "lethe/cancel.h"
#include "lethe/report.h"

struct lethe_workbench;

enum { LETHE_REPORT_PICTURES = 6 };

struct lethe_report_pictures {
    struct lethe_report_picture at[LETHE_REPORT_PICTURES]; /* svg and caption are owned */
    size_t count;
    const char *missing;   /* why there are none, borrowed; NULL: nothing is missing */
    const char *not_drawn; /* why the retrained model is not in them and how it comes there,
                              borrowed; NULL: it is */
};

/* None where nothing is forgotten, no data are loaded, or gnuplot is missing (`missing` says
 * which); that is no error. */
enum lethe_err lethe_report_pictures_make(struct lethe_report_pictures *pictures,
                                          const struct lethe_workbench *wb,
                                          struct lethe_watch *watch, struct lethe_error *err);
void lethe_report_pictures_release(struct lethe_report_pictures *pictures);

#endif
