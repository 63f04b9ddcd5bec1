/* SPDX-License-Identifier: MIT
 * One stand for every sample, one trial for every way on it. */
#include "study/leave_one_out.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/alloc.h"
#include "removal/curvature_cache.h"
#include "removal/damping.h"
#include "removal/target.h"
#include "study/single_figures.h"

/* Ways with a place of their own; behind them weights at every budget, and the whole model last. */
enum { LFOCI, GRADNORM, RANDOM, AS_MANY, BUDGETED };
static const char *const names[] = {
    [LFOCI] = "lfoci", [GRADNORM] = "gradnorm", [RANDOM] = "random", [AS_MANY] = "weights"};
static const char whole_name[] = "whole model";

struct ledger {
    struct lethe_leave_one_out *out;
    const struct lethe_budgets *budgets;
    int small;                          /* the whole model has a matrix */
    struct lethe_curvature_cache cache; /* empty: a curvature for every removal */
    struct lethe_factor *metric;        /* every retraining begins in; NULL: in its own */
    const struct lethe_training_context *training; /* where retrainings are kept; NULL: nowhere */
    struct lethe_retrained *only;                  /* of the one sample there is; NULL: several */
    struct lethe_single_figures figures;
};

static void close_ledger(struct ledger *book)
{
    lethe_curvature_cache_release(&book->cache);
    lethe_factor_unref(book->metric);
    lethe_retrained_unref(book->only);
    lethe_single_figures_release(&book->figures);
}

static void enter(struct ledger *book, size_t w, const struct lethe_variant *variant)
{
    lethe_single_figures_enter(&book->figures, book->out, w, variant);
}

/* ---- one sample ------------------------------------------------------------------------------ */

/* The units of the order that fit the budget, one after another; a larger one is passed over. */
static size_t keep_fitting(struct lethe_pick *kept, const struct lethe_selection *s,
                           const struct lethe_graph *graph, size_t budget)
{
    size_t count = 0;
    for (size_t k = 0; k < s->count; k++) {
        const size_t params = lethe_unit_at(graph, s->picks[k].unit).params;
        if (params > budget)
            continue;
        budget -= params;
        kept[count++] = s->picks[k];
    }
    return count;
}

/* Of a selector's leading units; selected NULL: of all parameters. */
static enum lethe_err curve_of(struct lethe_blanket_curvature **curve, const struct ledger *book,
                               struct lethe_comparison_base *base,
                               const struct lethe_selected *selected,
                               const struct lethe_settings *settings, struct lethe_watch *watch,
                               struct lethe_error *err)
{
    if (book->cache.place)
        return lethe_curvature_cache_blanket(curve, &book->cache, base->snapshot, selected, watch,
                                             err);
    return lethe_blanket_curvature_make(curve, base->snapshot, selected, settings, watch, err);
}

/* A step on the leading units of a selector's order. *budget 0: those it accepts, and that becomes
 * the budget of the others. */
static enum lethe_err leading(struct lethe_variant *variant, size_t *budget,
                              const struct ledger *book, struct lethe_comparison_base *base,
                              const char *name, enum lethe_form form, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    const struct lethe_graph *graph = base->snapshot->graph;
    struct lethe_settings own = base->settings;
    struct lethe_selected *selected = NULL;
    struct lethe_blanket_curvature *curve = NULL;
    double *w = NULL;
    snprintf(own.text[LETHE_SET_SELECT_METHOD], LETHE_SETTING_TEXT, "%s", name);
    enum lethe_err code = lethe_selected_make(&selected, base->snapshot, &own, watch, err);
    if (code)
        return code;
    struct lethe_selected head = *selected; /* borrows; never released */
    struct lethe_pick *kept = lethe_alloc(head.selection.count, sizeof *kept);
    if (!kept)
        code = lethe_fail_memory(err, "a blanket", head.selection.count, sizeof *kept);
    else if (*budget)
        head.selection.count = keep_fitting(kept, &selected->selection, graph, *budget);
    else
        head.selection.count = selected->selection.accepted;
    if (kept && *budget)
        head.selection.picks = kept;
    if (!code)
        code = curve_of(&curve, book, base, &head, &own, watch, err);
    if (!code && !(w = lethe_comparison_base_weights(base, err)))
        code = LETHE_ENOMEM;
    if (!code) {
        const struct lethe_variant_spec spec = {
            .name = name,
            .curve = curve,
            .units = curve->blanket.count,
            .mu = lethe_damping_of(&own, base->snapshot),
            .form = form,
            .seconds = selected->seconds + curve->seconds,
        };
        code = lethe_variant_take(variant, w, base, &spec, watch, err);
        if (!*budget)
            *budget = variant->parameters;
    }
    lethe_free(w);
    lethe_free(kept);
    lethe_blanket_curvature_unref(curve);
    lethe_selected_unref(selected);
    return code;
}

