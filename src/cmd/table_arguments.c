/* SPDX-License-Identifier: MIT
 * What `codec` and `foci` are told, read from their arguments and the settings. */
#include "cmd/table_arguments.h"

#include "workbench/workbench.h"

enum lethe_err lethe_table_arguments_read(struct lethe_column_table *table,
                                          struct lethe_codec_options *options,
                                          const struct lethe_call *call, struct lethe_error *err)
{
    const struct lethe_args *args = &call->args;
    options->seed = lethe_settings_count(&call->wb->settings, LETHE_SET_SEED);
    options->scaling =
        lethe_args_choice(args, "scaling", 0) ? LETHE_SCALING_NONE : LETHE_SCALING_SD;
    options->jitter = lethe_args_real(args, "jitter", 0);
    options->threads = call->wb->threads;
    return lethe_column_table_read(table, lethe_args_text(args, "x", ""),
                                   lethe_args_text(args, "y", ""), err);
}
