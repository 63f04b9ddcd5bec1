/* SPDX-License-Identifier: MIT
 * What `generate` does to the project's samples, which are as it left them from then on. */
#ifndef LETHE_WORKBENCH_GENERATED_SAMPLES_H
#define LETHE_WORKBENCH_GENERATED_SAMPLES_H

#include "lethe/generate.h"
#include "workbench/workbench.h"

/* Changes training and held-out samples of the workbench and keeps the record in its bundle, which
 * is made when there is none. *count: samples that were changed or added. LETHE_EARG: no data, or
 * generated ones already. */
enum lethe_err lethe_generate_samples(size_t *count, struct lethe_workbench *wb,
                                      const struct lethe_generate_options *options,
                                      struct lethe_error *err);

#endif
