/* SPDX-License-Identifier: MIT
 * Stage three: the step and what it does. */
#include "removal/stage_common.h"
#include "removal/target.h"

#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "lethe/leverage.h"
#include "removal/certify.h"
#include "removal/damping.h"
#include "removal/objective.h"
#include "removal/reach.h"

static void release_preview(struct lethe_preview *preview)
{
    lethe_snapshot_unref(preview->snapshot);
    lethe_evaluation_release(&preview->now);
    if (preview->step_of) {
        lethe_preview_unref(preview->step_of);
        return;
    }
    lethe_update_release(&preview->update);
    lethe_path_unref(preview->path);
    lethe_free(preview->reach.rows);
    lethe_free(preview->leverage);
    lethe_free(preview->w);
    lethe_free(preview->head_w);
}
LETHE_SHARED(preview)

/* Weights of the model whose figures they are: removal/head_snapshot.h. */
static const double *weights_of(const struct lethe_preview *preview)
{
    return preview->head_w ? preview->head_w : preview->w;
}

static double norm(const double *v, size_t size)
{
    double square = 0;
    for (size_t i = 0; i < size; i++)
        square += v[i] * v[i];
    return sqrt(square);
}

/* F_R and |grad F_R|: before the step from its right-hand side, and after it; all NAN when R is
 * empty or not whole, the gradient too where it is too dear. */
static enum lethe_err retained(struct lethe_preview *preview, struct lethe_snapshot *snapshot,
                               struct lethe_worker_problems *worker, struct lethe_watch *watch,
                               struct lethe_error *err)
{
    struct lethe_problem *problem = NULL;
    const struct lethe_removal *removal;
    preview->objective_before = preview->objective_now = NAN;
    preview->residual_before = preview->residual_now = NAN;
    if (!snapshot->whole)
        return LETHE_OK;
    if (lethe_objective_is_dear(snapshot)) {
        preview->objective_before = lethe_objective_of(&preview->before, snapshot, snapshot->w);
        preview->objective_now = lethe_objective_of(&preview->now, snapshot, preview->w);
        return LETHE_OK;
    }
    enum lethe_err code = lethe_snapshot_removal(&removal, snapshot, 1, watch, err);
    if (!code)
        code = lethe_worker_problem(&problem, worker, snapshot, LETHE_SIDE_RETAIN, err);
    if (code || !problem)
        return code;
    double *gradient = lethe_alloc(removal->size, sizeof *gradient);
    if (!gradient)
        return lethe_fail_memory(err, "a gradient", removal->size, sizeof *gradient);
    preview->objective_before = removal->objective + snapshot->frozen;
    preview->residual_before = norm(removal->residual, removal->size);
    code = lethe_problem_value(problem, &preview->objective_now, gradient, weights_of(preview),
                               watch, err);
    if (!code)
        preview->residual_now = norm(gradient, removal->size);
    preview->objective_now += snapshot->frozen;
    lethe_free(gradient);
    return code;
}

/* A step of a network that follows a recipe was made without the gradient of what is retained: what
 * it promises is found now. */
static enum lethe_err promise(struct lethe_preview *preview, const struct lethe_preview_spec *spec,
                              struct lethe_snapshot *snapshot, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    const struct lethe_blanket_curvature *curve = spec->curve;
    const struct lethe_update *update = &preview->update;
    const struct lethe_removal *whole = NULL;
    double pulled = 0, resisted = 0;
    if (!snapshot->whole || curve->removal.residual || !preview->units || preview->path ||
        update->form == LETHE_FORM_OUTCOME || lethe_objective_is_dear(snapshot))
        return LETHE_OK;
    enum lethe_err code = lethe_snapshot_removal(&whole, snapshot, 1, watch, err);
    for (size_t i = 0; !code && i < update->size; i++) {
        pulled += whole->pull[curve->blanket.index[i]] * update->step[i];
        resisted += whole->residual[curve->blanket.index[i]] * update->step[i];
    }
    if (!code)
        preview->update.predicted =
            (pulled - update->mu * update->norm * update->norm) / 2 - resisted;
    return code;
}

/* The share of the whole step's decrease that the blanket's can make. */
static enum lethe_err find_reach(struct lethe_preview *preview,
                                 const struct lethe_preview_spec *spec,
                                 struct lethe_snapshot *snapshot,
                                 const struct lethe_settings *settings, struct lethe_watch *watch,
                                 struct lethe_error *err)
{
    const struct lethe_reach_spec how = {.snapshot = snapshot,
                                         .curve = spec->curve,
                                         .update = &preview->update,
                                         .whole = spec->whole,
                                         .settings = settings,
                                         .units = preview->units,
                                         .mu = lethe_damping_of(settings, snapshot),
                                         .estimated = preview->estimated};
    if (!preview->units || spec->curve->all) {
        preview->reach = (struct lethe_reach){.value = preview->units ? 1 : 0, .exact = 1};
        return LETHE_OK;
    }
    return lethe_reach_find(&preview->reach, &how, watch, err);
}

