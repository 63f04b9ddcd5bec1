/* SPDX-License-Identifier: MIT
 * perturb, select, scores, blanket: which units a removal may change. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "workbench/blanket_setting.h"
#include "workbench/pipeline.h"
#include "workbench/weight_groups.h"
#include "workbench/workbench.h"

enum {
    RUNNERS = 5, /* units shown below the line */
    FIRST = 10   /* single weights shown one by one */
};

/* ---- perturb --------------------------------------------------------------------------------- */

static enum lethe_err run_perturb(struct lethe_call *call, struct lethe_error *err)
{
    enum lethe_err code = lethe_workbench_set_all(call->wb, &call->args, "perturb", err);
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

/* ---- select ---------------------------------------------------------------------------------- */

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

/* How many weights of which unit, and the first of the order one by one. */
static void put_weights(struct lethe_value *out, const struct lethe_selection *selection,
                        const struct lethe_graph *graph, size_t weights)
{
    struct lethe_weight_groups groups = {0};
    struct lethe_value *list = lethe_put_list(out, "first_weights");
    for (size_t i = 0; i < weights && i < FIRST; i++) {
        char name[LETHE_UNIT_NAME];
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_unit_name(name, sizeof name, graph, selection->picks[i].unit);
        lethe_put_text(item, "weight", name);
        lethe_put_real(item, "score", selection->picks[i].score);
        lethe_hint(lethe_put_real(item, "cumulative", selection->picks[i].cumulative),
                   LETHE_HINT_FIXED);
    }
    list = lethe_put_list(out, "by_unit");
    if (lethe_weight_groups_init(&groups, graph, selection, weights, NULL))
        return;
    for (size_t i = 0; i < groups.count; i++) {
        char name[LETHE_UNIT_NAME];
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_unit_name(name, sizeof name, graph, groups.at[i].unit);
        lethe_put_text(item, "unit", name);
        lethe_put_count(item, "weights", groups.at[i].count);
        lethe_put_count(item, "of", groups.at[i].of);
    }
    lethe_weight_groups_release(&groups);
}

/* The cumulative share at the end of a blanket: what its weights hold of the whole step. */
static void put_order(struct lethe_value *out, const struct lethe_workbench *wb)
{
    const struct lethe_selection *selection = &wb->selected->selection;
    const size_t weights = lethe_workbench_units(wb);
    const double held = weights ? selection->picks[weights - 1].cumulative : 0;
    lethe_put_text(out, "order", lethe_weight_order_name(selection->order));
    lethe_put_text(out, "within", wb->settings.text[LETHE_SET_SELECT_WITHIN]);
    lethe_put_count(out, "blanket", weights);
    lethe_put_count(out, "of", lethe_graph_size(wb->project.graph));
    lethe_hint(lethe_put_real(out, "cumulative", held), LETHE_HINT_FIXED);
    put_weights(out, selection, wb->project.graph, weights);
    lethe_put_count(out, "one_by_one", selection->greedy);
}

static void put_selection(struct lethe_value *out, const struct lethe_workbench *wb)
{
    const struct lethe_selected *selected = wb->selected;
    const struct lethe_selection *selection = &selected->selection;
    lethe_put_text(out, "method", selection->method->name);
    if (selection->weights) {
        put_order(out, wb);
        lethe_put_count(out, "ordered", selection->count);
        lethe_hint(lethe_put_real(out, "time", selected->seconds), LETHE_HINT_SECONDS);
        return;
    }
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
    enum lethe_err code = lethe_workbench_set_all(wb, &call->args, "select", err);
    if (code)
        return code;
    if (wb->selected) {
        put_selection(call->out, wb);
        return LETHE_OK;
    }
    code = lethe_pipeline_preview(wb, &work, LETHE_PIPELINE_SELECT_ONLY, err);
    lethe_call_task(call, lethe_pipeline_run, finish_select, lethe_pipeline_release, work);
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
    {.name = "order",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "auto|step|gain|kl",
     .help = "how single weights are ordered (auto)"},
    {.name = "within",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_KEYED,
     .help = "where they may be: all, blanket or layer:NAME,... (all)"},
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
              "batch), or from all copies stacked, each sample's mean removed. method=weights "
              "orders single weights by what the step of the whole network does with them: by "
              "their part of it (order=step), or one by one by what each adds to the decrease of "
              "the objective (gain) or to the outcome on the forgotten samples (kl; auto where "
              "the network has a matrix); within=blanket keeps to L-FOCI's units, within=layer:fc1 "
              "to a layer. The arguments are kept as settings.",
    .examples = "select\nselect method=gain max=20\nselect method=weights order=kl",
    LETHE_ARGS(select_args),
    .run = run_select,
};

/* ---- scores ---------------------------------------------------------------------------------- */

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
    struct lethe_ranked_unit *order = lethe_alloc(units, sizeof *order);
    if (!order)
        return lethe_fail_memory(err, "scores", units, sizeof *order);
    for (size_t u = 0; u < units; u++)
        if (!name || lethe_unit_at(graph, u).layer == layer)
            order[count++] = (struct lethe_ranked_unit){u, selected->selection.marginal[u]};
    lethe_rank_units(order, count);
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

/* ---- blanket --------------------------------------------------------------------------------- */

static void put_weight_blanket(struct lethe_value *out, const struct lethe_workbench *wb)
{
    int known = 0;
    const size_t size = lethe_workbench_blanket_size(&known, wb);
    lethe_put_text(out, "blanket", wb->settings.text[LETHE_SET_BLANKET]);
    if (known)
        lethe_put_count(out, "weights", size);
    else
        lethe_put_null(out, "weights");
    lethe_put_count(out, "of", lethe_graph_size(wb->project.graph));
    if (wb->selected)
        put_weights(out, &wb->selected->selection, wb->project.graph, lethe_workbench_units(wb));
}

static enum lethe_err run_blanket(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const char *text = lethe_args_text(&call->args, "SIZE", NULL);
    const int weights = lethe_args_text(&call->args, "WEIGHTS", NULL) != NULL;
    enum lethe_err code = LETHE_OK;
    char before[LETHE_SETTING_TEXT];
    memcpy(before, wb->settings.text[LETHE_SET_SELECT_METHOD], sizeof before);
    if (weights)
        code = lethe_workbench_set(wb, LETHE_SET_SELECT_METHOD, "weights", err);
    if (!code && text)
        code = lethe_workbench_set_blanket(wb, text, err);
    if (code) {
        (void)lethe_workbench_set(wb, LETHE_SET_SELECT_METHOD, before, NULL);
        return code;
    }
    if (lethe_workbench_weights(wb) && strcmp(wb->settings.text[LETHE_SET_BLANKET], "all") != 0) {
        put_weight_blanket(call->out, wb);
        return LETHE_OK;
    }
    int known = 0;
    size_t size = lethe_workbench_blanket_size(&known, wb);
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
     .help = "from the top of the order: K, +N, -N; P%: of all parameters; auto: those above "
             "the line; all"},
    {.name = "WEIGHTS",
     .kind = LETHE_ARG_CHOICE,
     .choices = "weights",
     .help = "single weights: chooses 'select method=weights', too"},
};

const struct lethe_command lethe_command_blanket = {
    .name = "blanket",
    .group = LETHE_GROUP_SELECT,
    .flags = LETHE_NEEDS_MODEL | LETHE_NOTED,
    .summary = "Show or set how many units or weights the step may change",
    .detail = "P% takes as many from the top of the order as fit that share of all parameters. Of "
              "single weights 'auto' is 10 %. 'blanket 300 weights' and 'blanket 10% weights' also "
              "choose single weights.",
    .examples = "blanket 3\nblanket +1\nblanket all\nblanket 300 weights\nblanket 4%",
    LETHE_ARGS(blanket_args),
    .run = run_blanket,
};
