/* SPDX-License-Identifier: MIT
 * What tests and measurements may reach inside a struct lethe_foci: the choice of kernels and the
 * counts of visits. */
#ifndef LETHE_CODEC_FOCI_H
#define LETHE_CODEC_FOCI_H

#include "codec/fast.h"

struct codec_fast *lethe_foci_fast(struct lethe_foci *foci);

#endif
