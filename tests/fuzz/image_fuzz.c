/* SPDX-License-Identifier: MIT
 * PNG, JPEG, PGM and PPM from any bytes, in either number of channels. */
#include <stdint.h>

#include "base/alloc.h"
#include "data/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct lethe_image image;
    struct lethe_error err;
    if (lethe_image_parse(&image, bytes, size, "fuzz", &err))
        return 0;
    size_t other = image.channels == 1 ? 3 : 1;
    if (size && bytes[size - 1] & 1 && lethe_image_channels(&image, other, "fuzz", &err)) {
        lethe_free(image.pixels);
        return 0;
    }
    volatile unsigned sum = 0;
    for (size_t i = 0; i < image.rows * image.columns * image.channels; i++)
        sum += image.pixels[i];
    (void)sum;
    lethe_free(image.pixels);
    return 0;
}
