/* SPDX-License-Identifier: MIT
 * Values that may be absent. */
#ifndef LETHE_EVAL_MEASURE_H
#define LETHE_EVAL_MEASURE_H

#include "lethe/eval.h"

/* A value with no interval. */
void lethe_measure_set(struct lethe_measure *measure, double value);
/* No value, and why. */
void lethe_measure_absent(struct lethe_measure *measure, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The usual reason: "n/a (N = 5, needs 32)"; what is "N", "m", "models" ... */
void lethe_measure_needs(struct lethe_measure *measure, const char *what, size_t have,
                         size_t needs);

#endif
