/* SPDX-License-Identifier: MIT
 * codec, foci: dependence between columns of files; no model needed. Everything is in double. */
#include "base/alloc.h"
#include "cmd/commands.h"
#include "study/column_table.h"
#include "workbench/workbench.h"

struct table {
    struct lethe_column_table columns;
    struct lethe_codec_input input;
    struct lethe_foci_options options;
    struct lethe_foci_result selected;
    struct lethe_codec_value value;
};

static void free_table(void *arg)
{
    struct table *table = arg;
    lethe_foci_result_release(&table->selected);
    lethe_column_table_release(&table->columns);
    lethe_free(table);
}

static enum lethe_err new_table(struct table **out, struct lethe_call *call,
                                struct lethe_error *err)
{
    const struct lethe_settings *settings = &call->wb->settings;
    struct table *table = lethe_alloc_zero(1, sizeof *table);
    if (!table)
        return lethe_fail_memory(err, "table", 1, sizeof *table);
    enum lethe_err code =
        lethe_column_table_read(&table->columns, lethe_args_text(&call->args, "x", ""),
                                lethe_args_text(&call->args, "y", ""), err);
    if (code) {
        free_table(table);
        return code;
    }
    table->options.codec.seed = lethe_settings_count(settings, LETHE_SET_SEED);
    table->options.codec.scaling =
        lethe_args_choice(&call->args, "scaling", 0) ? LETHE_SCALING_NONE : LETHE_SCALING_SD;
    table->options.codec.jitter = lethe_args_real(&call->args, "jitter", 0);
    table->options.codec.threads = call->wb->threads;
    *out = table;
    return LETHE_OK;
}

static void set_task(struct lethe_call *call, struct table *table, lethe_task_run *run,
                     lethe_task_finish *finish)
{
    table->input = lethe_column_table_input(&table->columns);
    lethe_call_task(call, run, finish, free_table, table);
}

/* ---- codec ----------------------------------------------------------------------------------- */

static enum lethe_err work_codec(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct table *table = arg;
    return lethe_column_table_codec(&table->value, &table->columns, &table->options.codec, watch,
                                    err);
}

static enum lethe_err finish_codec(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                   struct lethe_error *err)
{
    (void)wb;
    (void)err;
    const struct table *table = arg;
    const int constant = lethe_column_table_constant(&table->columns);
    if (constant)
        lethe_put_null(out, "value");
    else
        lethe_put_real(out, "value", table->value.defined ? table->value.value : 0);
    lethe_put_int(out, "numerator", table->value.numerator);
    lethe_put_int(out, "denominator", table->value.denominator);
    lethe_put_count(out, "rows", table->columns.n);
    lethe_put_count(out, "x_columns", table->columns.x_columns);
    lethe_put_count(out, "z_columns", table->columns.z_columns);
    if (constant)
        lethe_put_note(out, "undefined: y is constant");
    else if (!table->value.defined)
        lethe_put_note(out, "y is already a function of x: z adds nothing");
    return LETHE_OK;
}

static enum lethe_err run_codec(struct lethe_call *call, struct lethe_error *err)
{
    struct table *table = NULL;
    enum lethe_err code = new_table(&table, call, err);
    if (code)
        return code;
    if (lethe_args_given(&call->args, "z"))
        code =
            lethe_column_table_widen(&table->columns, lethe_args_text(&call->args, "z", ""), err);
    if (code) {
        free_table(table);
        return code;
    }
    set_task(call, table, work_codec, finish_codec);
    return LETHE_OK;
}

#define NEEDED_FILE (LETHE_ARG_KEYED | LETHE_ARG_NEEDED)
#define TABLES                                                                                     \
    {.name = "x",                                                                                  \
     .kind = LETHE_ARG_PATH,                                                                       \
     .flags = NEEDED_FILE,                                                                         \
     .help = "csv or npy, one row a sample"},                                                      \
    {                                                                                              \
        .name = "y", .kind = LETHE_ARG_PATH, .flags = NEEDED_FILE,                                 \
        .help = "csv or npy, one column"                                                           \
    }
static const struct lethe_arg_spec codec_args[] = {
    TABLES,
    {.name = "z",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED,
     .help = "csv or npy: T(y, z | x)"},
    LETHE_ARGS_OF_COLUMNS,
};

const struct lethe_command lethe_command_codec = {
    .name = "codec",
    .group = LETHE_GROUP_TOOLS,
    .summary = "Measure how far y depends on x, or on z given x",
    .detail = "T(y, x), or T(y, z | x) when z is given: 0 for independence, 1 when y is a function "
              "of the columns (Azadkia and Chatterjee 2021). Ties between equally near rows are "
              "broken from the seed.",
    .examples = "codec x=X.csv y=y.csv\ncodec x=X.npy y=y.npy z=Z.npy scaling=none",
    LETHE_ARGS(codec_args),
    .run = run_codec,
};

/* ---- foci ------------------------------------------------------------------------------------ */

static enum lethe_err work_foci(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct table *table = arg;
    return lethe_foci_run(&table->selected, &table->input, &table->options, watch, err);
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
    struct table *table = NULL;
    enum lethe_err code = new_table(&table, call, err);
    if (code)
        return code;
    table->options.max = lethe_args_count(&call->args, "max", 0);
    table->options.stop = lethe_args_choice(&call->args, "stop", 0) == 0;
    set_task(call, table, work_foci, finish_foci);
    return LETHE_OK;
}

static const struct lethe_arg_spec foci_args[] = {
    TABLES,
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
