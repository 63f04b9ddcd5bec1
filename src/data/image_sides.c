/* SPDX-License-Identifier: MIT
 * How large a picture may be. */
#include "base/alloc.h"
#include "data/image.h"

enum lethe_err lethe_image_check_sides(const struct lethe_image *image, const char *source,
                                       struct lethe_error *err)
{
    if (image->rows && image->columns && image->rows <= LETHE_IMAGE_SIDE &&
        image->columns <= LETHE_IMAGE_SIDE)
        return LETHE_OK;
    return lethe_fail(err, LETHE_EFORMAT, "%s: a picture of %zu x %zu pixels; 1 to %d a side",
                      source, image->rows, image->columns, LETHE_IMAGE_SIDE);
}
