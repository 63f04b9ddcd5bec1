/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "lethe/eval.h"
#include "text/glossary.h"

static void words_are_found_however_they_are_written(void **state)
{
    (void)state;
    const struct lethe_term *auc = lethe_term_find("attack AUC");
    assert_non_null(auc);
    assert_ptr_equal(lethe_term_find("attack.auc"), auc);
    assert_ptr_equal(lethe_term_find("Attack_Auc"), auc);
    assert_ptr_equal(lethe_term_find("  attack   auc "), auc);
    assert_ptr_equal(lethe_term_find("AUC"), auc);
    assert_ptr_equal(lethe_term_find("auc_now"), auc); /* with the column it stands in */
    assert_ptr_equal(lethe_term_find("auc quartiles"), auc);
    assert_ptr_equal(lethe_term_find("wins_120"), lethe_term_find("wins"));
    assert_non_null(lethe_term_find("wins"));
    assert_null(lethe_term_find("attack au now"));
    assert_null(lethe_term_find(" 120"));
    assert_null(lethe_term_find("attack au"));
    assert_null(lethe_term_find(""));
    assert_null(lethe_term_find("|"));
}

struct seen {
    char words[1200][96];
    size_t count;
};

static void remember(void *user, const char *name)
{
    struct seen *seen = user;
    const struct lethe_term *term = lethe_term_find(name);
    assert_non_null(term);
    for (size_t k = 0; k < seen->count; k++)
        if (strcasecmp(seen->words[k], name) == 0)
            fail_msg("'%s' is explained twice", name);
    assert_true(seen->count < sizeof seen->words / sizeof *seen->words);
    snprintf(seen->words[seen->count++], sizeof *seen->words, "%s", name);
}

/* Each word leads to one term, and to the one it stands in. */
static void no_word_has_two_meanings(void **state)
{
    (void)state;
    static struct seen seen;
    lethe_term_names(remember, &seen);
    assert_true(seen.count > 400);
    for (size_t k = 0; k < lethe_term_count(); k++)
        assert_ptr_equal(lethe_term_find(lethe_term_at(k)->name), lethe_term_at(k));
    assert_null(lethe_term_at(lethe_term_count()));
}

static void rows_are_sentences(void **state)
{
    (void)state;
    for (size_t k = 0; k < lethe_term_count(); k++) {
        const struct lethe_term *term = lethe_term_at(k);
        const char *texts[] = {term->meaning, term->good, term->trap};
        assert_non_null(term->meaning);
        for (int t = 0; t < 3; t++) {
            if (!texts[t])
                continue;
            const size_t length = strlen(texts[t]);
            if (length < 2 || texts[t][length - 1] != '.')
                fail_msg("'%s': no full stop after '%s'", term->name, texts[t]);
        }
    }
}

static void every_metric_is_a_term(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < lethe_metric_count(); kind++) {
        const struct lethe_metric *metric = lethe_metric(kind);
        if (!lethe_term_find(metric->name))
            fail_msg("the metric '%s' has no term", metric->name);
        if (!lethe_term_find(metric->label))
            fail_msg("the label '%s' has no term", metric->label);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_found_however_they_are_written),
        cmocka_unit_test(no_word_has_two_meanings),
        cmocka_unit_test(rows_are_sentences),
        cmocka_unit_test(every_metric_is_a_term),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
