/* SPDX-License-Identifier: MIT
 * Work: a computation on references to what the workbench had when it was asked for. It makes what
 * is missing, and its results are taken in only where the workbench still stands where it stood. */
#include "workbench/pipeline.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "removal/damping.h"
#include "removal/ekfac_store.h"
#include "removal/head_snapshot.h"
#include "removal/reach.h"
#include "removal/stage_method.h"
#include "removal/target.h"
#include "study/cold_retrains.h"
#include "workbench/pipeline_work.h"

static void drop_factors(struct lethe_pipeline *work)
{
    lethe_factor_unref(work->factor);
    lethe_factor_unref(work->leading);
    lethe_factor_unref(work->estimate);
    work->factor = work->leading = work->estimate = NULL;
}

void lethe_pipeline_release(void *arg)
{
    struct lethe_pipeline *work = arg;
    if (!work)
        return;
    for (size_t i = 0; work->colds && i < work->cold_count; i++)
        lethe_retrained_unref(work->colds[i]);
    lethe_free(work->colds);
    lethe_free(work->cold_seeds);
    lethe_training_context_release(&work->training);
    lethe_retrained_unref(work->warm);
    lethe_preview_unref(work->preview);
    lethe_leverage_unref(work->leverage);
    drop_factors(work);
    lethe_whole_unref(work->against);
    lethe_blanket_curvature_unref(work->curve);
    lethe_blanket_curvature_unref(work->whole);
    lethe_selected_unref(work->here);
    lethe_selected_unref(work->selected);
    lethe_snapshot_unref(work->snapshot);
    lethe_free(work);
}

#define SHARE(noun, from) ((from)->noun ? lethe_##noun##_ref((from)->noun) : NULL)

enum lethe_err lethe_pipeline_new(struct lethe_pipeline **out, struct lethe_workbench *wb,
                                  enum lethe_pipeline_kind kind, struct lethe_error *err)
{
    struct lethe_snapshot *snapshot;
    enum lethe_err code = lethe_workbench_snapshot(wb, &snapshot, err);
    if (code)
        return code;
    if (!snapshot->forget.count)
        return lethe_fail(err, LETHE_EARG,
                          "nothing is chosen to be forgotten: 'forget add SPEC' first");
    struct lethe_pipeline *work = lethe_alloc_zero(1, sizeof *work);
    if (!work)
        return lethe_fail_memory(err, "work", 1, sizeof *work);
    work->kind = kind;
    work->wb = wb;
    work->snapshot = lethe_snapshot_ref(snapshot);
    work->settings = wb->settings;
    work->selected = SHARE(selected, wb);
    work->curve = wb->curve ? lethe_blanket_curvature_ref(wb->curve) : NULL;
    work->whole = wb->whole ? lethe_blanket_curvature_ref(wb->whole) : NULL;
    work->factor = SHARE(factor, wb);
    work->leading = wb->leading ? lethe_factor_ref(wb->leading) : NULL;
    work->estimate = wb->estimate ? lethe_factor_ref(wb->estimate) : NULL;
    work->against = wb->against ? lethe_whole_ref(wb->against) : NULL;
    work->warm = wb->warm ? lethe_retrained_ref(wb->warm) : NULL;
    *out = work;
    return LETHE_OK;
}

/* ---- select and preview ---------------------------------------------------------------------- */

static int wants_all(const struct lethe_settings *settings)
{
    return !strcmp(settings->text[LETHE_SET_BLANKET], "all");
}

static size_t wanted_units(const struct lethe_pipeline *work)
{
    assert(work->curve); /* need_curve was here before */
    const size_t most = work->curve->blanket.count;
    if (wants_all(&work->settings))
        return most;
    assert(work->here);
    const size_t units =
        lethe_blanket_curvature_units(work->at->graph, &work->here->selection, &work->settings);
    return units > most ? most : units;
}

