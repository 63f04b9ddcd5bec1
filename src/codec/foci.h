/* SPDX-License-Identifier: MIT
 * What other files of this room may reach inside a struct lethe_foci: the choice of kernels and the
 * counts of visits, and under which name it reports. */
#ifndef LETHE_CODEC_FOCI_H
#define LETHE_CODEC_FOCI_H

#include "codec/fast.h"

const struct codec_fast *lethe_foci_fast(const struct lethe_foci *foci);
void lethe_foci_use(struct lethe_foci *foci, const struct codec_kernels *kernels);
/* Steps report this progress instead of their own; stage is static text, NULL ends it. */
void lethe_foci_report_as(struct lethe_foci *foci, const char *stage, long done, long total);

#endif
