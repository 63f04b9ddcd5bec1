/* SPDX-License-Identifier: MIT
 * The ladder, the curvatures and the dampings: which trials are made, in which order. */
#include "study/approximations.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/alloc.h"
#include "removal/damping.h"
#include "removal/passes.h"
#include "study/damping_row.h"

void lethe_variants_release(struct lethe_variants *variants)
{
    lethe_free(variants->at);
    *variants = (struct lethe_variants){0};
}

struct lethe_variant *lethe_variants_add(struct lethe_variants *variants, struct lethe_error *err)
{
    if (variants->count == variants->room) {
        const size_t room = variants->room ? 2 * variants->room : 16;
        struct lethe_variant *more = lethe_realloc(variants->at, room, sizeof *more);
        if (!more) {
            lethe_fail_memory(err, "trials", room, sizeof *more);
            return NULL;
        }
        variants->at = more;
        variants->room = room;
    }
    variants->at[variants->count] = (struct lethe_variant){.mu = NAN,
                                                           .norm = NAN,
                                                           .predicted = NAN,
                                                           .actual = NAN,
                                                           .smallest = NAN,
                                                           .largest = NAN,
                                                           .freedom = NAN,
                                                           .seconds = NAN,
                                                           .sweeps = NAN};
    return &variants->at[variants->count++];
}

static enum lethe_form form_of(const struct lethe_comparison_base *base)
{
    enum lethe_form form = LETHE_FORM_AUTO;
    lethe_form_find(&form, base->settings.text[LETHE_SET_FORM], NULL);
    return form;
}

static double damping_of(const struct lethe_comparison_base *base)
{
    return lethe_damping_of(&base->settings, base->snapshot);
}

/* A row for a model that no step led to. */
static enum lethe_err add_model(struct lethe_variants *rows,
                                const struct lethe_comparison_base *base, const char *name,
                                const double *w, double seconds, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    struct lethe_variant *row = lethe_variants_add(rows, err);
    if (!row)
        return LETHE_ENOMEM;
    snprintf(row->name, sizeof row->name, "%s", name);
    row->seconds = seconds;
    enum lethe_err code = lethe_variant_measure(row, base, w, watch, err);
    row->actual = NAN;
    return code;
}

/* ---- ladder ---------------------------------------------------------------------------------- */

static enum lethe_err rung(struct lethe_variants *rungs, double *w,
                           const struct lethe_comparison_base *base,
                           const struct lethe_variant_spec *spec, struct lethe_watch *watch,
                           struct lethe_error *err)
{
    struct lethe_variant *row = lethe_variants_add(rungs, err);
    return row ? lethe_variant_take(row, w, base, spec, watch, err) : LETHE_ENOMEM;
}

static enum lethe_err blanket_rung(struct lethe_variants *rungs, struct lethe_comparison_base *base,
                                   struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_blanket_curvature *curve = NULL;
    size_t units = 0;
    struct lethe_settings own = base->settings;
    double *w = lethe_comparison_base_weights(base, err);
    if (!w)
        return LETHE_ENOMEM;
    snprintf(base->settings.text[LETHE_SET_CURVATURE], LETHE_SETTING_TEXT, "ggn");
    enum lethe_err code = lethe_comparison_base_blanket(&curve, &units, base, watch, err);
    base->settings = own;
    if (!code) {
        const struct lethe_variant_spec spec = {
            .name = "blanket ggn",
            .curve = curve,
            .units = units,
            .mu = damping_of(base),
            .form = form_of(base),
            .seconds = curve->seconds + (curve->all ? 0 : base->selected->seconds)};
        code = rung(rungs, w, base, &spec, watch, err);
    }
    lethe_blanket_curvature_unref(curve);
    lethe_free(w);
    return code;
}

/* A step of all parameters from w, which it moves. again: w is not the snapshot's any more, so the
 * curvature is made anew and what is left of the gradient pulls. */
static enum lethe_err whole_rung(struct lethe_variants *rungs,
                                 const struct lethe_comparison_base *base, const char *name,
                                 const char *curvature, double *w, int again,
                                 struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_blanket_curvature *curve = NULL;
    enum lethe_err code =
        lethe_comparison_base_whole(&curve, base, again ? w : NULL, curvature, watch, err);
    if (code)
        return code;
    const struct lethe_variant_spec spec = {.name = name,
                                            .curve = curve,
                                            .units = curve->blanket.count,
                                            .mu = damping_of(base),
                                            .form = again ? LETHE_FORM_RESIDUAL : form_of(base),
                                            .seconds = curve->seconds};
    code = rung(rungs, w, base, &spec, watch, err);
    lethe_blanket_curvature_unref(curve);
    return code;
}

