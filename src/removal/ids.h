/* SPDX-License-Identifier: MIT
 * Sets of samples by their numbers in the data. */
#ifndef LETHE_REMOVAL_IDS_H
#define LETHE_REMOVAL_IDS_H

#include <stddef.h>
#include "lethe/error.h"

struct lethe_ids {
    size_t *at; /* increasing, owned */
    size_t count;
};

enum lethe_err lethe_ids_copy(struct lethe_ids *to, const size_t *ids, size_t count,
                              struct lethe_error *err); /* to's old content is freed */
int lethe_ids_has(const struct lethe_ids *ids, size_t id);
/* Those of `only` (NULL: 0 to count - 1) that are in neither of `without`; ids is empty before. */
enum lethe_err lethe_ids_without(struct lethe_ids *ids, size_t count, const struct lethe_ids *only,
                                 const struct lethe_ids without[2], struct lethe_error *err);
char *lethe_ids_text(const struct lethe_ids *ids); /* "3,9,12-40": lethe_free */

#endif
