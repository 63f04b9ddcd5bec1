/* SPDX-License-Identifier: MIT
 * Selectors at the same parameter budget: one arena for every forget sample, one bout for every
 * order in it. Nothing is tuned on the answer. */
#include "study/selector_benchmark.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/alloc.h"
#include "eval/order.h"
#include "removal/target.h"

enum { B = LETHE_BUDGETS_MOST };

static const struct lethe_rival extra[] = {
    {.name = "gradnorm outcome", .method = "gradnorm", .form = "outcome"},
    {.name = "gain outcome", .method = "gain", .form = "outcome"},
    {.name = "weights step", .method = "weights", .order = "step", .form = "outcome"},
    {.name = "weights gain", .method = "weights", .order = "gain", .form = "outcome"},
    {.name = "weights kl", .method = "weights", .order = "kl", .form = "outcome"},
};

/* ---- one sample ------------------------------------------------------------------------------ */

/* One sample to be forgotten, with the model retrained without it. */
struct arena {
    struct lethe_snapshot *snapshot;
    struct lethe_problem *forget; /* borrowed from the snapshot */
    struct lethe_target *target;  /* the whole step, for weights and the form outcome */
    const struct lethe_budgets *budgets;
    double *w, *logits, *retrained;
    size_t classes;
    int converged;
};

static void release_arena(struct arena *a)
{
    lethe_target_unref(a->target);
    lethe_snapshot_unref(a->snapshot);
    lethe_free(a->w);
    lethe_free(a->logits);
    lethe_free(a->retrained);
}

static enum lethe_err retrain(struct arena *a, struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_worker_problems *worker;
    struct lethe_problem *retain;
    struct lethe_train_report report;
    const size_t size =
        lethe_graph_size(a->snapshot->graph) + lethe_graph_buffers(a->snapshot->graph);
    enum lethe_err code = lethe_snapshot_worker(&worker, a->snapshot, err);
    if (!code)
        code = lethe_worker_problem(&a->forget, worker, a->snapshot, LETHE_SIDE_FORGET, err);
    if (!code)
        code = lethe_worker_problem(&retain, worker, a->snapshot, LETHE_SIDE_RETAIN, err);
    if (code)
        return code;
    memcpy(a->w, a->snapshot->w, size * sizeof *a->w);
    code = lethe_retrain_warm(a->w, &report, retain, &a->snapshot->warm, watch, err);
    if (!code)
        code = lethe_problem_logits(a->forget, a->retrained, a->w, watch, err);
    a->converged = !code && report.converged;
    return code;
}

static enum lethe_err enter(struct arena *a, const struct lethe_snapshot *snapshot, size_t id,
                            struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t size = lethe_graph_size(snapshot->graph) + lethe_graph_buffers(snapshot->graph);
    *a = (struct arena){.classes = lethe_graph_classes(snapshot->graph)};
    enum lethe_err code = lethe_snapshot_single(&a->snapshot, snapshot, id, err);
    a->w = lethe_alloc(size, sizeof *a->w);
    a->logits = lethe_alloc(a->classes, sizeof *a->logits);
    a->retrained = lethe_alloc(a->classes, sizeof *a->retrained);
    if (!code && (!a->w || !a->logits || !a->retrained))
        code = lethe_fail_memory(err, "a comparison", size, sizeof *a->w);
    return code ? code : retrain(a, watch, err);
}

/* KL from the retrained model to the snapshot's weights with a step (NULL: none). */
static enum lethe_err judge(double *kl, struct arena *a, const struct lethe_update *update,
                            const struct lethe_blanket *blanket, struct lethe_error *err)
{
    const size_t size =
        lethe_graph_size(a->snapshot->graph) + lethe_graph_buffers(a->snapshot->graph);
    struct lethe_distance d;
    memcpy(a->w, a->snapshot->w, size * sizeof *a->w);
    if (update)
        lethe_update_apply(a->w, update, blanket);
    enum lethe_err code = lethe_problem_logits(a->forget, a->logits, a->w, NULL, err);
    if (code)
        return code;
    lethe_distance_measure(&d, a->logits, a->retrained, 1, a->classes);
    *kl = d.kl;
    return LETHE_OK;
}

/* ---- one order ------------------------------------------------------------------------------- */

