/* SPDX-License-Identifier: MIT
 * Values that may be absent: NAN in the number, the reason in the note. */
#include "eval/measure.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

void lethe_measure_set(struct lethe_measure *measure, double value)
{
    *measure = (struct lethe_measure){.value = value, .low = NAN, .high = NAN};
}

void lethe_measure_absent(struct lethe_measure *measure, const char *format, ...)
{
    lethe_measure_set(measure, NAN);
    va_list args;
    va_start(args, format);
    vsnprintf(measure->note, sizeof measure->note, format, args);
    va_end(args);
}

void lethe_measure_needs(struct lethe_measure *measure, const char *what, size_t have, size_t needs)
{
    lethe_measure_absent(measure, "n/a (%s = %zu, needs %zu)", what, have, needs);
}
