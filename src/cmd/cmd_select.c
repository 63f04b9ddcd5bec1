/* SPDX-License-Identifier: MIT
 * perturb, select, scores, blanket: which units a removal may change. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "workbench/pipeline.h"
#include "workbench/workbench.h"

enum { RUNNERS = 5 }; /* units shown below the line */

/* Puts the arguments that are given into the settings of the same names: all or none. */
static enum lethe_err put_settings(struct lethe_workbench *wb, const struct lethe_args *args,
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

/* ---- perturb ----------------------------------------------------------------------------------
 */

static enum lethe_err run_perturb(struct lethe_call *call, struct lethe_error *err)
{
    enum lethe_err code = put_settings(call->wb, &call->args, "perturb", err);
    if (code)
        return code;
    const struct lethe_settings *settings = &call->wb->settings;
    lethe_put_count(call->out, "count", lethe_settings_count(settings, LETHE_SET_PERTURB_COUNT));
    lethe_put_real(call->out, "sigma", lethe_settings_real(settings, LETHE_SET_PERTURB_SIGMA));
    lethe_put_count(call->out, "tokens", lethe_settings_count(settings, LETHE_SET_PERTURB_TOKENS));
    return LETHE_OK;
}

static const struct lethe_arg_spec perturb_args[] = {
    {.name = "count",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 10,
     .max = 100000,
     .help = "noisy copies of each forget sample (1000)"},
    {.name = "sigma",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED | LETHE_ARG_OPEN,
     .max = 1000,
     .help = "sd of their noise, on the normalised input (0.1)"},
    {.name = "tokens",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 100000,
     .help = "text: words replaced in each copy (2)"},
};

const struct lethe_command lethe_command_perturb = {
    .name = "perturb",
    .group = LETHE_GROUP_SELECT,
    .flags = LETHE_NOTED,
    .summary = "Set how forget samples are perturbed",
    .detail = "Each forget sample is copied with Gaussian noise on its input; the loss and every "
              "unit's activation on the copies are what 'select' looks at. In text a few words "
              "are replaced by others of the vocabulary instead, never padding or unknown ones. "
              "The copies are made when they are needed.",
    .examples = "perturb count=2000 sigma=0.2\nperturb tokens=3",
    LETHE_ARGS(perturb_args),
    .run = run_perturb,
};

/* ---- select -----------------------------------------------------------------------------------
 */

static void put_picks(struct lethe_value *list, const struct lethe_selection *selection,
                      const struct lethe_graph *graph, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const struct lethe_pick *pick = &selection->picks[i];
        char name[LETHE_UNIT_NAME];
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_unit_name(name, sizeof name, graph, pick->unit);
        lethe_put_text(item, "unit", name);
        /* a sum over samples is no share of one, so it gets no bar */
        lethe_hint(lethe_put_real(item, "score", pick->score),
                   LETHE_HINT_FIXED | (selection->united ? 0u : LETHE_HINT_BAR));
        lethe_hint(lethe_put_real(item, "cumulative", pick->cumulative), LETHE_HINT_FIXED);
        if (selection->united && pick->votes)
            lethe_put_count(item, "samples", pick->votes);
        lethe_put_count(item, "parameters", lethe_unit_at(graph, pick->unit).params);
    }
}

static void put_selection(struct lethe_value *out, const struct lethe_workbench *wb)
{
    const struct lethe_selected *selected = wb->selected;
    const struct lethe_selection *selection = &selected->selection;
    lethe_put_text(out, "method", selection->method->name);
    struct lethe_value *list = lethe_put_list(out, "blanket");
    put_picks(list, selection, wb->project.graph, 0, selection->accepted);
    size_t below = selection->count - selection->accepted;
    if (below) {
        list = lethe_put_list(out, "below_the_line");
        put_picks(list, selection, wb->project.graph, selection->accepted,
                  selection->accepted + (below < RUNNERS ? below : RUNNERS));
    }
    lethe_put_count(out, "ordered", selection->count);
    lethe_put_text(out, "stopped", selection->stopped);
    lethe_put_count(out, "samples", selection->samples);
    lethe_hint(lethe_put_real(out, "time", selected->seconds), LETHE_HINT_SECONDS);
    if (selection->samples < wb->project.forget.count)
        lethe_put_note(out, "%zu of the %zu forget samples decided, drawn from the seed",
                       selection->samples, wb->project.forget.count);
    if (!selection->accepted)
        lethe_put_note(out, "no unit above the null: try 'blanket 3' or 'select method=gain'");
}

