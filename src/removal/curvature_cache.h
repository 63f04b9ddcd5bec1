/* SPDX-License-Identifier: MIT
 * The curvature of all parameters over samples of S, made once, while single samples are
 * removed from the same weights. What a removal needs is a part of it with the removed samples'
 * share taken out: H_R = (|C| H_C - sum over U and C of H_i) / (|C| - |U and C|). */
#ifndef LETHE_REMOVAL_CURVATURE_CACHE_H
#define LETHE_REMOVAL_CURVATURE_CACHE_H

#include "removal/stages.h"

struct lethe_curvature_cache {
    struct lethe_blanket all;
    struct lethe_curvature curvature; /* over C */
    struct lethe_ids samples;         /* C */
    size_t *place;                    /* (parameters) entry of the matrix */
    double seconds;
};

enum { LETHE_CURVATURE_CACHE_MOST = 8000 }; /* parameters: half a gigabyte */

/* Is the curvature of the settings a sum over samples, and the model small enough? */
int lethe_curvature_cache_possible(const struct lethe_snapshot *snapshot,
                                   const struct lethe_settings *settings);
enum lethe_err lethe_curvature_cache_init(struct lethe_curvature_cache *cache,
                                          const struct lethe_snapshot *snapshot,
                                          const struct lethe_settings *settings,
                                          struct lethe_watch *watch, struct lethe_error *err);
void lethe_curvature_cache_release(struct lethe_curvature_cache *cache); /* zeroed ok */
/* As lethe_blanket_curvature_make on a snapshot with the same weights and fewer retained samples.
 */
enum lethe_err lethe_curvature_cache_blanket(struct lethe_blanket_curvature **curve,
                                             const struct lethe_curvature_cache *cache,
                                             struct lethe_snapshot *snapshot,
                                             const struct lethe_selected *selected,
                                             struct lethe_watch *watch, struct lethe_error *err);

#endif