/* From where the first step of the whole network led: as many iterations as `update` asks for, or
 * LETHE_APPROXIMATIONS_PASSES. */
static enum lethe_err passes_rung(struct lethe_variants *rungs,
                                  const struct lethe_comparison_base *base, double *w,
                                  struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t set = lethe_settings_count(&base->settings, LETHE_SET_PASSES);
    const size_t passes = set ? set : LETHE_APPROXIMATIONS_PASSES;
    struct lethe_path *path = NULL;
    char name[LETHE_VARIANT_NAME];
    enum lethe_err code = lethe_passes_run(&path, w, base->snapshot, damping_of(base), passes,
                                           &base->settings, watch, err);
    if (code)
        return code;
    snprintf(name, sizeof name, "passes x%zu", passes);
    code = add_model(rungs, base, name, w, path->seconds, watch, err);
    if (!code)
        rungs->at[rungs->count - 1].sweeps = (double)path->evaluations;
    lethe_path_unref(path);
    return code;
}

static enum lethe_err whole_rungs(struct lethe_variants *rungs,
                                  const struct lethe_comparison_base *base,
                                  struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_graph *graph = base->snapshot->graph;
    const size_t entries = lethe_graph_size(graph) + lethe_graph_buffers(graph);
    double *w = lethe_comparison_base_weights(base, err),
           *exact = lethe_comparison_base_weights(base, err),
           *on = lethe_comparison_base_weights(base, err);
    enum lethe_err code = w && exact && on ? LETHE_OK : LETHE_ENOMEM;
    if (!code)
        code = lethe_watch_step(watch, "whole ggn", 1, 4, err);
    if (!code)
        code = whole_rung(rungs, base, "whole ggn", "ggn", w, 0, watch, err);
    if (!code)
        memcpy(on, w, entries * sizeof *on);
    if (!code)
        code = lethe_watch_step(watch, "whole hessian", 2, 4, err);
    if (!code)
        code = whole_rung(rungs, base, "whole hessian", "hessian", exact, 0, watch, err);
    if (!code)
        code = lethe_watch_step(watch, "second step", 3, 4, err);
    if (!code && base->snapshot->whole)
        code = whole_rung(rungs, base, "second ggn step", "ggn", w, 1, watch, err);
    if (!code && base->snapshot->whole)
        code = passes_rung(rungs, base, on, watch, err);
    lethe_free(on);
    lethe_free(w);
    lethe_free(exact);
    return code;
}

enum { FIGURES = 20 };

/* All figures of a trial that a mean makes sense for. */
static void figures_of(double *figures[FIGURES], struct lethe_variant *t)
{
    struct lethe_figures *f = &t->figures;
    double *const all[FIGURES] = {&t->kl_forget,
                                  &t->kl_retain,
                                  &t->kl_heldout,
                                  &t->recovery_probs,
                                  &t->recovery,
                                  &t->change_probs,
                                  &t->change,
                                  &t->gap,
                                  &t->recovery_probs_train,
                                  &t->change_probs_train,
                                  &t->residual,
                                  &t->seconds,
                                  &f->forget.accuracy,
                                  &f->forget.loss,
                                  &f->retain.accuracy,
                                  &f->retain.loss,
                                  &f->heldout.accuracy,
                                  &f->heldout.loss,
                                  &f->attack.auc.value,
                                  &f->attack.balanced_accuracy.value};
    memcpy(figures, all, sizeof all);
}

/* The mean of a rung over several models. */
static struct lethe_variant average(struct lethe_variant *rows, size_t count)
{
    struct lethe_variant mean = rows[0];
    double *to[FIGURES], *from[FIGURES];
    figures_of(to, &mean);
    for (size_t i = 1; i < count; i++) {
        figures_of(from, &rows[i]);
        for (size_t k = 0; k < FIGURES; k++)
            *to[k] += *from[k];
    }
    for (size_t k = 0; k < FIGURES; k++)
        *to[k] /= (double)count;
    snprintf(mean.name, sizeof mean.name, "cold retrain x%zu", count);
    return mean;
}

static enum lethe_err cold_rung(struct lethe_variants *rungs,
                                const struct lethe_comparison_base *base,
                                struct lethe_retrained *const *colds, size_t cold_count,
                                struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_comparison_base whole = lethe_comparison_base_network(base);
    struct lethe_variants each = {0};
    enum lethe_err code = LETHE_OK;
    for (size_t i = 0; !code && i < cold_count; i++)
        code = add_model(&each, &whole, "cold retrain", colds[i]->w, colds[i]->report.seconds,
                         watch, err);
    if (!code && each.count) {
        struct lethe_variant *row = lethe_variants_add(rungs, err);
        if (row)
            *row = average(each.at, each.count);
        else
            code = LETHE_ENOMEM;
    }
    lethe_variants_release(&each);
    return code;
}

