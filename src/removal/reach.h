/* SPDX-License-Identifier: MIT
 * Reach: the share of the decrease that a step of the whole network makes (in the influence form)
 * that one confined to the first units of a blanket can make,
 *     g_P'(H_PP + mu)^-1 g_P / g'(H + mu)^-1 g.
 * By EKFAC at once, for every number of units; exact where both steps are solved with H. */
#ifndef LETHE_REMOVAL_REACH_H
#define LETHE_REMOVAL_REACH_H

#include "removal/stages.h"

/* The step of the whole network that blankets are measured against: its curvature and factor, no
 * estimate. Immutable and shared. */
struct lethe_whole {
    int refs;
    struct lethe_blanket_curvature *curve; /* of every parameter */
    struct lethe_factor *factor;
};
/* Of a blanket that is all; NULL when out of memory. */
struct lethe_whole *lethe_whole_new(struct lethe_blanket_curvature *curve,
                                    struct lethe_factor *factor);
/* By products with the curvature of the settings, for every damping. */
enum lethe_err lethe_whole_make(struct lethe_whole **whole, struct lethe_snapshot *snapshot,
                                const struct lethe_settings *settings, struct lethe_watch *watch,
                                struct lethe_error *err);
struct lethe_whole *lethe_whole_ref(struct lethe_whole *whole);
void lethe_whole_unref(struct lethe_whole *whole); /* NULL ok */
/* Takes a fraction of a second, so that it is made without being asked for. */
int lethe_whole_is_cheap(const struct lethe_snapshot *snapshot,
                         const struct lethe_settings *settings);

struct lethe_reach_spec {
    struct lethe_snapshot *snapshot;
    const struct lethe_blanket_curvature *curve; /* not of all parameters */
    const struct lethe_update *update;           /* the blanket's step */
    const struct lethe_whole *whole;             /* NULL: both steps by EKFAC */
    const struct lethe_settings *settings;
    size_t units; /* of the curve's blanket */
    double mu;
    int estimated; /* the blanket's step is EKFAC's */
};
/* reach->rows is new (lethe_free). */
enum lethe_err lethe_reach_find(struct lethe_reach *reach, const struct lethe_reach_spec *spec,
                                struct lethe_watch *watch, struct lethe_error *err);

#endif
