/* SPDX-License-Identifier: MIT
 * Models kept on disk, each in a file named by the hash of everything that decided its weights.
 * Files are written whole or not at all; what cannot be read back is made again. */
#ifndef LETHE_STUDY_WEIGHTS_CACHE_H
#define LETHE_STUDY_WEIGHTS_CACHE_H

#include "base/hash.h"
#include "lethe/train.h"

struct lethe_kept {
    double *w;   /* (size) */
    size_t size; /* weights and running statistics */
    uint64_t seed;
    struct lethe_train_report report;
};

/* 1 when folder holds the model of this name and it is whole: fills w and report. kept->size and
 * kept->seed say what is expected. */
int lethe_weights_cache_read(struct lethe_kept *kept, const char *folder, const char *name);
enum lethe_err lethe_weights_cache_write(const struct lethe_kept *kept, const char *folder,
                                         const char *name, struct lethe_error *err);

#endif
