/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "lethe/equivalence.h"
#include "lethe/rng.h"

enum { ROUNDS = 4000 };

static void draw(double *x, size_t n, double mean, struct lethe_rng *rng)
{
    for (size_t i = 0; i < n; i++)
        x[i] = 7 + 3 * (mean + lethe_rng_normal(rng));
}

static void welch_meets_its_check_value(void **state)
{
    (void)state;
    const double a[] = {1, 2, NAN, 3, 4}, b[] = {3, 4, 5, 6};
    struct lethe_equivalence e;
    lethe_equivalence_means(&e, a, 5, b, 4, 0.75);
    assert_true(e.difference == -2 && fabs(e.z - -2.1908902300206647) < 1e-12);
    assert_true(fabs(e.p - 0.07098765432098755) < 1e-12);
    assert_true(fabs(e.bound - 0.75 * sqrt(5.0 / 3)) < 1e-12);
    assert_int_equal(e.verdict, LETHE_LIKE_UNDECIDED);
    const double width = 0.9128709291752768 * 1.9431802805153022; /* t of 6 degrees, 95 % */
    assert_true(fabs(e.low - (-2 - width)) < 1e-9 && fabs(e.high - (-2 + width)) < 1e-9);
}

/* How often each answer comes when the truth is known. */
static void count(size_t answers[4], double mean, size_t n, uint64_t seed)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, seed, LETHE_RNG_TEST, 0, 0);
    answers[0] = answers[1] = answers[2] = answers[3] = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double a[256], b[256];
        struct lethe_equivalence e;
        draw(a, n, mean, &rng);
        draw(b, n, 0, &rng);
        lethe_equivalence_means(&e, a, n, b, n, LETHE_BOUND_OF_MEANS);
        answers[e.verdict]++;
    }
}

static void answers_keep_their_level(void **state)
{
    (void)state;
    size_t answers[4];
    count(answers, 0, 32, 1); /* nothing is different: at most one in twenty says so */
    assert_true(answers[LETHE_LIKE_DIFFERENT] < 0.06 * ROUNDS);
    assert_true(answers[LETHE_LIKE_RETRAINED] > 0.75 * ROUNDS);
    assert_int_equal(answers[LETHE_LIKE_UNKNOWN], 0);
    count(answers, 0.75, 32, 2); /* at the bound: at most one in twenty calls it nothing */
    assert_true(answers[LETHE_LIKE_RETRAINED] < 0.065 * ROUNDS);
    assert_true(answers[LETHE_LIKE_DIFFERENT] > 0.75 * ROUNDS);
    count(answers, 1.5, 32, 3); /* z of single models would be 1.5: "as retraining" */
    assert_true(answers[LETHE_LIKE_DIFFERENT] > 0.99 * ROUNDS);
    assert_int_equal(answers[LETHE_LIKE_RETRAINED], 0);
    count(answers, 0, 4, 4); /* four models cannot show that nothing is there */
    assert_true(answers[LETHE_LIKE_UNDECIDED] > 0.8 * ROUNDS);
    count(answers, 0.1, 256, 5); /* a difference that is there, and smaller than counts */
    assert_true(answers[LETHE_LIKE_RETRAINED] > 0.99 * ROUNDS);
}

static void one_model_is_judged_by_single_models(void **state)
{
    (void)state;
    struct lethe_rng rng;
    size_t answers[4] = {0}, far[4] = {0};
    lethe_rng_init(&rng, 6, LETHE_RNG_TEST, 0, 0);
    for (int round = 0; round < ROUNDS; round++) {
        double b[8], now;
        struct lethe_equivalence e;
        draw(b, 8, 0, &rng);
        draw(&now, 1, 0, &rng);
        lethe_equivalence_one(&e, now, b, 8, LETHE_BOUND_OF_ONE);
        answers[e.verdict]++;
        lethe_equivalence_one(&e, now + 30, b, 8, LETHE_BOUND_OF_ONE);
        far[e.verdict]++;
    }
    assert_true(answers[LETHE_LIKE_DIFFERENT] < 0.06 * ROUNDS);
    assert_true(answers[LETHE_LIKE_RETRAINED] > 0.6 * ROUNDS);
    assert_true(far[LETHE_LIKE_DIFFERENT] > 0.99 * ROUNDS && far[LETHE_LIKE_RETRAINED] == 0);
}

/* Points of a plane, squared distances: every answer with its error known from many draws. */
static void distances_take_the_shared_models_into_account(void **state)
{
    (void)state;
    enum { M = 16, DRAWS = 1500 };
    struct lethe_rng rng;
    double sum = 0, square = 0, claimed = 0;
    size_t answers[4] = {0}, far[4] = {0};
    lethe_rng_init(&rng, 9, LETHE_RNG_TEST, 0, 0);
    for (int round = 0; round < DRAWS; round++) {
        double u[M][2], r[M][2], own[M * M], among[M * M], shifted[M * M];
        struct lethe_equivalence e;
        for (int i = 0; i < M; i++)
            for (int c = 0; c < 2; c++) {
                u[i][c] = lethe_rng_normal(&rng);
                r[i][c] = lethe_rng_normal(&rng);
            }
        for (int i = 0; i < M; i++)
            for (int j = 0; j < M; j++) {
                own[i * M + j] = pow(u[i][0] - r[j][0], 2) + pow(u[i][1] - r[j][1], 2);
                among[i * M + j] = pow(r[i][0] - r[j][0], 2) + pow(r[i][1] - r[j][1], 2);
                shifted[i * M + j] = pow(u[i][0] + 3 - r[j][0], 2) + pow(u[i][1] - r[j][1], 2);
            }
        lethe_equivalence_distances(&e, own, M, among, M, LETHE_BOUND_OF_MEANS);
        sum += e.difference / DRAWS;
        square += e.difference * e.difference / DRAWS;
        claimed += e.error * e.error / DRAWS;
        answers[e.verdict]++;
        lethe_equivalence_distances(&e, shifted, M, among, M, LETHE_BOUND_OF_MEANS);
        far[e.verdict]++;
    }
    assert_true(fabs(sum) < 0.1 && claimed > 0.8 * square && claimed < 1.6 * square);
    assert_true(answers[LETHE_LIKE_DIFFERENT] < 0.06 * DRAWS);
    assert_true(far[LETHE_LIKE_DIFFERENT] > 0.99 * DRAWS);
    struct lethe_equivalence e;
    const double few[4] = {0, 1, 1, 0};
    lethe_equivalence_distances(&e, few, 2, few, 2, 1);
    assert_int_equal(e.verdict, LETHE_LIKE_UNKNOWN);
}

