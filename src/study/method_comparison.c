/* SPDX-License-Identifier: MIT
 * Rows are trials: with the published parameters, or with what a search found. */
#include "study/method_comparison.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/equivalence.h"
#include "lethe/select.h"
#include "removal/stage_method.h"

static const char *const names[LETHE_METHOD_FIGURES] = {
    [LETHE_FIGURE_FORGET_ACCURACY] = "forget_accuracy",
    [LETHE_FIGURE_RETAIN_ACCURACY] = "retain_accuracy",
    [LETHE_FIGURE_HELDOUT_ACCURACY] = "heldout_accuracy",
    [LETHE_FIGURE_FORGET_LOSS] = "forget_loss",
    [LETHE_FIGURE_AUC] = "auc",
    [LETHE_FIGURE_GAP] = "average_gap",
    [LETHE_FIGURE_KL_FORGET] = "kl_forget",
    [LETHE_FIGURE_KL_RETAIN] = "kl_retain",
    [LETHE_FIGURE_KL_HELDOUT] = "kl_heldout",
    [LETHE_FIGURE_RECOVERY] = "recovery_probs"};

const char *lethe_method_figure_name(enum lethe_method_figure figure)
{
    return names[figure];
}

double lethe_method_figure(const struct lethe_variant *v, enum lethe_method_figure figure)
{
    if (v->failed)
        return NAN;
    switch (figure) {
    case LETHE_FIGURE_FORGET_ACCURACY:
        return v->figures.forget.accuracy;
    case LETHE_FIGURE_RETAIN_ACCURACY:
        return v->figures.retain.accuracy;
    case LETHE_FIGURE_HELDOUT_ACCURACY:
        return v->figures.heldout.accuracy;
    case LETHE_FIGURE_FORGET_LOSS:
        return v->figures.forget.loss;
    case LETHE_FIGURE_AUC:
        return v->figures.attack.auc.value;
    case LETHE_FIGURE_GAP:
        return v->gap;
    case LETHE_FIGURE_KL_FORGET:
        return v->kl_forget;
    case LETHE_FIGURE_KL_RETAIN:
        return v->kl_retain;
    case LETHE_FIGURE_KL_HELDOUT:
        return v->kl_heldout;
    default:
        return v->recovery_probs;
    }
}

double lethe_method_z(const struct lethe_method_comparison *c, const struct lethe_variant *variant,
                      enum lethe_method_figure figure)
{
    const double value = lethe_method_figure(variant, figure), mean = c->mean[figure];
    return c->sd[figure] > LETHE_ROUNDING * fmax(fabs(value), fabs(mean))
               ? (value - mean) / c->sd[figure]
               : NAN;
}

static enum lethe_err measure_colds(struct lethe_method_comparison *c,
                                    const struct lethe_comparison_base *base,
                                    struct lethe_retrained *const *colds, size_t count,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_variant *v = lethe_alloc_zero(count, sizeof *v);
    enum lethe_err code = v ? LETHE_OK : lethe_fail_memory(err, "retrains", count, sizeof *v);
    for (size_t i = 0; !code && i < count; i++) {
        code = lethe_variant_measure(&v[i], base, colds[i]->w, watch, err);
        c->seconds += colds[i]->report.seconds / (double)count;
    }
    c->retrains = count;
    for (int f = 0; !code && f < LETHE_METHOD_FIGURES; f++) {
        double sum = 0, square = 0;
        for (size_t i = 0; i < count; i++)
            sum += lethe_method_figure(&v[i], (enum lethe_method_figure)f);
        c->mean[f] = count ? sum / (double)count : NAN;
        for (size_t i = 0; i < count; i++)
            square += pow(lethe_method_figure(&v[i], (enum lethe_method_figure)f) - c->mean[f], 2);
        c->sd[f] = count >= 3 ? sqrt(square / (double)(count - 1)) : NAN;
    }
    lethe_free(v);
    return code;
}

/* Parameters that are set for the method that is set, published ones for all others. */
static struct lethe_method_trial *add(struct lethe_method_comparison *c,
                                      const struct lethe_comparison_base *base, const char *method)
{
    struct lethe_method_trial *row = &c->row[c->count++];
    *row = (struct lethe_method_trial){.settings = base->settings};
    if (strcmp(row->settings.text[LETHE_SET_METHOD], method) != 0)
        (void)lethe_settings_put(&row->settings, LETHE_SET_METHOD, method, NULL); /* of the table */
    return row;
}

