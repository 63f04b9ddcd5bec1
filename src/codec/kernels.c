/* SPDX-License-Identifier: MIT
 * Which instruction sets the processor has. */
#include "codec/kernels.h"

static const struct codec_kernels *const sets[] = {
#ifdef __x86_64__
    &lethe_codec_kernels_avx512,
    &lethe_codec_kernels_avx2,
#endif
    &lethe_codec_kernels_base,
};

const struct codec_kernels *const *lethe_codec_kernels(size_t *count)
{
    size_t first = 0;
#ifdef __x86_64__
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512dq"))
        first = 1;
    if (first && (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")))
        first = 2;
#endif
    *count = sizeof sets / sizeof sets[0] - first;
    return sets + first;
}
