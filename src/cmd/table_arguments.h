/* SPDX-License-Identifier: MIT
 * What `codec` and `foci` are told: the files of x and y, and how nearness is measured. No model is
 * needed; everything is in double. */
#ifndef LETHE_CMD_TABLE_ARGUMENTS_H
#define LETHE_CMD_TABLE_ARGUMENTS_H

#include "study/column_table.h"
#include "text/command.h"

#define LETHE_ARGS_OF_TABLES                                                                       \
    {.name = "x",                                                                                  \
     .kind = LETHE_ARG_PATH,                                                                       \
     .flags = LETHE_ARG_KEYED | LETHE_ARG_NEEDED,                                                  \
     .help = "csv or npy, one row a sample"},                                                      \
    {                                                                                              \
        .name = "y", .kind = LETHE_ARG_PATH, .flags = LETHE_ARG_KEYED | LETHE_ARG_NEEDED,          \
        .help = "csv or npy, one column"                                                           \
    }

/* Reads the files into table (zeroed before, released by the caller also after a failure) and
 * scaling=, jitter=, seed and threads into options. */
enum lethe_err lethe_table_arguments_read(struct lethe_column_table *table,
                                          struct lethe_codec_options *options,
                                          const struct lethe_call *call, struct lethe_error *err);

#endif
