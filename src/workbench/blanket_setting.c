/* SPDX-License-Identifier: MIT
 * The settings that choose what a removal may change, as people write them: a size in units, in
 * weights, in percent or as a difference. */
#include "workbench/blanket_setting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/args.h"
#include "workbench/workbench.h"

enum lethe_err lethe_workbench_set_all(struct lethe_workbench *wb, const struct lethe_args *args,
                                       const char *prefix, struct lethe_error *err)
{
    struct lethe_settings variant = wb->settings;
    enum lethe_setting keys[LETHE_ARGS_MAX] = {LETHE_SET_SEED};
    for (size_t i = 0; i < args->count; i++) {
        char name[64];
        if (!args->at[i].text)
            continue;
        snprintf(name, sizeof name, "%s.%s", prefix, args->specs[i].name);
        enum lethe_err code = lethe_setting_find(&keys[i], name, err);
        if (!code)
            code = lethe_settings_put(&variant, keys[i], args->at[i].text, err);
        if (code)
            return code;
    }
    for (size_t i = 0; i < args->count; i++)
        if (args->at[i].text)
            lethe_workbench_set(wb, keys[i], args->at[i].text, NULL);
    return LETHE_OK;
}

int lethe_workbench_weights(const struct lethe_workbench *wb)
{
    return strcmp(wb->settings.text[LETHE_SET_SELECT_METHOD], "weights") == 0;
}

size_t lethe_workbench_blanket_size(int *known, const struct lethe_workbench *wb)
{
    const char *text = wb->settings.text[LETHE_SET_BLANKET];
    *known = 1;
    if (strcmp(text, "all") == 0)
        return lethe_workbench_units(wb);
    if (strcmp(text, "auto") != 0 && !strchr(text, '%'))
        return strtoul(text, NULL, 10);
    *known = wb->selected != NULL;
    return *known ? lethe_workbench_units(wb) : 0;
}

enum lethe_err lethe_workbench_set_blanket(struct lethe_workbench *wb, const char *text,
                                           struct lethe_error *err)
{
    int known = 0;
    char size[32];
    const int weights = lethe_workbench_weights(wb);
    size_t units =
        weights ? lethe_graph_size(wb->project.graph) : lethe_unit_count(wb->project.graph);
    size_t now = lethe_workbench_blanket_size(&known, wb);
    if (strcmp(text, "auto") == 0 || strcmp(text, "all") == 0 || strchr(text, '%'))
        return lethe_workbench_set(wb, LETHE_SET_BLANKET, text, err);
    int relative = text[0] == '+' || text[0] == '-';
    long long wanted = strtoll(text, NULL, 10);
    if (relative && !known)
        return lethe_fail(err, LETHE_EARG, "'blanket %s' needs a selection: 'select' first", text);
    if (relative)
        wanted += (long long)(now < units ? now : units);
    if (wanted < 0 || wanted > (long long)units)
        return lethe_fail(err, LETHE_EARG, "the blanket can hold 0 to %zu %s, not %lld", units,
                          weights ? "weights" : "units", wanted);
    snprintf(size, sizeof size, "%lld", wanted);
    return lethe_workbench_set(wb, LETHE_SET_BLANKET, size, err);
}

/* Largest score first; equal ones by number. */
static int by_score(const void *a, const void *b)
{
    const struct lethe_ranked_unit *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return (x->unit > y->unit) - (x->unit < y->unit);
}

void lethe_rank_units(struct lethe_ranked_unit *units, size_t count)
{
    qsort(units, count, sizeof *units, by_score);
}
