/* SPDX-License-Identifier: MIT
 * Names of what is compiled once per instruction set: CODEC_SET is part of each. */
#ifndef LETHE_CODEC_LANES_SETS_H
#define LETHE_CODEC_LANES_SETS_H

#include "codec/kernels.h"

#define CODEC_JOINED(name, set) lethe_codec_##name##_##set
#define CODEC_NAME(name, set)   CODEC_JOINED(name, set)
#define CODEC_NAMED(name)       CODEC_NAME(name, CODEC_SET)
#define CODEC_TEXT_OF(set)      #set
#define CODEC_TEXT(set)         CODEC_TEXT_OF(set)

int CODEC_NAMED(look_over)(size_t repeats[CODEC_LANES], const double *v, size_t n);
void CODEC_NAMED(divide_by_sd)(double *v, size_t n);

#endif
