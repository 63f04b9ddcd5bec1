/* SPDX-License-Identifier: MIT
 * What begins at the snapshot's own weights is called on disk by them and by what it is made on. */
#ifndef LETHE_STUDY_HEAD_NAME_H
#define LETHE_STUDY_HEAD_NAME_H

#include "base/hash.h"
#include "removal/snapshot.h"
#include "study/training_context.h"

/* The hash of the weights, the samples that stay and those for choosing, and the precision; who is
 * to be forgotten, and settings, are the caller's to add. */
void lethe_head_name(char name[LETHE_HASH_TEXT], const struct lethe_snapshot *snapshot,
                     const struct lethe_training_context *training);

#endif