/* Newton and, published or searched, all others. */
static enum lethe_err add_methods(struct lethe_method_comparison *c,
                                  const struct lethe_comparison_base *base,
                                  const struct lethe_training_context *training,
                                  const struct lethe_method_comparison_options *options,
                                  struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_unlearn_method *method;
    size_t count = 0;
    enum lethe_err code = LETHE_OK;
    while (lethe_unlearn_method_at(count))
        count++;
    for (size_t n = 0; !code && (method = lethe_unlearn_method_at(n)); n++) {
        struct lethe_method_trial *row = add(c, base, method->name);
        if (!options->tuned || !method->run)
            continue;
        const struct lethe_tune_options how = {method, options->trials, options->budget};
        struct lethe_tuning tuning = {0};
        const struct lethe_watch_span outside = lethe_watch_enter(
            watch, "tuning", (double)n / (double)count, (double)(n + 1) / (double)count);
        code = lethe_tune(&tuning, base, training, &how, watch, err);
        lethe_watch_leave(watch, outside);
        if (!code)
            *row = tuning.trials[tuning.best];
        lethe_tuning_release(&tuning);
    }
    return code;
}

/* The row's method, which keeps its parameters, on that mask. */
static enum lethe_err put_mask(struct lethe_settings *settings,
                               const struct lethe_unlearn_method *method, const char *mask,
                               struct lethe_error *err)
{
    struct lethe_unlearn_values values;
    char with[LETHE_UNLEARN_TEXT];
    enum lethe_err code =
        lethe_unlearn_read(&values, method, settings->text[LETHE_SET_METHOD_WITH], err);
    if (!code)
        code = lethe_unlearn_put(&values, method, "mask", mask, err);
    if (code)
        return code;
    lethe_unlearn_write(with, &values, method);
    code = lethe_settings_put(settings, LETHE_SET_METHOD_WITH, with, err);
    return code ? code : lethe_settings_put(settings, LETHE_SET_BLANKET, "all", err);
}

/* The method that is set, or salun where that takes no mask: as it is, then on every selector's,
 * each of the same share of the weights of its order, salun's `threshold`. */
static enum lethe_err add_masks(struct lethe_method_comparison *c,
                                const struct lethe_comparison_base *base, struct lethe_error *err)
{
    size_t count = 0;
    const struct lethe_select_method *selectors = lethe_select_methods(&count);
    const struct lethe_unlearn_method *method = lethe_settings_method(&base->settings);
    enum lethe_err code = method->masked ? LETHE_OK : lethe_unlearn_find(&method, "salun", err);
    for (size_t k = 0; !code && k <= count && c->count < LETHE_METHOD_ROWS; k++)
        code = put_mask(&add(c, base, method->name)->settings, method,
                        k ? selectors[k - 1].name : lethe_unlearn_usual_mask(method), err);
    return code;
}

const char *lethe_method_trial_mask(const struct lethe_method_trial *trial)
{
    const char *text = strstr(trial->settings.text[LETHE_SET_METHOD_WITH], "mask=");
    return text ? text + strlen("mask=") : "none";
}

enum lethe_err lethe_method_comparison_run(struct lethe_method_comparison *c,
                                           const struct lethe_comparison_base *base,
                                           struct lethe_retrained *const *colds, size_t cold_count,
                                           const struct lethe_training_context *training,
                                           const struct lethe_method_comparison_options *options,
                                           struct lethe_watch *watch, struct lethe_error *err)
{
    *c = (struct lethe_method_comparison){0};
    enum lethe_err code = lethe_variant_measure(&c->before, base, base->snapshot->w, watch, err);
    if (!code)
        code = measure_colds(c, base, colds, cold_count, watch, err);
    if (!code)
        code = options->masks ? add_masks(c, base, err)
                              : add_methods(c, base, training, options, watch, err);
    return code ? code : lethe_method_trials_run(c->row, c->count, base, training, watch, err);
}