static void spread_of_rounding_is_none(void **state)
{
    (void)state;
    const double same[3] = {0.5, 0.5 + 1e-12, 0.5 - 1e-12}, near[2] = {0.5 + 2e-12, 0.5};
    const double off[2] = {0.6, 0.6}, tiny[3] = {1e-16, 3e-16, 0}, large[2] = {0.2, 0.2};
    struct lethe_equivalence e;
    lethe_equivalence_means(&e, near, 2, same, 3, 0.75);
    assert_true(e.verdict == LETHE_LIKE_RETRAINED && isnan(e.z) && isnan(e.p) && e.error == 0);
    lethe_equivalence_means(&e, off, 2, same, 3, 0.75);
    assert_true(e.verdict == LETHE_LIKE_DIFFERENT && isnan(e.z));
    lethe_equivalence_means(&e, large, 2, tiny, 3, 0.75);
    assert_true(e.verdict == LETHE_LIKE_DIFFERENT && isnan(e.z));
    const double none[3] = {0, 0, 0};
    lethe_equivalence_means(&e, none, 3, none, 3, 0.75);
    assert_int_equal(e.verdict, LETHE_LIKE_RETRAINED);
    lethe_equivalence_one(&e, 0, none, 3, 2);
    assert_int_equal(e.verdict, LETHE_LIKE_RETRAINED);
    lethe_equivalence_one_sided(&e, 1);
    assert_int_equal(e.verdict, LETHE_LIKE_RETRAINED);
    lethe_equivalence_one(&e, 0.5 + 1e-11, same, 3, 2);
    assert_int_equal(e.verdict, LETHE_LIKE_RETRAINED);
    lethe_equivalence_one(&e, 0.6, same, 3, 2);
    assert_int_equal(e.verdict, LETHE_LIKE_DIFFERENT);
}

static void too_few_are_no_answer(void **state)
{
    (void)state;
    const double x[3] = {1, 2, NAN};
    struct lethe_equivalence e;
    lethe_equivalence_means(&e, x, 2, x, 3, 0.75);
    assert_true(e.verdict == LETHE_LIKE_UNKNOWN && isnan(e.difference));
    lethe_equivalence_one(&e, 1, x, 3, 2);
    assert_int_equal(e.verdict, LETHE_LIKE_UNKNOWN);
    const double y[3] = {1, 2, 3};
    lethe_equivalence_means(&e, x, 1, y, 3, 0.75);
    assert_int_equal(e.verdict, LETHE_LIKE_UNKNOWN);
    lethe_equivalence_one(&e, NAN, y, 3, 2);
    assert_int_equal(e.verdict, LETHE_LIKE_UNKNOWN);
    lethe_equivalence_one_sided(&e, 1);
    assert_string_equal(lethe_likeness_words(e.verdict), "");
}

static void the_good_side_is_no_difference(void **state)
{
    (void)state;
    const struct lethe_equivalence_input below = {-0.1, 0.01, 19, 0.05, 1},
                                         above = {0.1, 0.01, 19, 0.05, 1},
                                         slight = {0.02, 0.01, 19, 0.03, 1};
    struct lethe_equivalence e;
    lethe_equivalence_judge(&e, &below);
    assert_int_equal(e.verdict, LETHE_LIKE_DIFFERENT);
    lethe_equivalence_one_sided(&e, 1);
    assert_int_equal(e.verdict, LETHE_LIKE_RETRAINED);
    lethe_equivalence_one_sided(&e, -1);
    assert_int_equal(e.verdict, LETHE_LIKE_DIFFERENT);
    lethe_equivalence_judge(&e, &above);
    lethe_equivalence_one_sided(&e, 1);
    assert_int_equal(e.verdict, LETHE_LIKE_DIFFERENT);
    lethe_equivalence_judge(&e, &slight); /* p .060 on two sides, .030 on the one that counts */
    assert_int_equal(e.verdict, LETHE_LIKE_UNDECIDED);
    lethe_equivalence_one_sided(&e, 1);
    assert_int_equal(e.verdict, LETHE_LIKE_DIFFERENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(welch_meets_its_check_value),
        cmocka_unit_test(answers_keep_their_level),
        cmocka_unit_test(one_model_is_judged_by_single_models),
        cmocka_unit_test(distances_take_the_shared_models_into_account),
        cmocka_unit_test(spread_of_rounding_is_none),
        cmocka_unit_test(too_few_are_no_answer),
        cmocka_unit_test(the_good_side_is_no_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
