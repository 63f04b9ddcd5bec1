/* SPDX-License-Identifier: MIT
 * A snapshot of a network trained on Gaussian clouds, with held-out samples, samples to be
 * forgotten and a recipe of L-BFGS, for tests of studies. Any mistake here is one of ours: abort.
 */
#ifndef TESTS_SUPPORT_CLOUD_WORLD_H
#define TESTS_SUPPORT_CLOUD_WORLD_H

#include "removal/snapshot.h"
#include "study/training_context.h"

enum { CLOUD_SAMPLES = 60, CLOUD_GONE = 12, CLOUD_CLASSES = 3, CLOUD_HELDOUT = 60 };

struct cloud_world {
    struct lethe_snapshot *snapshot;
    struct lethe_training_context training; /* keeps nothing: folder is NULL */
};

/* report: ids of the held-out half for reports (report_count, may be 0); the other half is the
 * first CLOUD_HELDOUT / 2. */
void cloud_open(struct cloud_world *world, const size_t *report, size_t report_count);
void cloud_close(struct cloud_world *world);

#endif
