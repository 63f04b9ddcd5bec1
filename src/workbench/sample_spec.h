/* SPDX-License-Identifier: MIT
 * Samples as a person writes them: 17 / 3,9,12-40 / class:7 / class:NAME[:50] / group:A,B /
 * misclassified / top-loss:20 / random:20 / generated / generated[:20] / file:ids.txt. */
#ifndef LETHE_WORKBENCH_SAMPLE_SPEC_H
#define LETHE_WORKBENCH_SAMPLE_SPEC_H

#include "workbench/workbench.h"

/* ids->at is new (lethe_free), increasing, without those already forgotten for words that name a
 * kind of samples. A number outside the training set, given twice, or forgotten before, and a kind
 * without samples, are LETHE_EARG. */
enum lethe_err lethe_sample_spec_read(struct lethe_ids *ids, struct lethe_workbench *wb,
                                      const char *spec, struct lethe_error *err);

/* The same as if nothing had been forgotten yet, so that "generated[:20]" means the same samples
 * when a run goes on; what was forgotten is left out (resume) or refused. spec may be a file of
 * ids. */
enum lethe_err lethe_sample_spec_again(struct lethe_ids *ids, struct lethe_workbench *wb,
                                       const char *spec, int resume, struct lethe_error *err);

#endif