static void read_spectrum(struct lethe_preview *preview, const struct lethe_preview_spec *spec,
                          double mu)
{
    struct lethe_spectrum spectrum;
    preview->freedom = NAN;
    preview->hints = (struct lethe_damping_hints){NAN, NAN, NAN, NAN};
    if (!spec->factor)
        return;
    if (lethe_factor_spectrum(spec->factor, &spectrum) && spectrum.size == preview->parameters)
        preview->freedom = lethe_spectrum_freedom(&spectrum, mu);
    else if (!lethe_blanket_curvature_by_products(spec->curve) || preview->estimated)
        return;
    double *rhs = lethe_alloc(preview->parameters, sizeof *rhs);
    const struct lethe_removal *removal = &spec->curve->removal;
    const double *from =
        preview->update.form == LETHE_FORM_RESIDUAL ? removal->residual : removal->pull;
    for (size_t i = 0; rhs && i < preview->parameters; i++)
        rhs[i] = from[spec->curve->blanket.index[i]];
    if (rhs)
        lethe_factor_hints(spec->factor, &preview->hints, rhs, NULL);
    lethe_free(rhs);
}

/* The passes after the step: of a fitted one they are in its target already. */
static enum lethe_err go_on(struct lethe_preview *preview, const struct lethe_preview_spec *spec,
                            const struct lethe_settings *settings, struct lethe_watch *watch,
                            struct lethe_error *err)
{
    const struct lethe_snapshot *snapshot = spec->curve->snapshot;
    const size_t passes = lethe_settings_count(settings, LETHE_SET_PASSES);
    const size_t size = lethe_graph_size(snapshot->graph);
    double square = 0;
    if (!passes)
        return LETHE_OK;
    if (spec->curve->target) {
        if (spec->curve->target->path)
            preview->path = lethe_path_ref(spec->curve->target->path);
        return LETHE_OK;
    }
    if (!spec->curve->all)
        return lethe_fail(
            err, LETHE_EARG,
            "passes go on with the whole network: 'blanket all', or 'form outcome' to "
            "fit the blanket to where they lead");
    enum lethe_err code = lethe_passes_run(&preview->path, preview->w, spec->curve->snapshot,
                                           preview->update.mu, passes, settings, watch, err);
    for (size_t i = 0; i < size; i++)
        square += (preview->w[i] - snapshot->w[i]) * (preview->w[i] - snapshot->w[i]);
    preview->update.norm = sqrt(square);
    preview->update.predicted = NAN;
    return code;
}

static enum lethe_err take_step(struct lethe_preview *preview,
                                const struct lethe_preview_spec *spec,
                                const struct lethe_settings *settings, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    struct lethe_step_spec step = {.curve = spec->curve,
                                   .factor = spec->factor,
                                   .units = spec->units,
                                   .mu = lethe_damping_of(settings, preview->snapshot)};
    preview->units = spec->units;
    preview->parameters = spec->units ? spec->curve->blanket.offset[spec->units] : 0;
    if (!spec->units)
        return LETHE_OK;
    enum lethe_err code = lethe_form_find(&step.form, settings->text[LETHE_SET_FORM], err);
    if (!code)
        code = lethe_step_make(&preview->update, &step, err);
    if (code)
        return code;
    lethe_update_apply(preview->w, &preview->update, &spec->curve->blanket);
    code = lethe_step_more(&preview->update, preview->w, spec->curve->snapshot, spec->selected,
                           settings, watch, err);
    return code ? code : go_on(preview, spec, settings, watch, err);
}

/* Noise of a certificate that holds, on every parameter. */
static enum lethe_err add_noise(struct lethe_preview *preview,
                                const struct lethe_preview_spec *spec,
                                struct lethe_snapshot *snapshot,
                                const struct lethe_settings *settings, struct lethe_error *err)
{
    const struct lethe_certify_spec how = {
        .snapshot = snapshot,
        .curve = spec->curve,
        .preview = preview,
        .settings = settings,
        .eps = lethe_settings_real(settings, LETHE_SET_NOISE_EPS),
        .delta = lethe_settings_real(settings, LETHE_SET_NOISE_DELTA),
        .excess = 0.01};
    struct lethe_certificate certificate;
    struct lethe_certificate_input in;
    char words[LETHE_CERTIFICATE_TEXT];
    if (!(how.eps > 0) || !spec->units)
        return LETHE_OK;
    enum lethe_err code = lethe_certify(&certificate, &in, &how, err);
    if (code)
        return code;
    lethe_certificate_words(words, sizeof words, &certificate);
    if (certificate.gaps)
        return lethe_fail(err, LETHE_EARG,
                          "noise has nothing to certify, the certificate is %s: "
                          "'noise off' goes without",
                          words);
    lethe_certify_noise(preview->w, snapshot, certificate.sigma);
    preview->sigma = certificate.sigma;
    return LETHE_OK;
}

