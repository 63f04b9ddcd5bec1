/* SPDX-License-Identifier: MIT
 * Select, curve, preview, truth: each made from a scene and the stages before it. */
#include "cmd/stages.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"

#define SHARED(noun)                                                                               \
    struct lethe_##noun *lethe_##noun##_ref(struct lethe_##noun *noun)                             \
    {                                                                                              \
        __atomic_add_fetch(&noun->refs, 1, __ATOMIC_RELAXED);                                      \
        return noun;                                                                               \
    }                                                                                              \
    void lethe_##noun##_unref(struct lethe_##noun *noun)                                           \
    {                                                                                              \
        if (!noun || __atomic_sub_fetch(&noun->refs, 1, __ATOMIC_ACQ_REL))                         \
            return;                                                                                \
        release_##noun(noun);                                                                      \
        lethe_free(noun);                                                                          \
    }

static void release_chosen(struct lethe_chosen *chosen)
{
    lethe_selection_release(&chosen->selection);
}
SHARED(chosen)

static void release_curve(struct lethe_curve *curve)
{
    lethe_blanket_release(&curve->blanket);
    lethe_curvature_release(&curve->curvature);
    lethe_removal_release(&curve->removal);
}
SHARED(curve)

static void release_preview(struct lethe_preview *preview)
{
    lethe_update_release(&preview->update);
    lethe_reading_release(&preview->before);
    lethe_reading_release(&preview->now);
    lethe_free(preview->w);
}
SHARED(preview)

static void release_truth(struct lethe_truth *truth)
{
    lethe_reading_release(&truth->outcome);
    lethe_reading_release(&truth->control);
    lethe_free(truth->w);
}
SHARED(truth)

static uint64_t seed_of(const struct lethe_settings *settings)
{
    return strtoull(settings->text[LETHE_SET_SEED], NULL, 10);
}

static size_t weights_size(const struct lethe_scene *scene)
{
    return lethe_graph_size(scene->graph) + lethe_graph_buffers(scene->graph);
}

static double *copy_weights(const struct lethe_scene *scene, struct lethe_error *err)
{
    size_t size = weights_size(scene);
    double *w = lethe_alloc(size, sizeof *w);
    if (w)
        memcpy(w, scene->w, size * sizeof *w);
    else
        lethe_fail_memory(err, "weights", size, sizeof *w);
    return w;
}

/* ---- right-hand sides and curvature samples, shared by select and curve -----------------------
 */

static enum lethe_err make_removal(struct lethe_removal *removal, struct lethe_scene *scene,
                                   struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_kit *kit;
    struct lethe_problem *forget, *retain = NULL;
    enum lethe_err code = lethe_scene_kit(&kit, scene, err);
    if (!code)
        code = lethe_kit_problem(&forget, kit, scene, LETHE_SIDE_FORGET, err);
    if (!code && scene->whole)
        code = lethe_kit_problem(&retain, kit, scene, LETHE_SIDE_RETAIN, err);
    if (!code)
        code = lethe_removal_init(removal, forget, retain, scene->w, scene->trained_on, watch, err);
    return code;
}

static enum lethe_err make_samples(struct lethe_problem **problem, const struct lethe_scene *scene,
                                   const struct lethe_settings *settings, struct lethe_error *err)
{
    const size_t wanted = lethe_settings_count(settings, LETHE_SET_CURVATURE_SAMPLES);
    size_t most = wanted < scene->retain.count ? wanted : scene->retain.count;
    size_t *ids = lethe_alloc(most, sizeof *ids);
    if (!ids)
        return lethe_fail_memory(err, "curvature samples", most, sizeof *ids);
    size_t count = lethe_curvature_samples(ids, scene->retain.at, scene->retain.count, most,
                                           seed_of(settings));
    const struct lethe_problem_spec spec = {.graph = scene->graph,
                                            .data = scene->train,
                                            .ids = ids,
                                            .count = count,
                                            .decay = scene->decay,
                                            .dtype = LETHE_F64};
    enum lethe_err code = lethe_problem_new(problem, &spec, err);
    lethe_free(ids);
    return code;
}

/* ---- select -----------------------------------------------------------------------------------
 */

