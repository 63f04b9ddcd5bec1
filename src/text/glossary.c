/* SPDX-License-Identifier: MIT
 * Looking words up: folded, then compared with every name and other word. A few hundred rows do not
 * need more than a walk. */
#include "text/glossary.h"

#include <string.h>

enum { WORD = 96 };

static const struct lethe_term *const tables[] = {
    lethe_terms_data,    lethe_terms_select,   lethe_terms_step,    lethe_terms_curvature,
    lethe_terms_figures, lethe_terms_attacks,  lethe_terms_history, lethe_terms_screen,
    lethe_terms_methods, lethe_terms_features,
};
enum { TABLES = sizeof tables / sizeof *tables };

size_t lethe_term_count(void)
{
    size_t count = 0;
    for (size_t t = 0; t < TABLES; t++)
        for (const struct lethe_term *term = tables[t]; term->name; term++)
            count++;
    return count;
}

const struct lethe_term *lethe_term_at(size_t index)
{
    for (size_t t = 0; t < TABLES; t++)
        for (const struct lethe_term *term = tables[t]; term->name; term++)
            if (index-- == 0)
                return term;
    return NULL;
}

static char fold(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return strchr("_.-,", c) && c ? ' ' : c;
}

/* One blank between words, none at the ends. */
static void fold_all(char out[WORD], const char *word, size_t length)
{
    size_t used = 0;
    for (size_t k = 0; k < length && used + 1 < WORD; k++) {
        const char c = fold(word[k]);
        if (c == ' ' && (!used || out[used - 1] == ' '))
            continue;
        out[used++] = c;
    }
    while (used && out[used - 1] == ' ')
        used--;
    out[used] = '\0';
}

static int is_called(const char *folded, const char *name, size_t length)
{
    char other[WORD];
    fold_all(other, name, length);
    return strcmp(folded, other) == 0;
}

static int answers_to(const struct lethe_term *term, const char *folded)
{
    if (is_called(folded, term->name, strlen(term->name)))
        return 1;
    for (const char *at = term->also; at && *at;) {
        const size_t length = strcspn(at, "|");
        if (is_called(folded, at, length))
            return 1;
        at += length + (at[length] != '\0');
    }
    return 0;
}

static const struct lethe_term *find_folded(const char *folded)
{
    for (size_t t = 0; *folded && t < TABLES; t++)
        for (const struct lethe_term *term = tables[t]; term->name; term++)
            if (answers_to(term, folded))
                return term;
    return NULL;
}

/* Says which column of a table a figure stands in, or at which size: "auc now", "kl 120". */
static int is_column(const char *word)
{
    static const char *const words[] = {"before", "now", "retrain", "retrained", "quartiles"};
    if (*word && strspn(word, "0123456789") == strlen(word))
        return 1;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (strcmp(word, words[k]) == 0)
            return 1;
    return 0;
}

const struct lethe_term *lethe_term_find(const char *word)
{
    char folded[WORD];
    fold_all(folded, word, strlen(word));
    const struct lethe_term *found = find_folded(folded);
    char *last = found ? NULL : strrchr(folded, ' ');
    if (!last || !is_column(last + 1))
        return found;
    *last = '\0';
    return find_folded(folded);
}

void lethe_term_names(void (*offer)(void *user, const char *name), void *user)
{
    for (size_t t = 0; t < TABLES; t++)
        for (const struct lethe_term *term = tables[t]; term->name; term++) {
            offer(user, term->name);
            for (const char *at = term->also; at && *at;) {
                const size_t length = strcspn(at, "|");
                char name[WORD];
                if (length < sizeof name) {
                    memcpy(name, at, length);
                    name[length] = '\0';
                    offer(user, name);
                }
                at += length + (at[length] != '\0');
            }
        }
}
