/* SPDX-License-Identifier: MIT
 * why, null, stability: how much a score is worth. Each perturbs one forget sample anew, with the
 * same stream as `select`, so it looks at the same numbers. */
#include <math.h>
#include <string.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "workbench/movable.h"
#include "workbench/put_class.h"
#include "workbench/why_weight.h"
#include "study/probe.h"
#include "workbench/workbench.h"

struct asking {
    struct lethe_snapshot *snapshot; /* the workbench's, when it was asked */
    struct lethe_settings settings;
    struct lethe_probe probe;
    size_t unit, given_count, *given; /* why: the unit, and the units before it */
    struct lethe_codec_pairs pairs;   /* why */
    size_t rounds;                    /* null: permutations; stability: runs */
    double band, *marginal;           /* null; (units) */
    size_t *times;                    /* stability: (units) */
};

static void free_asking(void *arg)
{
    struct asking *asking = arg;
    lethe_probe_release(&asking->probe);
    lethe_codec_pairs_release(&asking->pairs);
    lethe_snapshot_unref(asking->snapshot);
    lethe_free(asking->given);
    lethe_free(asking->marginal);
    lethe_free(asking->times);
    lethe_free(asking);
}

/* Fills call->task; what is asked is the caller's to add. */
static enum lethe_err new_asking(struct asking **out, struct lethe_call *call, lethe_task_run *run,
                                 lethe_task_finish *finish, struct lethe_error *err)
{
    const struct lethe_project *project = &call->wb->project;
    const size_t sample = lethe_args_count(&call->args, "sample", project->forget.at[0]);
    if (!lethe_ids_has(&project->forget, sample))
        return lethe_fail(err, LETHE_EARG, "sample %zu is not in the forget set: 'forget list'",
                          sample);
    struct asking *asking = lethe_alloc_zero(1, sizeof *asking);
    if (!asking)
        return lethe_fail_memory(err, "probe", 1, sizeof *asking);
    lethe_call_task(call, run, finish, free_asking, asking);
    call->task.lasting = 1;
    asking->settings = call->wb->settings;
    *out = asking;
    struct lethe_snapshot *snapshot = call->wb->snapshot;
    enum lethe_err code = lethe_probe_init(&asking->probe, project->graph, project->train,
                                           project->w, sample, &asking->settings, err);
    if (!code && lethe_workbench_head_only(call->wb))
        code = lethe_workbench_snapshot(call->wb, &snapshot, err);
    if (!code && snapshot) {
        asking->snapshot = lethe_snapshot_ref(snapshot);
        lethe_probe_confine(&asking->probe, snapshot);
    }
    return code;
}

/* Are sample, weights and perturbation still those that were asked about? */
static int still_holds(const struct lethe_workbench *wb, const struct asking *asking)
{
    return wb->snapshot == asking->snapshot &&
           !(lethe_settings_stale(&wb->settings, &asking->settings) & LETHE_PART_SELECTION);
}

static void put_unit(struct lethe_value *item, const char *key, const struct lethe_graph *graph,
                     size_t unit)
{
    char name[LETHE_UNIT_NAME];
    lethe_unit_name(name, sizeof name, graph, unit);
    lethe_put_text(item, key, name);
}

static void put_sample(struct lethe_value *out, const struct asking *asking)
{
    lethe_hint(lethe_put_count(out, "sample", asking->probe.sample), LETHE_HINT_PLAIN);
    lethe_put_class(out, "label", "class", asking->probe.data,
                    lethe_dataset_label(asking->probe.data, asking->probe.sample));
}

#define SAMPLE_ARG                                                                                 \
    {                                                                                              \
        .name = "sample", .kind = LETHE_ARG_INT, .flags = LETHE_ARG_KEYED, .max = 1e15,            \
        .help = "forget sample looked at (the first)"                                              \
    }

/* ---- why ------------------------------------------------------------------------------------- */

static enum lethe_err work_why(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct asking *asking = arg;
    return lethe_probe_why(&asking->pairs, &asking->probe, asking->unit, asking->given,
                           asking->given_count, watch, err);
}

/* The copies whose neighbours speak loudest for the unit. */
static void put_pairs(struct lethe_value *out, const struct asking *asking)
{
    enum { LOUDEST = 8 };
    const struct lethe_perturbation *noisy = &asking->probe.noisy;
    struct lethe_value *list = lethe_put_list(out, "pairs");
    size_t copies[LOUDEST];
    const size_t count = lethe_probe_loudest(copies, LOUDEST, &asking->pairs);
    for (size_t i = 0; i < count; i++) {
        const size_t copy = copies[i];
        const struct lethe_codec_pair *pair = &asking->pairs.pair[copy];
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_count(item, "copy", copy);
        lethe_put_real(item, "activation", (double)noisy->a[copy * noisy->units + asking->unit]);
        lethe_put_real(item, "loss", noisy->loss[copy]);
        lethe_put_count(item, "neighbour", pair->after);
        lethe_put_real(item, "its_loss", noisy->loss[pair->after]);
        lethe_put_int(item, "gain", pair->gain);
    }
}