/* curve: of all parameters. made: its step, where single weights needed it before; NULL: taken
 * here.
 */
static enum lethe_err whole(struct lethe_variant *variant, struct lethe_comparison_base *base,
                            const struct lethe_blanket_curvature *curve,
                            const struct lethe_target *made, enum lethe_form form,
                            struct lethe_watch *watch, struct lethe_error *err)
{
    double *w = lethe_comparison_base_weights(base, err);
    if (!w)
        return LETHE_ENOMEM;
    const struct lethe_variant_spec spec = {
        .name = whole_name,
        .curve = curve,
        .step = made && !made->passes ? made->projection->step : NULL,
        .units = curve->blanket.count,
        .mu = lethe_damping_of(&base->settings, base->snapshot),
        .form = form,
        .seconds = made && !made->passes ? made->seconds : curve->seconds,
    };
    enum lethe_err code = lethe_variant_take(variant, w, base, &spec, watch, err);
    lethe_free(w);
    return code;
}

/* A step on the first `count` weights of an order. */
static enum lethe_err first_weights(struct lethe_variant *variant,
                                    struct lethe_comparison_base *base,
                                    const struct lethe_selected *order, size_t count,
                                    const char *name, enum lethe_form form,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_selected head = *order; /* borrows; never released */
    struct lethe_blanket_curvature *curve = NULL;
    double *w = lethe_comparison_base_weights(base, err);
    if (!w)
        return LETHE_ENOMEM;
    head.selection.count = count < order->selection.count ? count : order->selection.count;
    enum lethe_err code =
        lethe_blanket_curvature_make(&curve, base->snapshot, &head, &base->settings, watch, err);
    if (!code) {
        const struct lethe_variant_spec spec = {
            .name = name,
            .curve = curve,
            .units = curve->blanket.count,
            .mu = lethe_damping_of(&base->settings, base->snapshot),
            .form = form,
            .seconds = order->seconds + curve->seconds,
        };
        code = lethe_variant_take(variant, w, base, &spec, watch, err);
    }
    lethe_blanket_curvature_unref(curve);
    lethe_free(w);
    return code;
}

/* Single weights, ordered once: as many as L-FOCI's blanket has parameters (0: none), then every
 * budget. target NULL: the whole network has no step they could be ordered by, `without`
 * says why. */
static enum lethe_err weights(struct ledger *book, struct lethe_comparison_base *base,
                              struct lethe_target *target, const char *without, size_t as_many,
                              enum lethe_form form, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    struct lethe_settings own = base->settings;
    struct lethe_selected *order = NULL;
    enum lethe_err code = LETHE_OK;
    snprintf(own.text[LETHE_SET_SELECT_METHOD], LETHE_SETTING_TEXT, "weights");
    if (target)
        code = lethe_selected_by(&order, base->snapshot, &own, target, watch, err);
    for (size_t b = 0; !code && b <= book->budgets->count; b++) {
        struct lethe_variant variant = {.failed = 1};
        const size_t way = b ? BUDGETED + b - 1 : AS_MANY;
        const size_t count = b ? book->budgets->parameters[b - 1] : as_many;
        if (!count)
            continue;
        variant.parameters = count;
        snprintf(variant.note, sizeof variant.note, "%s: %.150s", book->out->way[way].name,
                 without);
        if (order)
            code = first_weights(&variant, base, order, count, book->out->way[way].name, form,
                                 watch, err);
        if (!code)
            enter(book, way, &variant);
    }
    lethe_selected_unref(order);
    return code;
}

