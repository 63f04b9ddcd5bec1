/* SPDX-License-Identifier: MIT
 * Stage one: which units, in which order. */
#include "removal/stage_common.h"

#include <string.h>

#include "base/clock.h"
#include "removal/damping.h"
#include "removal/target.h"

static void release_selected(struct lethe_selected *selected)
{
    lethe_selection_release(&selected->selection);
    lethe_target_unref(selected->target);
}
LETHE_SHARED(selected)

static enum lethe_several several(const char *name)
{
    return !strcmp(name, "mean")      ? LETHE_SEVERAL_MEAN
           : !strcmp(name, "stacked") ? LETHE_SEVERAL_STACKED
                                      : LETHE_SEVERAL_UNION;
}

static struct lethe_select_options select_options(const struct lethe_settings *settings)
{
    struct lethe_select_options options = lethe_select_defaults();
    options.max = lethe_settings_count(settings, LETHE_SET_SELECT_MAX);
    options.stop = !strcmp(settings->text[LETHE_SET_SELECT_STOP], "on");
    options.several = several(settings->text[LETHE_SET_SELECT_SEVERAL]);
    options.scaling = strcmp(settings->text[LETHE_SET_SELECT_SCALING], "none") ? LETHE_SCALING_SD
                                                                               : LETHE_SCALING_NONE;
    options.jitter = lethe_settings_real(settings, LETHE_SET_SELECT_JITTER);
    options.seed = lethe_stage_seed(settings);
    lethe_weight_order_find(&options.order, settings->text[LETHE_SET_SELECT_ORDER], NULL);
    options.perturb.count = lethe_settings_count(settings, LETHE_SET_PERTURB_COUNT);
    options.perturb.sigma = lethe_settings_real(settings, LETHE_SET_PERTURB_SIGMA);
    options.perturb.tokens = lethe_settings_count(settings, LETHE_SET_PERTURB_TOKENS);
    options.perturb.seed = lethe_stage_seed(settings);
    options.perturb.memory = lethe_settings_memory(settings) / 2;
    return options;
}

/* ---- single weights -------------------------------------------------------------------------- */

/* Marks the weights of a layer called by the first `length` letters of name. */
static enum lethe_err mark_layer(unsigned char *within, const struct lethe_graph *graph,
                                 const struct lethe_weight_owners *owners, const char *name,
                                 size_t length, struct lethe_error *err)
{
    size_t layer = 0;
    while (layer < lethe_graph_layer_count(graph) &&
           (strlen(lethe_graph_layer(graph, layer)->name) != length ||
            strncmp(lethe_graph_layer(graph, layer)->name, name, length) != 0))
        layer++;
    if (layer == lethe_graph_layer_count(graph))
        return lethe_fail(err, LETHE_EARG, "within: there is no layer '%.*s': 'layers' lists them",
                          (int)length, name);
    for (size_t i = 0; i < owners->size; i++) {
        const struct lethe_unit unit = lethe_unit_at(graph, owners->unit[i]);
        within[i] |= !unit.group && unit.layer == layer;
    }
    return LETHE_OK;
}

static enum lethe_err mark_layers(unsigned char *within, const struct lethe_graph *graph,
                                  const struct lethe_weight_owners *owners, const char *names,
                                  struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    while (!code && *names) {
        const size_t length = strcspn(names, ",");
        code = mark_layer(within, graph, owners, names, length, err);
        names += length + (names[length] == ',');
    }
    return code;
}

/* Marks the weights of the units of L-FOCI's blanket. */
static enum lethe_err mark_blanket(unsigned char *within, const struct lethe_weight_owners *owners,
                                   const struct lethe_select_input *input,
                                   const struct lethe_select_options *options,
                                   struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_select_method *lfoci = NULL;
    struct lethe_selection units = {0};
    enum lethe_err code = lethe_select_find(&lfoci, "lfoci", err);
    if (!code)
        code = lethe_select(&units, lfoci, input, options, watch, err);
    if (!code && !units.accepted)
        code = lethe_fail(err, LETHE_EARG,
                          "within=blanket: L-FOCI finds no unit above the null, so there are no "
                          "weights to choose from: try within=all");
    for (size_t i = 0; !code && i < owners->size; i++)
        for (size_t k = 0; k < units.accepted; k++)
            within[i] |= units.picks[k].unit == owners->unit[i];
    lethe_selection_release(&units);
    return code;
}