static enum lethe_err finish_why(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                 struct lethe_error *err)
{
    (void)err;
    const struct asking *asking = arg;
    if (still_holds(wb, asking))
        lethe_workbench_saw(wb, &asking->probe, asking->unit, asking->given_count,
                            &asking->pairs.value);
    const struct lethe_perturbation *noisy = &asking->probe.noisy;
    const struct lethe_codec_value *value = &asking->pairs.value;
    put_unit(out, "unit", asking->probe.graph, asking->unit);
    put_sample(out, asking);
    struct lethe_value *given = lethe_put_list(out, "given");
    for (size_t i = 0; i < asking->given_count; i++)
        put_unit(given, NULL, asking->probe.graph, asking->given[i]);
    lethe_hint(lethe_put_real(out, "score", value->defined ? value->value : NAN), LETHE_HINT_FIXED);
    lethe_put_int(out, "numerator", value->numerator);
    lethe_put_int(out, "denominator", value->denominator);
    lethe_put_bool(out, "dead", noisy->dead[asking->unit]);
    lethe_put_count(out, "copies", noisy->count);
    put_pairs(out, asking);
    struct lethe_value *activation =
        lethe_hint(lethe_put_list(out, "activation"), LETHE_HINT_QUIET);
    struct lethe_value *loss = lethe_hint(lethe_put_list(out, "loss"), LETHE_HINT_QUIET);
    for (size_t i = 0; i < noisy->count; i++) {
        lethe_put_real(activation, NULL, (double)noisy->a[i * noisy->units + asking->unit]);
        lethe_put_real(loss, NULL, noisy->loss[i]);
    }
    if (!value->defined)
        lethe_put_note(out, "undefined: the loss is constant, or already a function of the units "
                            "before this one");
    return LETHE_OK;
}

/* Units that stand before this one in the order. */
static enum lethe_err take_given(struct asking *asking, const struct lethe_selected *selected,
                                 struct lethe_error *err)
{
    size_t count = selected ? selected->selection.count : 0, at = 0;
    while (at < count && selected->selection.picks[at].unit != asking->unit)
        at++;
    if (at == count)
        return LETHE_OK;
    asking->given = lethe_alloc(at, sizeof *asking->given);
    if (!asking->given)
        return lethe_fail_memory(err, "units", at, sizeof *asking->given);
    for (size_t i = 0; i < at; i++)
        asking->given[i] = selected->selection.picks[i].unit;
    asking->given_count = at;
    return LETHE_OK;
}

static enum lethe_err run_why(struct lethe_call *call, struct lethe_error *err)
{
    struct asking *asking = NULL;
    size_t unit = 0;
    enum lethe_err code = lethe_unit_find(&unit, call->wb->project.graph,
                                          lethe_args_text(&call->args, "UNIT", ""), err);
    if (!code && lethe_unit_at(call->wb->project.graph, unit).weight)
        return lethe_why_weight_put(call->out, call->wb,
                                    lethe_unit_at(call->wb->project.graph, unit).index, err);
    if (!code && unit >= lethe_unit_count(call->wb->project.graph))
        code = lethe_fail(err, LETHE_EARG, "a group has no activation and so no score");
    if (!code)
        code = new_asking(&asking, call, work_why, finish_why, err);
    if (code)
        return code;
    asking->unit = unit;
    int alone = lethe_args_choice(&call->args, "given", 0) == 1;
    return alone ? LETHE_OK : take_given(asking, call->wb->selected, err);
}

static const struct lethe_arg_spec why_args[] = {
    {.name = "UNIT",
     .kind = LETHE_ARG_UNIT,
     .flags = LETHE_ARG_NEEDED,
     .help = "fc1[33], fc1.weight[22,46]"},
    SAMPLE_ARG,
    {.name = "given",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "order|none",
     .help = "the units before it in the order, or none (order)"},
};

#define NEEDS (LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET)

const struct lethe_command lethe_command_why = {
    .name = "why",
    .group = LETHE_GROUP_SELECT,
    .flags = NEEDS,
    .summary = "Show the pairs behind a unit's score",
    .detail =
        "Every noisy copy of the sample is paired with its nearest neighbour in the units "
        "before this one, and with its nearest neighbour when this one is added. A gain says "
        "by how many ranks the second neighbour's loss is the better guess; the sum of the "
        "gains is the numerator of the score. Of a single weight, fc1.weight[22,46] or w[1454]: "
        "what it multiplies, what pulls at it, what the step of the whole network does with "
        "it, the share of that step's decrease it can make alone (reach), and its place in the "
        "order of 'select method=weights'.",
    .examples = "why fc3[1]\nwhy fc3[1] given=none sample=17\nwhy fc1.weight[22,46]",
    LETHE_ARGS(why_args),
    .run = run_why,
};

