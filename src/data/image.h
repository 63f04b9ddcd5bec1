/* SPDX-License-Identifier: MIT
 * One picture from the bytes of a PNG, PGM or PPM file, 8 bits a value. */
#ifndef LETHE_DATA_IMAGE_H
#define LETHE_DATA_IMAGE_H

#include <stddef.h>
#include "lethe/error.h"

struct lethe_image {
    size_t rows, columns, channels; /* channels: 1 or 3 */
    unsigned char *pixels;          /* (channels, rows, columns); lethe_free */
};

/* Alpha is dropped, palettes and 16 bits are converted, grey stays grey. */
enum lethe_err lethe_image_parse(struct lethe_image *image, const unsigned char *bytes, size_t size,
                                 const char *source, struct lethe_error *err);

#endif
