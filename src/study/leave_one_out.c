/* SPDX-License-Identifier: MIT
 * One stand for every sample, one trial for every way on it. */
#include "study/leave_one_out.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/alloc.h"
#include "removal/curvature_cache.h"
#include "eval/order.h"

enum { LFOCI, GRADNORM, RANDOM, WHOLE };
static const char *const names[] = {
    [LFOCI] = "lfoci", [GRADNORM] = "gradnorm", [RANDOM] = "random", [WHOLE] = "whole model"};
_Static_assert(sizeof names / sizeof *names == LETHE_SINGLE_WAYS, "a way without a name");

enum figure { RECOVERY, CHANGE, FOLD, HELDOUT, PARAMETERS, SECONDS, FIGURES };

struct ledger {
    struct lethe_singles *out;
    struct lethe_shelf shelf;                  /* empty: a curvature for every removal */
    double *value[LETHE_SINGLE_WAYS][FIGURES]; /* (samples) */
    double *kl, *retraining, *scratch;         /* (samples) */
    size_t done;
};

static enum lethe_err open_ledger(struct ledger *book, size_t samples, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    double **all = &book->value[0][0];
    for (size_t i = 0; i < (size_t)LETHE_SINGLE_WAYS * FIGURES; i++)
        if (!(all[i] = lethe_alloc(samples, sizeof **all)))
            code = LETHE_ENOMEM;
    book->kl = lethe_alloc(samples, sizeof *book->kl);
    book->retraining = lethe_alloc(samples, sizeof *book->retraining);
    book->scratch = lethe_alloc(samples, sizeof *book->scratch);
    if (code || !book->kl || !book->retraining || !book->scratch)
        return lethe_fail_memory(err, "figures", samples, sizeof(double));
    return LETHE_OK;
}

static void close_ledger(struct ledger *book)
{
    lethe_shelf_release(&book->shelf);
    double **all = &book->value[0][0];
    for (size_t i = 0; i < (size_t)LETHE_SINGLE_WAYS * FIGURES; i++)
        lethe_free(all[i]);
    lethe_free(book->kl);
    lethe_free(book->retraining);
    lethe_free(book->scratch);
}

/* Of the values that are numbers. */
static struct lethe_quartiles quartiles(const struct ledger *book, const double *values, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            book->scratch[count++] = values[i];
    if (!count)
        return (struct lethe_quartiles){NAN, NAN, NAN};
    lethe_sort(book->scratch, count);
    return (struct lethe_quartiles){lethe_quantile(book->scratch, count, 0.25),
                                    lethe_quantile(book->scratch, count, 0.5),
                                    lethe_quantile(book->scratch, count, 0.75)};
}

/* ---- one sample -------------------------------------------------------------------------------
 */

static void enter(struct ledger *book, size_t w, const struct lethe_trial *t)
{
    struct lethe_single_way *way = &book->out->way[w];
    const double unknown = t->failed ? NAN : 1;
    const double values[FIGURES] = {
        [RECOVERY] = t->recovery * unknown,
        [CHANGE] = t->change * unknown,
        [FOLD] = book->kl[book->done] / t->kl_forget * unknown,
        [HELDOUT] = t->figures.heldout.accuracy * unknown,
        [PARAMETERS] = (double)t->parameters,
        [SECONDS] = t->seconds * unknown,
    };
    for (size_t f = 0; f < FIGURES; f++)
        book->value[w][f][way->count] = values[f];
    way->count++;
    way->failed += t->failed != 0;
}

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

/* Of a selector's leading units; chosen NULL: of all parameters. */
static enum lethe_err curve_of(struct lethe_curve **curve, const struct ledger *book,
                               struct lethe_stand *stand, const struct lethe_chosen *chosen,
                               const struct lethe_settings *settings, struct lethe_watch *watch,
                               struct lethe_error *err)
{
    if (book && book->shelf.place)
        return lethe_shelf_curve(curve, &book->shelf, stand->scene, chosen, watch, err);
    return lethe_curve_make(curve, stand->scene, chosen, settings, watch, err);
}

/* A step on the leading units of a selector's order. *budget 0: those it accepts, and that becomes
 * the budget of the others. */