/* A curve that was made for more units may have no matrix where these would have one. */
static int fits(const struct lethe_pipeline *work)
{
    const struct lethe_blanket_curvature *curve = work->curve;
    if (curve->all != wants_all(&work->settings))
        return 0;
    if (curve->all)
        return 1;
    if (lethe_outcome_wanted(&work->settings, work->here) != (curve->target != NULL))
        return 0;
    const size_t extent = lethe_blanket_curvature_extent(work->at, work->here, &work->settings);
    return (work->canonical ? curve->extent == extent : curve->extent >= extent) &&
           (!lethe_blanket_curvature_by_products(curve) ||
            curve->blanket.offset[wanted_units(work)] >
                lethe_dense_parameters(work->at, &work->settings));
}

/* The curvature of every parameter that a target was made with serves the next one. */
static void keep_whole(struct lethe_pipeline *work, const struct lethe_target *target)
{
    if (work->whole || !target)
        return;
    work->whole = lethe_blanket_curvature_ref(target->whole);
}

static enum lethe_err take_selected(struct lethe_pipeline *work, struct lethe_error *err)
{
    if (work->here)
        return LETHE_OK;
    if (work->at != work->snapshot)
        return lethe_selected_of_head(&work->here, work->selected, work->snapshot, err);
    work->here = lethe_selected_ref(work->selected);
    return LETHE_OK;
}

static enum lethe_err give_selected(struct lethe_pipeline *work, struct lethe_error *err)
{
    if (work->at != work->snapshot)
        return lethe_selected_of_network(&work->selected, work->here, work->snapshot, err);
    work->selected = lethe_selected_ref(work->here);
    return LETHE_OK;
}

/* An order for what the stages work on; it leaves with the numbers of the network. */
static enum lethe_err need_selected(struct lethe_pipeline *work, struct lethe_watch *watch,
                                    struct lethe_error *err)
{
    const double mu = lethe_damping_of(&work->settings, work->at);
    const int weights = !strcmp(work->settings.text[LETHE_SET_SELECT_METHOD], "weights");
    struct lethe_target *target = NULL;
    enum lethe_err code = LETHE_OK;
    if (work->selected)
        return take_selected(work, err);
    if (weights)
        code = lethe_target_make(&target, work->at, &work->settings, mu, work->whole, watch, err);
    if (!code)
        code = lethe_selected_by(&work->here, work->at, &work->settings, target, watch, err);
    if (!code)
        keep_whole(work, target);
    lethe_target_unref(target);
    return code ? code : give_selected(work, err);
}

static enum lethe_err need_curve(struct lethe_pipeline *work, struct lethe_watch *watch,
                                 struct lethe_error *err)
{
    const int all = wants_all(&work->settings);
    enum lethe_err code = all ? LETHE_OK : need_selected(work, watch, err);
    if (!code && work->curve && !fits(work)) {
        drop_factors(work);
        lethe_blanket_curvature_unref(work->curve);
        work->curve = NULL;
    }
    if (code || work->curve)
        return code;
    if (all && work->whole)
        work->curve = lethe_blanket_curvature_ref(work->whole);
    else
        code = lethe_blanket_curvature_wanted(&work->curve, work->at, work->here, work->whole,
                                              &work->settings, watch, err);
    if (code || !work->curve)
        return code;
    if (!work->whole && work->curve->all)
        work->whole = lethe_blanket_curvature_ref(work->curve);
    keep_whole(work, work->curve->target);
    return LETHE_OK;
}

/* The step of the whole network that a blanket is measured against: once it was made, or where it
 * is little work. What cannot be had is done without. */
static enum lethe_err need_against(struct lethe_pipeline *work, size_t units,
                                   struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_error quiet = {0};
    enum lethe_err code = LETHE_OK;
    if (work->curve->all && !work->curve->target && units && work->factor &&
        !lethe_factor_is_estimate(work->factor)) {
        lethe_whole_unref(work->against);
        work->against = lethe_whole_new(work->curve, work->factor);
        return LETHE_OK;
    }
    if (work->curve->all || work->against || work->canonical || work->sparing || !units ||
        !lethe_whole_is_cheap(work->at, &work->settings))
        return LETHE_OK;
    code = lethe_whole_make(&work->against, work->at, &work->settings, watch, &quiet);
    return code == LETHE_ECANCEL ? lethe_fail(err, code, "%s", quiet.message) : LETHE_OK;
}

