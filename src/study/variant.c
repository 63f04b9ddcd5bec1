/* SPDX-License-Identifier: MIT
 * The stand that trials share, one step of a trial, and its figures. */
#include "study/variant.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/alloc.h"
#include "base/clock.h"
#include "study/warm_retrain.h"
#include "tensor/blas.h"
#include "removal/head_snapshot.h"

/* ---- stand ----------------------------------------------------------------------------------- */

enum lethe_err lethe_comparison_base_init(struct lethe_comparison_base *base,
                                          const struct lethe_snapshot *snapshot,
                                          const struct lethe_settings *settings,
                                          struct lethe_selected *selected,
                                          struct lethe_retrained *warm, struct lethe_error *err)
{
    struct lethe_comparison_base made = {.settings = *settings};
    enum lethe_err code = lethe_snapshot_new(&made.network, snapshot, err);
    if (code)
        return code;
    made.snapshot = lethe_snapshot_ref(made.network);
    made.selected = selected ? lethe_selected_ref(selected) : NULL;
    made.warm = warm ? lethe_retrained_ref(warm) : NULL;
    *base = made;
    return LETHE_OK;
}

void lethe_comparison_base_release(struct lethe_comparison_base *base)
{
    lethe_snapshot_unref(base->network);
    lethe_snapshot_unref(base->snapshot);
    lethe_selected_unref(base->selected);
    lethe_retrained_unref(base->warm);
    lethe_evaluation_release(&base->before);
    *base = (struct lethe_comparison_base){0};
}

enum lethe_err lethe_comparison_base_move(struct lethe_comparison_base *base,
                                          struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_snapshot *movable = NULL;
    struct lethe_selected *here = NULL;
    enum lethe_err code = lethe_snapshot_movable(&movable, base->network, watch, err);
    if (code || movable == base->snapshot)
        return code;
    if (base->selected)
        code = lethe_selected_of_head(&here, base->selected, base->network, err);
    if (code)
        return code;
    lethe_selected_unref(base->selected);
    lethe_snapshot_unref(base->snapshot);
    base->selected = here;
    base->snapshot = lethe_snapshot_ref(movable);
    return LETHE_OK;
}

struct lethe_comparison_base lethe_comparison_base_network(const struct lethe_comparison_base *base)
{
    struct lethe_comparison_base whole = *base;
    whole.snapshot = base->network;
    return whole;
}

enum lethe_err lethe_comparison_base_prepare(struct lethe_comparison_base *base,
                                             const struct lethe_training_context *training,
                                             struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_worker_problems *worker;
    enum lethe_err code = lethe_snapshot_worker(&worker, base->snapshot, err);
    if (!code)
        code = lethe_evaluation_measure(&base->before, base->snapshot, worker, base->snapshot->w,
                                        LETHE_SIDE_TUNE, watch, err);
    if (!code && !base->warm && base->snapshot->whole)
        code = lethe_warm_retrain_make(&base->warm, base->network, training, watch, err);
    return code;
}

double *lethe_comparison_base_weights(const struct lethe_comparison_base *base,
                                      struct lethe_error *err)
{
    const struct lethe_snapshot *snapshot = base->snapshot;
    const size_t size = lethe_graph_size(snapshot->graph) + lethe_graph_buffers(snapshot->graph);
    double *w = lethe_alloc(size, sizeof *w);
    if (w)
        memcpy(w, snapshot->w, size * sizeof *w);
    else
        lethe_fail_memory(err, "weights", size, sizeof *w);
    return w;
}

static int wants_all(const struct lethe_comparison_base *base)
{
    return !strcmp(base->settings.text[LETHE_SET_BLANKET], "all");
}

size_t lethe_comparison_base_units(const struct lethe_comparison_base *base,
                                   const struct lethe_blanket_curvature *curve)
{
    size_t units = curve->blanket.count, wanted = units;
    if (!wants_all(base) && base->selected)
        wanted = lethe_blanket_curvature_units(base->snapshot->graph, &base->selected->selection,
                                               &base->settings);
    else if (!wants_all(base) && strcmp(base->settings.text[LETHE_SET_BLANKET], "auto") != 0)
        wanted = lethe_settings_count(&base->settings, LETHE_SET_BLANKET);
    return wanted < units ? wanted : units;
}

