/* SPDX-License-Identifier: MIT
 * Words of the glossary come first, then metrics, commands, settings and the methods that can be
 * chosen. */
#include "workbench/explanation.h"

#include <stdio.h>
#include <string.h>

#include "lethe/curvature.h"
#include "lethe/eval.h"
#include "lethe/select.h"
#include "text/glossary.h"
#include "text/nearest.h"
#include "workbench/figure_words.h"
#include "workbench/workbench.h"

static void put_all(struct lethe_value *out)
{
    struct lethe_value *list = lethe_put_list(out, "terms");
    for (size_t i = 0; i < lethe_term_count(); i++)
        lethe_put_text(list, NULL, lethe_term_at(i)->name);
    list = lethe_put_list(out, "metrics");
    for (size_t kind = 0; kind < lethe_metric_count(); kind++)
        lethe_put_text(list, NULL, lethe_metric(kind)->name);
    lethe_put_note(out, "commands, settings and methods can be asked for too");
}

static void put_known(struct lethe_value *out, const char *key, const char *text)
{
    if (text)
        lethe_put_text(out, key, text);
}

static void put_also(struct lethe_value *out, const struct lethe_term *term)
{
    char text[512];
    size_t used = 0;
    for (const char *c = term ? term->also : NULL; c && *c && used + 3 < sizeof text; c++) {
        text[used++] = *c == '|' ? ',' : *c;
        if (*c == '|')
            text[used++] = ' ';
    }
    text[used] = '\0';
    if (used)
        lethe_put_text(out, "also", text);
}

static void put_term(struct lethe_value *out, const struct lethe_term *term,
                     const struct lethe_metric *metric, const struct lethe_workbench *wb)
{
    struct lethe_text now = {0};
    const char *name = metric ? metric->name : term ? term->name : "";
    const char *meaning = term ? term->meaning : metric ? metric->meaning : "";
    lethe_put_text(out, "term", name);
    if (term)
        lethe_figure_words(&now, wb, term->name);
    if (now.length)
        lethe_put_text(out, "now", lethe_text_get(&now));
    lethe_put_text(out, "meaning", meaning);
    put_known(out, "formula", term ? term->formula : NULL);
    put_known(out, "good", term ? term->good : NULL);
    put_known(out, "trap", term ? term->trap : NULL);
    put_known(out, "source", term ? term->source : NULL);
    put_also(out, term);
    if (metric) {
        lethe_put_text(out, "unit", metric->unit);
        lethe_put_text(out, "needs", metric->needs);
        lethe_put_int(out, "tier", metric->tier);
    }
    lethe_text_release(&now);
}

static void put_other(struct lethe_value *out, const char *name, const char *meaning,
                      const char *more)
{
    lethe_put_text(out, "term", name);
    lethe_put_text(out, "meaning", meaning);
    put_known(out, "detail", more);
}

/* A method of a table: its name and what it does. */
static const char *method_meaning(const char *name)
{
    size_t selectors, curvatures;
    const struct lethe_select_method *selector = lethe_select_methods(&selectors);
    const struct lethe_curvature_method *curvature = lethe_curvature_methods(&curvatures);
    for (size_t k = 0; k < selectors; k++)
        if (strcmp(selector[k].name, name) == 0)
            return selector[k].summary;
    for (size_t k = 0; k < curvatures; k++)
        if (strcmp(curvature[k].name, name) == 0)
            return curvature[k].summary;
    return NULL;
}

/* 1 when the word is known beside the glossary. */
static int put_elsewhere(struct lethe_value *out, const struct lethe_command_list *commands,
                         const char *name)
{
    const struct lethe_command *command = lethe_command_find(commands, name, NULL);
    const char *method = method_meaning(name);
    if (method) {
        put_other(out, name, method, NULL);
        return 1;
    }
    if (command) {
        put_other(out, command->name, command->summary, command->detail);
        return 1;
    }
    for (int key = 0; key < LETHE_SET_COUNT; key++) {
        const struct lethe_setting_row *row = lethe_setting_row((enum lethe_setting)key);
        if (strcmp(row->spec.name, name) != 0)
            continue;
        put_other(out, name, row->spec.help, NULL);
        return 1;
    }
    return 0;
}

static enum lethe_err unknown(const struct lethe_command_list *commands, const char *name,
                              struct lethe_error *err)
{
    struct lethe_nearest_kept search;
    lethe_nearest_init(&search.nearest, name);
    lethe_term_names(lethe_nearest_keep, &search);
    for (size_t kind = 0; kind < lethe_metric_count(); kind++)
        lethe_nearest_keep(&search, lethe_metric(kind)->name);
    for (size_t k = 0; k < commands->count; k++)
        lethe_nearest_keep(&search, commands->at[k]->name);
    if (search.nearest.best)
        return lethe_fail(err, LETHE_EARG, "no term '%s': did you mean '%s'?", name,
                          search.nearest.best);
    return lethe_fail(err, LETHE_EARG, "no term '%s': 'explain' lists them", name);
}

enum lethe_err lethe_explain(struct lethe_value *out, const struct lethe_workbench *wb,
                             const struct lethe_command_list *commands, const char *name,
                             struct lethe_error *err)
{
    if (!name) {
        put_all(out);
        return LETHE_OK;
    }
    const struct lethe_term *term = lethe_term_find(name);
    const struct lethe_metric *metric = lethe_metric_find(name);
    if (term || metric) {
        put_term(out, term, metric, wb);
        return LETHE_OK;
    }
    return put_elsewhere(out, commands, name) ? LETHE_OK : unknown(commands, name, err);
}
