/* SPDX-License-Identifier: MIT
 * Solving with the estimate on a set of parameters: where the set cuts through blocks, conjugate
 * gradients on the cut estimate. */
#include "lethe/pcg.h"
#include "unlearn/ekfac.h"

static const double estimate_tolerance = 1e-6;
enum { ESTIMATE_MOST = 300 };

struct estimate {
    struct lethe_mask *mask;
    double shift;
};

static enum lethe_err times(void *self, double *out, const double *v, struct lethe_watch *watch,
                            struct lethe_error *err)
{
    const struct estimate *e = self;
    (void)watch;
    return lethe_mask_times(e->mask, out, v, e->shift, err);
}

enum lethe_err lethe_mask_solve(struct lethe_mask *mask, double *x, const double *b, double shift,
                                struct lethe_watch *watch, struct lethe_error *err)
{
    struct estimate e = {mask, shift};
    struct lethe_pcg pcg = {.h = {.size = mask->size, .self = &e, .times = times},
                            .mask = mask,
                            .decay = shift,
                            .tolerance = estimate_tolerance,
                            .most = ESTIMATE_MOST};
    struct lethe_watch *outer = mask->watch;
    mask->watch = watch ? watch : outer;
    enum lethe_err rc = lethe_mask_precondition(mask, x, b, shift, err);
    if (!rc && !mask->whole)
        rc = lethe_pcg(x, &pcg, b, watch, err);
    mask->watch = outer;
    return rc;
}
