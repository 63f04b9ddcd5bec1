/* SPDX-License-Identifier: MIT
 * scores: single units by their dependence with the loss. */
#include <string.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "workbench/blanket_setting.h"
#include "workbench/put_unit.h"
#include "workbench/workbench.h"

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
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_unit(item, "unit", graph, order[i].unit);
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
