/* SPDX-License-Identifier: MIT
 * stability: how often each unit is selected on resampled copies of a sample. */
#include "base/alloc.h"
#include "cmd/commands.h"
#include "workbench/put_unit.h"
#include "workbench/sample_probe.h"
#include "workbench/workbench.h"

struct asking {
    struct lethe_sample_probe of;
    size_t rounds; /* runs */
    size_t *times; /* (units) in so many of them */
};

static void free_asking(void *arg)
{
    struct asking *asking = arg;
    lethe_sample_probe_release(&asking->of);
    lethe_free(asking->times);
    lethe_free(asking);
}

static enum lethe_err work_stability(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct asking *asking = arg;
    return lethe_probe_stability(&asking->times, &asking->of.probe, asking->rounds, watch, err);
}

static enum lethe_err finish_stability(struct lethe_workbench *wb, void *arg,
                                       struct lethe_value *out, struct lethe_error *err)
{
    struct asking *asking = arg;
    const size_t units = asking->of.probe.noisy.units, *times = asking->times;
    size_t count, *order = lethe_probe_order(&count, times, units, err);
    if (!order)
        return err->code;
    lethe_sample_probe_put(out, &asking->of);
    lethe_put_count(out, "runs", asking->rounds);
    struct lethe_value *list = lethe_put_list(out, "selected");
    for (size_t i = 0; i < count; i++) {
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_unit(item, "unit", asking->of.probe.graph, order[i]);
        lethe_put_count(item, "times", times[order[i]]);
        lethe_hint(lethe_put_real(item, "share", (double)times[order[i]] / (double)asking->rounds),
                   LETHE_HINT_FIXED | LETHE_HINT_BAR);
    }
    lethe_free(order);
    if (lethe_sample_probe_holds(&asking->of, wb)) {
        struct lethe_stable *stable = &wb->checks.stable;
        lethe_free(stable->times);
        *stable =
            (struct lethe_stable){asking->of.probe.sample, asking->rounds, units, asking->times};
        asking->times = NULL;
        wb->version++;
    }
    return LETHE_OK;
}

static enum lethe_err run_stability(struct lethe_call *call, struct lethe_error *err)
{
    struct asking *asking = lethe_alloc_zero(1, sizeof *asking);
    if (!asking)
        return lethe_fail_memory(err, "probe", 1, sizeof *asking);
    lethe_call_task(call, work_stability, finish_stability, free_asking, asking);
    call->task.lasting = 1;
    asking->rounds = lethe_args_count(&call->args, "runs", 20);
    return lethe_sample_probe_init(&asking->of, call->wb, &call->args, err);
}

static const struct lethe_arg_spec stability_args[] = {
    LETHE_ARG_OF_PROBE,
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
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET,
    .summary = "Count how often each unit is selected on resampled copies",
    .detail = "L-FOCI on the distinct rows of bootstrap samples of the noisy copies: a unit that "
              "is selected nearly always can be relied upon.",
    LETHE_ARGS(stability_args),
    .run = run_stability,
};
