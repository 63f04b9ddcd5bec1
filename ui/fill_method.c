/* SPDX-License-Identifier: MIT
 * What the sliders and the list of methods show: the methods there are, and the numbers of the one
 * that is set, each with the steps its slider takes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lethe/methods.h"
#include "removal/stage_method.h"
#include "ui/fill.h"

enum { STEPS = 64, FINE = 20, WHOLE_STEPS = 40 };

/* Steps in the making, ascending. */
struct steps {
    double at[STEPS];
    size_t count;
};

/* Puts a step where it belongs, unless it is there. */
static void add(struct steps *steps, double value)
{
    size_t k = steps->count;
    for (size_t i = 0; i < steps->count; i++)
        if (fabs(steps->at[i] - value) <= 1e-9 * fabs(value))
            return;
    if (steps->count == STEPS)
        return;
    for (; k && steps->at[k - 1] > value; k--)
        steps->at[k] = steps->at[k - 1];
    steps->at[k] = value;
    steps->count++;
}

/* 1, 2, 5, 10, ... between low and high > 0, as numbers that are written so; batches double. */
static void add_decades(struct steps *steps, const struct lethe_unlearn_param *param)
{
    static const char *const digits[] = {"1", "2", "5"};
    if (param->flags & LETHE_UNLEARN_BATCH) {
        for (int k = 0; ldexp(param->low, k) < param->high; k++)
            add(steps, ldexp(param->low, k));
        return;
    }
    const int first = (int)floor(log10(param->low)), last = (int)ceil(log10(param->high));
    for (int power = first; power <= last; power++)
        for (size_t d = 0; d < sizeof digits / sizeof *digits; d++) {
            char text[32];
            snprintf(text, sizeof text, "%se%d", digits[d], power);
            const double value = strtod(text, NULL);
            const int whole = !(param->flags & LETHE_UNLEARN_WHOLE) || value == floor(value);
            if (whole && value > param->low && value < param->high)
                add(steps, value);
        }
}

static void add_even(struct steps *steps, const struct lethe_unlearn_param *param)
{
    const double range = param->high - param->low;
    const int whole = (param->flags & LETHE_UNLEARN_WHOLE) != 0;
    const int count = whole && range <= WHOLE_STEPS ? (int)range : FINE;
    for (int k = 1; k < count; k++) {
        char text[32]; /* three figures are what anyone would write */
        snprintf(text, sizeof text, "%.3g", param->low + range * k / count);
        add(steps, whole ? floor(strtod(text, NULL) + 0.5) : strtod(text, NULL));
    }
}

static void fill_param(struct lethe_fill *fill, struct lethe_view_param *to,
                       const struct lethe_unlearn_param *param, double value)
{
    struct steps steps = {.count = 0};
    add(&steps, value); /* first: these are never left out */
    add(&steps, param->usual);
    add(&steps, param->low);
    add(&steps, param->high);
    if (param->flags & LETHE_UNLEARN_SCALE && param->low > 0)
        add_decades(&steps, param);
    else
        add_even(&steps, param);
    double *at = lethe_arena_alloc(&fill->arena, steps.count, sizeof *at);
    *to = (struct lethe_view_param){
        .key = param->key, .meaning = param->meaning, .value = value, .usual = param->usual};
    if (!at)
        return;
    memcpy(at, steps.at, steps.count * sizeof *at);
    to->steps = at;
    to->step_count = steps.count;
}

static void fill_params(struct lethe_fill *fill, const struct lethe_workbench *wb,
                        const struct lethe_unlearn_method *method)
{
    struct lethe_unlearn_values values;
    struct lethe_view_param *to = lethe_arena_alloc(&fill->arena, method->count, sizeof *to);
    if (lethe_unlearn_read(&values, method, wb->settings.text[LETHE_SET_METHOD_WITH], NULL))
        lethe_unlearn_defaults(&values, method); /* checked when it was set */
    for (size_t k = 0; to && k < method->count; k++)
        fill_param(fill, &to[k], &method->params[k], values.at[k]);
    fill->view.unlearning = method->name;
    fill->view.method_params = to;
    fill->view.method_param_count = to ? method->count : 0;
    fill->view.masked = lethe_settings_mask(&wb->settings) != NULL;
}

static void fill_list(struct lethe_fill *fill, const struct lethe_unlearn_method *set)
{
    size_t count = 0;
    while (lethe_unlearn_method_at(count))
        count++;
    struct lethe_view_entry *to = lethe_arena_alloc(&fill->arena, count, sizeof *to);
    for (size_t k = 0; to && k < count; k++) {
        const struct lethe_unlearn_method *method = lethe_unlearn_method_at(k);
        char help[LETHE_FILL_TEXT];
        snprintf(help, sizeof help, "set: %s", method->summary);
        to[k] = (struct lethe_view_entry){method == set ? "*" : "", method->name, method->summary,
                                          NULL};
        if (method == set)
            to[k].help = lethe_arena_strdup(&fill->arena, help);
    }
    fill->view.methods = to;
    fill->view.method_count = to ? count : 0;
}

void lethe_fill_method(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_unlearn_method *set = lethe_settings_method(&wb->settings);
    fill_list(fill, set);
    if (set->run)
        fill_params(fill, wb, set);
}
