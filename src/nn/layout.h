/* SPDX-License-Identifier: MIT
 * Where the numbers of a plan lie. Values that must outlive a pass are *kept*, each in a place of
 * its own; the others are *loose*: they share places with values that are not alive at the same
 * call. A value is alive from the call that makes it to the last one that reads it; its adjoint is
 * alive at the same calls, met in reverse, so values, adjoints and tangents are laid out alike. */
#ifndef LETHE_NN_LAYOUT_H
#define LETHE_NN_LAYOUT_H

#include "nn/plan.h"

struct lethe_memory_layout {
    size_t *offset;               /* by value: place in numbers, LETHE_NONE where it has none */
    unsigned char *kept;          /* by value: the place is among the kept ones */
    size_t kept_size, loose_size; /* numbers */
};

/* keep (by value, NULL: nothing) says what is kept. needs_only leaves out what no trainable
 * parameter reaches. bytes is the size of a number. Views share their root's place. */
enum lethe_err lethe_memory_layout_init(struct lethe_memory_layout *layout,
                                        const struct lethe_graph *graph,
                                        const struct lethe_plan *plan, const unsigned char *keep,
                                        int needs_only, size_t bytes, struct lethe_error *err);
void lethe_memory_layout_release(struct lethe_memory_layout *layout); /* zeroed ok */

/* The values that backward, jvp, backward_jvp and gradients by layers read: keep[root] = 1. moved
 * (by value; NULL: all) marks what depends on the parameters that are asked for: only the calls
 * that make such values are looked at. */
void lethe_layout_derived(unsigned char *keep, const struct lethe_graph *graph,
                          const struct lethe_plan *plan, const unsigned char *moved);
/* Those and what captures read besides. */
void lethe_memory_layout_read_again(unsigned char *keep, const struct lethe_graph *graph,
                                    const struct lethe_plan *plan);
/* The values whose adjoints captures read. */
void lethe_memory_layout_captured(unsigned char *keep, const struct lethe_graph *graph,
                                  const struct lethe_plan *plan);

#endif
