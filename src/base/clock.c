/* SPDX-License-Identifier: MIT
 * Time, for durations and for the journal. No result depends on it. */
#include "base/clock.h"

#include <time.h>

double lethe_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int64_t lethe_clock_now(void)
{
    return (int64_t)time(NULL);
}
