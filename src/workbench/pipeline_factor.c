/* SPDX-License-Identifier: MIT
 * Which factor a preview is solved with: the one at hand where it serves, else the one that will
 * soonest serve the next size or damping, too. Never makes a curvature. */
#include <assert.h>

#include "removal/damping.h"
#include "removal/stages.h"
#include "workbench/pipeline_work.h"

enum {
    SPECTRAL_AT_ONCE = 700,   /* parameters up to which a spectrum costs no wait */
    SPECTRAL_AT_MOST = 1500,  /* and up to which it is worth one; beyond, the background makes it */
    SPECTRAL_ON_SCREEN = 250, /* up to which a slider does not wait for one */
    LEADING_AT_ONCE = 3000 /* size of the curvature whose factor for every blanket costs no wait */
};

/* Small blankets are solved with their spectrum, large ones with a Cholesky factor; without a
 * matrix there is one way only. */
int lethe_pipeline_is_usual(const struct lethe_pipeline *work, size_t size)
{
    struct lethe_spectrum spectrum;
    if (lethe_factor_is_estimate(work->factor))
        return 0;
    return !work->curve->curvature.matrix || work->curve->target ||
           lethe_factor_spectrum(work->factor, &spectrum) == (size <= SPECTRAL_AT_ONCE);
}

/* Whether a blanket of this size gets its spectrum before its first figures. On a screen, where a
 * slider goes through all sizes, one factor for all of them is sooner there. */
static int spectrum_first(const struct lethe_pipeline *work, size_t size)
{
    const int leading =
        work->glance && !work->canonical && work->curve->curvature.size <= LEADING_AT_ONCE;
    return size <= (leading ? SPECTRAL_ON_SCREEN : SPECTRAL_AT_ONCE);
}

/* The factor that was made for every size of blanket takes the place of one that serves another
 * size. */
static int take_leading(struct lethe_pipeline *work, size_t size, double mu)
{
    if (!work->leading || spectrum_first(work, size) ||
        !lethe_factor_serves(work->leading, size, mu))
        return 0;
    lethe_factor_unref(work->factor);
    work->factor = lethe_factor_ref(work->leading);
    return 1;
}

static void keep_leading(struct lethe_pipeline *work)
{
    if (!lethe_factor_is_leading(work->factor))
        return;
    lethe_factor_unref(work->leading);
    work->leading = lethe_factor_ref(work->factor);
}

/* EKFAC's step, for a first look: it serves every damping, also after the step by products of one
 * took its place. */
static enum lethe_err take_estimate(struct lethe_pipeline *work, size_t units,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t size = work->curve->blanket.offset[units];
    enum lethe_err code = LETHE_OK;
    if (!work->estimate || !lethe_factor_takes(work->estimate, size)) {
        lethe_factor_unref(work->estimate);
        work->estimate = NULL;
        code =
            lethe_step_estimate(&work->estimate, work->curve, units, &work->settings, watch, err);
    }
    if (!code)
        work->factor = lethe_factor_ref(work->estimate);
    return code;
}

/* A damping that moved once will move again: then the form that serves every damping is made,
 * unless the blanket moved as well, which a Cholesky factor serves. */
enum lethe_err lethe_pipeline_factor(struct lethe_pipeline *work, size_t units,
                                     struct lethe_watch *watch, struct lethe_error *err)
{
    assert(work->curve);
    if (work->factor && lethe_factor_is_estimate(work->factor) && !work->glance) {
        lethe_factor_unref(work->factor);
        work->factor = NULL;
    }
    const size_t size = work->curve->blanket.offset[units];
    const double mu = lethe_damping_of(&work->settings, work->at);
    const int moved = work->factor && !work->canonical && lethe_factor_takes(work->factor, size);
    if (work->factor && lethe_factor_serves(work->factor, size, mu) &&
        (!work->canonical || lethe_pipeline_is_usual(work, size)))
        return LETHE_OK;
    if (take_leading(work, size, mu))
        return LETHE_OK;
    lethe_factor_unref(work->factor);
    work->factor = NULL;
    if (work->glance && lethe_blanket_curvature_by_products(work->curve))
        return take_estimate(work, units, watch, err);
    const int every_mu = spectrum_first(work, size) || (moved && size <= SPECTRAL_AT_MOST);
    enum lethe_err code = lethe_step_factor(&work->factor, work->curve, units, mu, every_mu,
                                            &work->settings, watch, err);
    if (!code)
        keep_leading(work);
    return code;
}