static struct lethe_select_options select_options(const struct lethe_settings *settings)
{
    struct lethe_select_options options = lethe_select_defaults();
    options.max = lethe_settings_count(settings, LETHE_SET_SELECT_MAX);
    options.stop = !strcmp(settings->text[LETHE_SET_SELECT_STOP], "on");
    options.scaling = strcmp(settings->text[LETHE_SET_SELECT_SCALING], "none") ? LETHE_SCALING_SD
                                                                               : LETHE_SCALING_NONE;
    options.jitter = lethe_settings_real(settings, LETHE_SET_SELECT_JITTER);
    options.seed = seed_of(settings);
    options.perturb.count = lethe_settings_count(settings, LETHE_SET_PERTURB_COUNT);
    options.perturb.sigma = lethe_settings_real(settings, LETHE_SET_PERTURB_SIGMA);
    options.perturb.seed = seed_of(settings);
    return options;
}

enum lethe_err lethe_chosen_make(struct lethe_chosen **chosen, struct lethe_scene *scene,
                                 const struct lethe_settings *settings, struct lethe_watch *watch,
                                 struct lethe_error *err)
{
    const double start = lethe_clock();
    const struct lethe_select_options options = select_options(settings);
    const struct lethe_select_method *method;
    struct lethe_removal removal = {0};
    struct lethe_problem *samples = NULL;
    struct lethe_chosen *made = lethe_alloc_zero(1, sizeof *made);
    enum lethe_err code =
        made ? lethe_select_find(&method, settings->text[LETHE_SET_SELECT_METHOD], err)
             : lethe_fail_memory(err, "a selection", 1, sizeof *made);
    if (!code)
        code = make_removal(&removal, scene, watch, err);
    if (!code)
        code = make_samples(&samples, scene, settings, err);
    const struct lethe_select_input input = {.graph = scene->graph,
                                             .data = scene->train,
                                             .w = scene->w,
                                             .forget = scene->forget.at,
                                             .m = scene->forget.count,
                                             .removal = &removal,
                                             .curvature = samples};
    if (!code)
        code = lethe_select(&made->selection, method, &input, &options, watch, err);
    lethe_removal_release(&removal);
    lethe_problem_free(samples);
    if (code) {
        lethe_free(made);
        return code;
    }
    made->refs = 1;
    made->seconds = lethe_clock() - start;
    *chosen = made;
    return LETHE_OK;
}

/* ---- curve ------------------------------------------------------------------------------------
 */

/* Units of the order as far as their parameters fit into a dense matrix, at least one. */
static enum lethe_err order_blanket(struct lethe_blanket *blanket, const struct lethe_scene *scene,
                                    const struct lethe_selection *selection,
                                    struct lethe_error *err)
{
    size_t *units = lethe_alloc(selection->count, sizeof *units), count = 0, params = 0;
    if (!units)
        return lethe_fail_memory(err, "a blanket", selection->count, sizeof *units);
    for (; count < selection->count; count++) {
        units[count] = selection->picks[count].unit;
        params += lethe_unit_at(scene->graph, units[count]).params;
        if (count && params > LETHE_CURVATURE_DENSE)
            break;
    }
    enum lethe_err code = lethe_blanket_init(blanket, scene->graph, units, count, err);
    lethe_free(units);
    return code;
}

enum lethe_err lethe_curve_make(struct lethe_curve **curve, struct lethe_scene *scene,
                                const struct lethe_chosen *chosen,
                                const struct lethe_settings *settings, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    const double start = lethe_clock();
    const struct lethe_curvature_method *method;
    const struct lethe_curvature_options options = {.seed = seed_of(settings)};
    struct lethe_problem *samples = NULL;
    struct lethe_curve *made = lethe_alloc_zero(1, sizeof *made);
    enum lethe_err code =
        made ? lethe_curvature_find(&method, settings->text[LETHE_SET_CURVATURE], err)
             : lethe_fail_memory(err, "a curvature", 1, sizeof *made);
    if (code)
        goto out;
    made->refs = 1;
    made->all = !chosen;
    code = chosen ? order_blanket(&made->blanket, scene, &chosen->selection, err)
                  : lethe_blanket_all(&made->blanket, scene->graph, err);
    if (!code)
        code = make_removal(&made->removal, scene, watch, err);
    if (!code && made->blanket.count)
        code = make_samples(&samples, scene, settings, err);
    if (!code && made->blanket.count)
        code = lethe_curvature_make(&made->curvature, method, samples, scene->w, &made->blanket,
                                    &options, watch, err);
out:
    lethe_problem_free(samples);
    if (code) {
        lethe_curve_unref(made);
        return code;
    }
    made->seconds = lethe_clock() - start;
    *curve = made;
    return LETHE_OK;
}

