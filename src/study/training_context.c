/* SPDX-License-Identifier: MIT
 * Giving up a copy of the training context. */
#include "study/training_context.h"

#include "base/alloc.h"

void lethe_training_context_release(struct lethe_training_context *training)
{
    lethe_free(training->folder);
    *training = (struct lethe_training_context){0};
}