/* *target stays NULL where the curvature cannot be solved with as it is, and *why says so. */
static enum lethe_err aim(struct lethe_target **target, struct lethe_error *why,
                          struct lethe_comparison_base *base, struct lethe_blanket_curvature *all,
                          struct lethe_watch *watch, struct lethe_error *err)
{
    const double mu = lethe_damping_of(&base->settings, base->snapshot);
    enum lethe_err code =
        lethe_target_make(target, base->snapshot, &base->settings, mu, all, watch, why);
    if (code == LETHE_ENUM)
        return LETHE_OK;
    if (code && err)
        *err = *why;
    return code;
}

static enum lethe_err ways(struct ledger *book, struct lethe_comparison_base *base,
                           struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_variant variant;
    struct lethe_blanket_curvature *all = NULL;
    struct lethe_target *target = NULL;
    struct lethe_error why = {0};
    enum lethe_form form;
    size_t budget = 0;
    enum lethe_err code = lethe_form_find(&form, base->settings.text[LETHE_SET_FORM], err);
    for (size_t k = LFOCI; !code && k < AS_MANY; k++) {
        if (k > LFOCI && !budget)
            break; /* an empty blanket is an answer, and leaves the others nothing to spend */
        code = leading(&variant, &budget, book, base, names[k], form, watch, err);
        if (!code)
            enter(book, k, &variant);
    }
    book->out->empty += !code && !budget;
    if (!code)
        code = curve_of(&all, book, base, NULL, &base->settings, watch, err);
    if (!code)
        code = aim(&target, &why, base, all, watch, err);
    if (!code)
        code = weights(book, base, target, why.message, budget, form, watch, err);
    if (!code) {
        code = whole(&variant, base, all, target, form, watch, err);
        if (!code)
            enter(book, book->out->ways - 1, &variant);
    }
    lethe_target_unref(target);
    lethe_blanket_curvature_unref(all);
    return code;
}