/* The step on the first units of a curve. factor may be one that serves more of them. */
static enum lethe_err step(double *kl, struct arena *a, const struct lethe_blanket_curvature *curve,
                           const struct lethe_factor *factor, size_t units,
                           const struct lethe_settings *settings, double mu,
                           struct lethe_error *err)
{
    struct lethe_update update = {0};
    struct lethe_step_spec spec = {.curve = curve, .factor = factor, .units = units, .mu = mu};
    enum lethe_err code = lethe_form_find(&spec.form, settings->text[LETHE_SET_FORM], err);
    if (!code && units)
        code = lethe_step_make(&update, &spec, err);
    if (!code)
        code = judge(kl, a, units ? &update : NULL, &curve->blanket, err);
    lethe_update_release(&update);
    return code;
}

/* Steps on the leading units of a curve that fit each budget, with one factor; kl is (B). */
static enum lethe_err steps(double *kl, struct arena *a,
                            const struct lethe_blanket_curvature *curve,
                            const struct lethe_settings *settings, double mu,
                            struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_factor *factor = NULL;
    enum lethe_err code =
        lethe_step_factor(&factor, curve, curve->blanket.count, mu, 0, settings, watch, err);
    for (size_t b = 0; !code && b < a->budgets->count; b++) {
        size_t units = 0;
        while (units < curve->blanket.count &&
               (curve->all || curve->blanket.offset[units + 1] <= a->budgets->parameters[b]))
            units++;
        code = step(&kl[b], a, curve, factor, units, settings, mu, err);
    }
    lethe_factor_unref(factor);
    return code;
}

/* The order cut where a budget ends: the curvature is made no larger than needed. */
static struct lethe_selected cut(const struct lethe_selected *selected,
                                 const struct lethe_graph *graph, size_t budget)
{
    struct lethe_selected head = *selected;
    size_t params = 0, count = 0;
    while (count < selected->selection.count) {
        params += lethe_unit_at(graph, selected->selection.picks[count].unit).params;
        if (params > budget)
            break;
        count++;
    }
    head.selection.count = count;
    return head;
}

static size_t largest(const struct lethe_budgets *budgets)
{
    size_t most = 0;
    for (size_t b = 0; b < budgets->count; b++)
        most = budgets->parameters[b] > most ? budgets->parameters[b] : most;
    return most;
}

/* Where the largest budget has no matrix, every budget has a curvature of its own. */
static enum lethe_err apart(double *kl, struct arena *a, const struct lethe_selected *selected,
                            const struct lethe_settings *settings, double mu,
                            struct lethe_watch *watch, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    for (size_t b = 0; !code && b < a->budgets->count; b++) {
        const struct lethe_selected head =
            cut(selected, a->snapshot->graph, a->budgets->parameters[b]);
        struct lethe_blanket_curvature *curve = NULL;
        struct lethe_factor *factor = NULL;
        const size_t units = head.selection.count;
        if (!units) {
            code = judge(&kl[b], a, NULL, NULL, err);
            continue;
        }
        code = lethe_blanket_curvature_make(&curve, a->snapshot, &head, settings, watch, err);
        if (!code)
            code = lethe_step_factor(&factor, curve, units, mu, 0, settings, watch, err);
        if (!code)
            code = step(&kl[b], a, curve, factor, units, settings, mu, err);
        lethe_factor_unref(factor);
        lethe_blanket_curvature_unref(curve);
    }
    return code;
}

static enum lethe_err bout(double *kl, struct arena *a, const struct lethe_settings *settings,
                           double mu, struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_selected *selected = NULL;
    struct lethe_blanket_curvature *curve = NULL;
    const size_t most = largest(a->budgets);
    enum lethe_err code =
        lethe_selected_by(&selected, a->snapshot, settings, a->target, watch, err);
    if (code)
        return code;
    struct lethe_selected head = cut(selected, a->snapshot->graph, most);
    head.target = a->target; /* units with the form outcome aim at it, too */
    struct lethe_selected order = *selected;
    order.target = a->target;
    if (most > LETHE_CURVATURE_DENSE) {
        code = apart(kl, a, &order, settings, mu, watch, err);
    } else if (head.selection.count) {
        code = lethe_blanket_curvature_make(&curve, a->snapshot, &head, settings, watch, err);
        if (!code)
            code = steps(kl, a, curve, settings, mu, watch, err);
    } else {
        for (size_t b = 0; !code && b < a->budgets->count; b++)
            code = judge(&kl[b], a, NULL, NULL, err);
    }
    lethe_blanket_curvature_unref(curve);
    lethe_selected_unref(selected);
    return code;
}

