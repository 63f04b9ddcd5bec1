/* SPDX-License-Identifier: MIT
 * The stand that trials share, one step of a trial, and its figures. */
#include "study/variant.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/alloc.h"
#include "base/clock.h"

/* ---- stand ------------------------------------------------------------------------------------
 */

enum lethe_err lethe_stand_init(struct lethe_stand *stand, const struct lethe_scene *scene,
                                const struct lethe_settings *settings, struct lethe_chosen *chosen,
                                struct lethe_truth *warm, struct lethe_error *err)
{
    struct lethe_stand made = {.settings = *settings};
    enum lethe_err code = lethe_scene_new(&made.scene, scene, err);
    if (code)
        return code;
    made.chosen = chosen ? lethe_chosen_ref(chosen) : NULL;
    made.warm = warm ? lethe_truth_ref(warm) : NULL;
    *stand = made;
    return LETHE_OK;
}

void lethe_stand_release(struct lethe_stand *stand)
{
    lethe_scene_unref(stand->scene);
    lethe_chosen_unref(stand->chosen);
    lethe_truth_unref(stand->warm);
    lethe_reading_release(&stand->before);
    *stand = (struct lethe_stand){0};
}

enum lethe_err lethe_stand_prepare(struct lethe_stand *stand, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    struct lethe_kit *kit;
    enum lethe_err code = lethe_scene_kit(&kit, stand->scene, err);
    if (!code)
        code = lethe_reading_measure(&stand->before, stand->scene, kit, stand->scene->w,
                                     LETHE_SIDE_TUNE, watch, err);
    if (!code && !stand->warm && stand->scene->whole)
        code = lethe_truth_warm(&stand->warm, stand->scene, watch, err);
    return code;
}

double *lethe_stand_weights(const struct lethe_stand *stand, struct lethe_error *err)
{
    const struct lethe_scene *scene = stand->scene;
    const size_t size = lethe_graph_size(scene->graph) + lethe_graph_buffers(scene->graph);
    double *w = lethe_alloc(size, sizeof *w);
    if (w)
        memcpy(w, scene->w, size * sizeof *w);
    else
        lethe_fail_memory(err, "weights", size, sizeof *w);
    return w;
}

static int wants_all(const struct lethe_stand *stand)
{
    return !strcmp(stand->settings.text[LETHE_SET_BLANKET], "all");
}

size_t lethe_stand_units(const struct lethe_stand *stand, const struct lethe_curve *curve)
{
    size_t units = curve->blanket.count, wanted = units;
    if (!wants_all(stand) && strcmp(stand->settings.text[LETHE_SET_BLANKET], "auto") != 0)
        wanted = lethe_settings_count(&stand->settings, LETHE_SET_BLANKET);
    else if (!wants_all(stand) && stand->chosen)
        wanted = stand->chosen->selection.accepted;
    return wanted < units ? wanted : units;
}

static enum lethe_err need_chosen(struct lethe_stand *stand, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    return stand->chosen || wants_all(stand)
               ? LETHE_OK
               : lethe_chosen_make(&stand->chosen, stand->scene, &stand->settings, watch, err);
}

enum lethe_err lethe_stand_order(struct lethe_curve **curve, struct lethe_stand *stand,
                                 struct lethe_watch *watch, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    if (!stand->chosen)
        code = lethe_chosen_make(&stand->chosen, stand->scene, &stand->settings, watch, err);
    if (code)
        return code;
    assert(stand->chosen);
    struct lethe_chosen head = *stand->chosen; /* borrows; never released */
    head.selection.count = lethe_curve_dense_units(stand->scene, &head.selection);
    return lethe_curve_make(curve, stand->scene, &head, &stand->settings, watch, err);
}

enum lethe_err lethe_stand_blanket(struct lethe_curve **curve, size_t *units,
                                   struct lethe_stand *stand, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    enum lethe_err code = need_chosen(stand, watch, err);
    if (!code)
        code = lethe_curve_wanted(curve, stand->scene, stand->chosen, &stand->settings, watch, err);
    if (!code)
        *units = lethe_stand_units(stand, *curve);
    return code;
}

