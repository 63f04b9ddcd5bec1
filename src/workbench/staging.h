/* SPDX-License-Identifier: MIT
 * How the full screen is shown to an audience: which panes, what caption, which figure stands out.
 * The state of it only; the screen draws it. */
#ifndef LETHE_WORKBENCH_STAGING_H
#define LETHE_WORKBENCH_STAGING_H

#include <stddef.h>
#include "text/result.h"

struct lethe_workbench;

enum { LETHE_STAGING_PANES = 3 };

struct lethe_staging {
    int on;
    const char *panes[LETHE_STAGING_PANES]; /* (pane_count) names, static; none: the focused one */
    size_t pane_count;
    char caption[200]; /* "": none */
    char spot[64];     /* the figure that stands out, as the screen names it; "": none */
};

/* `on`, `off`, or names of panes with blanks or commas between, up to three. LETHE_EARG names the
 * word that is neither. */
enum lethe_err lethe_staging_show(struct lethe_staging *staging, const char *words,
                                  struct lethe_error *err);
/* The caption from now on; "" or `off` removes it. LETHE_EARG when it is too long for a screen. */
enum lethe_err lethe_staging_caption(struct lethe_staging *staging, const char *text,
                                     struct lethe_error *err);
/* The figure that stands out, any word that `explain` knows; `off` ends it. LETHE_EARG names the
 * nearest word. */
enum lethe_err lethe_staging_spot(struct lethe_staging *staging, const char *figure,
                                  struct lethe_error *err);
/* What is set: presenting, panes, caption, spotlight. */
void lethe_staging_put(struct lethe_value *out, const struct lethe_staging *staging);
/* The same, of which people see the caption alone, as a heading. There is one. */
void lethe_staging_put_heading(struct lethe_value *out, const struct lethe_staging *staging);
/* After one of the three above on wb's staging: unless it failed the screen is drawn anew, and what
 * is set is the answer. Returns code. */
enum lethe_err lethe_staging_answer(struct lethe_value *out, struct lethe_workbench *wb,
                                    enum lethe_err code);
/* The n-th pane that can be shown; NULL after the last. */
const char *lethe_staging_pane(size_t n);

#endif
