/* SPDX-License-Identifier: MIT
 * Images (n, rows, columns) or (n, channels, rows, columns) in the form a network wants. */
#ifndef LETHE_DATA_RESIZE_H
#define LETHE_DATA_RESIZE_H

#include "lethe/array.h"

/* The last two axes become rows and columns. */
enum lethe_err lethe_images_resize(struct lethe_array *x, size_t rows, size_t columns,
                                   const char *source, struct lethe_error *err);
/* Grey images get as many equal channels; images that have them already stay. */
enum lethe_err lethe_images_colour(struct lethe_array *x, size_t channels, const char *source,
                                   struct lethe_error *err);

#endif
