/* SPDX-License-Identifier: MIT
 * null: how large a score chance alone gives. */
#include "base/alloc.h"
#include "cmd/commands.h"
#include "workbench/put_unit.h"
#include "workbench/sample_probe.h"
#include "workbench/workbench.h"

struct asking {
    struct lethe_sample_probe of;
    size_t rounds;          /* permutations */
    double band, *marginal; /* (units) */
};

static void free_asking(void *arg)
{
    struct asking *asking = arg;
    lethe_sample_probe_release(&asking->of);
    lethe_free(asking->marginal);
    lethe_free(asking);
}

static enum lethe_err work_null(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct asking *asking = arg;
    return lethe_probe_null(&asking->band, &asking->marginal, &asking->of.probe, asking->rounds,
                            watch, err);
}

static enum lethe_err finish_null(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                  struct lethe_error *err)
{
    (void)err;
    const struct asking *asking = arg;
    size_t above = 0;
    if (lethe_sample_probe_holds(&asking->of, wb)) {
        wb->checks.null =
            (struct lethe_null_band){asking->of.probe.sample, asking->rounds, asking->band};
        wb->version++;
    }
    lethe_sample_probe_put(out, &asking->of);
    lethe_hint(lethe_put_real(out, "band", asking->band), LETHE_HINT_FIXED);
    lethe_put_count(out, "permutations", asking->rounds);
    lethe_put_count(out, "units", asking->of.probe.noisy.units);
    for (size_t u = 0; u < asking->of.probe.noisy.units; u++)
        above += asking->marginal[u] > asking->band;
    lethe_put_count(out, "above", above);
    struct lethe_value *list = lethe_put_list(out, "units_above");
    for (size_t u = 0; u < asking->of.probe.noisy.units; u++) {
        if (asking->marginal[u] <= asking->band)
            continue;
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_unit(item, "unit", asking->of.probe.graph, u);
        lethe_hint(lethe_put_real(item, "marginal", asking->marginal[u]),
                   LETHE_HINT_FIXED | LETHE_HINT_BAR);
    }
    return LETHE_OK;
}

static enum lethe_err run_null(struct lethe_call *call, struct lethe_error *err)
{
    struct asking *asking = lethe_alloc_zero(1, sizeof *asking);
    if (!asking)
        return lethe_fail_memory(err, "probe", 1, sizeof *asking);
    lethe_call_task(call, work_null, finish_null, free_asking, asking);
    call->task.lasting = 1;
    asking->rounds = lethe_args_count(&call->args, "permutations", 200);
    return lethe_sample_probe_init(&asking->of, call->wb, &call->args, err);
}

static const struct lethe_arg_spec null_args[] = {
    LETHE_ARG_OF_PROBE,
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
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET,
    .summary = "Find how large a score chance alone gives",
    .detail = "The losses of the noisy copies are permuted; the band is the 95 % point of the "
              "largest marginal T over all units. A unit below it may be tied to the sample by "
              "chance.",
    LETHE_ARGS(null_args),
    .run = run_null,
};
