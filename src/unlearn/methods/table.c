/* SPDX-License-Identifier: MIT
 * The table of unlearning methods: finding a row, reading and writing its parameters, running it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "unlearn/method.h"
#include "unlearn/methods/rows.h"

static const struct lethe_unlearn_method newton = {
    .name = "newton",
    .summary = "one Newton step on the blanket: what curvature, damping and form describe",
    .formula = "w <- w - (H_R[P,P] + mu I)^-1 g",
    .source = "Mehta et al., CVPR 2022; Sekhari et al., NeurIPS 2021"};

static const struct lethe_unlearn_method *const rows[] = {
    &newton,
    &lethe_unlearn_finetune,
    &lethe_unlearn_ascent,
    &lethe_unlearn_negplus,
    &lethe_unlearn_randomlabel,
    &lethe_unlearn_salun,
    &lethe_unlearn_scrub,
    &lethe_unlearn_ssd,
    &lethe_unlearn_fisher,
    &lethe_unlearn_badteacher,
    &lethe_unlearn_relabel_nearest,
};
enum { ROWS = sizeof rows / sizeof *rows };

const struct lethe_unlearn_method *lethe_unlearn_method_at(size_t n)
{
    return n < ROWS ? rows[n] : NULL;
}

enum lethe_err lethe_unlearn_find(const struct lethe_unlearn_method **method, const char *name,
                                  struct lethe_error *err)
{
    const char *names[ROWS];
    size_t at = 0;
    for (size_t k = 0; k < ROWS; k++)
        names[k] = rows[k]->name;
    enum lethe_err code = lethe_method_find(&at, name, "method", names, sizeof *names, ROWS, err);
    if (!code)
        *method = rows[at];
    return code;
}

/* ---- parameters ------------------------------------------------------------------------------ */

const char *lethe_unlearn_usual_mask(const struct lethe_unlearn_method *method)
{
    static const char *const usual[] = {"", "saliency", "none"};
    return usual[method->masked];
}

void lethe_unlearn_defaults(struct lethe_unlearn_values *values,
                            const struct lethe_unlearn_method *method)
{
    *values = (struct lethe_unlearn_values){0};
    for (size_t k = 0; k < method->count; k++)
        values->at[k] = method->params[k].usual;
    snprintf(values->mask, sizeof values->mask, "%s", lethe_unlearn_usual_mask(method));
}

static enum lethe_err unknown(const struct lethe_unlearn_method *method, const char *key,
                              struct lethe_error *err)
{
    struct lethe_text known = {0};
    if (!method->count)
        return lethe_fail(err, LETHE_EARG, "method '%s' has no parameter '%s': it has none",
                          method->name, key);
    for (size_t k = 0; k < method->count; k++)
        lethe_text_addf(&known, "%s%s", k ? ", " : "", method->params[k].key);
    if (method->masked)
        lethe_text_add(&known, ", mask");
    lethe_fail(err, LETHE_EARG, "method '%s' has no parameter '%s': it has %s", method->name, key,
               lethe_text_get(&known));
    lethe_text_release(&known);
    return LETHE_EARG;
}

static enum lethe_err put_number(double *to, const struct lethe_unlearn_param *param,
                                 const char *text, struct lethe_error *err)
{
    char *end = NULL;
    const double value = strtod(text, &end);
    const int whole = (param->flags & LETHE_UNLEARN_WHOLE) != 0;
    if (!*text || *end || !(value >= param->least && value <= param->most) ||
        (whole && value != floor(value)))
        return lethe_fail(err, LETHE_EARG, "%s=%s: a %snumber from %g to %g (%s)", param->key, text,
                          whole ? "whole " : "", param->least, param->most, param->meaning);
    *to = value;
    return LETHE_OK;
}

enum lethe_err lethe_unlearn_put(struct lethe_unlearn_values *values,
                                 const struct lethe_unlearn_method *method, const char *key,
                                 const char *value, struct lethe_error *err)
{
    if (method->masked && !strcmp(key, "mask")) {
        if (!*value || strlen(value) >= sizeof values->mask || strpbrk(value, ",= "))
            return lethe_fail(err, LETHE_EARG, "mask: '%s', or the name of a selector",
                              lethe_unlearn_usual_mask(method));
        snprintf(values->mask, sizeof values->mask, "%s", value);
        return LETHE_OK;
    }
    for (size_t k = 0; k < method->count; k++)
        if (!strcmp(method->params[k].key, key))
            return put_number(&values->at[k], &method->params[k], value, err);
    return unknown(method, key, err);
}