/* Another method than the Newton step: all it takes of the pipeline is a mask's selection. */
static enum lethe_err by_method(struct lethe_pipeline *work, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    const char *mask = lethe_settings_mask(&work->settings);
    const char *selector = work->settings.text[LETHE_SET_SELECT_METHOD];
    enum lethe_err code = LETHE_OK;
    if (mask && !strcmp(mask, selector) && !wants_all(&work->settings))
        code = need_selected(work, watch, err);
    return code ? code
                : lethe_preview_by_method(&work->preview, work->at, &work->settings, work->here,
                                          watch, err);
}

static enum lethe_err by_newton(struct lethe_pipeline *work, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    enum lethe_err code = need_curve(work, watch, err);
    if (code)
        return code;
    assert(work->curve);
    const size_t units = wanted_units(work);
    const double start = lethe_clock();
    if (work->preview && work->preview->estimated) { /* to be replaced */
        lethe_preview_unref(work->preview);
        work->preview = NULL;
    }
    if (work->preview && work->preview->partial) { /* only its figures are missing */
        struct lethe_preview *glance = work->preview;
        work->preview = NULL;
        code = lethe_preview_complete(&work->preview, glance, work->at, work->curve, watch, err);
        lethe_preview_unref(glance);
        return code;
    }
    code = lethe_watch_step(watch, "factoring", 0, 0, err);
    if (!code && units)
        code = lethe_pipeline_factor(work, units, watch, err);
    if (!code)
        code = need_against(work, units, watch, err);
    if (!code)
        code = lethe_watch_step(watch, "stepping", 0, 0, err);
    /* noise is measured on all figures, so it takes no first look */
    const int noisy = lethe_settings_real(&work->settings, LETHE_SET_NOISE_EPS) > 0;
    struct lethe_preview_spec spec = {
        .curve = work->curve,
        .factor = work->factor,
        .selected = work->curve->all ? NULL : work->here,
        .whole = work->against,
        .units = units,
        .seconds = work->curve->seconds + lethe_clock() - start,
        .glance = work->glance && !noisy &&
                  (lethe_preview_is_long(work->at) ||
                   (work->factor && lethe_factor_is_estimate(work->factor))),
        .sparing = work->sparing && !noisy};
    if (!work->curve->all)
        spec.seconds += work->here->seconds;
    if (!code)
        code = lethe_preview_make(&work->preview, work->at, &spec, &work->settings, watch, err);
    if (!code && work->preview) /* made just now */
        work->preview->canonical =
            !work->preview->estimated &&
            (!units || lethe_pipeline_is_usual(work, work->curve->blanket.offset[units])) &&
            (work->curve->all || work->curve->extent == lethe_blanket_curvature_extent(
                                                            work->at, work->here, &work->settings));
    return code;
}

static enum lethe_err run_preview(struct lethe_pipeline *work, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    enum lethe_err code = lethe_settings_other_method(&work->settings)
                              ? by_method(work, watch, err)
                              : by_newton(work, watch, err);
    if (!code && work->at != work->snapshot)
        code = lethe_preview_of_network(work->preview, work->snapshot, err);
    if (!code && work->with_warm && work->snapshot->whole && !work->warm)
        code = lethe_retrained_warm(&work->warm, work->snapshot, watch, err);
    return code;
}

/* Leverage needs a matrix, however long it takes. */
static enum lethe_err need_matrix(struct lethe_pipeline *work, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    struct lethe_blanket_curvature *made = NULL;
    struct lethe_selected head;
    const size_t units = wanted_units(work);
    if (!work->curve || work->curve->blanket.offset[units] > LETHE_CURVATURE_DENSE)
        return LETHE_OK; /* which it will say */
    if (work->here)
        head = *work->here; /* borrows; never released */
    if (work->here && !work->curve->all)
        head.selection.count = units;
    enum lethe_err code = lethe_blanket_curvature_matrix(
        &made, work->at, work->curve->all ? NULL : &head, &work->settings, watch, err);
    if (code)
        return code;
    drop_factors(work);
    lethe_blanket_curvature_unref(work->curve);
    work->curve = made;
    return LETHE_OK;
}