enum lethe_err lethe_approximations_run(struct lethe_variants *rungs,
                                        struct lethe_comparison_base *base,
                                        struct lethe_retrained *const *colds, size_t cold_count,
                                        struct lethe_watch *watch, struct lethe_error *err)
{
    enum lethe_err code = add_model(rungs, base, "before", base->snapshot->w, NAN, watch, err);
    const struct lethe_comparison_base whole = lethe_comparison_base_network(base);
    if (!code)
        code = blanket_rung(rungs, base, watch, err);
    if (!code && lethe_graph_size(base->snapshot->graph) <= LETHE_APPROXIMATIONS_WHOLE)
        code = whole_rungs(rungs, base, watch, err);
    if (!code && base->warm)
        code = add_model(rungs, &whole, "warm retrain", base->warm->w, base->warm->report.seconds,
                         watch, err);
    if (!code && base->warm)
        rungs->at[rungs->count - 1].sweeps = (double)base->warm->report.evaluations;
    return code ? code : cold_rung(rungs, base, colds, cold_count, watch, err);
}

/* ---- curvatures ------------------------------------------------------------------------------ */

enum lethe_err lethe_curvatures_try(struct lethe_variants *rows, struct lethe_comparison_base *base,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_settings own = base->settings;
    size_t count;
    const struct lethe_curvature_method *methods = lethe_curvature_methods(&count);
    enum lethe_err code = LETHE_OK;
    for (size_t k = 0; !code && k < count; k++) {
        struct lethe_blanket_curvature *curve = NULL;
        struct lethe_variant_spec spec = {
            .name = methods[k].name, .mu = damping_of(base), .form = form_of(base)};
        struct lethe_variant *row = lethe_variants_add(rows, err);
        double *w = lethe_comparison_base_weights(base, err);
        if (!row || !w) {
            lethe_free(w);
            return LETHE_ENOMEM;
        }
        snprintf(base->settings.text[LETHE_SET_CURVATURE], LETHE_SETTING_TEXT, "%s",
                 methods[k].name);
        code = lethe_watch_step(watch, methods[k].name, (long)k, (long)count, err);
        if (!code)
            code = lethe_comparison_base_blanket(&curve, &spec.units, base, watch, err);
        base->settings = own;
        if (!code) {
            spec.curve = curve;
            spec.seconds = curve->seconds;
            spec.spectrum = 1;
            code = lethe_variant_take(row, w, base, &spec, watch, err);
        }
        lethe_blanket_curvature_unref(curve);
        lethe_free(w);
    }
    return code;
}

/* ---- damping --------------------------------------------------------------------------------- */

void lethe_sweep_release(struct lethe_sweep *sweep)
{
    lethe_variants_release(&sweep->rows);
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What the damping mu is, for the row's note. */
static void remark(char *note, size_t size, double mu, double current,
                   const struct lethe_sweep *sweep)
{
    const struct {
        double mu;
        const char *words;
    } rules[] = {{current, "now"},
                 {sweep->automatic, "auto"},
                 {sweep->hints.lift, "|smallest|"},
                 {sweep->hints.tenth, "0.1 x mean"},
                 {sweep->hints.corner, "L-curve"},
                 {sweep->next, "LM"}};
    note[0] = 0;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].mu == mu && (i == 0 || mu > 0)) {
            const size_t used = strlen(note);
            snprintf(note + used, size - used, "%s%s", used ? ", " : "", rules[i].words);
        }
}

/* The step at one damping, in a new row. */
static enum lethe_err sweep_at(struct lethe_sweep *sweep, const struct lethe_comparison_base *base,
                               struct lethe_variant_spec *spec, double mu,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    double *w = lethe_comparison_base_weights(base, err);
    struct lethe_variant *row = w ? lethe_variants_add(&sweep->rows, err) : NULL;
    struct lethe_damping_row at = {0};
    enum lethe_err code = row ? LETHE_OK : LETHE_ENOMEM;
    spec->mu = mu;
    struct lethe_variant_spec own = *spec;
    if (!code && spec->curve->target) {
        own.factor = NULL;
        code = lethe_damping_row_init(&at, base, (struct lethe_blanket_curvature *)spec->curve, mu,
                                      watch, err);
        if (!code) {
            own.curve = at.curve;
            own.factor = at.factor;
        }
        if (code == LETHE_ENUM) /* the row says why */
            code = LETHE_OK;
    }
    if (!code)
        code = lethe_variant_take(row, w, base, &own, watch, err);
    lethe_damping_row_release(&at);
    lethe_free(w);
    return code;
}