/* Forget samples and a few held-out ones, before and after the step. */
static enum lethe_err look(struct lethe_preview *preview, struct lethe_snapshot *snapshot,
                           struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_worker_problems *worker;
    const struct lethe_evaluation *before = NULL;
    enum lethe_err code = lethe_snapshot_worker(&worker, snapshot, err);
    if (!code)
        code = lethe_snapshot_glance(&before, snapshot, watch, err);
    if (!code)
        preview->before = *before;
    if (!code)
        code = lethe_evaluation_measure(&preview->now, snapshot, worker, weights_of(preview),
                                        LETHE_SIDE_GLANCE, watch, err);
    preview->partial = 1;
    preview->objective_before = preview->objective_now = NAN;
    preview->residual_before = preview->residual_now = NAN;
    preview->ratio = NAN;
    return code;
}

/* settings NULL: the step is made, noise and all; spec NULL: by another method. */
static enum lethe_err measure(struct lethe_preview *preview, const struct lethe_preview_spec *spec,
                              struct lethe_snapshot *snapshot,
                              const struct lethe_settings *settings, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    struct lethe_worker_problems *worker;
    const struct lethe_evaluation *before = NULL;
    const double known = lethe_snapshot_known(snapshot) ? 0 : 0.5; /* of the work: what is before */
    struct lethe_watch_span outside = lethe_watch_enter(watch, "evaluating", 0, known);
    enum lethe_err code = lethe_snapshot_worker(&worker, snapshot, err);
    if (!code)
        code = lethe_snapshot_before(&before, snapshot, watch, err);
    lethe_watch_leave(watch, outside);
    if (!code)
        preview->before = *before;
    if (!code)
        code = settings && spec ? add_noise(preview, spec, snapshot, settings, err) : LETHE_OK;
    outside = lethe_watch_enter(watch, "evaluating", known, 1);
    if (!code)
        code = lethe_evaluation_measure(&preview->now, snapshot, worker, weights_of(preview),
                                        LETHE_SIDE_TUNE, watch, err);
    lethe_watch_leave(watch, outside);
    if (!code && spec)
        code = promise(preview, spec, snapshot, watch, err);
    if (!code)
        code = retained(preview, snapshot, worker, watch, err);
    /* what is fitted to an outcome is not meant to lower F_R, so rho would judge what was not tried
     */
    if (preview->update.form == LETHE_FORM_OUTCOME)
        preview->ratio = NAN;
    else
        preview->ratio =
            (preview->objective_now - preview->objective_before) / preview->update.predicted;
    return code;
}

int lethe_preview_is_long(const struct lethe_snapshot *snapshot)
{
    const double long_one = 2e8; /* multiplications: some hundred milliseconds */
    const size_t samples = snapshot->forget.count + snapshot->retain.count + snapshot->tune.count;
    const size_t few = snapshot->forget.count + snapshot->glance.count;
    return lethe_graph_work(snapshot->graph) * (double)samples > long_one && samples > 4 * few;
}

enum lethe_err lethe_preview_complete(struct lethe_preview **preview, struct lethe_preview *glance,
                                      struct lethe_snapshot *snapshot,
                                      const struct lethe_blanket_curvature *curve,
                                      struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_preview *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a preview", 1, sizeof *made);
    *made = *glance;
    made->refs = 1;
    made->partial = 0;
    made->snapshot = lethe_snapshot_ref(snapshot);
    made->step_of = lethe_preview_ref(glance->step_of ? glance->step_of : glance);
    made->before = made->now = (struct lethe_evaluation){0};
    const struct lethe_preview_spec spec = {.curve = curve, .units = made->units};
    enum lethe_err code = measure(made, &spec, snapshot, NULL, watch, err);
    if (code)
        lethe_preview_unref(made);
    else
        *preview = made;
    return code;
}

