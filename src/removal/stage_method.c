/* SPDX-License-Identifier: MIT
 * A method of the table of lethe/methods.h run on a snapshot. */
#include "removal/stage_method.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "removal/stage_common.h"

const struct lethe_unlearn_method *lethe_settings_method(const struct lethe_settings *settings)
{
    const struct lethe_unlearn_method *method = lethe_unlearn_method_at(0);
    (void)lethe_unlearn_find(&method, settings->text[LETHE_SET_METHOD], NULL); /* checked before */
    return method;
}

int lethe_settings_other_method(const struct lethe_settings *settings)
{
    return lethe_settings_method(settings)->run != NULL;
}

const char *lethe_settings_mask(const struct lethe_settings *settings)
{
    const char *text = strstr(settings->text[LETHE_SET_METHOD_WITH], "mask=");
    const char *name = text ? text + strlen("mask=") : NULL;
    return name && strcmp(name, "saliency") != 0 && strcmp(name, "none") != 0 ? name : NULL;
}

/* Marks what the first `count` of an order own. */
static enum lethe_err mark(unsigned char *may, const struct lethe_snapshot *snapshot,
                           const struct lethe_selection *selection, size_t count,
                           struct lethe_error *err)
{
    struct lethe_blanket blanket = {0};
    size_t *numbers = lethe_alloc(count, sizeof *numbers);
    if (!numbers)
        return lethe_fail_memory(err, "units", count, sizeof *numbers);
    for (size_t i = 0; i < count; i++)
        numbers[i] = selection->picks[i].unit;
    enum lethe_err code =
        count ? lethe_blanket_init(&blanket, snapshot->graph, numbers, count, err) : LETHE_OK;
    for (size_t i = 0; !code && count && i < blanket.offset[count]; i++)
        may[blanket.index[i]] = 1;
    lethe_blanket_release(&blanket);
    lethe_free(numbers);
    return code;
}

/* How many of an order fit into so many parameters. */
static size_t fitting(const struct lethe_graph *graph, const struct lethe_selection *selection,
                      size_t parameters)
{
    size_t count = 0, sum = 0;
    while (count < selection->count &&
           sum + lethe_unit_at(graph, selection->picks[count].unit).params <= parameters)
        sum += lethe_unit_at(graph, selection->picks[count++].unit).params;
    return count;
}

/* The share of the weights that a mask takes of an order that no blanket cuts: the method's own
 * `threshold`, as of the saliencies, or half of them, which is salun's. */
static double share_of(const struct lethe_unlearn_method *method,
                       const struct lethe_unlearn_values *values)
{
    for (size_t k = 0; k < method->count; k++)
        if (!strcmp(method->params[k].key, "threshold"))
            return values->at[k];
    return 0.5;
}

static int is_uncut(const struct lethe_settings *settings)
{
    return !strcmp(settings->text[LETHE_SET_BLANKET], "all");
}

enum lethe_err lethe_method_order(struct lethe_settings *by, int *needed,
                                  const struct lethe_snapshot *snapshot,
                                  const struct lethe_settings *settings, struct lethe_error *err)
{
    enum { MOST = 100000 }; /* that the setting allows */
    const char *name = lethe_settings_mask(settings);
    const size_t count = lethe_unit_count(snapshot->graph);
    char all[32], selector[LETHE_UNLEARN_MASK];
    *by = *settings;
    *needed = name && strcmp(name, "full") != 0; /* which has no order: everything may change */
    if (!*needed)
        return LETHE_OK;
    snprintf(selector, sizeof selector, "%s", name);
    snprintf(all, sizeof all, "%zu", count < MOST ? count : MOST);
    enum lethe_err code = lethe_settings_put(by, LETHE_SET_SELECT_METHOD, selector, err);
    if (!code && is_uncut(settings) && strcmp(name, "lfoci") != 0) /* whose every unit costs one */
        code = lethe_settings_put(by, LETHE_SET_SELECT_MAX, all, err);
    return code;
}

/* *may (lethe_free) marks the weights that the mask's selector chooses: its blanket or, of an order
 * that none cuts (blanket all), the leading share that the method says. NULL: no such mask. */
