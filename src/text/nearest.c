/* SPDX-License-Identifier: MIT
 * Restricted edit distance (optimal string alignment) in three rows.
 * Check: distance("comit", "commit") = 1, distance("udno", "undo") = 1. */
#include "text/nearest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 63 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

size_t lethe_nearest_distance(const char *a, const char *b)
{
    size_t rows[3][LONGEST + 1];
    size_t *older = rows[0], *old = rows[1], *now = rows[2];
    size_t na = strnlen(a, LONGEST), nb = strnlen(b, LONGEST);
    for (size_t j = 0; j <= nb; j++)
        old[j] = j;
    for (size_t i = 1; i <= na; i++) {
        now[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t change = old[j - 1] + !same(a[i - 1], b[j - 1]);
            now[j] = least(change, least(old[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                now[j] = least(now[j], older[j - 2] + 1);
        }
        size_t *spare = older;
        older = old;
        old = now;
        now = spare;
    }
    return old[nb];
}

void lethe_nearest_init(struct lethe_nearest *guess, const char *word)
{
    *guess = (struct lethe_nearest){.word = word, .distance = 1 + (strlen(word) + 1) / 3};
}

void lethe_nearest_offer(struct lethe_nearest *guess, const char *candidate)
{
    size_t distance = lethe_nearest_distance(guess->word, candidate);
    size_t length = strlen(guess->word);
    if (length >= 3 && strncmp(candidate, guess->word, length) == 0)
        distance = least(distance, 1);
    if (distance < guess->distance) {
        guess->distance = distance;
        guess->best = candidate;
    }
}

void lethe_nearest_keep(void *kept, const char *candidate)
{
    struct lethe_nearest_kept *to = kept;
    lethe_nearest_offer(&to->nearest, candidate);
    if (to->nearest.best != candidate)
        return;
    snprintf(to->best, sizeof to->best, "%s", candidate);
    to->nearest.best = to->best;
}