/* ---- null ------------------------------------------------------------------------------------ */

static enum lethe_err work_null(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct asking *asking = arg;
    return lethe_probe_null(&asking->band, &asking->marginal, &asking->probe, asking->rounds, watch,
                            err);
}

static enum lethe_err finish_null(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                  struct lethe_error *err)
{
    (void)err;
    const struct asking *asking = arg;
    size_t above = 0;
    if (still_holds(wb, asking)) {
        wb->checks.null =
            (struct lethe_null_band){asking->probe.sample, asking->rounds, asking->band};
        wb->version++;
    }
    put_sample(out, asking);
    lethe_hint(lethe_put_real(out, "band", asking->band), LETHE_HINT_FIXED);
    lethe_put_count(out, "permutations", asking->rounds);
    lethe_put_count(out, "units", asking->probe.noisy.units);
    for (size_t u = 0; u < asking->probe.noisy.units; u++)
        above += asking->marginal[u] > asking->band;
    lethe_put_count(out, "above", above);
    struct lethe_value *list = lethe_put_list(out, "units_above");
    for (size_t u = 0; u < asking->probe.noisy.units; u++) {
        if (asking->marginal[u] <= asking->band)
            continue;
        struct lethe_value *item = lethe_put_object(list, NULL);
        put_unit(item, "unit", asking->probe.graph, u);
        lethe_hint(lethe_put_real(item, "marginal", asking->marginal[u]),
                   LETHE_HINT_FIXED | LETHE_HINT_BAR);
    }
    return LETHE_OK;
}

static enum lethe_err run_null(struct lethe_call *call, struct lethe_error *err)
{
    struct asking *asking = NULL;
    enum lethe_err code = new_asking(&asking, call, work_null, finish_null, err);
    if (!code)
        asking->rounds = lethe_args_count(&call->args, "permutations", 200);
    return code;
}

static const struct lethe_arg_spec null_args[] = {
    SAMPLE_ARG,
    {.name = "permutations",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 20,
     .max = 100000,
     .help = "of the losses (200)"},
};

const struct lethe_command lethe_command_null = {
    .name = "null",
    .group = LETHE_GROUP_SELECT,
    .flags = NEEDS,
    .summary = "Find how large a score chance alone gives",
    .detail = "The losses of the noisy copies are permuted; the band is the 95 % point of the "
              "largest marginal T over all units. A unit below it may be tied to the sample by "
              "chance.",
    LETHE_ARGS(null_args),
    .run = run_null,
};

/* ---- stability ------------------------------------------------------------------------------- */

static enum lethe_err work_stability(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct asking *asking = arg;
    return lethe_probe_stability(&asking->times, &asking->probe, asking->rounds, watch, err);
}

static enum lethe_err finish_stability(struct lethe_workbench *wb, void *arg,
                                       struct lethe_value *out, struct lethe_error *err)
{
    struct asking *asking = arg;
    const size_t units = asking->probe.noisy.units, *times = asking->times;
    size_t count, *order = lethe_probe_order(&count, times, units, err);
    if (!order)
        return err->code;
    put_sample(out, asking);
    lethe_put_count(out, "runs", asking->rounds);
    struct lethe_value *list = lethe_put_list(out, "selected");
    for (size_t i = 0; i < count; i++) {
        struct lethe_value *item = lethe_put_object(list, NULL);
        put_unit(item, "unit", asking->probe.graph, order[i]);
        lethe_put_count(item, "times", times[order[i]]);
        lethe_hint(lethe_put_real(item, "share", (double)times[order[i]] / (double)asking->rounds),
                   LETHE_HINT_FIXED | LETHE_HINT_BAR);
    }
    lethe_free(order);
    if (still_holds(wb, asking)) {
        struct lethe_stable *stable = &wb->checks.stable;
        lethe_free(stable->times);
        *stable = (struct lethe_stable){asking->probe.sample, asking->rounds, units, asking->times};
        asking->times = NULL;
        wb->version++;
    }
    return LETHE_OK;
}

static enum lethe_err run_stability(struct lethe_call *call, struct lethe_error *err)
{
    struct asking *asking = NULL;
    enum lethe_err code = new_asking(&asking, call, work_stability, finish_stability, err);
    if (!code)
        asking->rounds = lethe_args_count(&call->args, "runs", 20);
    return code;
}

static const struct lethe_arg_spec stability_args[] = {
    SAMPLE_ARG,
    {.name = "runs",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 10000,
     .help = "selections on resampled copies (20)"},
};

const struct lethe_command lethe_command_stability = {
    .name = "stability",
    .group = LETHE_GROUP_SELECT,
    .flags = NEEDS,
    .summary = "Count how often each unit is selected on resampled copies",
    .detail = "L-FOCI on the distinct rows of bootstrap samples of the noisy copies: a unit that "
              "is selected nearly always can be relied upon.",
    LETHE_ARGS(stability_args),
    .run = run_stability,
};
