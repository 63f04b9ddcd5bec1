/* SPDX-License-Identifier: MIT
 * Which units a training penalises, as `train penalty=` names them, and with what. */
#ifndef LETHE_WORKBENCH_PENALTY_H
#define LETHE_WORKBENCH_PENALTY_H

#include "lethe/train.h"
#include "text/args.h"
#include "text/result.h"
#include "workbench/project.h"

struct lethe_penalty {
    char *text; /* as given; NULL: no penalty */
    double strength;
    uint64_t seed;
    unsigned threads;
    struct lethe_dataset *heldout; /* of "spurious": samples that say which, */
    size_t *ids, id_count;
    double *w;            /* and weights that are looked at */
    size_t *units, count; /* what was found */
    double *contrast;     /* (samples that are trained on) */
};

#define LETHE_ARGS_OF_PENALTIES                                                                    \
    {.name = "penalty",                                                                            \
     .kind = LETHE_ARG_TEXT,                                                                       \
     .flags = LETHE_ARG_KEYED,                                                                     \
     .help = "units kept from telling the mark: spurious[:8], random[:8], all, fc1[3],fc1[5]"},    \
    {                                                                                              \
        .name = "strength", .kind = LETHE_ARG_REAL, .flags = LETHE_ARG_KEYED, .max = 1e6,          \
        .help = "of the penalty (0.1)"                                                             \
    }

/* Reads penalty= and strength=; without them the penalty stays as it is. LETHE_EARG where the
 * method takes none. */
enum lethe_err lethe_penalty_read(struct lethe_penalty *penalty, const struct lethe_args *args,
                                  enum lethe_train_method method, uint64_t seed,
                                  struct lethe_error *err);
void lethe_penalty_release(struct lethe_penalty *penalty); /* zeroed ok */
/* Takes from the project what the units' names need: spurious[:8] (the eight that depend most on
 * the mark in the network there is, by the tune half), random[:8] (drawn from the seed), all, or
 * units with commas between. text, strength, seed and threads are set before; text becomes the
 * penalty's. LETHE_EARG: samples without two groups, a network whose units are not those looked at,
 * unknown units, units of the last layer. */
enum lethe_err lethe_penalty_begin(struct lethe_penalty *penalty,
                                   const struct lethe_project *project,
                                   const struct lethe_graph *graph,
                                   const struct lethe_dataset *train, struct lethe_error *err);
/* Finds the units and the contrasts of the samples ids (count) of train; *out borrows both. */
enum lethe_err lethe_penalty_make(struct lethe_train_penalty *out, struct lethe_penalty *penalty,
                                  struct lethe_graph *graph, const struct lethe_dataset *train,
                                  const size_t *ids, size_t count, struct lethe_watch *watch,
                                  struct lethe_error *err);
/* Strength and units. */
void lethe_penalty_put(struct lethe_value *out, const struct lethe_penalty *penalty,
                       const struct lethe_graph *graph);

#endif
