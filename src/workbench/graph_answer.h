/* SPDX-License-Identifier: MIT
 * `generate graph`: samples of bullseye graphs as files, and how well FOCI finds the blanket in
 * them, as a table over numbers of variables and samples. */
#ifndef LETHE_WORKBENCH_GRAPH_ANSWER_H
#define LETHE_WORKBENCH_GRAPH_ANSWER_H

#include "text/command.h"

#define LETHE_ARGS_OF_GRAPHS                                                                       \
    {.name = "variables",                                                                          \
     .kind = LETHE_ARG_TEXT,                                                                       \
     .flags = LETHE_ARG_KEYED,                                                                     \
     .help = "graph: variables beside the target (3,10,30)"},                                      \
        {.name = "samples",                                                                        \
         .kind = LETHE_ARG_TEXT,                                                                   \
         .flags = LETHE_ARG_KEYED,                                                                 \
         .help = "graph: samples (200,1000,5000)"},                                                \
        {.name = "form",                                                                           \
         .kind = LETHE_ARG_CHOICE,                                                                 \
         .flags = LETHE_ARG_KEYED,                                                                 \
         .choices = "linear|nonlinear",                                                            \
         .help = "graph: how causes work (both)"},                                                 \
        {.name = "graphs",                                                                         \
         .kind = LETHE_ARG_INT,                                                                    \
         .flags = LETHE_ARG_KEYED,                                                                 \
         .min = 1,                                                                                 \
         .max = 1000,                                                                              \
         .help = "graph: how many of each kind are drawn (10)"},                                   \
    {                                                                                              \
        .name = "folder", .kind = LETHE_ARG_PATH, .flags = LETHE_ARG_KEYED,                        \
        .help = "graph: where x.csv and y.csv of the first go"                                     \
    }

/* Reads variables=, samples=, form=, graphs= and folder= and leaves the task. */
enum lethe_err lethe_graph_answer(struct lethe_call *call, uint64_t seed, struct lethe_error *err);

#endif
