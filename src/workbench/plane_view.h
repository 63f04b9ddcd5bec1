/* SPDX-License-Identifier: MIT
 * The plane of the loaded model: what its weights at the head, those of the preview and the
 * retrained ones say on it. Made when somebody looks, again for what has changed only. */
#ifndef LETHE_WORKBENCH_PLANE_VIEW_H
#define LETHE_WORKBENCH_PLANE_VIEW_H

#include "lethe/session.h"
#include "removal/stages.h"
#include "study/plane.h"

struct lethe_workbench;

enum lethe_plane_model {
    LETHE_PLANE_BEFORE,
    LETHE_PLANE_NOW,
    LETHE_PLANE_RETRAINED,
    LETHE_PLANE_MODELS
};

struct lethe_plane_view {
    struct lethe_plane *plane;                           /* NULL: not made yet */
    struct lethe_plane_field *field[LETHE_PLANE_MODELS]; /* NULL: there are no such weights */
    struct lethe_dataset *data;                          /* the plane is of these */
    char head[LETHE_HASH_HEX];                           /* before is of this state */
    struct lethe_preview *preview;                       /* now is of this one */
    struct lethe_retrained *warm;                        /* retrained is of this one */
    int running;                                         /* a job makes what is missing */
    char why[160]; /* why there is no plane; "" when there may be one */
};

void lethe_plane_view_release(struct lethe_plane_view *view); /* zeroed ok */
/* 1 when it shows what is on the workbench now. */
int lethe_plane_view_current(const struct lethe_workbench *wb);
/* Begins to make what is missing on the interactive lane, unless that works already; the version
 * of the workbench goes up when it is there. */
void lethe_plane_view_ask(struct lethe_workbench *wb);
/* The same here and now, into a view of the caller's (release it). LETHE_EARG without a model or
 * data, or for inputs that lie on no plane. */
enum lethe_err lethe_plane_view_copy(struct lethe_plane_view *view,
                                     const struct lethe_workbench *wb, struct lethe_error *err);

#endif
