/* SPDX-License-Identifier: MIT
 * why: the pairs of noisy copies behind a unit's score; of a single weight, what the step does with
 * it. */
#include <math.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "workbench/put_unit.h"
#include "workbench/sample_probe.h"
#include "workbench/why_weight.h"
#include "workbench/workbench.h"

struct asking {
    struct lethe_sample_probe of;
    size_t unit, given_count, *given; /* the unit, and (given_count) units before it */
    struct lethe_codec_pairs pairs;
};

static void free_asking(void *arg)
{
    struct asking *asking = arg;
    lethe_sample_probe_release(&asking->of);
    lethe_codec_pairs_release(&asking->pairs);
    lethe_free(asking->given);
    lethe_free(asking);
}

static enum lethe_err work_why(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct asking *asking = arg;
    return lethe_probe_why(&asking->pairs, &asking->of.probe, asking->unit, asking->given,
                           asking->given_count, watch, err);
}

/* The copies whose neighbours speak loudest for the unit. */
static void put_pairs(struct lethe_value *out, const struct asking *asking)
{
    enum { LOUDEST = 8 };
    const struct lethe_perturbation *noisy = &asking->of.probe.noisy;
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
    if (lethe_sample_probe_holds(&asking->of, wb))
        lethe_workbench_saw(wb, &asking->of.probe, asking->unit, asking->given_count,
                            &asking->pairs.value);
    const struct lethe_perturbation *noisy = &asking->of.probe.noisy;
    const struct lethe_codec_value *value = &asking->pairs.value;
    lethe_put_unit(out, "unit", asking->of.probe.graph, asking->unit);
    lethe_sample_probe_put(out, &asking->of);
    struct lethe_value *given = lethe_put_list(out, "given");
    for (size_t i = 0; i < asking->given_count; i++)
        lethe_put_unit(given, NULL, asking->of.probe.graph, asking->given[i]);
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
    const struct lethe_graph *graph = call->wb->project.graph;
    size_t unit = 0;
    enum lethe_err code =
        lethe_unit_find(&unit, graph, lethe_args_text(&call->args, "UNIT", ""), err);
    if (!code && lethe_unit_at(graph, unit).weight)
        return lethe_why_weight_put(call->out, call->wb, lethe_unit_at(graph, unit).index, err);
    if (!code && unit >= lethe_unit_count(graph))
        code = lethe_fail(err, LETHE_EARG, "a group has no activation and so no score");
    if (code)
        return code;
    struct asking *asking = lethe_alloc_zero(1, sizeof *asking);
    if (!asking)
        return lethe_fail_memory(err, "probe", 1, sizeof *asking);
    lethe_call_task(call, work_why, finish_why, free_asking, asking);
    call->task.lasting = 1;
    asking->unit = unit;
    code = lethe_sample_probe_init(&asking->of, call->wb, &call->args, err);
    const int alone = lethe_args_choice(&call->args, "given", 0) == 1;
    return code || alone ? code : take_given(asking, call->wb->selected, err);
}

static const struct lethe_arg_spec why_args[] = {
    {.name = "UNIT",
     .kind = LETHE_ARG_UNIT,
     .flags = LETHE_ARG_NEEDED,
     .help = "fc1[33], fc1.weight[22,46]"},
    LETHE_ARG_OF_PROBE,
    {.name = "given",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "order|none",
     .help = "the units before it in the order, or none (order)"},
};

const struct lethe_command lethe_command_why = {
    .name = "why",
    .group = LETHE_GROUP_SELECT,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET,
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