/* Of the curvature itself; there are none where a fitted step is made by products. */
static enum lethe_err hints_of(struct lethe_sweep *sweep, const struct lethe_variant_spec *spec,
                               struct lethe_error *err)
{
    sweep->hints = (struct lethe_damping_hints){NAN, NAN, NAN, NAN};
    if (!spec->factor)
        return LETHE_OK;
    const struct lethe_blanket_curvature *curve = spec->curve;
    const struct lethe_removal *removal = &curve->removal;
    const double *from =
        removal->residual && spec->form != LETHE_FORM_INFLUENCE ? removal->residual : removal->pull;
    const size_t size = curve->blanket.offset[spec->units];
    double *rhs = lethe_alloc(size, sizeof *rhs);
    if (!rhs)
        return lethe_fail_memory(err, "damping hints", size, sizeof *rhs);
    for (size_t i = 0; i < size; i++)
        rhs[i] = from[curve->blanket.index[i]];
    enum lethe_err code = lethe_factor_hints(spec->factor, &sweep->hints, rhs, err);
    lethe_free(rhs);
    return code;
}

/* All dampings of the sweep, ascending and without repeats. */
static size_t dampings(double *mu, const struct lethe_sweep *sweep, double current)
{
    const double extra[] = {
        current,    sweep->automatic, sweep->hints.lift, sweep->hints.tenth, sweep->hints.corner,
        sweep->next};
    size_t count = 0, kept = 0;
    mu[count++] = 0;
    for (int e = -8; e <= 2; e++)
        mu[count++] = pow(10, e);
    for (size_t i = 0; i < sizeof extra / sizeof *extra; i++)
        if (extra[i] > 0)
            mu[count++] = extra[i];
    qsort(mu, count, sizeof *mu, by_value);
    for (size_t i = 0; i < count; i++)
        if (!kept || mu[i] > mu[kept - 1])
            mu[kept++] = mu[i];
    return kept;
}

static enum lethe_err sweep_all(struct lethe_sweep *sweep, const struct lethe_comparison_base *base,
                                struct lethe_variant_spec *spec, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    const double current = damping_of(base);
    double mu[24];
    enum lethe_err code = hints_of(sweep, spec, err);
    if (!code)
        code = sweep_at(sweep, base, spec, current, watch, err);
    if (code)
        return code;
    const struct lethe_variant *now = &sweep->rows.at[0];
    sweep->next = now->failed ? NAN
                              : lethe_damping_next(current, now->actual / now->predicted,
                                                   lethe_step_curvature(now->predicted, now->norm));
    sweep->rows.count = 0;
    const size_t count = dampings(mu, sweep, current);
    for (size_t i = 0; !code && i < count; i++) {
        code = lethe_watch_step(watch, "damping", (long)i, (long)count, err);
        if (!code)
            code = sweep_at(sweep, base, spec, mu[i], watch, err);
        if (code)
            break;
        struct lethe_variant *row = &sweep->rows.at[i];
        if (mu[i] == current)
            sweep->current = i;
        if (!row->failed)
            remark(row->note, sizeof row->note, mu[i], current, sweep);
    }
    return code;
}

enum lethe_err lethe_damping_sweep(struct lethe_sweep *sweep, struct lethe_comparison_base *base,
                                   struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_sweep made = {.next = NAN, .automatic = lethe_damping_auto(base->snapshot)};
    struct lethe_blanket_curvature *curve = NULL;
    struct lethe_factor *factor = NULL;
    struct lethe_variant_spec spec = {.name = "damping", .form = form_of(base)};
    enum lethe_err code = lethe_comparison_base_blanket(&curve, &spec.units, base, watch, err);
    if (!code && !spec.units)
        code =
            lethe_fail(err, LETHE_EARG,
                       "the blanket is empty, so damping has nothing to act on: try 'blanket 3'");
    if (!code)
        code = lethe_watch_step(watch, "factoring", 0, 0, err);
    if (!code && !curve->target)
        code = lethe_step_factor(&factor, curve, spec.units, 0, 1, &base->settings, watch, err);
    else if (!code && !lethe_blanket_curvature_by_products(curve))
        code = lethe_factor_spectral(&factor, &curve->curvature, curve->blanket.offset[spec.units],
                                     err);
    spec.curve = curve;
    spec.factor = factor;
    if (!code)
        code = sweep_all(&made, base, &spec, watch, err);
    lethe_factor_unref(factor);
    lethe_blanket_curvature_unref(curve);
    if (code)
        lethe_sweep_release(&made);
    else
        *sweep = made;
    return code;
}