/* ---- preview ----------------------------------------------------------------------------------
 */

/* F_R and |grad F_R| at w; both NAN when R is empty or not whole. */
static enum lethe_err retained(double *value, double *norm, struct lethe_scene *scene,
                               struct lethe_kit *kit, const double *w, struct lethe_watch *watch,
                               struct lethe_error *err)
{
    struct lethe_problem *problem;
    *value = *norm = NAN;
    enum lethe_err code = lethe_kit_problem(&problem, kit, scene, LETHE_SIDE_RETAIN, err);
    if (code || !problem)
        return code;
    const size_t size = lethe_graph_size(scene->graph);
    double *gradient = lethe_alloc(size, sizeof *gradient), square = 0;
    if (!gradient)
        return lethe_fail_memory(err, "a gradient", size, sizeof *gradient);
    code = lethe_problem_value(problem, value, gradient, w, watch, err);
    for (size_t i = 0; !code && i < size; i++)
        square += gradient[i] * gradient[i];
    if (!code)
        *norm = sqrt(square);
    lethe_free(gradient);
    return code;
}

static void read_spectrum(struct lethe_preview *preview, const struct lethe_preview_spec *spec,
                          double mu)
{
    struct lethe_spectrum spectrum;
    preview->freedom = NAN;
    preview->hints = (struct lethe_damping_hints){NAN, NAN, NAN};
    if (!spec->factor || !lethe_factor_spectrum(spec->factor, &spectrum) ||
        spectrum.size != preview->parameters)
        return;
    preview->freedom = lethe_spectrum_freedom(&spectrum, mu);
    double *rhs = lethe_alloc(spectrum.size, sizeof *rhs);
    const struct lethe_removal *removal = &spec->curve->removal;
    const double *from =
        preview->update.form == LETHE_FORM_RESIDUAL ? removal->residual : removal->pull;
    for (size_t i = 0; rhs && i < spectrum.size; i++)
        rhs[i] = from[spec->curve->blanket.index[i]];
    if (rhs)
        lethe_factor_hints(spec->factor, &preview->hints, rhs, NULL);
    lethe_free(rhs);
}

static enum lethe_err take_step(struct lethe_preview *preview,
                                const struct lethe_preview_spec *spec,
                                const struct lethe_settings *settings, struct lethe_error *err)
{
    enum lethe_form form;
    preview->units = spec->units;
    preview->parameters = spec->units ? spec->curve->blanket.offset[spec->units] : 0;
    if (!spec->units)
        return LETHE_OK;
    enum lethe_err code = lethe_form_find(&form, settings->text[LETHE_SET_FORM], err);
    if (!code)
        code = lethe_update_make(&preview->update, spec->factor, &spec->curve->removal,
                                 &spec->curve->blanket, spec->units,
                                 lethe_settings_real(settings, LETHE_SET_DAMPING), form, err);
    if (!code)
        lethe_update_apply(preview->w, &preview->update, &spec->curve->blanket);
    return code;
}

static enum lethe_err measure(struct lethe_preview *preview, struct lethe_scene *scene,
                              struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_kit *kit;
    enum lethe_err code = lethe_scene_kit(&kit, scene, err);
    if (!code)
        code = lethe_reading_measure(&preview->before, scene, kit, scene->w, LETHE_SIDE_TUNE, watch,
                                     err);
    if (!code)
        code = lethe_reading_measure(&preview->now, scene, kit, preview->w, LETHE_SIDE_TUNE, watch,
                                     err);
    if (!code)
        code = retained(&preview->objective_before, &preview->residual_before, scene, kit, scene->w,
                        watch, err);
    if (!code)
        code = retained(&preview->objective_now, &preview->residual_now, scene, kit, preview->w,
                        watch, err);
    preview->ratio =
        (preview->objective_now - preview->objective_before) / preview->update.predicted;
    return code;
}

