/* SPDX-License-Identifier: MIT
 * The edit distance against its recursion, and what is offered for words that are not known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <string.h>

#include "lethe/rng.h"
#include "text/nearest.h"

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Of the first na letters and the first nb, by its definition. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb)
{
    if (!na || !nb)
        return na + nb;
    size_t d = least(distance(a, na - 1, b, nb) + 1, distance(a, na, b, nb - 1) + 1);
    d = least(d, distance(a, na - 1, b, nb - 1) + !same(a[na - 1], b[nb - 1]));
    if (na > 1 && nb > 1 && same(a[na - 1], b[nb - 2]) && same(a[na - 2], b[nb - 1]))
        d = least(d, distance(a, na - 2, b, nb - 2) + 1);
    return d;
}

static void the_distance_is_that_of_the_recursion(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 5, LETHE_RNG_TEST, 0, 0);
    for (int round = 0; round < 3000; round++) {
        char word[2][7] = {"", ""};
        for (int k = 0; k < 2; k++)
            for (size_t i = 0, n = lethe_rng_below(&rng, 6); i < n; i++)
                word[k][i] = "abcA"[lethe_rng_below(&rng, 4)];
        assert_int_equal(lethe_nearest_distance(word[0], word[1]),
                         distance(word[0], strlen(word[0]), word[1], strlen(word[1])));
    }
}

static void the_nearest_word_is_offered_or_none(void **state)
{
    (void)state;
    static const char *const words[] = {"commit", "compare", "undo", "preview", "remove-each"};
    static const char *const asked[][2] = {
        {"comit", "commit"},    {"udno", "undo"}, {"remove", "remove-each"},
        {"prewiev", "preview"}, {"zzzz", NULL},   {"x", NULL}};
    for (size_t k = 0; k < sizeof asked / sizeof *asked; k++) {
        struct lethe_nearest guess;
        lethe_nearest_init(&guess, asked[k][0]);
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            lethe_nearest_offer(&guess, words[i]);
        if (asked[k][1])
            assert_string_equal(guess.best, asked[k][1]);
        else
            assert_null(guess.best);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_distance_is_that_of_the_recursion),
        cmocka_unit_test(the_nearest_word_is_offered_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
