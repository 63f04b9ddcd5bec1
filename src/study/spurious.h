/* SPDX-License-Identifier: MIT
 * What a network makes of a mark that goes with a class in training: which units depend on it
 * though the label is known, and how samples with and without it are classified. Samples have two
 * groups; those of the second are the marked ones. */
#ifndef LETHE_STUDY_SPURIOUS_H
#define LETHE_STUDY_SPURIOUS_H

#include "lethe/cancel.h"
#include "lethe/dataset.h"
#include "lethe/nn.h"

enum { LETHE_SPURIOUS_SAMPLES = 1000 }; /* looked at for the order of units, drawn from the seed */

/* LETHE_EARG unless the samples have two groups. */
enum lethe_err lethe_spurious_check(const struct lethe_dataset *data, struct lethe_error *err);

struct lethe_spurious_spec {
    struct lethe_graph *graph;
    const double *w; /* (size + buffers) */
    struct lethe_dataset *data;
    const size_t *ids; /* (count) samples that are looked at */
    size_t count;
    uint64_t seed;
    unsigned threads;
};
struct lethe_spurious_unit {
    size_t unit;       /* lethe_unit_at; of any layer but the last */
    double dependence; /* CODEC's T(activation, mark | label): 0 none, 1 the mark decides */
    double shift;      /* what the mark adds to the activation given the label, in standard
                          deviations within a label */
};
/* *order (*count) is new (lethe_free), largest dependence first. *looked: samples that decided.
 * LETHE_EARG where no label has samples of both kinds. */
enum lethe_err lethe_spurious_units(struct lethe_spurious_unit **order, size_t *count,
                                    size_t *looked, const struct lethe_spurious_spec *spec,
                                    struct lethe_watch *watch, struct lethe_error *err);

/* Unmarked and marked samples of the class, and of all others. */
struct lethe_spurious_part {
    size_t samples[2], right[2], named[2]; /* classified rightly; said to be of the class */
};
struct lethe_spurious_outcome {
    struct lethe_spurious_part of_class, others;
};
enum lethe_err lethe_spurious_measure(struct lethe_spurious_outcome *outcome,
                                      const struct lethe_spurious_spec *spec, int class,
                                      struct lethe_watch *watch, struct lethe_error *err);

/* The class whose samples are marked most often, compared with all others; shares of both. */
int lethe_spurious_class(double *share, double *elsewhere, const struct lethe_dataset *data);

#endif