static enum lethe_err leading(struct lethe_trial *trial, size_t *budget, const struct ledger *book,
                              struct lethe_stand *stand, const char *name, enum lethe_form form,
                              struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_graph *graph = stand->scene->graph;
    struct lethe_settings own = stand->settings;
    struct lethe_chosen *chosen = NULL;
    struct lethe_curve *curve = NULL;
    double *w = NULL;
    snprintf(own.text[LETHE_SET_SELECT_METHOD], LETHE_SETTING_TEXT, "%s", name);
    enum lethe_err code = lethe_chosen_make(&chosen, stand->scene, &own, watch, err);
    if (code)
        return code;
    struct lethe_chosen head = *chosen; /* borrows; never released */
    struct lethe_pick *kept = lethe_alloc(head.selection.count, sizeof *kept);
    if (!kept)
        code = lethe_fail_memory(err, "a blanket", head.selection.count, sizeof *kept);
    else if (*budget)
        head.selection.count = keep_fitting(kept, &chosen->selection, graph, *budget);
    else
        head.selection.count = chosen->selection.accepted;
    if (kept && *budget)
        head.selection.picks = kept;
    if (!code)
        code = curve_of(&curve, book, stand, &head, &own, watch, err);
    if (!code && !(w = lethe_stand_weights(stand, err)))
        code = LETHE_ENOMEM;
    if (!code) {
        const struct lethe_trial_spec spec = {
            .name = name,
            .curve = curve,
            .units = curve->blanket.count,
            .mu = lethe_settings_real(&own, LETHE_SET_DAMPING),
            .form = form,
            .seconds = chosen->seconds + curve->seconds,
        };
        code = lethe_trial_take(trial, w, stand, &spec, watch, err);
        if (!*budget)
            *budget = trial->parameters;
    }
    lethe_free(w);
    lethe_free(kept);
    lethe_curve_unref(curve);
    lethe_chosen_unref(chosen);
    return code;
}

/* book NULL: no shelf. */
static enum lethe_err whole(struct lethe_trial *trial, const struct ledger *book,
                            struct lethe_stand *stand, enum lethe_form form,
                            struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_curve *curve = NULL;
    double *w = NULL;
    enum lethe_err code = curve_of(&curve, book, stand, NULL, &stand->settings, watch, err);
    if (!code && !(w = lethe_stand_weights(stand, err)))
        code = LETHE_ENOMEM;
    if (!code) {
        const struct lethe_trial_spec spec = {
            .name = names[WHOLE],
            .curve = curve,
            .units = curve->blanket.count,
            .mu = lethe_settings_real(&stand->settings, LETHE_SET_DAMPING),
            .form = form,
            .seconds = curve->seconds,
        };
        code = lethe_trial_take(trial, w, stand, &spec, watch, err);
    }
    lethe_free(w);
    lethe_curve_unref(curve);
    return code;
}

static enum lethe_err ways(struct ledger *book, struct lethe_stand *stand,
                           struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_trial trial;
    enum lethe_form form;
    size_t budget = 0;
    enum lethe_err code = lethe_form_find(&form, stand->settings.text[LETHE_SET_FORM], err);
    for (size_t k = LFOCI; !code && k < WHOLE && k < book->out->ways; k++) {
        if (k > LFOCI && !budget)
            break; /* an empty blanket is an answer, and leaves the others nothing to spend */
        code = leading(&trial, &budget, book, stand, names[k], form, watch, err);
        if (!code)
            enter(book, k, &trial);
    }
    book->out->empty += !code && !budget;
    if (!code && book->out->ways > WHOLE) {
        code = whole(&trial, book, stand, form, watch, err);
        if (!code)
            enter(book, WHOLE, &trial);
    }
    return code;
}

static enum lethe_err one(struct ledger *book, const struct lethe_scene *scene,
                          const struct lethe_settings *settings, size_t id,
                          struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_stand stand = {0};
    struct lethe_scene *single = NULL;
    struct lethe_distance d;
    enum lethe_err code = lethe_scene_single(&single, scene, id, err);
    if (!code)
        code = lethe_stand_init(&stand, single, settings, NULL, NULL, err);
    lethe_scene_unref(single);
    if (!code)
        code = lethe_stand_prepare(&stand, watch, err);
    if (code)
        goto out;
    lethe_distance_measure(&d, stand.before.logits[LETHE_SIDE_FORGET],
                           stand.warm->outcome.logits[LETHE_SIDE_FORGET], 1, stand.before.classes);
    book->kl[book->done] = d.kl;
    book->retraining[book->done] = stand.warm->report.seconds;
    book->out->heldout_before = stand.before.figures.heldout.accuracy;
    book->out->unconverged += !stand.warm->report.converged;
    code = ways(book, &stand, watch, err);
    book->done++;
out:
    lethe_stand_release(&stand);
    return code;
}

