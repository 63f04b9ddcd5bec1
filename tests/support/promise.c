/* SPDX-License-Identifier: MIT */
#include "promise.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double judged = 0.95;

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double promise_point(double *times, size_t n, double share)
{
    if (!n)
        return NAN;
    qsort(times, n, sizeof *times, compare);
    const double rank = ceil(share * (double)n - 1e-9);
    const size_t at = rank < 1 ? 0 : (size_t)rank - 1;
    return times[at < n ? at : n - 1];
}

int promise_kept(double *times, size_t n, double aim)
{
    return promise_point(times, n, judged) <= aim;
}

void promise_print(const char *what, double *times, size_t n, double aim)
{
    const double middle = promise_point(times, n, 0.5), point = promise_point(times, n, judged);
    printf("%-46s median %8.2f ms   95 %% %8.2f ms   worst %8.2f ms", what, middle, point,
           promise_point(times, n, 1));
    if (aim > 0)
        printf("   promise %g ms: %s", aim, promise_kept(times, n, aim) ? "kept" : "BROKEN");
    putchar('\n');
}