/* *within (lethe_free) marks the weights that may be chosen; NULL: all. */
static enum lethe_err mark(unsigned char **within, const struct lethe_select_input *input,
                           const struct lethe_select_options *options,
                           const struct lethe_settings *settings, struct lethe_watch *watch,
                           struct lethe_error *err)
{
    const char *text = settings->text[LETHE_SET_SELECT_WITHIN];
    const size_t size = lethe_graph_size(input->graph);
    struct lethe_weight_owners owners = {0};
    *within = NULL;
    if (strcmp(text, "all") == 0)
        return LETHE_OK;
    unsigned char *made = lethe_alloc_zero(size, 1);
    enum lethe_err code = made ? lethe_weight_owners_init(&owners, input->graph, err)
                               : lethe_fail_memory(err, "candidates", size, 1);
    if (!code && strcmp(text, "blanket") == 0)
        code = mark_blanket(made, &owners, input, options, watch, err);
    else if (!code)
        code = mark_layers(made, input->graph, &owners, text + strlen("layer:"), err);
    lethe_weight_owners_release(&owners);
    if (code)
        lethe_free(made);
    else
        *within = made;
    return code;
}

/* Orders single weights by the selection's target. */
static enum lethe_err order_weights(struct lethe_selected *made,
                                    const struct lethe_select_method *method,
                                    const struct lethe_select_input *from,
                                    const struct lethe_select_options *options,
                                    const struct lethe_settings *settings,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_target *target = made->target;
    struct lethe_select_whole whole = {.step = target->projection->step,
                                       .rhs = target->rhs,
                                       .curvature = &target->whole->curvature,
                                       .blanket = &target->whole->blanket,
                                       .metric = target->metric.matrix ? &target->metric : NULL,
                                       .projection = target->projection,
                                       .mu = target->projection->mu};
    struct lethe_select_input input = *from;
    unsigned char *within = NULL;
    input.whole = &whole;
    enum lethe_err code = lethe_target_problem(&whole.forget, target, err);
    if (!code)
        code = mark(&within, from, options, settings, watch, err);
    whole.within = within;
    if (!code)
        code = lethe_select(&made->selection, method, &input, options, watch, err);
    lethe_problem_free(whole.forget);
    lethe_free(within);
    return code;
}

/* ---- the stage ------------------------------------------------------------------------------- */

static enum lethe_err choose(struct lethe_selected *made, struct lethe_snapshot *snapshot,
                             const struct lethe_settings *settings, struct lethe_target *target,
                             struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_select_options options = select_options(settings);
    const double mu = lethe_damping_of(settings, snapshot);
    const struct lethe_select_method *method;
    const struct lethe_removal *removal = NULL;
    struct lethe_problem *samples = NULL;
    const int weights = strcmp(settings->text[LETHE_SET_SELECT_METHOD], "weights") == 0;
    enum lethe_err code = lethe_select_find(&method, settings->text[LETHE_SET_SELECT_METHOD], err);
    if (!code && weights && target)
        made->target = lethe_target_ref(target);
    else if (!code && weights && snapshot->forget.count)
        code = lethe_target_make(&made->target, snapshot, settings, mu, NULL, watch, err);
    if (!code)
        code = lethe_snapshot_removal(&removal, snapshot, 0, watch, err);
    if (!code)
        code = lethe_stage_samples(&samples, snapshot, settings,
                                   lethe_curvature_count(snapshot, settings, 1, 0), LETHE_F64, err);
    const struct lethe_select_input input = {.graph = snapshot->graph,
                                             .data = snapshot->train,
                                             .w = snapshot->w,
                                             .forget = snapshot->forget.at,
                                             .m = snapshot->forget.count,
                                             .removal = removal,
                                             .curvature = samples};
    if (!code && made->target)
        code = order_weights(made, method, &input, &options, settings, watch, err);
    else if (!code)
        code = lethe_select(&made->selection, method, &input, &options, watch, err);
    lethe_problem_free(samples);
    return code;
}

enum lethe_err lethe_selected_by(struct lethe_selected **selected, struct lethe_snapshot *snapshot,
                                 const struct lethe_settings *settings, struct lethe_target *target,
                                 struct lethe_watch *watch, struct lethe_error *err)
{
    const double start = lethe_clock();
    struct lethe_selected *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a selection", 1, sizeof *made);
    made->refs = 1;
    enum lethe_err code = choose(made, snapshot, settings, target, watch, err);
    if (code) {
        lethe_selected_unref(made);
        return code;
    }
    made->seconds = lethe_clock() - start + (target && made->target ? target->seconds : 0);
    *selected = made;
    return LETHE_OK;
}

enum lethe_err lethe_selected_make(struct lethe_selected **selected,
                                   struct lethe_snapshot *snapshot,
                                   const struct lethe_settings *settings, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    return lethe_selected_by(selected, snapshot, settings, NULL, watch, err);
}
