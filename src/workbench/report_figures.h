/* SPDX-License-Identifier: MIT
 * The figures on the report half of the held-out samples. Previews never look at it, so that what
 * a person tunes by is not what is reported; it is measured once, at the commit. */
#ifndef LETHE_WORKBENCH_REPORT_FIGURES_H
#define LETHE_WORKBENCH_REPORT_FIGURES_H

#include "lethe/eval.h"
#include "text/result.h"

struct lethe_workbench;

struct lethe_report_figures {
    int known;                        /* 0: there are no held-out samples */
    struct lethe_figures before, now; /* forget and report half; retain is empty */
};

/* Of the head's weights and those of the preview. Needs a preview. */
enum lethe_err lethe_report_figures_measure(struct lethe_report_figures *final,
                                            const struct lethe_workbench *wb,
                                            struct lethe_error *err);

/* "class": the classes that the preview, complete, changes most, on the held-out samples for
 * choosing; nothing where there are none. */
enum lethe_err lethe_report_figures_put_classes(struct lethe_value *out, struct lethe_workbench *wb,
                                                struct lethe_error *err);

#endif
