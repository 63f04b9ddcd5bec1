/* SPDX-License-Identifier: MIT
 * One picture from the bytes of a PNG, JPEG, PGM or PPM file, 8 bits a value. */
#ifndef LETHE_DATA_IMAGE_H
#define LETHE_DATA_IMAGE_H

#include <stddef.h>
#include "lethe/error.h"

struct lethe_image {
    size_t rows, columns, channels; /* channels: 1 or 3 */
    unsigned char *pixels;          /* (channels, rows, columns); lethe_free */
    int turned; /* a JPEG's word (EXIF) that it is to be shown turned or mirrored;
                   the pixels are as the file has them */
};

/* Alpha is dropped, palettes and 16 bits are converted, grey stays grey. */
enum lethe_err lethe_image_parse(struct lethe_image *image, const unsigned char *bytes, size_t size,
                                 const char *source, struct lethe_error *err);

/* The picture with 1 or 3 channels: grey by the weights of BT.601 (.299, .587, .114), colours by
 * repeating grey. Its memory is replaced. */
enum lethe_err lethe_image_channels(struct lethe_image *image, size_t channels, const char *source,
                                    struct lethe_error *err);

/* Of jpeg.c. image is filled in the file's order (rows, columns, channels). */
enum lethe_err lethe_jpeg_parse(struct lethe_image *image, const unsigned char *bytes, size_t size,
                                const char *source, struct lethe_error *err);
/* 1 to LETHE_IMAGE_SIDE pixels a side. */
enum { LETHE_IMAGE_SIDE = 16384 };
enum lethe_err lethe_image_check_sides(const struct lethe_image *image, const char *source,
                                       struct lethe_error *err);

#endif