static enum lethe_err finish_select(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                    struct lethe_error *err)
{
    enum lethe_err code = lethe_pipeline_adopt(wb, arg, err);
    if (code)
        return code;
    if (!wb->selected)
        return lethe_fail(err, LETHE_ECANCEL, "the settings changed meanwhile: 'select' again");
    put_selection(out, wb);
    return LETHE_OK;
}

static enum lethe_err run_select(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    struct lethe_pipeline *work = NULL;
    enum lethe_err code = put_settings(wb, &call->args, "select", err);
    if (code)
        return code;
    if (wb->selected) {
        put_selection(call->out, wb);
        return LETHE_OK;
    }
    code = lethe_pipeline_preview(wb, &work, LETHE_PIPELINE_SELECT_ONLY, err);
    call->task = (struct lethe_task){.run = lethe_pipeline_run,
                                     .finish = finish_select,
                                     .release = lethe_pipeline_release,
                                     .arg = work,
                                     .lane = LETHE_LANE_INTERACTIVE};
    return code;
}

static const struct lethe_arg_spec select_args[] = {
    {.name = "method",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choice = lethe_setting_selector,
     .help = "how units are chosen (lfoci)"},
    {.name = "max",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 100000,
     .help = "units to order at most (64)"},
    LETHE_ARGS_OF_COLUMNS,
    {.name = "stop",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "on|off",
     .help = "draw the line where nothing is gained (on)"},
    {.name = "several",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "union|mean|stacked",
     .help = "one blanket from several forget samples (union)"},
};

const struct lethe_command lethe_command_select = {
    .name = "select",
    .group = LETHE_GROUP_SELECT,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET | LETHE_NOTED,
    .summary = "Order the units the forget samples are tied to",
    .detail = "With lfoci: the loss of each forget sample's noisy copies against the activation of "
              "every unit, selected one by one by conditional dependence (L-FOCI). Units above "
              "the line are what 'blanket auto' takes. Several forget samples: the union of a "
              "blanket from each, or one blanket from the mean of their copies (the paper's "
              "batch), or from all copies stacked, each sample's mean removed. The arguments are "
              "kept as settings.",
    .examples = "select\nselect method=gain max=20",
    LETHE_ARGS(select_args),
    .run = run_select,
};

/* ---- scores -----------------------------------------------------------------------------------
 */

struct ranked {
    size_t unit;
    double score;
};

/* Largest score first; equal ones by number. */
static int by_score(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return (x->unit > y->unit) - (x->unit < y->unit);
}

static enum lethe_err find_layer(size_t *layer, const struct lethe_graph *graph, const char *name,
                                 struct lethe_error *err)
{
    for (size_t i = 0; i < lethe_graph_layer_count(graph); i++)
        if (strcmp(lethe_graph_layer(graph, i)->name, name) == 0) {
            *layer = i;
            return LETHE_OK;
        }
    return lethe_fail(err, LETHE_EARG, "there is no layer '%s': 'layers' lists them", name);
}

static enum lethe_err run_scores(struct lethe_call *call, struct lethe_error *err)
{
    const struct lethe_graph *graph = call->wb->project.graph;
    const struct lethe_selected *selected = call->wb->selected;
    const char *name = lethe_args_text(&call->args, "LAYER", NULL);
    size_t layer = 0, count = 0, top = lethe_args_count(&call->args, "top", 20);
    enum lethe_err code = name ? find_layer(&layer, graph, name, err) : LETHE_OK;
    if (!code && !selected)
        code = lethe_fail(err, LETHE_EARG, "'scores' needs a selection: 'select' first");
    if (!code && !selected->selection.marginal)
        code =
            lethe_fail(err, LETHE_EARG, "method '%s' scores no single units: 'select method=lfoci'",
                       selected->selection.method->name);
    if (code)
        return code;
    size_t units = lethe_unit_count(graph);
    struct ranked *order = lethe_alloc(units, sizeof *order);
    if (!order)
        return lethe_fail_memory(err, "scores", units, sizeof *order);
    for (size_t u = 0; u < units; u++)
        if (!name || lethe_unit_at(graph, u).layer == layer)
            order[count++] = (struct ranked){u, selected->selection.marginal[u]};
    qsort(order, count, sizeof *order, by_score);
    struct lethe_value *list = lethe_put_list(call->out, "scores");
    for (size_t i = 0; i < count && i < top; i++) {
        char unit[LETHE_UNIT_NAME];
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_unit_name(unit, sizeof unit, graph, order[i].unit);
        lethe_put_text(item, "unit", unit);
        lethe_hint(lethe_put_real(item, "marginal", order[i].score),
                   LETHE_HINT_FIXED | LETHE_HINT_BAR);
    }
    lethe_free(order);
    return LETHE_OK;
}