static enum lethe_err need_chosen(struct lethe_comparison_base *base, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    return base->selected || wants_all(base)
               ? LETHE_OK
               : lethe_selected_make(&base->selected, base->snapshot, &base->settings, watch, err);
}

enum lethe_err lethe_comparison_base_order(struct lethe_blanket_curvature **curve,
                                           struct lethe_comparison_base *base,
                                           struct lethe_watch *watch, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    if (!base->selected)
        code = lethe_selected_make(&base->selected, base->snapshot, &base->settings, watch, err);
    if (code)
        return code;
    assert(base->selected);
    struct lethe_selected head = *base->selected; /* borrows; never released */
    head.selection.count = lethe_blanket_curvature_dense_units(base->snapshot, &head.selection);
    return lethe_blanket_curvature_make(curve, base->snapshot, &head, &base->settings, watch, err);
}

enum lethe_err lethe_comparison_base_blanket(struct lethe_blanket_curvature **curve, size_t *units,
                                             struct lethe_comparison_base *base,
                                             struct lethe_watch *watch, struct lethe_error *err)
{
    enum lethe_err code = need_chosen(base, watch, err);
    if (!code)
        code = lethe_blanket_curvature_wanted(curve, base->snapshot, base->selected, NULL,
                                              &base->settings, watch, err);
    if (!code)
        *units = lethe_comparison_base_units(base, *curve);
    return code;
}

enum lethe_err lethe_comparison_base_whole(struct lethe_blanket_curvature **curve,
                                           const struct lethe_comparison_base *base,
                                           const double *w, const char *curvature,
                                           struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_settings settings = base->settings;
    struct lethe_snapshot *snapshot = base->snapshot, from = *snapshot;
    enum lethe_err code = LETHE_OK;
    snprintf(settings.text[LETHE_SET_CURVATURE], LETHE_SETTING_TEXT, "%s", curvature);
    if (w) {
        from.w = (double *)w; /* copied by the new snapshot */
        code = lethe_snapshot_new(&snapshot, &from, err);
    }
    if (!code)
        code = lethe_blanket_curvature_make(curve, snapshot, NULL, &settings, watch, err);
    if (snapshot != base->snapshot)
        lethe_snapshot_unref(snapshot);
    return code;
}

/* ---- figures --------------------------------------------------------------------------------- */

static enum lethe_err residual(struct lethe_variant *variant, double *objective,
                               const struct lethe_comparison_base *base, const double *w,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_worker_problems *worker;
    struct lethe_problem *problem = NULL;
    const size_t size = lethe_graph_size(base->snapshot->graph);
    variant->residual = *objective = NAN;
    enum lethe_err code = lethe_snapshot_worker(&worker, base->snapshot, err);
    if (!code)
        code = lethe_worker_problem(&problem, worker, base->snapshot, LETHE_SIDE_RETAIN, err);
    if (code || !problem)
        return code;
    double *gradient = lethe_alloc(size, sizeof *gradient), square = 0;
    if (!gradient)
        return lethe_fail_memory(err, "a gradient", size, sizeof *gradient);
    code = lethe_problem_value(problem, objective, gradient, w, watch, err);
    for (size_t i = 0; !code && i < size; i++)
        square += gradient[i] * gradient[i];
    if (!code)
        variant->residual = sqrt(square);
    lethe_free(gradient);
    return code;
}