static enum lethe_err run_leverage(struct lethe_pipeline *work, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    enum lethe_err code = need_curve(work, watch, err);
    if (!code && lethe_blanket_curvature_by_products(work->curve))
        code = need_matrix(work, watch, err);
    if (!code)
        code = lethe_leverage_make(&work->leverage, work->at, work->curve, wanted_units(work),
                                   &work->settings, watch, err);
    return code;
}

enum lethe_err lethe_pipeline_run(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_pipeline *work = arg;
    enum lethe_err code = LETHE_OK;
    lethe_watch_may_stop(watch, LETHE_STOP_TAKEN, !work->canonical);
    if (work->kind != WORK_SPECTRUM && work->kind != WORK_COLD)
        code = lethe_snapshot_movable(&work->at, work->snapshot, watch, err);
    if (code)
        return code;
    switch (work->kind) {
    case WORK_SELECT:
        return need_selected(work, watch, err);
    case WORK_PREVIEW:
    case WORK_COMPLETE:
        return run_preview(work, watch, err);
    case WORK_SPECTRUM:
        return lethe_factor_spectral(&work->factor, &work->curve->curvature, work->size, err);
    case WORK_LEVERAGE:
        return run_leverage(work, watch, err);
    case WORK_AHEAD:
        return work->at == work->snapshot
                   ? lethe_snapshot_ekfac_ahead(work->snapshot, &work->settings, watch, err)
                   : LETHE_OK; /* features: which are there by now */
    case WORK_WARM:
        return work->warm ? LETHE_OK
                          : lethe_retrained_warm(&work->warm, work->snapshot, watch, err);
    default:
        return lethe_cold_retrains_make(work->colds, work->cold_seeds, work->cold_count,
                                        work->snapshot, &work->training, watch, err);
    }
}

/* ---- asking ---------------------------------------------------------------------------------- */

enum lethe_err lethe_pipeline_preview(struct lethe_workbench *wb, struct lethe_pipeline **work,
                                      unsigned flags, struct lethe_error *err)
{
    enum lethe_err code = lethe_pipeline_new(
        work, wb, flags & LETHE_PIPELINE_SELECT_ONLY ? WORK_SELECT : WORK_PREVIEW, err);
    if (code)
        return code;
    (*work)->with_warm = (flags & LETHE_PIPELINE_WITH_WARM) != 0;
    (*work)->glance = (flags & LETHE_PIPELINE_GLANCE) != 0;
    (*work)->canonical = (flags & LETHE_PIPELINE_CANONICAL) != 0;
    (*work)->sparing = (flags & LETHE_PIPELINE_SPARING) != 0;
    if (wb->preview && wb->preview->partial && !(*work)->glance &&
        (wb->preview->canonical || !(*work)->canonical))
        (*work)->preview = lethe_preview_ref(wb->preview);
    return LETHE_OK;
}

enum lethe_err lethe_pipeline_warm(struct lethe_workbench *wb, struct lethe_pipeline **work,
                                   struct lethe_error *err)
{
    return lethe_pipeline_new(work, wb, WORK_WARM, err);
}

enum lethe_err lethe_pipeline_leverage(struct lethe_workbench *wb, struct lethe_pipeline **work,
                                       struct lethe_error *err)
{
    return lethe_pipeline_new(work, wb, WORK_LEVERAGE, err);
}

enum lethe_err lethe_pipeline_cold(struct lethe_workbench *wb, struct lethe_pipeline **work,
                                   size_t k, struct lethe_error *err)
{
    enum lethe_err code = lethe_pipeline_new(work, wb, WORK_COLD, err);
    if (code)
        return code;
    struct lethe_pipeline *made = *work;
    made->colds = lethe_alloc_zero(k, sizeof *made->colds);
    made->cold_seeds = lethe_alloc(k, sizeof *made->cold_seeds);
    if (!made->colds || !made->cold_seeds)
        code = lethe_fail_memory(err, "retrained models", k, sizeof *made->colds);
    for (size_t i = 0; !code && i < k; i++) {
        const uint64_t seed = made->snapshot->seed + 1 + i;
        if (!lethe_workbench_has_cold(wb, seed))
            made->cold_seeds[made->cold_count++] = seed;
    }
    if (!code)
        code = lethe_workbench_training_context(&made->training, wb, err);
    if (code)
        lethe_pipeline_release(made);
    return code;
}
