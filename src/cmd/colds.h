/* SPDX-License-Identifier: MIT
 * Cold retrains: several models from fresh weights, on several threads, kept on disk. One retrain
 * is a pure function of model, data, retained samples, weight decay, recipe and seed; the SHA-256
 * of all these names its file, so a run that was killed repeats only what was not finished. */
#ifndef LETHE_CMD_COLDS_H
#define LETHE_CMD_COLDS_H

#include "cmd/stages.h"
#include "lethe/train.h"

struct lethe_colds {
    const struct lethe_scene *scene;
    struct lethe_train_options recipe;
    const char *model_hash, *data_hash;
    const char *folder; /* of the files; NULL: nothing is kept */
    unsigned threads;   /* 0: one for each processor. Never changes a result */
};
/* made (count): those that are not NULL are left alone, the others made from their seeds; on
 * failure some may have been made. */
enum lethe_err lethe_colds_make(struct lethe_truth **made, const uint64_t *seeds, size_t count,
                                const struct lethe_colds *colds, struct lethe_watch *watch,
                                struct lethe_error *err);

#endif
