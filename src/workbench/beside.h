/* SPDX-License-Identifier: MIT
 * A preview beside the warm retraining, measured once. A step of a slider has its figures asked for
 * by the panel, the verdict and the trail, and each would go through the logits of every sample
 * again. What is kept holds a reference to both models, so that it never speaks of others. */
#ifndef LETHE_WORKBENCH_BESIDE_H
#define LETHE_WORKBENCH_BESIDE_H

#include "removal/stages.h"

struct lethe_beside;

/* NULL without memory: measuring then keeps nothing. */
struct lethe_beside *lethe_beside_new(void);
/* NULL ok. */
void lethe_beside_free(struct lethe_beside *beside);
/* Lets go of both models. NULL ok. */
void lethe_beside_forget(struct lethe_beside *beside);
/* What lethe_compared_make gives for these two, to the bit. beside: NULL ok. */
void lethe_beside_measure(struct lethe_beside *beside, struct lethe_compared *compared,
                          struct lethe_preview *preview, struct lethe_retrained *warm);

#endif
