/* SPDX-License-Identifier: MIT
 * Arrays and texts of one view, freed together. (base/pool.h does the same, but its struct has the
 * name of one in lethe/eval.h, which the view needs.) */
#ifndef LETHE_UI_SCRAP_H
#define LETHE_UI_SCRAP_H

#include <stddef.h>

struct lethe_scrap {
    struct lethe_scrap_block *blocks;
};

void *lethe_scrap_alloc(struct lethe_scrap *scrap, size_t count, size_t size); /* zeroed; or NULL */
char *lethe_scrap_strdup(struct lethe_scrap *scrap, const char *text);
void lethe_scrap_release(struct lethe_scrap *scrap);

#endif
