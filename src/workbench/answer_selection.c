/* SPDX-License-Identifier: MIT
 * The order of units or single weights as `select` and `blanket` answer it. */
#include "workbench/answer_selection.h"

#include "workbench/put_unit.h"
#include "workbench/weight_groups.h"
#include "workbench/workbench.h"

enum {
    RUNNERS = 5, /* units shown below the line */
    FIRST = 10   /* single weights shown one by one */
};

void lethe_selection_put_picks(struct lethe_value *list, const struct lethe_selection *selection,
                               const struct lethe_graph *graph, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const struct lethe_pick *pick = &selection->picks[i];
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_unit(item, "unit", graph, pick->unit);
        /* a sum over samples is no share of one, so it gets no bar */
        lethe_hint(lethe_put_real(item, "score", pick->score),
                   LETHE_HINT_FIXED | (selection->united ? 0u : LETHE_HINT_BAR));
        lethe_hint(lethe_put_real(item, "cumulative", pick->cumulative), LETHE_HINT_FIXED);
        if (selection->united && pick->votes)
            lethe_put_count(item, "samples", pick->votes);
        lethe_put_count(item, "parameters", lethe_unit_at(graph, pick->unit).params);
    }
}

void lethe_selection_put_weights(struct lethe_value *out, const struct lethe_selection *selection,
                                 const struct lethe_graph *graph, size_t weights)
{
    struct lethe_weight_groups groups = {0};
    struct lethe_value *list = lethe_put_list(out, "first_weights");
    for (size_t i = 0; i < weights && i < FIRST; i++) {
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_unit(item, "weight", graph, selection->picks[i].unit);
        lethe_put_real(item, "score", selection->picks[i].score);
        lethe_hint(lethe_put_real(item, "cumulative", selection->picks[i].cumulative),
                   LETHE_HINT_FIXED);
    }
    list = lethe_put_list(out, "by_unit");
    if (lethe_weight_groups_init(&groups, graph, selection, weights, NULL))
        return;
    for (size_t i = 0; i < groups.count; i++) {
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_unit(item, "unit", graph, groups.at[i].unit);
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
    lethe_selection_put_weights(out, selection, wb->project.graph, weights);
    lethe_put_count(out, "one_by_one", selection->greedy);
}

void lethe_selection_put(struct lethe_value *out, const struct lethe_workbench *wb)
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
    lethe_selection_put_picks(list, selection, wb->project.graph, 0, selection->accepted);
    size_t below = selection->count - selection->accepted;
    if (below) {
        list = lethe_put_list(out, "below_the_line");
        lethe_selection_put_picks(list, selection, wb->project.graph, selection->accepted,
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