static enum lethe_err one(struct ledger *book, const struct lethe_snapshot *snapshot,
                          const struct lethe_settings *settings, size_t id,
                          struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_comparison_base base = {0};
    struct lethe_snapshot *single = NULL;
    struct lethe_distance d;
    enum lethe_err code = lethe_snapshot_single(&single, snapshot, id, err);
    if (!code)
        single->warm.first_metric = book->metric; /* borrowed while the ledger is open */
    if (!code)
        code = lethe_comparison_base_init(&base, single, settings, NULL, NULL, err);
    lethe_snapshot_unref(single);
    if (!code)
        code = lethe_comparison_base_prepare(&base, book->training, watch, err);
    if (code)
        goto out;
    if (snapshot->forget.count == 1)
        book->only = lethe_retrained_ref(base.warm);
    lethe_distance_measure(&d, base.before.logits[LETHE_SIDE_FORGET],
                           base.warm->outcome.logits[LETHE_SIDE_FORGET], 1, base.before.classes);
    book->figures.kl[book->figures.done] = d.kl;
    book->figures.retraining[book->figures.done] = base.warm->report.seconds;
    book->out->heldout_before = base.before.figures.heldout.accuracy;
    book->out->unconverged += !base.warm->report.converged;
    code = ways(book, &base, watch, err);
    book->figures.done++;
out:
    lethe_comparison_base_release(&base);
    return code;
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* |grad F_S|_inf at the weights all removals start from. */
static enum lethe_err starting_gradient(double *largest, const struct lethe_snapshot *snapshot,
                                        struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t size = lethe_graph_size(snapshot->graph);
    struct lethe_ids all = {0};
    struct lethe_problem *problem = NULL;
    double value, *gradient = lethe_alloc(size, sizeof *gradient);
    enum lethe_err code = gradient ? lethe_snapshot_all(&all, snapshot, SIZE_MAX, err)
                                   : lethe_fail_memory(err, "a gradient", size, sizeof *gradient);
    const struct lethe_problem_spec spec = lethe_snapshot_spec(snapshot, &all, snapshot->dtype);
    if (!code)
        code = lethe_problem_new(&problem, &spec, err);
    if (!code)
        code = lethe_problem_value(problem, &value, gradient, snapshot->w, watch, err);
    *largest = 0;
    for (size_t i = 0; !code && i < size; i++)
        *largest = fmax(*largest, fabs(gradient[i]));
    lethe_problem_free(problem);
    lethe_free(all.at);
    lethe_free(gradient);
    return code;
}

/* What is measured once. A Gauss-Newton matrix of every sample is also the metric that retraining
 * works in, all but the share of one sample. */
static enum lethe_err measure_once(struct ledger *book, const struct lethe_snapshot *snapshot,
                                   const struct lethe_settings *settings, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    if (!lethe_curvature_cache_possible(snapshot, settings))
        return LETHE_OK;
    enum lethe_err code = lethe_curvature_cache_init(&book->cache, snapshot, settings, watch, err);
    if (code || !book->small || strcmp(settings->text[LETHE_SET_CURVATURE], "ggn") != 0 ||
        book->cache.samples.count < snapshot->retain.count + snapshot->forget.count)
        return code;
    code = lethe_factor_cholesky(&book->metric, &book->cache.curvature, 0, err);
    return code == LETHE_ENUM ? LETHE_OK : code;
}

static void name_ways(struct lethe_leave_one_out *made, const struct lethe_budgets *budgets)
{
    for (size_t k = 0; k < made->ways; k++) {
        struct lethe_single_way *way = &made->way[k];
        if (k < BUDGETED)
            snprintf(way->name, sizeof way->name, "%s", names[k]);
        else if (k < BUDGETED + budgets->count)
            snprintf(way->name, sizeof way->name, "weights %s", budgets->name[k - BUDGETED]);
        else
            snprintf(way->name, sizeof way->name, "%s", whole_name);
    }
}

/* All forget samples at once, with a step of the whole model. */
static enum lethe_err together(struct ledger *book, struct lethe_comparison_base *base,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_blanket_curvature *all = NULL;
    struct lethe_variant variant = {0};
    struct lethe_distance d;
    enum lethe_form form;
    if (!base->warm)
        return LETHE_OK;
    enum lethe_err code = lethe_form_find(&form, base->settings.text[LETHE_SET_FORM], err);
    if (!code)
        code = curve_of(&all, book, base, NULL, &base->settings, watch, err);
    if (!code)
        code = whole(&variant, base, all, NULL, form, watch, err);
    lethe_blanket_curvature_unref(all);
    if (code)
        return code;
    lethe_distance_measure(&d, base->before.logits[LETHE_SIDE_FORGET],
                           base->warm->outcome.logits[LETHE_SIDE_FORGET],
                           base->before.count[LETHE_SIDE_FORGET], base->before.classes);
    book->out->together_before = d.kl;
    book->out->together_now = variant.failed ? NAN : variant.kl_forget;
    return LETHE_OK;
}

enum lethe_err lethe_leave_one_out_run(struct lethe_leave_one_out *one_by_one,
                                       struct lethe_comparison_base *base, size_t samples,
                                       const struct lethe_budgets *budgets,
                                       const struct lethe_training_context *training,
                                       struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_snapshot *snapshot = base->snapshot;
    const struct lethe_settings *settings = &base->settings;
    const int small = lethe_graph_size(snapshot->graph) <= LETHE_CURVATURE_DENSE;
    struct lethe_leave_one_out made = {
        .samples = samples < snapshot->forget.count ? samples : snapshot->forget.count,
        .ways = BUDGETED + budgets->count + 1,
        .together_before = NAN,
        .together_now = NAN,
    };
    struct ledger book = {.out = &made, .budgets = budgets, .small = small, .training = training};
    name_ways(&made, budgets);
    enum lethe_err code = lethe_single_figures_init(&book.figures, made.samples, err);
    if (!code)
        code = starting_gradient(&made.gradient, snapshot, watch, err);
    if (!code)
        code = measure_once(&book, snapshot, settings, watch, err);
    made.curvature_seconds = book.cache.seconds;
    made.curvature_samples = book.cache.samples.count;
    for (size_t i = 0; !code && i < made.samples; i++) {
        code = lethe_watch_step(watch, "single removals", (long)i, (long)made.samples, err);
        if (!code)
            code = one(&book, snapshot, settings, snapshot->forget.at[i], watch, err);
    }
    if (!code && book.only && !base->warm && base->snapshot == base->network)
        base->warm = lethe_retrained_ref(book.only);
    if (!code)
        code = lethe_comparison_base_prepare(base, training, watch, err);
    if (!code)
        code = together(&book, base, watch, err);
    if (!code) {
        lethe_single_figures_sum(&book.figures, &made);
        *one_by_one = made;
    }
    close_ledger(&book);
    return code;
}