/* ---- all of them ------------------------------------------------------------------------------
 */

static void sum_up(struct ledger *book)
{
    struct lethe_singles *out = book->out;
    for (size_t k = 0; k < out->ways; k++) {
        struct lethe_single_way *way = &out->way[k];
        struct lethe_quartiles *to[FIGURES] = {
            [RECOVERY] = &way->recovery, [CHANGE] = &way->change,         [FOLD] = &way->fold,
            [HELDOUT] = &way->heldout,   [PARAMETERS] = &way->parameters, [SECONDS] = &way->seconds,
        };
        for (size_t f = 0; f < FIGURES; f++)
            *to[f] = quartiles(book, book->value[k][f], way->count);
    }
    out->kl_before = quartiles(book, book->kl, book->done);
    out->retraining = quartiles(book, book->retraining, book->done);
}

/* |grad F_S|_inf at the weights all removals start from. */
static enum lethe_err starting_gradient(double *largest, const struct lethe_scene *scene,
                                        struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t size = lethe_graph_size(scene->graph);
    struct lethe_ids all = {0};
    struct lethe_problem *problem = NULL;
    double value, *gradient = lethe_alloc(size, sizeof *gradient);
    enum lethe_err code = gradient ? lethe_scene_all(&all, scene, SIZE_MAX, err)
                                   : lethe_fail_memory(err, "a gradient", size, sizeof *gradient);
    const struct lethe_problem_spec spec = lethe_scene_spec(scene, &all, scene->dtype);
    if (!code)
        code = lethe_problem_new(&problem, &spec, err);
    if (!code)
        code = lethe_problem_value(problem, &value, gradient, scene->w, watch, err);
    *largest = 0;
    for (size_t i = 0; !code && i < size; i++)
        *largest = fmax(*largest, fabs(gradient[i]));
    lethe_problem_free(problem);
    lethe_free(all.at);
    lethe_free(gradient);
    return code;
}

enum lethe_err lethe_singles_run(struct lethe_singles *singles, const struct lethe_scene *scene,
                                 const struct lethe_settings *settings, size_t samples,
                                 struct lethe_watch *watch, struct lethe_error *err)
{
    const int small = lethe_graph_size(scene->graph) <= LETHE_CURVATURE_DENSE;
    struct lethe_singles made = {
        .samples = samples < scene->forget.count ? samples : scene->forget.count,
        .ways = small ? LETHE_SINGLE_WAYS : LETHE_SINGLE_WAYS - 1,
        .together_before = NAN,
        .together_now = NAN,
    };
    struct ledger book = {.out = &made};
    for (size_t k = 0; k < made.ways; k++)
        made.way[k].name = names[k];
    enum lethe_err code = open_ledger(&book, made.samples, err);
    if (!code)
        code = starting_gradient(&made.gradient, scene, watch, err);
    if (!code && lethe_shelf_possible(scene, settings))
        code = lethe_shelf_init(&book.shelf, scene, settings, watch, err);
    made.curvature_seconds = book.shelf.seconds;
    made.curvature_samples = book.shelf.samples.count;
    for (size_t i = 0; !code && i < made.samples; i++) {
        code = lethe_watch_step(watch, "single removals", (long)i, (long)made.samples, err);
        if (!code)
            code = one(&book, scene, settings, scene->forget.at[i], watch, err);
    }
    if (!code) {
        sum_up(&book);
        *singles = made;
    }
    close_ledger(&book);
    return code;
}

enum lethe_err lethe_singles_together(struct lethe_singles *singles, struct lethe_stand *stand,
                                      struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_trial trial;
    struct lethe_distance d;
    enum lethe_form form;
    if (singles->ways <= WHOLE || !stand->warm)
        return LETHE_OK;
    enum lethe_err code = lethe_form_find(&form, stand->settings.text[LETHE_SET_FORM], err);
    if (!code)
        code = whole(&trial, NULL, stand, form, watch, err);
    if (code)
        return code;
    lethe_distance_measure(&d, stand->before.logits[LETHE_SIDE_FORGET],
                           stand->warm->outcome.logits[LETHE_SIDE_FORGET],
                           stand->before.count[LETHE_SIDE_FORGET], stand->before.classes);
    singles->together_before = d.kl;
    singles->together_now = trial.failed ? NAN : trial.kl_forget;
    return LETHE_OK;
}
