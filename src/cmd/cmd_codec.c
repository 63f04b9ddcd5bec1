/* SPDX-License-Identifier: MIT
 * codec: how far one column of a file depends on others; no model is needed. */
#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/table_arguments.h"

struct table {
    struct lethe_column_table columns;
    struct lethe_codec_options options;
    struct lethe_codec_value value;
};

static void free_table(void *arg)
{
    struct table *table = arg;
    lethe_column_table_release(&table->columns);
    lethe_free(table);
}

static enum lethe_err work_codec(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct table *table = arg;
    return lethe_column_table_codec(&table->value, &table->columns, &table->options, watch, err);
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
    struct table *table = lethe_alloc_zero(1, sizeof *table);
    if (!table)
        return lethe_fail_memory(err, "table", 1, sizeof *table);
    lethe_call_task(call, work_codec, finish_codec, free_table, table);
    enum lethe_err code = lethe_table_arguments_read(&table->columns, &table->options, call, err);
    if (!code && lethe_args_given(&call->args, "z"))
        code =
            lethe_column_table_widen(&table->columns, lethe_args_text(&call->args, "z", ""), err);
    return code;
}

static const struct lethe_arg_spec codec_args[] = {
    LETHE_ARGS_OF_TABLES,
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