enum lethe_err lethe_stand_whole(struct lethe_curve **curve, const struct lethe_stand *stand,
                                 const double *w, const char *curvature, struct lethe_watch *watch,
                                 struct lethe_error *err)
{
    struct lethe_settings settings = stand->settings;
    struct lethe_scene *scene = stand->scene, from = *scene;
    enum lethe_err code = LETHE_OK;
    snprintf(settings.text[LETHE_SET_CURVATURE], LETHE_SETTING_TEXT, "%s", curvature);
    if (w) {
        from.w = (double *)w; /* copied by the new scene */
        code = lethe_scene_new(&scene, &from, err);
    }
    if (!code)
        code = lethe_curve_make(curve, scene, NULL, &settings, watch, err);
    if (scene != stand->scene)
        lethe_scene_unref(scene);
    return code;
}

/* ---- figures ----------------------------------------------------------------------------------
 */

static enum lethe_err residual(struct lethe_trial *trial, double *objective,
                               const struct lethe_stand *stand, const double *w,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_kit *kit;
    struct lethe_problem *problem = NULL;
    const size_t size = lethe_graph_size(stand->scene->graph);
    trial->residual = *objective = NAN;
    enum lethe_err code = lethe_scene_kit(&kit, stand->scene, err);
    if (!code)
        code = lethe_kit_problem(&problem, kit, stand->scene, LETHE_SIDE_RETAIN, err);
    if (code || !problem)
        return code;
    double *gradient = lethe_alloc(size, sizeof *gradient), square = 0;
    if (!gradient)
        return lethe_fail_memory(err, "a gradient", size, sizeof *gradient);
    code = lethe_problem_value(problem, objective, gradient, w, watch, err);
    for (size_t i = 0; !code && i < size; i++)
        square += gradient[i] * gradient[i];
    if (!code)
        trial->residual = sqrt(square);
    lethe_free(gradient);
    return code;
}

static void compare(struct lethe_trial *trial, const struct lethe_stand *stand,
                    const struct lethe_reading *now)
{
    struct lethe_compared compared;
    const struct lethe_preview preview = {.before = stand->before, .now = *now};
    trial->kl_forget = trial->kl_retain = trial->kl_heldout = NAN;
    trial->recovery = trial->change = trial->gap = NAN;
    if (!stand->warm)
        return;
    lethe_compared_make(&compared, &preview, stand->warm);
    trial->kl_forget = compared.now[0].kl;
    trial->kl_retain = compared.now[1].kl;
    trial->kl_heldout = compared.now[2].kl;
    trial->recovery = compared.recovery.value;
    trial->change = compared.recovery.change;
    trial->gap = compared.gap_now;
}

enum lethe_err lethe_trial_measure(struct lethe_trial *trial, const struct lethe_stand *stand,
                                   const double *w, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    struct lethe_kit *kit;
    struct lethe_reading now = {0};
    double objective;
    enum lethe_err code = lethe_scene_kit(&kit, stand->scene, err);
    if (!code)
        code = lethe_reading_measure(&now, stand->scene, kit, w, LETHE_SIDE_TUNE, watch, err);
    if (!code)
        code = residual(trial, &objective, stand, w, watch, err);
    if (!code) {
        trial->figures = now.figures;
        trial->actual = objective; /* a step subtracts the value before */
        compare(trial, stand, &now);
    }
    lethe_reading_release(&now);
    return code;
}

/* ---- step -------------------------------------------------------------------------------------
 */

static const double shift_factor = 1.05; /* of |smallest eigenvalue|, to be safely above it */

/* The factor of a trial. A curvature that may be indefinite has its spectrum made, for its smallest
 * eigenvalue decides whether mu must be shifted. */
