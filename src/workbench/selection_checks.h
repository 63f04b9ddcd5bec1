/* SPDX-License-Identifier: MIT
 * What `null`, `stability` and `why` found out about the selection, kept for those who show it. All
 * of it goes when the selection would be another one. */
#ifndef LETHE_WORKBENCH_SELECTION_CHECKS_H
#define LETHE_WORKBENCH_SELECTION_CHECKS_H

#include <stddef.h>

/* How large a score chance alone gives. */
struct lethe_null_band {
    size_t sample, permutations; /* permutations 0: not known */
    double band;
};

/* How often each unit was selected on resampled copies. */
struct lethe_stable {
    size_t sample, runs, units; /* runs 0: not known */
    size_t *times;              /* (units) */
};

/* The noisy copies of a sample as one unit saw them. */
struct lethe_seen {
    size_t unit, sample, given; /* given: units before this one, whose information is known */
    size_t count;               /* copies; 0: not known */
    double *activation, *loss;  /* (count) */
    double score;               /* T(loss, unit | given); NAN: undefined */
};

struct lethe_selection_checks {
    struct lethe_null_band null;
    struct lethe_stable stable;
    struct lethe_seen seen;
};

struct lethe_workbench;
struct lethe_probe;
struct lethe_codec_value;
/* Keeps what a probe's copies say about a unit after `given` others. Out of memory leaves what was
 * there before. */
void lethe_workbench_saw(struct lethe_workbench *wb, const struct lethe_probe *probe, size_t unit,
                         size_t given, const struct lethe_codec_value *score);
void lethe_selection_checks_release(struct lethe_selection_checks *checks); /* zeroed ok */

#endif
