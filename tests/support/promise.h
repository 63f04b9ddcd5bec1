/* SPDX-License-Identifier: MIT
 * Promises of time, as the measurements of tests/bench judge them: what nineteen of twenty
 * measurements keep is kept. A median hides the step that a person waits for. */
#ifndef LETHE_TEST_PROMISE_H
#define LETHE_TEST_PROMISE_H

#include <stddef.h>

/* The smallest of the times (n), which are sorted on the way, that share of them or more do not
 * exceed: .5 the median, .95 what promises are judged by; of fewer than twenty the worst. */
double promise_point(double *times, size_t n, double share);

/* Is `aim` kept at the 95 % point? Sorts. */
int promise_kept(double *times, size_t n, double aim);

/* One line: median, 95 % point and worst in ms, and, where aim > 0, whether it is kept. */
void promise_print(const char *what, double *times, size_t n, double aim);

#endif