static void compare(struct lethe_variant *variant, const struct lethe_comparison_base *base,
                    const struct lethe_evaluation *now)
{
    struct lethe_compared compared;
    const struct lethe_preview preview = {.before = base->before, .now = *now};
    variant->kl_forget = variant->kl_retain = variant->kl_heldout = NAN;
    variant->recovery = variant->change = variant->gap = variant->fold = NAN;
    variant->recovery_probs = variant->change_probs = NAN;
    variant->recovery_probs_train = variant->change_probs_train = NAN;
    if (!base->warm)
        return;
    lethe_compared_make(&compared, &preview, base->warm);
    variant->kl_forget = compared.now[0].kl;
    variant->kl_retain = compared.now[1].kl;
    variant->kl_heldout = compared.now[2].kl;
    variant->fold = compared.fold;
    variant->recovery_probs = compared.recovery.probs;
    variant->change_probs = compared.recovery.change_probs;
    variant->recovery_probs_train = compared.trained.probs;
    variant->change_probs_train = compared.trained.change_probs;
    variant->recovery = compared.recovery.value;
    variant->change = compared.recovery.change;
    variant->gap = compared.gap_now;
}

enum lethe_err lethe_variant_measure(struct lethe_variant *variant,
                                     const struct lethe_comparison_base *base, const double *w,
                                     struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_worker_problems *worker;
    struct lethe_evaluation now = {0};
    double objective;
    enum lethe_err code = lethe_snapshot_worker(&worker, base->snapshot, err);
    if (!code)
        code =
            lethe_evaluation_measure(&now, base->snapshot, worker, w, LETHE_SIDE_TUNE, watch, err);
    if (!code)
        code = residual(variant, &objective, base, w, watch, err);
    if (!code) {
        variant->figures = now.figures;
        variant->actual = objective; /* a step subtracts the value before */
        compare(variant, base, &now);
    }
    lethe_evaluation_release(&now);
    return code;
}

/* ---- step ------------------------------------------------------------------------------------ */

static const double shift_factor = 1.05; /* of |smallest eigenvalue|, to be safely above it */

/* What the spectrum says of the curvature, and the damping it asks for. */
static void read_spectrum(struct lethe_variant *variant, const struct lethe_variant_spec *spec,
                          const struct lethe_spectrum *spectrum)
{
    const struct lethe_curvature *c = &spec->curve->curvature;
    variant->smallest = spectrum->smallest;
    variant->largest = spectrum->largest;
    if (c->method->emulation) {
        snprintf(variant->note, sizeof variant->note,
                 "%s: an emulation, for comparison only; its smallest eigenvalue is %.3g",
                 spec->name, spectrum->smallest + variant->mu);
    } else if (spectrum->smallest + variant->mu <= 0) {
        variant->mu = -spectrum->smallest * shift_factor + 1e-8;
        snprintf(variant->note, sizeof variant->note,
                 "%s: indefinite, its smallest eigenvalue is %.3g: damped with %.3g", spec->name,
                 spectrum->smallest, variant->mu);
    }
    variant->freedom = lethe_spectrum_freedom(spectrum, variant->mu);
}

/* A step that is fitted to an outcome solves with another matrix: the curvature's own spectrum
 * stands beside it. */
static enum lethe_err fitted_factor(struct lethe_factor **factor, struct lethe_variant *variant,
                                    const struct lethe_comparison_base *base,
                                    const struct lethe_variant_spec *spec,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_curvature *c = &spec->curve->curvature;
    struct lethe_factor *own = NULL;
    struct lethe_spectrum spectrum;
    enum lethe_err code = LETHE_OK;
    if ((!c->method->positive || spec->spectrum) &&
        !lethe_blanket_curvature_by_products(spec->curve))
        code = lethe_factor_spectral(&own, c, spec->curve->blanket.offset[spec->units], err);
    if (!code && own && lethe_factor_spectrum(own, &spectrum))
        read_spectrum(variant, spec, &spectrum);
    lethe_factor_unref(own);
    return code ? code
                : lethe_step_factor(factor, spec->curve, spec->units, variant->mu, 0,
                                    &base->settings, watch, err);
}

/* The factor of a trial. A curvature that may be indefinite has its spectrum made, for its smallest
 * eigenvalue decides whether mu must be shifted. */