enum lethe_err lethe_preview_make(struct lethe_preview **preview, struct lethe_scene *scene,
                                  const struct lethe_preview_spec *spec,
                                  const struct lethe_settings *settings, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    const double start = lethe_clock();
    struct lethe_preview *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a preview", 1, sizeof *made);
    made->refs = 1;
    made->update.predicted = NAN;
    made->w = copy_weights(scene, err);
    enum lethe_err code = made->w ? take_step(made, spec, settings, err) : LETHE_ENOMEM;
    made->seconds = spec->seconds + lethe_clock() - start;
    if (!code)
        code = measure(made, scene, watch, err);
    if (code) {
        lethe_preview_unref(made);
        return code;
    }
    read_spectrum(made, spec, lethe_settings_real(settings, LETHE_SET_DAMPING));
    *preview = made;
    return LETHE_OK;
}

/* ---- truth ------------------------------------------------------------------------------------
 */

static enum lethe_err whole_only(const struct lethe_scene *scene, const char *what,
                                 struct lethe_error *err)
{
    if (scene->whole)
        return LETHE_OK;
    return lethe_fail(err, LETHE_EARG, "%s not available: %zu of %zu training samples here", what,
                      scene->retain.count + scene->forget.count, scene->trained_on);
}

/* Retrains from scene->w on `ids` and leaves the weights in w. */
static enum lethe_err warm(double *w, struct lethe_train_report *report,
                           const struct lethe_scene *scene, const struct lethe_ids *ids,
                           struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_problem_spec spec = {.graph = scene->graph,
                                            .data = scene->train,
                                            .ids = ids->at,
                                            .count = ids->count,
                                            .decay = scene->decay,
                                            .dtype = scene->dtype};
    struct lethe_problem *problem = NULL;
    enum lethe_err code = lethe_problem_new(&problem, &spec, err);
    if (!code)
        code = lethe_retrain_warm(w, report, problem, watch, err);
    lethe_problem_free(problem);
    return code;
}

