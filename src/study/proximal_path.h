/* SPDX-License-Identifier: MIT
 * The proximal yardstick, for networks whose retraining follows a recipe and never ends at a
 * minimum (Bae et al., NeurIPS 2022): from the model's weights the recipe goes on without the
 * forget samples and with all of them, through the same batches, for several lengths and training
 * seeds. What the two differ by is what removal does; where the step lies on that path is what it
 * is worth. */
#ifndef LETHE_STUDY_PROXIMAL_PATH_H
#define LETHE_STUDY_PROXIMAL_PATH_H

#include "study/variant.h"

enum { LETHE_PROXIMAL_LENGTHS = 4, LETHE_PROXIMAL_SEEDS = 8 };

struct lethe_proximal_length {
    size_t epochs;
    double time;                         /* T: sum over its steps of rate / (1 - momentum) */
    struct lethe_proximal probs, logits; /* over forget, retained and held-out samples */
    double kl;                           /* retrained to control on the forget samples, mean */
};
struct lethe_proximal_path {
    struct lethe_proximal_length at[LETHE_PROXIMAL_LENGTHS]; /* ascending */
    size_t count, seeds;
    size_t nearest; /* the length whose change the step makes most of */
    double mu;      /* damping of the step */
    size_t parameters;
    char note[LETHE_VARIANT_NOTE]; /* why no step could be taken; "" */
    double seconds;                /* of all trainings together */
};

/* Of a prepared base: the recipe's length and fractions of it. LETHE_EARG where retraining goes on
 * to a minimum or samples are missing. */
enum lethe_err lethe_proximal_path_make(struct lethe_proximal_path *path,
                                        struct lethe_comparison_base *base, size_t seeds,
                                        unsigned threads, struct lethe_watch *watch,
                                        struct lethe_error *err);

#endif
