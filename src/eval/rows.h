/* SPDX-License-Identifier: MIT
 * One row of logits. */
#ifndef LETHE_EVAL_ROWS_H
#define LETHE_EVAL_ROWS_H

#include <stddef.h>

/* The largest entry, the first of equal ones. */
size_t lethe_row_argmax(const double *z, size_t classes);

#endif