static int ascending(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* The control: the same retraining with nothing removed. */
static enum lethe_err control(struct lethe_truth *truth, const struct lethe_scene *scene,
                              struct lethe_kit *kit, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    struct lethe_ids all = {.count = scene->forget.count + scene->retain.count};
    double *w = copy_weights(scene, err);
    all.at = lethe_alloc(all.count, sizeof *all.at);
    enum lethe_err code =
        w && all.at ? LETHE_OK : lethe_fail_memory(err, "a control", all.count, sizeof *all.at);
    if (code)
        goto out;
    memcpy(all.at, scene->forget.at, scene->forget.count * sizeof *all.at);
    memcpy(all.at + scene->forget.count, scene->retain.at, scene->retain.count * sizeof *all.at);
    qsort(all.at, all.count, sizeof *all.at, ascending);
    code = warm(w, &truth->control_report, scene, &all, watch, err);
    if (!code)
        code = lethe_reading_measure(&truth->control, scene, kit, w, LETHE_SIDE_TUNE, watch, err);
out:
    lethe_free(all.at);
    lethe_free(w);
    return code;
}

static enum lethe_err finish_truth(struct lethe_truth **out, struct lethe_truth *made,
                                   enum lethe_err code)
{
    if (code) {
        lethe_truth_unref(made);
        return code;
    }
    *out = made;
    return LETHE_OK;
}

enum lethe_err lethe_truth_warm(struct lethe_truth **truth, struct lethe_scene *scene,
                                struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_kit kit = {0}; /* a background job has its own executors */
    enum lethe_err code = whole_only(scene, "warm retrain", err);
    if (code)
        return code;
    struct lethe_truth *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a retrained model", 1, sizeof *made);
    made->refs = 1;
    made->w = copy_weights(scene, err);
    code = made->w ? warm(made->w, &made->report, scene, &scene->retain, watch, err) : LETHE_ENOMEM;
    if (!code)
        code = lethe_reading_measure(&made->outcome, scene, &kit, made->w, LETHE_SIDE_TUNE, watch,
                                     err);
    if (!code)
        code = control(made, scene, &kit, watch, err);
    lethe_kit_release(&kit);
    return finish_truth(truth, made, code);
}

enum lethe_err lethe_truth_cold(struct lethe_truth **truth, struct lethe_scene *scene,
                                const struct lethe_train_options *recipe, uint64_t seed,
                                struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_kit kit = {0};
    struct lethe_problem *problem;
    enum lethe_err code = whole_only(scene, "cold retrain", err);
    if (code)
        return code;
    struct lethe_truth *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a retrained model", 1, sizeof *made);
    *made = (struct lethe_truth){.refs = 1, .cold = 1, .seed = seed};
    made->w = copy_weights(scene, err);
    code =
        made->w ? lethe_kit_problem(&problem, &kit, scene, LETHE_SIDE_RETAIN, err) : LETHE_ENOMEM;
    if (!code)
        code = lethe_retrain_cold(made->w, &made->report, problem, recipe, seed, watch, err);
    if (!code)
        code = lethe_reading_measure(&made->outcome, scene, &kit, made->w, LETHE_SIDE_TUNE, watch,
                                     err);
    lethe_kit_release(&kit);
    return finish_truth(truth, made, code);
}

/* ---- beside each other ------------------------------------------------------------------------
 */

/* Logits of forget, retain and held-out samples in one block, for figures over all of them. */
static double *joined(const struct lethe_reading *outcome, size_t *n)
{
    const enum lethe_side sets[] = {LETHE_SIDE_FORGET, LETHE_SIDE_RETAIN, outcome->heldout};
    *n = 0;
    for (size_t k = 0; k < 3; k++)
        *n += outcome->count[sets[k]];
    double *all = lethe_alloc(*n * outcome->classes, sizeof *all), *to = all;
    for (size_t k = 0; all && k < 3; k++) {
        size_t size = outcome->count[sets[k]] * outcome->classes;
        if (size)
            memcpy(to, outcome->logits[sets[k]], size * sizeof *to);
        to += size;
    }
    return all;
}

static void recover(struct lethe_compared *compared, const struct lethe_preview *preview,
                    const struct lethe_truth *truth)
{
    size_t n, unused;
    double *old = joined(&preview->before, &n), *now = joined(&preview->now, &unused);
    double *retrain = joined(&truth->outcome, &unused),
           *control_ = joined(&truth->control, &unused);
    const struct lethe_recovery_input input = {old,      now, retrain,
                                               control_, n,   preview->before.classes};
    compared->recovery = (struct lethe_recovery){.value = NAN};
    if (old && now && retrain && control_ && !truth->cold)
        lethe_recovery_measure(&compared->recovery, &input);
    lethe_free(old);
    lethe_free(now);
    lethe_free(retrain);
    lethe_free(control_);
}

void lethe_compared_make(struct lethe_compared *compared, const struct lethe_preview *preview,
                         const struct lethe_truth *truth)
{
    const enum lethe_side sets[] = {LETHE_SIDE_FORGET, LETHE_SIDE_RETAIN, preview->now.heldout};
    for (size_t k = 0; k < 3; k++) {
        const struct lethe_distance none = {NAN, NAN, NAN, NAN};
        const double *retrain = truth->outcome.logits[sets[k]];
        size_t n = preview->now.count[sets[k]];
        compared->before[k] = compared->now[k] = none;
        if (!n)
            continue;
        lethe_distance_measure(&compared->before[k], preview->before.logits[sets[k]], retrain, n,
                               preview->now.classes);
        lethe_distance_measure(&compared->now[k], preview->now.logits[sets[k]], retrain, n,
                               preview->now.classes);
    }
    recover(compared, preview, truth);
    compared->gap_before = lethe_average_gap(&preview->before.figures, &truth->outcome.figures);
    compared->gap_now = lethe_average_gap(&preview->now.figures, &truth->outcome.figures);
    compared->tow = lethe_tug_of_war(&preview->now.figures, &truth->outcome.figures);
}
