/* SPDX-License-Identifier: MIT
 * foci: which columns of a file another one depends on, selected one by one; no model is needed. */
#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/table_arguments.h"

struct table {
    struct lethe_column_table columns;
    struct lethe_foci_options options;
    struct lethe_foci_result selected;
};

static void free_table(void *arg)
{
    struct table *table = arg;
    lethe_foci_result_release(&table->selected);
    lethe_column_table_release(&table->columns);
    lethe_free(table);
}

static enum lethe_err work_foci(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct table *table = arg;
    const struct lethe_codec_input input = lethe_column_table_input(&table->columns);
    return lethe_foci_run(&table->selected, &input, &table->options, watch, err);
}

/* JSON has three arrays, as other programs of this kind; text has a table with the runners-up. */
static void put_steps(struct lethe_value *out, const struct lethe_foci_result *result)
{
    struct lethe_value *list = lethe_put_list(out, "selected");
    struct lethe_value *order = lethe_hint(lethe_put_list(out, "order"), LETHE_HINT_QUIET);
    struct lethe_value *gains = lethe_hint(lethe_put_list(out, "conditional"), LETHE_HINT_QUIET);
    struct lethe_value *sums = lethe_hint(lethe_put_list(out, "cumulative"), LETHE_HINT_QUIET);
    for (size_t i = 0; i < result->selected; i++) {
        const struct lethe_foci_step *step = &result->steps[i];
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_hint(lethe_put_count(item, "column", step->column), LETHE_HINT_PLAIN);
        lethe_hint(lethe_put_real(item, "conditional", step->conditional), LETHE_HINT_FIXED);
        lethe_hint(lethe_put_real(item, "cumulative", step->cumulative), LETHE_HINT_FIXED);
        struct lethe_value *runners = lethe_put_list(item, "runners_up");
        for (size_t r = 0; r < step->runner_count; r++)
            lethe_hint(lethe_put_count(runners, NULL, step->runners[r].column), LETHE_HINT_PLAIN);
        lethe_put_count(order, NULL, step->column);
        lethe_put_real(gains, NULL, step->conditional);
        lethe_put_real(sums, NULL, step->cumulative);
    }
}

static enum lethe_err finish_foci(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                  struct lethe_error *err)
{
    (void)wb;
    (void)err;
    const struct table *table = arg;
    const struct lethe_foci_result *result = &table->selected;
    put_steps(out, result);
    struct lethe_value *marginal = lethe_hint(lethe_put_list(out, "marginal"), LETHE_HINT_QUIET);
    for (size_t j = 0; j < result->p; j++)
        lethe_put_real(marginal, NULL, result->marginal[j]);
    lethe_put_text(out, "scaling", result->scaling == LETHE_SCALING_SD ? "sd" : "none");
    lethe_put_text(out, "stopped", lethe_foci_stop_name(result->stopped));
    lethe_put_count(out, "n", result->n);
    lethe_put_count(out, "p", result->p);
    return LETHE_OK;
}

static enum lethe_err run_foci(struct lethe_call *call, struct lethe_error *err)
{
    struct table *table = lethe_alloc_zero(1, sizeof *table);
    if (!table)
        return lethe_fail_memory(err, "table", 1, sizeof *table);
    lethe_call_task(call, work_foci, finish_foci, free_table, table);
    table->options.max = lethe_args_count(&call->args, "max", 0);
    table->options.stop = lethe_args_choice(&call->args, "stop", 0) == 0;
    return lethe_table_arguments_read(&table->columns, &table->options.codec, call, err);
}

static const struct lethe_arg_spec foci_args[] = {
    LETHE_ARGS_OF_TABLES,
    {.name = "max",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 1e6,
     .help = "columns to select at most (all)"},
    LETHE_ARGS_OF_COLUMNS,
    {.name = "stop",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "on|off",
     .help = "stop where nothing is gained (on)"},
};

const struct lethe_command lethe_command_foci = {
    .name = "foci",
    .group = LETHE_GROUP_TOOLS,
    .summary = "Select the columns of x that y depends on, one by one",
    .detail = "First the column with the largest T(y, column), then, given those selected, the one "
              "with the largest conditional T; stops where that is 0 or less. Columns are numbered "
              "from 0. 'max=1 stop=off' is the cheap mode of the paper: the best single column.",
    .examples = "foci x=X.csv y=y.csv\nfoci x=X.npy y=y.npy max=10 stop=off",
    LETHE_ARGS(foci_args),
    .run = run_foci,
};
