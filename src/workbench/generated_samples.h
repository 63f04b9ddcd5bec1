/* SPDX-License-Identifier: MIT
 * What `generate` does to the project's samples: its arguments (but those of graphs), and the
 * samples as they are from then on. */
#ifndef LETHE_WORKBENCH_GENERATED_SAMPLES_H
#define LETHE_WORKBENCH_GENERATED_SAMPLES_H

#include "lethe/generate.h"
#include "text/args.h"
#include "workbench/workbench.h"

#define LETHE_ARGS_OF_GENERATORS                                                                   \
    {.name = "n",                                                                                  \
     .kind = LETHE_ARG_INT,                                                                        \
     .flags = LETHE_ARG_KEYED,                                                                     \
     .min = 1,                                                                                     \
     .max = 1e9,                                                                                   \
     .help = "samples (20)"},                                                                      \
        {.name = "from",                                                                           \
         .kind = LETHE_ARG_INT,                                                                    \
         .flags = LETHE_ARG_KEYED,                                                                 \
         .max = 1e6,                                                                               \
         .help = "confusion: one class (0)"},                                                      \
        {.name = "to",                                                                             \
         .kind = LETHE_ARG_INT,                                                                    \
         .flags = LETHE_ARG_KEYED,                                                                 \
         .max = 1e6,                                                                               \
         .help = "confusion: the other class; mark: the class it goes with (1)"},                  \
        {.name = "share",                                                                          \
         .kind = LETHE_ARG_REAL,                                                                   \
         .flags = LETHE_ARG_KEYED,                                                                 \
         .max = 1,                                                                                 \
         .help = "mark: share of that class that has it (0.9)"},                                   \
        {.name = "elsewhere",                                                                      \
         .kind = LETHE_ARG_REAL,                                                                   \
         .flags = LETHE_ARG_KEYED,                                                                 \
         .max = 1,                                                                                 \
         .help = "mark: share of all others that have it (0.05)"},                                 \
    {                                                                                              \
        .name = "size", .kind = LETHE_ARG_INT, .flags = LETHE_ARG_KEYED, .min = 1, .max = 1e6,     \
        .help = "mark: pixels along a side (2)"                                                    \
    }

/* LETHE_EARG where an argument is given that the kind does not take. */
enum lethe_err lethe_generate_args(struct lethe_generate_options *options,
                                   const struct lethe_args *args, enum lethe_generator kind,
                                   uint64_t seed, struct lethe_error *err);
/* Changes training and held-out samples of the workbench and keeps the record in its bundle, which
 * is made when there is none. *count: samples that were changed or added. LETHE_EARG: no data, or
 * generated ones already. */
enum lethe_err lethe_generate_samples(size_t *count, struct lethe_workbench *wb,
                                      const struct lethe_generate_options *options,
                                      struct lethe_error *err);

#endif