static enum lethe_err trial_factor(struct lethe_factor **factor, struct lethe_variant *variant,
                                   const struct lethe_comparison_base *base,
                                   const struct lethe_variant_spec *spec, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    struct lethe_spectrum spectrum;
    const int every_mu = !spec->curve->curvature.method->positive || spec->spectrum;
    if (spec->curve->target)
        return fitted_factor(factor, variant, base, spec, watch, err);
    enum lethe_err code = lethe_step_factor(factor, spec->curve, spec->units, variant->mu, every_mu,
                                            &base->settings, watch, err);
    if (!code && every_mu && lethe_factor_spectrum(*factor, &spectrum))
        read_spectrum(variant, spec, &spectrum);
    return code;
}

static void start(struct lethe_variant *variant, const struct lethe_variant_spec *spec)
{
    *variant = (struct lethe_variant){.units = spec->units,
                                      .parameters = spec->curve->blanket.offset[spec->units],
                                      .mu = spec->mu,
                                      .predicted = NAN,
                                      .actual = NAN,
                                      .smallest = NAN,
                                      .largest = NAN,
                                      .freedom = NAN,
                                      .sweeps = NAN};
    snprintf(variant->name, sizeof variant->name, "%s", spec->name);
}

/* A step that was made before, added to w. What it promised is not known here. */
static void step_made(struct lethe_variant *variant, double *w,
                      const struct lethe_comparison_base *base, const double *made)
{
    const size_t size = lethe_graph_size(base->snapshot->graph);
    lethe_daxpy(w, 1, made, size);
    variant->norm = lethe_dnorm(made, size);
}

/* The step of spec added to w. */
static enum lethe_err step(struct lethe_variant *variant, double *w,
                           const struct lethe_comparison_base *base,
                           const struct lethe_variant_spec *spec, struct lethe_watch *watch,
                           struct lethe_error *err)
{
    struct lethe_factor *made = NULL;
    struct lethe_update update = {0};
    enum lethe_err code = LETHE_OK;
    if (spec->step) {
        step_made(variant, w, base, spec->step);
        return LETHE_OK;
    }
    if (!spec->factor)
        code = trial_factor(&made, variant, base, spec, watch, err);
    const struct lethe_step_spec how = {.curve = spec->curve,
                                        .factor = made ? made : spec->factor,
                                        .units = spec->units,
                                        .mu = variant->mu,
                                        .form = spec->form};
    if (!code)
        code = lethe_step_make(&update, &how, err);
    if (!code) {
        lethe_update_apply(w, &update, &spec->curve->blanket);
        variant->norm = update.norm;
        variant->predicted = update.predicted;
        if (update.products >= LETHE_CG_MOST)
            snprintf(variant->note, sizeof variant->note,
                     "%s: solved to a relative residual of %.2g in %zu products", spec->name,
                     update.left, update.products);
    }
    lethe_update_release(&update);
    lethe_factor_unref(made);
    return code;
}

enum lethe_err lethe_variant_take(struct lethe_variant *variant, double *w,
                                  const struct lethe_comparison_base *base,
                                  const struct lethe_variant_spec *spec, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    struct lethe_error own = {0};
    double before;
    start(variant, spec);
    enum lethe_err code = residual(variant, &before, base, w, watch, err);
    if (code)
        return code;
    if (spec->units && spec->curve && lethe_curvature_is_estimate(&spec->curve->curvature))
        lethe_curvature_words(variant->estimate, &spec->curve->curvature);
    const double begin = lethe_clock();
    code = spec->units ? step(variant, w, base, spec, watch, &own) : LETHE_OK;
    variant->seconds = spec->seconds + lethe_clock() - begin;
    if (code == LETHE_ENUM) {
        variant->failed = 1;
        snprintf(variant->note, sizeof variant->note, "%s: %.150s", spec->name, own.message);
        return LETHE_OK;
    }
    if (code) {
        if (err)
            *err = own;
        return code;
    }
    code = lethe_variant_measure(variant, base, w, watch, err);
    variant->actual -= before;
    return code;
}
