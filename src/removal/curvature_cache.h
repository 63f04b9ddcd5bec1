/* SPDX-License-Identifier: MIT
 * A shelf: the curvature of all parameters over samples of S, made once, while single samples are
 * removed from the same weights. What a removal needs is a part of it with the removed samples'
 * share taken out: H_R = (|C| H_C - sum over U and C of H_i) / (|C| - |U and C|). */
#ifndef LETHE_REMOVAL_CURVATURE_CACHE_H
#define LETHE_REMOVAL_CURVATURE_CACHE_H

#include "removal/stages.h"

struct lethe_shelf {
    struct lethe_blanket all;
    struct lethe_curvature curvature; /* over C */
    struct lethe_ids samples;         /* C */
    size_t *place;                    /* (parameters) entry of the matrix */
    double seconds;
};

enum { LETHE_SHELF_MOST = 8000 }; /* parameters: half a gigabyte */

/* Is the curvature of the settings a sum over samples, and the model small enough? */
int lethe_shelf_possible(const struct lethe_scene *scene, const struct lethe_settings *settings);
enum lethe_err lethe_shelf_init(struct lethe_shelf *shelf, const struct lethe_scene *scene,
                                const struct lethe_settings *settings, struct lethe_watch *watch,
                                struct lethe_error *err);
void lethe_shelf_release(struct lethe_shelf *shelf); /* zeroed ok */
/* As lethe_curve_make on a scene with the same weights and fewer retained samples. */
enum lethe_err lethe_shelf_curve(struct lethe_curve **curve, const struct lethe_shelf *shelf,
                                 struct lethe_scene *scene, const struct lethe_chosen *chosen,
                                 struct lethe_watch *watch, struct lethe_error *err);

#endif