static enum lethe_err trial_factor(struct lethe_factor **factor, struct lethe_trial *trial,
                                   const struct lethe_stand *stand,
                                   const struct lethe_trial_spec *spec, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    const struct lethe_curvature *c = &spec->curve->curvature;
    struct lethe_spectrum spectrum;
    const int every_mu = !c->method->positive || spec->spectrum;
    enum lethe_err code = lethe_step_factor(factor, spec->curve, spec->units, trial->mu, every_mu,
                                            &stand->settings, watch, err);
    if (code || !every_mu || !lethe_factor_spectrum(*factor, &spectrum))
        return code;
    trial->smallest = spectrum.smallest;
    trial->largest = spectrum.largest;
    if (c->method->emulation) {
        snprintf(trial->note, sizeof trial->note,
                 "%s: an emulation, for comparison only; its smallest eigenvalue is %.3g",
                 spec->name, spectrum.smallest + trial->mu);
    } else if (spectrum.smallest + trial->mu <= 0) {
        trial->mu = -spectrum.smallest * shift_factor + 1e-8;
        snprintf(trial->note, sizeof trial->note,
                 "%s: indefinite, its smallest eigenvalue is %.3g: damped with %.3g", spec->name,
                 spectrum.smallest, trial->mu);
    }
    trial->freedom = lethe_spectrum_freedom(&spectrum, trial->mu);
    return LETHE_OK;
}

static void start(struct lethe_trial *trial, const struct lethe_trial_spec *spec)
{
    *trial = (struct lethe_trial){.units = spec->units,
                                  .parameters = spec->curve->blanket.offset[spec->units],
                                  .mu = spec->mu,
                                  .predicted = NAN,
                                  .actual = NAN,
                                  .smallest = NAN,
                                  .largest = NAN,
                                  .freedom = NAN};
    snprintf(trial->name, sizeof trial->name, "%s", spec->name);
}

/* The step of spec added to w. */
static enum lethe_err step(struct lethe_trial *trial, double *w, const struct lethe_stand *stand,
                           const struct lethe_trial_spec *spec, struct lethe_watch *watch,
                           struct lethe_error *err)
{
    struct lethe_factor *made = NULL;
    struct lethe_update update = {0};
    enum lethe_err code = LETHE_OK;
    if (!spec->factor)
        code = trial_factor(&made, trial, stand, spec, watch, err);
    const struct lethe_step_spec how = {.curve = spec->curve,
                                        .factor = made ? made : spec->factor,
                                        .units = spec->units,
                                        .mu = trial->mu,
                                        .form = spec->form};
    if (!code)
        code = lethe_step_make(&update, &how, &stand->settings, watch, err);
    if (!code) {
        lethe_update_apply(w, &update, &spec->curve->blanket);
        trial->norm = update.norm;
        trial->predicted = update.predicted;
        if (update.left > LETHE_CG_TOLERANCE)
            snprintf(trial->note, sizeof trial->note,
                     "%s: solved to a relative residual of %.2g in %zu products", spec->name,
                     update.left, update.products);
    }
    lethe_update_release(&update);
    lethe_factor_unref(made);
    return code;
}

enum lethe_err lethe_trial_take(struct lethe_trial *trial, double *w,
                                const struct lethe_stand *stand,
                                const struct lethe_trial_spec *spec, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    struct lethe_error own = {0};
    double before;
    start(trial, spec);
    enum lethe_err code = residual(trial, &before, stand, w, watch, err);
    if (code)
        return code;
    const double begin = lethe_clock();
    code = spec->units ? step(trial, w, stand, spec, watch, &own) : LETHE_OK;
    trial->seconds = spec->seconds + lethe_clock() - begin;
    if (code == LETHE_ENUM) {
        trial->failed = 1;
        snprintf(trial->note, sizeof trial->note, "%s: %.150s", spec->name, own.message);
        return LETHE_OK;
    }
    if (code) {
        if (err)
            *err = own;
        return code;
    }
    code = lethe_trial_measure(trial, stand, w, watch, err);
    trial->actual -= before;
    return code;
}
