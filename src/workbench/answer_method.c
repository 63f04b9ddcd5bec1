/* SPDX-License-Identifier: MIT
 * Choosing an unlearning method, and what is said about it. */
#include "workbench/answer_method.h"

#include <stdio.h>
#include <string.h>

#include "removal/stage_method.h"

/* "a=1 b=2" and "a=1, b=2" into "a=1,b=2" behind what stands in text. */
static enum lethe_err join(char text[LETHE_SETTING_TEXT], const char *words,
                           struct lethe_error *err)
{
    size_t used = strlen(text);
    while (*words) {
        const size_t length = strcspn(words, " ,");
        if (used + length + 2 > LETHE_SETTING_TEXT)
            return lethe_fail(err, LETHE_EARG, "these are too many parameters");
        if (length)
            used += (size_t)snprintf(text + used, LETHE_SETTING_TEXT - used, "%s%.*s",
                                     used ? "," : "", (int)length, words);
        words += length + (words[length] != '\0');
    }
    return LETHE_OK;
}

enum lethe_err lethe_method_choose(struct lethe_workbench *wb, const char *name, const char *words,
                                   struct lethe_error *err)
{
    const int same = !strcmp(wb->settings.text[LETHE_SET_METHOD], name);
    struct lethe_settings next = wb->settings;
    char with[LETHE_SETTING_TEXT] = "";
    enum lethe_err code = lethe_settings_put(&next, LETHE_SET_METHOD, name, err);
    if (!code && same && words) /* later values hold */
        code = join(with, wb->settings.text[LETHE_SET_METHOD_WITH], err);
    if (!code && words)
        code = join(with, words, err);
    if (!code && with[0])
        code = lethe_settings_put(&next, LETHE_SET_METHOD_WITH, with, err);
    if (!code)
        code = lethe_workbench_set(wb, LETHE_SET_METHOD, name, err);
    if (!code && with[0])
        code =
            lethe_workbench_set(wb, LETHE_SET_METHOD_WITH, next.text[LETHE_SET_METHOD_WITH], err);
    return code;
}

static void put_param(struct lethe_value *list, const struct lethe_unlearn_param *param,
                      double value)
{
    struct lethe_value *item = lethe_put_object(list, NULL);
    lethe_put_text(item, "parameter", param->key);
    lethe_put_real(item, "value", value);
    lethe_put_real(item, "published", param->usual);
    lethe_put_textf(item, "range", "%g to %g", param->low, param->high);
    lethe_put_text(item, "meaning", param->meaning);
}

void lethe_method_put(struct lethe_value *out, const struct lethe_workbench *wb)
{
    const struct lethe_unlearn_method *method = lethe_settings_method(&wb->settings);
    struct lethe_unlearn_values values;
    lethe_put_text(out, "method", method->name);
    lethe_put_text(out, "meaning", method->summary);
    lethe_put_text(out, "formula", method->formula);
    lethe_put_text(out, "source", method->source);
    if (lethe_unlearn_read(&values, method, wb->settings.text[LETHE_SET_METHOD_WITH], NULL))
        lethe_unlearn_defaults(&values, method); /* checked when it was set */
    if (method->masked)
        lethe_put_text(out, "mask", values.mask);
    if (!method->count)
        return;
    struct lethe_value *list = lethe_put_list(out, "parameters");
    for (size_t k = 0; k < method->count; k++)
        put_param(list, &method->params[k], values.at[k]);
}

void lethe_method_put_list(struct lethe_value *out, const struct lethe_workbench *wb)
{
    struct lethe_value *list = lethe_put_list(out, "methods");
    const struct lethe_unlearn_method *method;
    for (size_t n = 0; (method = lethe_unlearn_method_at(n)); n++) {
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_text(item, "method", method->name);
        lethe_put_text(item, "set", method == lethe_settings_method(&wb->settings) ? "*" : "");
        lethe_put_text(item, "meaning", method->summary);
    }
}

int lethe_method_put_name(struct lethe_value *out, const struct lethe_settings *settings)
{
    if (!lethe_settings_other_method(settings))
        return 0;
    lethe_put_text(out, "method", lethe_settings_method(settings)->name);
    if (settings->text[LETHE_SET_METHOD_WITH][0])
        lethe_put_text(out, "with", settings->text[LETHE_SET_METHOD_WITH]);
    return 1;
}

void lethe_method_put_step(struct lethe_value *out, const struct lethe_preview *preview)
{
    lethe_put_text(out, "method", preview->method->name);
    if (preview->with[0])
        lethe_put_text(out, "with", preview->with);
    lethe_put_count(out, "steps", preview->steps);
    lethe_put_real(out, "update_norm", preview->units ? preview->update.norm : 0);
    lethe_put_count(out, "parameters", preview->parameters);
    lethe_put_count(out, "units", preview->units);
    lethe_put_real(out, "actual_change", preview->objective_now - preview->objective_before);
    lethe_put_text(out, "heldout_half", "tune");
    lethe_hint(lethe_put_real(out, "time", preview->seconds), LETHE_HINT_SECONDS);
    if (preview->ended)
        lethe_put_note(out, "it ended before its time: %s", preview->ended);
}
