/* SPDX-License-Identifier: MIT
 * Nearest neighbours against sorting all distances, with ties, and deletion against a data set
 * that never held the samples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include "base/alloc.h"
#include "lethe/knn.h"
#include "lethe/rng.h"

enum { N = 90, QUERIES = 300, WIDTH = 3, CLASSES = 4 };

/* Coordinates are small whole numbers, so that many distances are equal. */
static struct lethe_dataset *grid(size_t n, uint64_t seed)
{
    struct lethe_dataset *data;
    struct lethe_rng rng;
    double *x = lethe_alloc(n * WIDTH, sizeof *x);
    int *labels = lethe_alloc(n, sizeof *labels);
    lethe_rng_init(&rng, seed, LETHE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < n * WIDTH; i++)
        x[i] = (double)lethe_rng_below(&rng, 4);
    for (size_t i = 0; i < n; i++)
        labels[i] = (int)lethe_rng_below(&rng, CLASSES);
    assert_int_equal(lethe_dataset_from(&data, x, labels, n, WIDTH, NULL), LETHE_OK);
    lethe_free(x);
    lethe_free(labels);
    return data;
}

struct pair {
    double distance;
    size_t id;
};

static int by_distance(const void *a, const void *b)
{
    const struct pair *p = a, *q = b;
    if (p->distance != q->distance)
        return p->distance < q->distance ? -1 : 1;
    return p->id < q->id ? -1 : p->id > q->id;
}

/* The definition: sort everything, count the first k. */
static void reference(double *logits, const struct lethe_knn *knn, const double *query, int without)
{
    struct pair pairs[N];
    size_t n = 0;
    for (size_t i = 0; i < knn->count; i++) {
        double x[WIDTH], sum = 0;
        if (without && knn->deleted[i])
            continue;
        lethe_dataset_batch(knn->data, x, NULL, &knn->ids[i], 1);
        for (size_t j = 0; j < WIDTH; j++)
            sum += (x[j] - query[j]) * (x[j] - query[j]);
        pairs[n++] = (struct pair){sum, knn->ids[i]};
    }
    qsort(pairs, n, sizeof *pairs, by_distance);
    for (size_t c = 0; c < knn->classes; c++) {
        double votes = 0;
        for (size_t i = 0; i < knn->k; i++)
            votes += lethe_dataset_label(knn->data, pairs[i].id) == (int)c;
        logits[c] = log((votes + 1.0 / CLASSES) / ((double)knn->k + 1));
    }
}

static void neighbours_are_those_of_sorting(void **state)
{
    (void)state;
    struct lethe_dataset *data = grid(N, 1), *from = grid(QUERIES, 2);
    static double before[QUERIES * CLASSES], after[QUERIES * CLASSES];
    size_t ids[N], queries[QUERIES], count = 0;
    unsigned char deleted[N];
    for (size_t i = 0; i < N; i++)
        if (i % 7 != 3) {
            deleted[count] = i % 5 == 0;
            ids[count++] = i;
        }
    for (size_t i = 0; i < QUERIES; i++)
        queries[i] = QUERIES - 1 - i;
    const size_t ks[] = {1, 2, 5, 17};
    for (size_t t = 0; t < sizeof ks / sizeof *ks; t++) {
        const struct lethe_knn knn = {data, ids, count, deleted, ks[t], CLASSES};
        assert_int_equal(lethe_knn_logits(before, after, &knn, from, queries, QUERIES, NULL, NULL),
                         LETHE_OK);
        for (size_t q = 0; q < QUERIES; q++) {
            double x[WIDTH], want[CLASSES];
            lethe_dataset_batch(from, x, NULL, &queries[q], 1);
            for (int without = 0; without < 2; without++) {
                reference(want, &knn, x, without);
                for (size_t c = 0; c < CLASSES; c++)
                    assert_true((without ? after : before)[q * CLASSES + c] == want[c]);
            }
        }
    }
    lethe_dataset_unref(data);
    lethe_dataset_unref(from);
}

static void wrong_numbers_of_neighbours_are_refused(void **state)
{
    (void)state;
    struct lethe_dataset *data = grid(4, 1);
    double before[CLASSES], after[CLASSES];
    const size_t ids[] = {0, 1, 2, 3}, query = 0;
    const unsigned char deleted[] = {0, 1, 1, 0};
    struct lethe_knn knn = {data, ids, 4, deleted, 3, CLASSES};
    struct lethe_error err;
    assert_int_equal(lethe_knn_logits(before, after, &knn, data, &query, 1, NULL, &err),
                     LETHE_EARG);
    assert_string_equal(err.message, "3 neighbours: 1 to 2");
    knn.k = 2;
    for (long n = 0; n < 4; n++) {
        lethe_alloc_fail_after(n);
        assert_int_equal(lethe_knn_logits(before, after, &knn, data, &query, 1, NULL, &err),
                         LETHE_ENOMEM);
        lethe_alloc_fail_after(-1);
    }
    struct lethe_watch watch;
    lethe_watch_init(&watch);
    lethe_watch_cancel(&watch);
    assert_int_equal(lethe_knn_logits(before, after, &knn, data, &query, 1, &watch, &err),
                     LETHE_ECANCEL);
    lethe_dataset_unref(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_are_those_of_sorting),
        cmocka_unit_test(wrong_numbers_of_neighbours_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
