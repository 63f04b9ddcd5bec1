/* SPDX-License-Identifier: MIT
 * "Did you mean": the known word nearest to one that is not known. */
#ifndef LETHE_TEXT_NEAREST_H
#define LETHE_TEXT_NEAREST_H

#include <stddef.h>

/* Insertions, deletions, changes and swaps of neighbours that turn a into b; letters' case counts
 * for nothing. Words are cut at 63 letters. */
size_t lethe_nearest_distance(const char *a, const char *b);

/* Looks for the word nearest to the one given; feed it candidates one by one. */
struct lethe_nearest {
    const char *word;
    const char *best; /* NULL: none is near enough */
    size_t distance;
};
void lethe_nearest_init(struct lethe_nearest *guess, const char *word);
void lethe_nearest_offer(struct lethe_nearest *guess, const char *candidate);

/* The same where candidates do not outlive the call that offers them: the best one is copied. */
struct lethe_nearest_kept {
    struct lethe_nearest nearest;
    char best[96];
};
void lethe_nearest_keep(void *kept, const char *candidate); /* a struct lethe_nearest_kept */

#endif
