/* SPDX-License-Identifier: MIT
 * What there is to say about one weight: what it multiplies, what pulls at it, what the step of the
 * whole network does with it, and where it stands in the order. */
#include "workbench/why_weight.h"

#include <math.h>
#include <stdio.h>

#include "removal/head_snapshot.h"
#include "removal/reach.h"
#include "removal/stage_common.h"
#include "removal/target.h"

/* "gate 2, input 17": what a weight of a hidden unit multiplies, in the order of
 * lethe_graph_unit_params. Gates are named in the file's order. */
static void gated_input(char *words, size_t room, const struct lethe_layer *layer, size_t place)
{
    const char *const *names = layer->gates == 4
                                   ? (const char *const[]){"input", "output", "forget", "cell"}
                                   : (const char *const[]){"update", "reset", "candidate"};
    const size_t gates = layer->gates, states = layer->hidden;
    const size_t inputs = layer->fan_in - states;
    const size_t of_states = gates * inputs, biases = of_states + gates * states;
    const size_t peepholes = biases + (layer->has_bias ? 2 * gates : 0);
    if (place < of_states)
        snprintf(words, room, "%s gate, input %zu", names[place / inputs], place % inputs);
    else if (place < biases)
        snprintf(words, room, "%s gate, state %zu", names[(place - of_states) / states],
                 (place - of_states) % states);
    else if (place < peepholes)
        snprintf(words, room, "%s gate, bias", names[(place - biases) % gates]);
    else
        snprintf(words, room, "%s gate, peephole", names[place - peepholes]);
}

/* "input 17", "bias", "scale or shift", or the place within a tensor that is a group. */
static void put_input(struct lethe_value *out, const struct lethe_graph *graph, size_t unit,
                      size_t place)
{
    const struct lethe_unit u = lethe_unit_at(graph, unit);
    char words[48];
    if (u.group) {
        snprintf(words, sizeof words, "entry %zu", place);
    } else {
        const struct lethe_layer *layer = lethe_graph_layer(graph, u.layer);
        if (layer->gates)
            gated_input(words, sizeof words, layer, place);
        else if (place < layer->fan_in)
            snprintf(words, sizeof words, "input %zu", place);
        else
            snprintf(words, sizeof words, "%s",
                     layer->has_bias && place == layer->fan_in ? "bias" : "scale or shift");
    }
    lethe_put_text(out, "input", words);
}

static enum lethe_err reach_by_ekfac(double *value, const struct lethe_workbench *wb, size_t entry,
                                     struct lethe_error *err)
{
    const struct lethe_graph *graph = wb->selected->target->whole->snapshot->graph;
    struct lethe_pick pick = {.unit = lethe_unit_of_weight(graph, entry)};
    const struct lethe_selected one = {
        .selection = {.picks = &pick, .count = 1, .accepted = 1, .weights = 1}};
    const struct lethe_target *target = wb->selected->target;
    struct lethe_blanket_curvature *curve = NULL;
    struct lethe_reach reach = {.value = NAN};
    enum lethe_err code =
        lethe_blanket_curvature_begin(&curve, target->whole->snapshot, &one, 0, NULL, err);
    const struct lethe_reach_spec spec = {.snapshot = target->whole->snapshot,
                                          .curve = curve,
                                          .settings = &wb->settings,
                                          .units = 1,
                                          .mu = target->projection->mu};
    if (!code)
        code = lethe_reach_find(&reach, &spec, NULL, err);
    *value = reach.value;
    lethe_free(reach.rows);
    lethe_blanket_curvature_unref(curve);
    return code;
}

/* The share of the whole step's decrease of F_R that a step of this weight alone can make: exact
 * where the network has a matrix and d is its step, else by EKFAC, which such a d was made with. */
static enum lethe_err put_reach(struct lethe_value *out, const struct lethe_workbench *wb,
                                size_t entry, struct lethe_error *err)
{
    const struct lethe_target *target = wb->selected->target;
    const struct lethe_blanket_curvature *whole = target->whole;
    const struct lethe_curvature *c = &whole->curvature;
    const double mu = target->projection->mu, g = target->rhs[entry];
    const int exact = c->matrix && !target->passes;
    double along = 0, reach = NAN;
    size_t at = 0;
    enum lethe_err code = LETHE_OK;
    for (size_t i = 0; exact && i < c->size; i++) {
        const size_t j = whole->blanket.index[i];
        along += target->rhs[j] * target->projection->step[j];
        at = j == entry ? i : at;
    }
    if (exact)
        reach = g * g / (c->matrix[at * c->size + at] + mu) / along;
    else
        code = reach_by_ekfac(&reach, wb, entry, err);
    if (!code)
        lethe_hint(lethe_put_real(out, "reach", reach), exact ? 0 : LETHE_HINT_ABOUT);
    return code;
}

/* Where the weight stands in the order, and whether the blanket takes it. */
static void put_place(struct lethe_value *out, const struct lethe_workbench *wb, size_t number)
{
    const struct lethe_selection *s = &wb->selected->selection;
    size_t at = 0;
    while (at < s->count && s->picks[at].unit != number)
        at++;
    if (at == s->count) {
        lethe_put_null(out, "place");
        lethe_put_note(out, "it may not be chosen: within=%s",
                       wb->settings.text[LETHE_SET_SELECT_WITHIN]);
        return;
    }
    lethe_put_count(out, "place", at + 1);
    lethe_put_bool(out, "taken", at < lethe_workbench_units(wb));
    lethe_put_real(out, "score", s->picks[at].score);
    lethe_hint(lethe_put_real(out, "cumulative", s->picks[at].cumulative), LETHE_HINT_FIXED);
}

enum lethe_err lethe_why_weight_put(struct lethe_value *out, const struct lethe_workbench *wb,
                                    size_t entry, struct lethe_error *err)
{
    const struct lethe_graph *graph = wb->project.graph;
    const size_t number = lethe_unit_of_weight(graph, entry);
    struct lethe_weight_owners owners = {0};
    char name[LETHE_UNIT_NAME];
    lethe_unit_name(name, sizeof name, graph, number);
    if (!wb->selected || !wb->selected->target)
        return lethe_fail(err, LETHE_EARG,
                          "'why %s' needs an order of weights: 'select method=weights' first",
                          name);
    enum lethe_err code = lethe_weight_owners_init(&owners, graph, err);
    if (code)
        return code;
    const struct lethe_target *target = wb->selected->target;
    const struct lethe_snapshot *at = target->whole->snapshot;
    const size_t own = at->of ? lethe_head_entry(at, entry) : entry; /* by the target's numbers */
    lethe_put_text(out, "weight", name);
    lethe_unit_name(name, sizeof name, graph, owners.unit[entry]);
    lethe_put_text(out, "unit", name);
    put_input(out, graph, owners.unit[entry], owners.place[entry]);
    lethe_put_real(out, "value", wb->project.w[entry]);
    if (own == SIZE_MAX) {
        lethe_put_null(out, "place");
        lethe_put_note(out, "it stays where it is: only the last layer moves ('set retrain.by')");
        lethe_weight_owners_release(&owners);
        return LETHE_OK;
    }
    lethe_put_real(out, "pull", target->rhs[own]);
    lethe_put_real(out, "whole_step", target->projection->step[own]);
    if (wb->preview)
        lethe_put_real(out, "step", wb->preview->w[entry] - wb->project.w[entry]);
    else
        lethe_put_null(out, "step");
    code = put_reach(out, wb, own, err);
    if (!code)
        put_place(out, wb, number);
    lethe_weight_owners_release(&owners);
    return code;
}
