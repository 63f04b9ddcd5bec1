/* SPDX-License-Identifier: MIT
 * Looking up a row of a table of methods by its name. */
#ifndef LETHE_UNLEARN_METHOD_H
#define LETHE_UNLEARN_METHOD_H

#include <stddef.h>
#include "lethe/error.h"

/* *at is the row called name among `count` rows of `stride` bytes, each beginning with a pointer to
 * its name. LETHE_EARG says `what` it is that does not exist and lists all. */
enum lethe_err lethe_method_find(size_t *at, const char *name, const char *what, const void *rows,
                                 size_t stride, size_t count, struct lethe_error *err);

#endif
