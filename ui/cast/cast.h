/* SPDX-License-Identifier: MIT
 * An asciicast v2 file, read whole and checked before anything of it is shown. */
#ifndef LETHE_CAST_CAST_H
#define LETHE_CAST_CAST_H

#include <stddef.h>
#include "lethe/error.h"

struct lethe_cast_event {
    double at;  /* seconds since the beginning, pauses cut as the file asks; never decreasing */
    char *text; /* what was shown; NULL: the terminal became (rows, cols) */
    int rows, cols;
};

struct lethe_cast {
    int rows, cols;           /* of the terminal at the beginning */
    int most_rows, most_cols; /* it ever had */
    struct lethe_cast_event *events;
    size_t count;
};

/* LETHE_EIO when the file cannot be read, LETHE_EFORMAT with its line when it is no such file. */
enum lethe_err lethe_cast_read(struct lethe_cast *cast, const char *path, struct lethe_error *err);
void lethe_cast_release(struct lethe_cast *cast);         /* zeroed ok */
double lethe_cast_seconds(const struct lethe_cast *cast); /* its length */

#endif