static const struct lethe_arg_spec scores_args[] = {
    {.name = "LAYER", .kind = LETHE_ARG_LAYER, .help = "one layer; without it, all"},
    {.name = "top",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 1e6,
     .help = "units shown (20)"},
};

const struct lethe_command lethe_command_scores = {
    .name = "scores",
    .group = LETHE_GROUP_SELECT,
    .flags = LETHE_NEEDS_MODEL,
    .summary = "Rank single units by their dependence with the loss",
    .detail = "The marginal T of each unit: 0 for independence, 1 when the loss is a function of "
              "the unit's activation; the mean over the forget samples that decided.",
    .examples = "scores\nscores fc3 top=5",
    LETHE_ARGS(scores_args),
    .run = run_scores,
};

/* ---- blanket ----------------------------------------------------------------------------------
 */

/* Units the setting stands for; *known 0 when `auto` waits for a selection. */
static size_t blanket_size(const struct lethe_workbench *wb, int *known)
{
    const char *text = wb->settings.text[LETHE_SET_BLANKET];
    *known = 1;
    if (strcmp(text, "all") == 0)
        return lethe_unit_total(wb->project.graph);
    if (strcmp(text, "auto") != 0)
        return strtoul(text, NULL, 10);
    *known = wb->selected != NULL;
    return *known ? wb->selected->selection.accepted : 0;
}

static enum lethe_err set_size(struct lethe_workbench *wb, const char *text,
                               struct lethe_error *err)
{
    int known = 0;
    char size[32];
    size_t units = lethe_unit_count(wb->project.graph), now = blanket_size(wb, &known);
    if (strcmp(text, "auto") == 0 || strcmp(text, "all") == 0)
        return lethe_workbench_set(wb, LETHE_SET_BLANKET, text, err);
    int relative = text[0] == '+' || text[0] == '-';
    long long wanted = strtoll(text, NULL, 10);
    if (relative && !known)
        return lethe_fail(err, LETHE_EARG, "'blanket %s' needs a selection: 'select' first", text);
    if (relative)
        wanted += (long long)(now < units ? now : units);
    if (wanted < 0 || wanted > (long long)units)
        return lethe_fail(err, LETHE_EARG, "the blanket can hold 0 to %zu units, not %lld", units,
                          wanted);
    snprintf(size, sizeof size, "%lld", wanted);
    return lethe_workbench_set(wb, LETHE_SET_BLANKET, size, err);
}

static enum lethe_err run_blanket(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const char *text = lethe_args_text(&call->args, "SIZE", NULL);
    enum lethe_err code = text ? set_size(wb, text, err) : LETHE_OK;
    if (code)
        return code;
    int known = 0;
    size_t size = blanket_size(wb, &known);
    lethe_put_text(call->out, "blanket", wb->settings.text[LETHE_SET_BLANKET]);
    if (known)
        lethe_put_count(call->out, "units", size);
    else
        lethe_put_null(call->out, "units");
    lethe_put_count(call->out, "of", lethe_unit_count(wb->project.graph));
    if (strcmp(wb->settings.text[LETHE_SET_BLANKET], "all") == 0 || !wb->selected)
        return LETHE_OK;
    const struct lethe_selection *selection = &wb->selected->selection;
    struct lethe_value *list = lethe_put_list(call->out, "order");
    put_picks(list, selection, wb->project.graph, 0,
              size < selection->count ? size : selection->count);
    if (size > selection->count)
        lethe_put_note(call->out, "%zu units are ordered: 'select max=%zu' orders more",
                       selection->count, size);
    return LETHE_OK;
}

static const struct lethe_arg_spec blanket_args[] = {
    {.name = "SIZE",
     .kind = LETHE_ARG_SIZE,
     .help = "units from the top of the order: K, +N, -N; auto: those above the line; all"},
};

const struct lethe_command lethe_command_blanket = {
    .name = "blanket",
    .group = LETHE_GROUP_SELECT,
    .flags = LETHE_NEEDS_MODEL | LETHE_NOTED,
    .summary = "Show or set how many units the step may change",
    .examples = "blanket 3\nblanket +1\nblanket all",
    LETHE_ARGS(blanket_args),
    .run = run_blanket,
};
