/* SPDX-License-Identifier: MIT
 * What the programs of tests/eval share, which an independent implementation is compared with:
 * arrays in and out, and an end with a word where something fails. */
#ifndef TESTS_SUPPORT_TOOL_H
#define TESTS_SUPPORT_TOOL_H

#include <stddef.h>

#include "lethe/array.h"

extern struct lethe_error lethe_tool_error; /* of the call that is checked */

/* Says the error and ends the program unless the code is LETHE_OK. */
void lethe_tool_must(enum lethe_err code);
/* All numbers of a file, *count; for free(). */
double *lethe_tool_numbers(const char *path, size_t *count);
/* (n) of numbers; for free(). */
int *lethe_tool_labels(const double *from, size_t n);
/* A vector (count) under a name; data stays the caller's. */
struct lethe_npz_member lethe_tool_member(const char *name, double *data, size_t count);

#endif
