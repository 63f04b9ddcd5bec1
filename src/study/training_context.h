/* SPDX-License-Identifier: MIT
 * Where further models of the workbench's project are made: by which recipe, on how many threads,
 * and in which folder they are kept. A copy, for jobs. */
#ifndef LETHE_STUDY_TRAINING_CONTEXT_H
#define LETHE_STUDY_TRAINING_CONTEXT_H

#include "lethe/session.h"
#include "lethe/train.h"

struct lethe_training_context {
    struct lethe_train_options recipe;
    char model_hash[LETHE_HASH_HEX], data_hash[LETHE_HASH_HEX];
    char *folder;     /* NULL: nothing is kept */
    unsigned threads; /* 0: one for each processor. Never changes a result */
};

void lethe_training_context_release(struct lethe_training_context *training); /* zeroed ok */

#endif
