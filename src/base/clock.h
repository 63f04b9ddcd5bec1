/* SPDX-License-Identifier: MIT
 * The time: of a clock that never goes back, for durations, and of the calendar. */
#ifndef LETHE_BASE_CLOCK_H
#define LETHE_BASE_CLOCK_H

#include <stdint.h>

double lethe_clock(void);      /* seconds since some fixed moment; never goes back */
int64_t lethe_clock_now(void); /* seconds since 1970, UTC */

#endif
