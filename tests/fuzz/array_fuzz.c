/* SPDX-License-Identifier: MIT
 * IDX, NPY and numeric CSV from any bytes: no fault, no leak, no allocation beyond the input's
 * size; what is accepted must be whole. */
#include <stdint.h>
#include <stdlib.h>

#include "lethe/array.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct lethe_array array;
    struct lethe_error err;
    if (lethe_array_parse(&array, bytes, size, "fuzz", &err))
        return 0;
    size_t count = 1;
    for (size_t d = 0; d < array.ndim; d++)
        count *= array.dims[d];
    if (count != array.count || count > size)
        abort();
    volatile double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += lethe_array_get(&array, i);
    (void)sum;
    lethe_array_release(&array);
    return 0;
}
