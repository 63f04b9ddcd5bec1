/* SPDX-License-Identifier: MIT
 * Fuzzy match by a table over (query letter, text letter): score[j] is the best way to place the
 * query read so far with its last letter at text[j]. Texts are short; O(|query| |text|^2). */
#include <ctype.h>
#include <string.h>

#include "ui/fuzzy.h"

enum { LONGEST = 128, WORD = 12, RUN = 8, SKIP = 1, NONE = -100000 };

static int letter_bonus(const char *text, int j)
{
    int start = j == 0 || !isalnum((unsigned char)text[j - 1]);
    return start ? (j == 0 ? WORD + 4 : WORD) : 0;
}

/* Best score for the letter at j, given the scores of the letter before. */
static int placed(const char *text, int j, const int *before, int first)
{
    int best = first ? -j * SKIP : NONE;
    for (int k = 0; !first && k < j; k++) {
        int score = before[k] == NONE ? NONE : before[k] + (k == j - 1 ? RUN : -(j - k) * SKIP);
        best = score > best ? score : best;
    }
    return best == NONE ? NONE : best + letter_bonus(text, j);
}

int lethe_fuzzy_score(const char *query, const char *text)
{
    int rows[2][LONGEST], now = 0, letters = 0;
    int length = (int)strnlen(text, LONGEST);
    for (; *query; query++) {
        if (*query == ' ')
            continue;
        int *next = rows[!now];
        for (int j = 0; j < length; j++) {
            int same = tolower((unsigned char)*query) == tolower((unsigned char)text[j]);
            next[j] = same ? placed(text, j, rows[now], letters == 0) : NONE;
        }
        now = !now;
        letters++;
    }
    if (!letters)
        return 0;
    int best = NONE;
    for (int j = 0; j < length; j++)
        best = rows[now][j] > best ? rows[now][j] : best;
    if (best == NONE)
        return -1;
    best += 1000 - length / 4; /* positive, and the shorter of two equals first */
    return best > 0 ? best : 0;
}