/* Leverages of the forget samples, where they cost about as much as the step. */
static enum lethe_err weigh(struct lethe_preview *preview, const struct lethe_preview_spec *spec,
                            struct lethe_snapshot *snapshot, const struct lethe_settings *settings,
                            struct lethe_watch *watch, struct lethe_error *err)
{
    const double size = (double)preview->parameters, m = (double)snapshot->forget.count;
    const double work = m * (double)lethe_graph_classes(snapshot->graph) * size * size;
    struct lethe_worker_problems *worker;
    struct lethe_problem *forget;
    if (!spec->units || !spec->curve->curvature.matrix || spec->curve->curvature.outer ||
        lethe_factor_projection(spec->factor) ||                  /* its matrix is another one */
        m * (double)lethe_graph_classes(snapshot->graph) > 1e5 || /* exact up to there */
        work > (lethe_factor_cheap_rows(spec->factor) ? 4e9 : 2e6))
        return LETHE_OK;
    const struct lethe_leverage_spec how = {
        .factor = spec->factor,
        .blanket = &spec->curve->blanket,
        .units = spec->units,
        .n = (double)(snapshot->trained_on - snapshot->forget.count),
        .mu = lethe_damping_of(settings, snapshot),
        .outside = 1,
        .seed = lethe_stage_seed(settings)};
    enum lethe_err code = lethe_snapshot_worker(&worker, snapshot, err);
    if (!code)
        code = lethe_worker_problem(&forget, worker, snapshot, LETHE_SIDE_FORGET, err);
    if (code)
        return code;
    preview->leverage = lethe_alloc(snapshot->forget.count, sizeof *preview->leverage);
    if (!preview->leverage)
        return lethe_fail_memory(err, "leverages", snapshot->forget.count, sizeof(double));
    struct lethe_leverages out = {.h = preview->leverage};
    return lethe_leverage_measure(&out, forget, snapshot->w, &how, watch, err);
}

enum lethe_err lethe_preview_make(struct lethe_preview **preview, struct lethe_snapshot *snapshot,
                                  const struct lethe_preview_spec *spec,
                                  const struct lethe_settings *settings, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    const double start = lethe_clock();
    struct lethe_preview *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a preview", 1, sizeof *made);
    made->refs = 1;
    made->snapshot = lethe_snapshot_ref(snapshot);
    made->update.predicted = NAN;
    made->steps = lethe_settings_count(settings, LETHE_SET_STEPS);
    made->w = lethe_stage_weights(snapshot, err);
    enum lethe_err code = made->w ? take_step(made, spec, settings, watch, err) : LETHE_ENOMEM;
    made->seconds = spec->seconds + lethe_clock() - start;
    if (!code)
        code = spec->glance || spec->sparing ? look(made, snapshot, watch, err)
                                             : measure(made, spec, snapshot, settings, watch, err);
    if (!code && !spec->sparing)
        code = weigh(made, spec, snapshot, settings, watch, err);
    made->estimated = spec->factor && lethe_factor_is_estimate(spec->factor);
    made->sparing = spec->sparing;
    if (!code && spec->sparing)
        made->reach.value = NAN;
    else if (!code)
        code = find_reach(made, spec, snapshot, settings, watch, err);
    if (code) {
        lethe_preview_unref(made);
        return code;
    }
    read_spectrum(made, spec, lethe_damping_of(settings, snapshot));
    *preview = made;
    return LETHE_OK;
}

enum lethe_err lethe_preview_of_weights(struct lethe_preview **preview,
                                        struct lethe_snapshot *snapshot,
                                        const struct lethe_preview_weights *from,
                                        struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t size = lethe_graph_size(snapshot->graph);
    struct lethe_preview *made = lethe_alloc_zero(1, sizeof *made);
    double square = 0;
    if (!made) {
        lethe_free(from->w);
        return lethe_fail_memory(err, "a preview", 1, sizeof *made);
    }
    made->refs = 1;
    made->snapshot = lethe_snapshot_ref(snapshot);
    made->w = from->w;
    made->units = from->units;
    made->parameters = from->parameters;
    made->steps = from->steps;
    made->seconds = from->seconds;
    made->method = from->method;
    made->ended = from->ended;
    snprintf(made->with, sizeof made->with, "%s", from->with);
    made->canonical = 1;
    made->reach = (struct lethe_reach){.value = from->units ? 1 : 0, .exact = 1};
    made->freedom = made->ratio = NAN;
    made->hints = (struct lethe_damping_hints){NAN, NAN, NAN, NAN};
    for (size_t i = 0; i < size; i++)
        square += (made->w[i] - snapshot->w[i]) * (made->w[i] - snapshot->w[i]);
    made->update = (struct lethe_update){.norm = sqrt(square), .predicted = NAN};
    enum lethe_err code = measure(made, NULL, snapshot, NULL, watch, err);
    made->ratio = NAN;
    if (code)
        lethe_preview_unref(made);
    else
        *preview = made;
    return code;
}
