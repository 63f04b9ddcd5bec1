/* SPDX-License-Identifier: MIT
 * Shapes as text for messages. */
#ifndef LETHE_NN_SHAPE_H
#define LETHE_NN_SHAPE_H

#include "nn/graph.h"

/* "(32, 64)" into text, cut to room. */
void lethe_shape_text(char *text, size_t room, const struct lethe_tensor *t);

#endif
