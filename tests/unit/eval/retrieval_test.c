/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "eval/retrieval.h"
#include "lethe/rng.h"

static struct lethe_retrieval measure(const struct lethe_feature_rows *f, const unsigned char *asks,
                                      const unsigned char *pairs)
{
    struct lethe_retrieval out;
    assert_int_equal(lethe_retrieval_measure(&out, f, asks, pairs, NULL), LETHE_OK);
    return out;
}

/* The query looks along (1, 0); the gallery turns away from it step by step. */
static void a_gallery_by_hand(void **state)
{
    (void)state;
    const double x[] = {1, 0, 5, .1, 3, .9, 1, 1, 0, 2};
    const int label[] = {7, 7, 1, 7, 1}, track[] = {0, 1, 1, 2, 3}, same_track[] = {0, 0, 1, 2, 3};
    const unsigned char asks[] = {1, 0, 0, 0, 0}, all[] = {1, 1, 1, 1, 1};
    struct lethe_feature_rows f = {x, label, track, 5, 2};
    struct lethe_retrieval out = measure(&f, asks, all);
    assert_int_equal(out.queries, 1);
    assert_true(out.rank1 == 1);
    assert_true(fabs(out.average_precision - (1 + 2.0 / 3) / 2) < 1e-15);
    assert_int_equal(out.same, 2);
    assert_int_equal(out.other, 2);
    assert_true(fabs(out.eer - .5) < 1e-15); /* one of two passes wrongly where one of two fails */
    f.group = same_track;                    /* the nearest is of the query's own track */
    out = measure(&f, asks, all);
    assert_true(out.rank1 == 0);
    assert_true(fabs(out.average_precision - .5) < 1e-15);
    const unsigned char alone[] = {0, 0, 1, 0, 0}, none[] = {0, 0, 0, 0, 0};
    f.n = 4; /* nobody else of label 1 is left */
    out = measure(&f, alone, none);
    assert_int_equal(out.queries, 0);
    assert_true(isnan(out.rank1) && isnan(out.average_precision) && isnan(out.eer));
}

/* Counting instead of sorting. */
static void brute(struct lethe_retrieval *out, const struct lethe_feature_rows *f,
                  const unsigned char *asks)
{
    *out = (struct lethe_retrieval){0};
    for (size_t q = 0; q < f->n; q++) {
        double precision = 0, best = -2;
        size_t right = 0;
        int first = -1;
        if (!asks[q])
            continue;
        for (size_t j = 0; j < f->n; j++) {
            size_t above = 0, good = 0;
            double cj = 0;
            if (j == q || f->group[j] == f->group[q])
                continue;
            for (size_t d = 0; d < f->width; d++)
                cj += f->x[q * f->width + d] * f->x[j * f->width + d];
            if (cj > best) {
                best = cj;
                first = f->label[j];
            }
            for (size_t k = 0; k < f->n; k++) {
                double ck = 0;
                if (k == q || f->group[k] == f->group[q])
                    continue;
                for (size_t d = 0; d < f->width; d++)
                    ck += f->x[q * f->width + d] * f->x[k * f->width + d];
                if (ck >= cj) {
                    above++;
                    good += f->label[k] == f->label[q];
                }
            }
            if (f->label[j] == f->label[q]) {
                right++;
                precision += (double)good / (double)above;
            }
        }
        if (!right)
            continue;
        out->queries++;
        out->rank1 += first == f->label[q];
        out->average_precision += precision / (double)right;
    }
    out->rank1 /= (double)out->queries;
    out->average_precision /= (double)out->queries;
}

static void random_crowds_meet_counting(void **state)
{
    (void)state;
    enum { N = 30, WIDE = 3, RUNS = 500 };
    for (size_t run = 0; run < RUNS; run++) {
        double x[N * WIDE];
        int label[N], group[N];
        unsigned char asks[N], pairs[N];
        struct lethe_rng rng;
        lethe_rng_init(&rng, 11, LETHE_RNG_TEST, run, 0);
        for (size_t i = 0; i < N; i++) {
            double square = 0;
            label[i] = (int)lethe_rng_below(&rng, 4);
            group[i] = (int)lethe_rng_below(&rng, 9);
            asks[i] = i == 0 || lethe_rng_below(&rng, 3) == 0;
            pairs[i] = lethe_rng_below(&rng, 2) == 0;
            for (size_t d = 0; d < WIDE; d++) {
                x[i * WIDE + d] = lethe_rng_normal(&rng) + (d == (size_t)label[i] % WIDE);
                square += x[i * WIDE + d] * x[i * WIDE + d];
            }
            for (size_t d = 0; d < WIDE; d++)
                x[i * WIDE + d] /= sqrt(square);
        }
        const struct lethe_feature_rows f = {x, label, group, N, WIDE};
        struct lethe_retrieval out = measure(&f, asks, pairs), want;
        brute(&want, &f, asks);
        assert_int_equal(out.queries, want.queries);
        assert_true(fabs(out.rank1 - want.rank1) < 1e-12);
        assert_true(fabs(out.average_precision - want.average_precision) < 1e-12);
        assert_true(isnan(out.eer) || (out.eer >= 0 && out.eer <= 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gallery_by_hand),
        cmocka_unit_test(random_crowds_meet_counting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