void lethe_unlearn_write(char text[LETHE_UNLEARN_TEXT], const struct lethe_unlearn_values *values,
                         const struct lethe_unlearn_method *method)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t k = 0; k < method->count; k++) {
        char number[32];
        const int whole = values->at[k] == floor(values->at[k]) && fabs(values->at[k]) < 1e6;
        snprintf(number, sizeof number, "%.0f", values->at[k]);
        for (int digits = 1; !whole && digits <= 17; digits++) {
            snprintf(number, sizeof number, "%.*g", digits, values->at[k]);
            if (strtod(number, NULL) == values->at[k])
                break;
        }
        used += (size_t)snprintf(text + used, LETHE_UNLEARN_TEXT - used, "%s%s=%s", k ? "," : "",
                                 method->params[k].key, number);
    }
    if (method->masked == LETHE_MASK_OWN || (method->masked && strcmp(values->mask, "none") != 0))
        snprintf(text + used, LETHE_UNLEARN_TEXT - used, "%smask=%s", used ? "," : "",
                 values->mask);
}

enum lethe_err lethe_unlearn_read(struct lethe_unlearn_values *values,
                                  const struct lethe_unlearn_method *method, const char *text,
                                  struct lethe_error *err)
{
    lethe_unlearn_defaults(values, method);
    while (*text) {
        char pair[96];
        const size_t length = strcspn(text, ",");
        snprintf(pair, sizeof pair, "%.*s", (int)(length < 95 ? length : 95), text);
        char *value = strchr(pair, '=');
        if (!value)
            return lethe_fail(err, LETHE_EARG, "'%s': parameters are written key=value,...", pair);
        *value++ = '\0';
        enum lethe_err code = lethe_unlearn_put(values, method, pair, value, err);
        if (code)
            return code;
        text += length + (text[length] == ',');
    }
    return LETHE_OK;
}

/* ---- running one ----------------------------------------------------------------------------- */

static enum lethe_err check(const struct lethe_unlearn_method *method,
                            const struct lethe_unlearn_input *input, struct lethe_error *err)
{
    if (!input->forget_count)
        return lethe_fail(err, LETHE_EARG,
                          "nothing is chosen to be forgotten: 'forget add SPEC' first");
    if (method->needs_retained && !input->retain_count)
        return lethe_fail(err, LETHE_EARG, "no samples are retained: choose fewer to forget");
    if (!(input->decay >= 0) || !isfinite(input->decay))
        return lethe_fail(err, LETHE_EARG, "weight decay %g: it must be 0 or more", input->decay);
    return LETHE_OK;
}

static int is_finite(const double *w, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!isfinite(w[i]))
            return 0;
    return 1;
}

/* A method on a student of its own. */
static enum lethe_err run(double *w, struct lethe_unlearn_report *report,
                          const struct lethe_unlearn_method *method,
                          const struct lethe_unlearn_input *input, struct lethe_watch *watch,
                          struct lethe_error *err)
{
    struct lethe_student student;
    size_t batch = 1;
    for (size_t k = 0; k < method->count; k++)
        if (method->params[k].flags & LETHE_UNLEARN_BATCH && lethe_unlearn_whole(input, k) > batch)
            batch = lethe_unlearn_whole(input, k);
    enum lethe_err code = lethe_student_init(&student, input, batch, report, watch, err);
    for (size_t k = 0; k < method->count; k++)
        if (method->params[k].flags & LETHE_UNLEARN_MOMENTUM)
            student.momentum = input->values.at[k];
    if (!code)
        code = method->run(&student, w, err);
    lethe_student_release(&student);
    return code;
}

enum lethe_err lethe_unlearn(double *w, struct lethe_unlearn_report *report,
                             const struct lethe_unlearn_method *method,
                             const struct lethe_unlearn_input *input, struct lethe_watch *watch,
                             struct lethe_error *err)
{
    const size_t size = lethe_graph_size(input->graph),
                 all = size + lethe_graph_buffers(input->graph);
    struct lethe_unlearn_report made = {.loss = NAN};
    const double start = lethe_clock();
    enum lethe_err code = check(method, input, err);
    if (code)
        return code;
    double *moved = lethe_alloc(all, sizeof *moved);
    if (!moved)
        return lethe_fail_memory(err, "weights", all, sizeof *moved);
    memcpy(moved, w, all * sizeof *moved);
    code = run(moved, &made, method, input, watch, err);
    if (!code && !is_finite(moved, all))
        code = lethe_fail(err, LETHE_ENUM, "method '%s' left weights that are not finite numbers",
                          method->name);
    for (size_t i = 0; !code && i < size; i++)
        made.touched += moved[i] != w[i];
    made.seconds = lethe_clock() - start;
    if (!code) {
        memcpy(w, moved, all * sizeof *w);
        *report = made;
    }
    lethe_free(moved);
    return code;
}