static enum lethe_err whole(double *kl, struct arena *a, const struct lethe_settings *settings,
                            double mu, struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_blanket_curvature *curve = NULL;
    for (size_t b = 0; b < B; b++)
        kl[b] = NAN;
    if (lethe_graph_size(a->snapshot->graph) > LETHE_CURVATURE_DENSE)
        return LETHE_OK;
    enum lethe_err code =
        lethe_blanket_curvature_make(&curve, a->snapshot, NULL, settings, watch, err);
    if (!code)
        code = steps(kl, a, curve, settings, mu, watch, err);
    lethe_blanket_curvature_unref(curve);
    return code;
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* kl of a rival: (B, samples * draws), one draw but for random. */
struct tally {
    struct lethe_selector_benchmark *benchmark;
    double *kl[LETHE_SELECTOR_BENCHMARK_MOST + 2]; /* the selectors, then before and whole */
    size_t draws[LETHE_SELECTOR_BENCHMARK_MOST + 2];
};

static void score(struct lethe_rival_score *out, const double *values, size_t n, double *scratch)
{
    *out = (struct lethe_rival_score){.low = NAN, .median = NAN, .high = NAN};
    if (isnan(values[0])) /* the whole of a model too large for a dense curvature */
        return;
    memcpy(scratch, values, n * sizeof *scratch);
    lethe_sort(scratch, n);
    out->low = lethe_quantile(scratch, n, 0.25);
    out->median = lethe_quantile(scratch, n, 0.5);
    out->high = lethe_quantile(scratch, n, 0.75);
}

static const double tie = 1e-9; /* relative difference that is none */

/* Everyone who is nearest on sample i at budget b wins. */
static void award(struct tally *t, size_t b, size_t i, double *scratch)
{
    struct lethe_selector_benchmark *r = t->benchmark;
    double median[LETHE_SELECTOR_BENCHMARK_MOST], least = DBL_MAX;
    for (size_t k = 0; k < r->count; k++) {
        struct lethe_rival_score s;
        score(&s, t->kl[k] + (b * r->samples + i) * t->draws[k], t->draws[k], scratch);
        median[k] = s.median;
        least = fmin(least, s.median);
    }
    for (size_t k = 0; k < r->count; k++)
        r->rival[k].at[b].wins += median[k] <= least * (1 + tie);
}

static void count_up(struct tally *t, double *scratch)
{
    struct lethe_selector_benchmark *r = t->benchmark;
    for (size_t b = 0; b < r->budgets.count; b++) {
        for (size_t k = 0; k < r->count; k++) {
            const size_t n = r->samples * t->draws[k];
            score(&r->rival[k].at[b], t->kl[k] + b * n, n, scratch);
            r->rival[k].at[b].wins = 0;
        }
        for (size_t i = 0; i < r->samples; i++)
            award(t, b, i, scratch);
    }
    score(&r->before, t->kl[r->count], r->samples, scratch);
    score(&r->whole, t->kl[r->count + 1], r->samples, scratch);
}

static void put(struct tally *t, size_t k, size_t i, size_t draw, const double *kl)
{
    for (size_t b = 0; b < t->benchmark->budgets.count; b++)
        t->kl[k][(b * t->benchmark->samples + i) * t->draws[k] + draw] = kl[b];
}

/* The settings of a rival. */
static void dress(struct lethe_settings *own, const struct lethe_rival *rival, double mu)
{
    snprintf(own->text[LETHE_SET_SELECT_METHOD], LETHE_SETTING_TEXT, "%s", rival->method);
    snprintf(own->text[LETHE_SET_DAMPING], LETHE_SETTING_TEXT, "%.17g", mu);
    if (rival->order)
        snprintf(own->text[LETHE_SET_SELECT_ORDER], LETHE_SETTING_TEXT, "%s", rival->order);
    if (rival->form)
        snprintf(own->text[LETHE_SET_FORM], LETHE_SETTING_TEXT, "%s", rival->form);
}

static enum lethe_err fight(struct tally *t, struct arena *a, size_t i,
                            const struct lethe_settings *settings, struct lethe_watch *watch,
                            struct lethe_error *err)
{
    struct lethe_selector_benchmark *r = t->benchmark;
    const uint64_t seed = strtoull(settings->text[LETHE_SET_SEED], NULL, 10);
    const long total = (long)(r->samples * r->count);
    double kl[B] = {0};
    enum lethe_err code = LETHE_OK;
    for (size_t k = 0; !code && k < r->count; k++) {
        struct lethe_settings own = *settings;
        dress(&own, &r->rival[k], r->mu);
        for (size_t draw = 0; !code && draw < t->draws[k]; draw++) {
            snprintf(own.text[LETHE_SET_SEED], LETHE_SETTING_TEXT, "%" PRIu64, seed + draw);
            code = lethe_watch_step(watch, r->rival[k].name, (long)(i * r->count + k), total, err);
            if (!code)
                code = bout(kl, a, &own, r->mu, watch, err);
            if (!code)
                put(t, k, i, draw, kl);
        }
    }
    if (!code)
        code = judge(&kl[0], a, NULL, NULL, err);
    if (code)
        return code;
    for (size_t b = 1; b < B; b++)
        kl[b] = kl[0];
    put(t, r->count, i, 0, kl);
    code = whole(kl, a, settings, r->mu, watch, err);
    if (!code)
        put(t, r->count + 1, i, 0, kl);
    return code;
}

/* The selectors of the table; `full` is no order at a budget. Then forms and orders of weights. */
static enum lethe_err invite(struct tally *t, size_t draws, struct lethe_error *err)
{
    struct lethe_selector_benchmark *r = t->benchmark;
    size_t count;
    const struct lethe_select_method *methods = lethe_select_methods(&count);
    const size_t room = LETHE_SELECTOR_BENCHMARK_MOST - sizeof extra / sizeof *extra;
    for (size_t k = 0; k < count && r->count < room; k++)
        if (strcmp(methods[k].name, "full") != 0 && strcmp(methods[k].name, "weights") != 0) {
            t->draws[r->count] = strcmp(methods[k].name, "random") ? 1 : draws;
            r->rival[r->count++] =
                (struct lethe_rival){.name = methods[k].name, .method = methods[k].name};
        }
    for (size_t k = 0; k < sizeof extra / sizeof *extra; k++) {
        t->draws[r->count] = 1;
        r->rival[r->count++] = extra[k];
    }
    t->draws[r->count] = t->draws[r->count + 1] = 1;
    for (size_t k = 0; k < r->count + 2; k++) {
        t->kl[k] = lethe_alloc(B * r->samples * t->draws[k], sizeof *t->kl[k]);
        if (!t->kl[k])
            return lethe_fail_memory(err, "scores", B * r->samples * draws, sizeof *t->kl[k]);
    }
    return LETHE_OK;
}

enum lethe_err lethe_selector_benchmark_run(struct lethe_selector_benchmark *benchmark,
                                            const struct lethe_snapshot *snapshot,
                                            const struct lethe_settings *settings,
                                            const struct lethe_selector_benchmark_options *options,
                                            struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t most = snapshot->forget.count;
    struct lethe_selector_benchmark made = {.samples =
                                                options->samples < most ? options->samples : most,
                                            .draws = options->draws,
                                            .mu = options->mu,
                                            .budgets = options->budgets};
    struct tally tally = {.benchmark = &made};
    double *scratch = lethe_alloc(made.samples * (options->draws + 1), sizeof *scratch);
    enum lethe_err code = scratch ? invite(&tally, options->draws, err)
                                  : lethe_fail_memory(err, "scores", made.samples, sizeof *scratch);
    for (size_t i = 0; !code && i < made.samples; i++) {
        struct arena arena = {0};
        code = enter(&arena, snapshot, snapshot->forget.at[i], watch, err);
        arena.budgets = &made.budgets;
        if (!code)
            code = lethe_target_make(&arena.target, arena.snapshot, settings, made.mu, NULL, watch,
                                     err);
        if (!code)
            code = fight(&tally, &arena, i, settings, watch, err);
        made.unconverged += !arena.converged;
        release_arena(&arena);
    }
    if (!code) {
        count_up(&tally, scratch);
        *benchmark = made;
    }
    for (size_t k = 0; k < LETHE_SELECTOR_BENCHMARK_MOST + 2; k++)
        lethe_free(tally.kl[k]);
    lethe_free(scratch);
    return code;
}