static enum lethe_err selector_mask(unsigned char **may, size_t *units,
                                    struct lethe_snapshot *snapshot,
                                    const struct lethe_settings *settings,
                                    const struct lethe_selected *order, double share,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_graph *graph = snapshot->graph;
    const size_t size = lethe_graph_size(graph);
    struct lethe_settings by;
    struct lethe_selected *made = NULL;
    int needed;
    *may = NULL;
    *units = lethe_unit_total(graph);
    if (!lethe_settings_mask(settings))
        return LETHE_OK;
    if (!(*may = lethe_alloc_zero(size, 1)))
        return lethe_fail_memory(err, "a mask", size, 1);
    enum lethe_err code = lethe_method_order(&by, &needed, snapshot, settings, err);
    if (!code && !needed)
        memset(*may, 1, size);
    if (!code && needed && !order)
        code = lethe_selected_make(&made, snapshot, &by, watch, err);
    const struct lethe_selected *from = order ? order : made;
    if (!code && needed && from) {
        const struct lethe_selection *picks = &from->selection;
        *units = is_uncut(settings) ? fitting(graph, picks, (size_t)(share * (double)size + 0.5))
                                    : lethe_blanket_curvature_units(graph, picks, &by);
        code = mark(*may, snapshot, picks, *units, err);
    }
    lethe_selected_unref(made);
    if (code) {
        lethe_free(*may);
        *may = NULL;
    }
    return code;
}

/* order as in lethe_method_weights. */
static enum lethe_err make_weights(double *w, struct lethe_unlearn_report *report, size_t *units,
                                   struct lethe_snapshot *snapshot,
                                   const struct lethe_settings *settings,
                                   const struct lethe_selected *order, unsigned threads,
                                   struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_unlearn_method *method = lethe_settings_method(settings);
    struct lethe_unlearn_input input = {.graph = snapshot->graph,
                                        .data = snapshot->train,
                                        .heldout = snapshot->heldout,
                                        .forget = snapshot->forget.at,
                                        .forget_count = snapshot->forget.count,
                                        .retain = snapshot->retain.at,
                                        .retain_count = snapshot->retain.count,
                                        .tune = snapshot->tune.at,
                                        .tune_count = snapshot->tune.count,
                                        .decay = snapshot->decay,
                                        .dtype = lethe_graph_passes(snapshot->graph),
                                        .threads = threads,
                                        .seed = lethe_stage_seed(settings)};
    unsigned char *may = NULL;
    if (lethe_settings_real(settings, LETHE_SET_NOISE_EPS) > 0)
        return lethe_fail(err, LETHE_EARG,
                          "noise certifies a Newton step, and the method is '%s': 'noise off', or "
                          "'method newton'",
                          method->name);
    enum lethe_err code =
        lethe_unlearn_read(&input.values, method, settings->text[LETHE_SET_METHOD_WITH], err);
    if (!code)
        code = selector_mask(&may, units, snapshot, settings, order,
                             share_of(method, &input.values), watch, err);
    input.may = may;
    if (!code && !*units) /* an empty blanket is an answer: nothing may change */
        *report = (struct lethe_unlearn_report){.loss = NAN};
    else if (!code)
        code = lethe_unlearn(w, report, method, &input, watch, err);
    lethe_free(may);
    return code;
}

enum lethe_err lethe_method_weights(double *w, struct lethe_unlearn_report *report, size_t *units,
                                    struct lethe_snapshot *snapshot,
                                    const struct lethe_settings *settings,
                                    const struct lethe_selected *order, unsigned threads,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    return make_weights(w, report, units, snapshot, settings, order, threads, watch, err);
}

enum lethe_err lethe_preview_by_method(struct lethe_preview **preview,
                                       struct lethe_snapshot *snapshot,
                                       const struct lethe_settings *settings,
                                       const struct lethe_selected *selected,
                                       struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_unlearn_report report;
    size_t units = 0;
    const char *mask = lethe_settings_mask(settings);
    const int fits =
        mask && !is_uncut(settings) && !strcmp(settings->text[LETHE_SET_SELECT_METHOD], mask);
    double *w = lethe_stage_weights(snapshot, err);
    enum lethe_err code = w ? make_weights(w, &report, &units, snapshot, settings,
                                           fits ? selected : NULL, 0, watch, err)
                            : LETHE_ENOMEM;
    if (code) {
        lethe_free(w);
        return code;
    }
    const struct lethe_preview_weights made = {.w = w,
                                               .units = units,
                                               .parameters = report.touched,
                                               .steps = report.steps,
                                               .seconds = report.seconds,
                                               .method = lethe_settings_method(settings),
                                               .with = settings->text[LETHE_SET_METHOD_WITH],
                                               .ended = report.ended};
    return lethe_preview_of_weights(preview, snapshot, &made, watch, err);
}
