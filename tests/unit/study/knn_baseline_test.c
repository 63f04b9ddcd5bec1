/* SPDX-License-Identifier: MIT
 * The baseline of nearest neighbours against a search through all pairs; budgets as people write
 * them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "study/budgets.h"
#include "study/knn_baseline.h"
#include "tests/support/blobs.h"

enum { N = 70, HELDOUT = 40, FORGET = 7, WIDTH = 3, CLASSES = 3 };

static struct lethe_snapshot *make(void)
{
    const size_t widths[] = {WIDTH, CLASSES, 0};
    size_t forget[FORGET], retain[N - FORGET], tune[HELDOUT], kept = 0;
    for (size_t i = 0; i < N; i++)
        if (i % 10 == 3)
            forget[i / 10] = i;
        else
            retain[kept++] = i;
    for (size_t i = 0; i < HELDOUT; i++)
        tune[i] = i;
    struct lethe_graph *graph = blobs_net(widths);
    double *w = lethe_alloc_zero(lethe_graph_size(graph), sizeof *w);
    struct lethe_snapshot *snapshot = NULL;
    const struct lethe_snapshot from = {.graph = graph,
                                        .train = blobs(N, WIDTH, CLASSES, 5),
                                        .heldout = blobs(HELDOUT, WIDTH, CLASSES, 6),
                                        .w = w,
                                        .trained_on = N,
                                        .whole = 1,
                                        .dtype = LETHE_F64,
                                        .forget = {forget, FORGET},
                                        .retain = {retain, N - FORGET},
                                        .tune = {tune, HELDOUT}};
    assert_int_equal(lethe_snapshot_new(&snapshot, &from, NULL), LETHE_OK);
    lethe_dataset_unref(from.train);
    lethe_dataset_unref(from.heldout);
    lethe_graph_unref(graph);
    lethe_free(w);
    return snapshot;
}

/* Votes of the k nearest training samples, by k times the least distance not taken yet. */
static size_t correct(const struct lethe_snapshot *s, const struct lethe_dataset *from,
                      const struct lethe_ids *queries, size_t k, int deleted)
{
    size_t right = 0;
    for (size_t q = 0; q < queries->count; q++) {
        double x[WIDTH], y[WIDTH];
        size_t votes[CLASSES] = {0}, best = 0;
        unsigned char taken[N] = {0};
        lethe_dataset_batch(from, x, NULL, &queries->at[q], 1);
        for (size_t v = 0; v < k; v++) {
            size_t nearest = SIZE_MAX;
            double least = INFINITY;
            for (size_t i = 0; i < N; i++) {
                if (taken[i] || (deleted && lethe_ids_has(&s->forget, i)))
                    continue;
                double square = 0;
                lethe_dataset_batch(s->train, y, NULL, &i, 1);
                for (size_t d = 0; d < WIDTH; d++)
                    square += (x[d] - y[d]) * (x[d] - y[d]);
                if (square < least) {
                    least = square;
                    nearest = i;
                }
            }
            taken[nearest] = 1;
            votes[lethe_dataset_label(s->train, nearest)]++;
        }
        for (size_t c = 1; c < CLASSES; c++)
            best = votes[c] > votes[best] ? c : best;
        right += best == (size_t)lethe_dataset_label(from, queries->at[q]);
    }
    return right;
}

static void neighbours_vote_as_in_a_search_of_all_pairs(void **state)
{
    (void)state;
    struct lethe_snapshot *s = make();
    for (size_t k = 1; k <= 5; k += 2) {
        struct lethe_knn_baseline found;
        assert_int_equal(lethe_knn_baseline_measure(&found, s, k, NULL, NULL), LETHE_OK);
        assert_int_equal(found.retained, N - FORGET);
        assert_int_equal(found.before.forget.correct, correct(s, s->train, &s->forget, k, 0));
        assert_int_equal(found.after.forget.correct, correct(s, s->train, &s->forget, k, 1));
        assert_int_equal(found.after.retain.correct, correct(s, s->train, &s->retain, k, 1));
        assert_int_equal(found.before.heldout.correct, correct(s, s->heldout, &s->tune, k, 0));
        assert_int_equal(found.after.heldout.correct, correct(s, s->heldout, &s->tune, k, 1));
        if (k == 1)
            assert_int_equal(found.before.forget.correct, FORGET); /* each its own neighbour */
    }
    lethe_snapshot_unref(s);
}

static void budgets_are_numbers_or_shares(void **state)
{
    (void)state;
    struct lethe_budgets b;
    struct lethe_error err;
    assert_int_equal(lethe_budgets_read(&b, "120,4%,100%,99999", 1000, NULL), LETHE_OK);
    const size_t expected[] = {120, 40, 1000, 1000};
    assert_int_equal(b.count, 4);
    assert_memory_equal(b.parameters, expected, sizeof expected);
    assert_string_equal(b.name[1], "4%");
    assert_int_equal(lethe_budgets_read(&b, "0.01%", 1000, NULL), LETHE_OK);
    assert_int_equal(b.parameters[0], 1);
    static const char *const refused[] = {"",  "0",  "-3",  "1.5",           "101%",
                                          "x", "3x", "4%%", "1,2,3,4,5,6,7", "11111111111111111"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        err.message[0] = 0;
        assert_int_equal(lethe_budgets_read(&b, refused[i], 1000, &err), LETHE_EARG);
        assert_true(err.message[0] != 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_vote_as_in_a_search_of_all_pairs),
        cmocka_unit_test(budgets_are_numbers_or_shares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
