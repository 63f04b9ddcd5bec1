/* SPDX-License-Identifier: MIT
 * Orthogonal matching pursuit against what every unknown adds by dense solutions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "unlearn/pursuit.h"

enum { MOST = 12 };

struct system {
    size_t n;
    double m[MOST * MOST], b[MOST];
};

/* B B' + a little, of low rank now and then so that some unknowns are nearly dependent. */
static void draw(struct system *s, uint64_t seed)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, seed, LETHE_RNG_SUBSET, 0, 0);
    s->n = 1 + lethe_rng_below(&rng, MOST);
    const size_t rank = 1 + lethe_rng_below(&rng, 2 * s->n);
    double factor[2 * MOST * MOST];
    for (size_t i = 0; i < s->n * rank; i++)
        factor[i] = lethe_rng_normal(&rng);
    for (size_t i = 0; i < s->n; i++) {
        s->b[i] = lethe_rng_normal(&rng);
        for (size_t j = 0; j < s->n; j++) {
            double sum = i == j ? 0.05 : 0;
            for (size_t k = 0; k < rank; k++)
                sum += factor[i * rank + k] * factor[j * rank + k];
            s->m[i * s->n + j] = sum;
        }
    }
}

/* b_P' M_PP^-1 b_P / 2 by elimination with pivoting. */
static double worth(const struct system *s, const size_t *p, size_t count)
{
    double a[MOST][MOST + 1], sum = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++)
            a[i][j] = s->m[p[i] * s->n + p[j]];
        a[i][count] = s->b[p[i]];
    }
    for (size_t k = 0; k < count; k++) {
        size_t top = k;
        for (size_t i = k + 1; i < count; i++)
            top = fabs(a[i][k]) > fabs(a[top][k]) ? i : top;
        for (size_t j = 0; j <= count; j++) {
            const double kept = a[k][j];
            a[k][j] = a[top][j];
            a[top][j] = kept;
        }
        for (size_t i = 0; i < count; i++)
            for (size_t j = count + 1; i != k && j-- > k;)
                a[i][j] -= a[i][k] / a[k][k] * a[k][j];
    }
    for (size_t i = 0; i < count; i++)
        sum += s->b[p[i]] * a[i][count] / a[i][i];
    return sum / 2;
}

static int is_among(const size_t *p, size_t count, size_t j)
{
    for (size_t k = 0; k < count; k++)
        if (p[k] == j)
            return 1;
    return 0;
}

/* What j adds to the first `count` of p. */
static double added(const struct system *s, const size_t *p, size_t count, size_t j)
{
    size_t more[MOST];
    memcpy(more, p, count * sizeof *p);
    more[count] = j;
    return worth(s, more, count + 1) - worth(s, p, count);
}

static void check(const struct system *s, size_t most)
{
    size_t order[MOST], chosen = 99;
    double gains[MOST];
    const struct lethe_pursuit in = {.matrix = s->m, .rhs = s->b, .size = s->n, .most = most};
    assert_int_equal(lethe_pursuit_run(order, gains, &chosen, &in, NULL, NULL), LETHE_OK);
    assert_int_equal(chosen, most < s->n ? most : s->n);
    for (size_t k = 0; k < s->n; k++) {
        const size_t before = k < chosen ? k : chosen;
        assert_true(order[k] < s->n && !is_among(order, k, order[k]));
        const double want = added(s, order, before, order[k]);
        assert_true(fabs(gains[k] - want) <= 1e-6 * (1 + gains[k]));
        if (k >= chosen && k > chosen)
            assert_true(gains[k] <= gains[k - 1]);
        for (size_t j = 0; k < chosen && j < s->n; j++)
            if (!is_among(order, k, j))
                assert_true(added(s, order, k, j) <= gains[k] * (1 + 1e-6) + 1e-9);
    }
}

static void every_choice_is_the_best_one(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 1500; seed++) {
        struct system s;
        draw(&s, seed);
        check(&s, seed % (s.n + 2));
    }
}

static void the_lower_of_equal_unknowns_comes_first(void **state)
{
    (void)state;
    const double m[9] = {2, 0, 0, 0, 2, 0, 0, 0, 2}, b[3] = {1, 1, 1};
    const struct lethe_pursuit in = {.matrix = m, .rhs = b, .size = 3, .most = 2};
    size_t order[3], chosen;
    double gains[3];
    assert_int_equal(lethe_pursuit_run(order, gains, &chosen, &in, NULL, NULL), LETHE_OK);
    assert_true(order[0] == 0 && order[1] == 1 && order[2] == 2);
    assert_true(gains[0] == 0.25 && gains[2] == 0.25);
}

/* The second unknown is the first again: it adds nothing and is not chosen. */
static void dependent_unknowns_end_the_greedy_part(void **state)
{
    (void)state;
    const double m[9] = {1, 1, 0, 1, 1, 0, 0, 0, 4}, b[3] = {1, 1, 0.5};
    const struct lethe_pursuit in = {.matrix = m, .rhs = b, .size = 3, .most = 3};
    size_t order[3], chosen;
    double gains[3];
    assert_int_equal(lethe_pursuit_run(order, gains, &chosen, &in, NULL, NULL), LETHE_OK);
    assert_int_equal(chosen, 2);
    assert_true(order[0] == 0 && order[1] == 2 && order[2] == 1 && gains[2] == 0);
}

static void it_can_be_cancelled_and_run_out_of_memory(void **state)
{
    (void)state;
    struct system s;
    size_t order[MOST], chosen;
    double gains[MOST];
    draw(&s, 3);
    const struct lethe_pursuit in = {.matrix = s.m, .rhs = s.b, .size = s.n, .most = s.n};
    struct lethe_watch watch;
    lethe_watch_init(&watch);
    lethe_watch_cancel(&watch);
    assert_int_equal(lethe_pursuit_run(order, gains, &chosen, &in, &watch, NULL), LETHE_ECANCEL);
    for (long n = 0; n < 6; n++) {
        lethe_alloc_fail_after(n);
        assert_int_equal(lethe_pursuit_run(order, gains, &chosen, &in, NULL, NULL), LETHE_ENOMEM);
        lethe_alloc_fail_after(-1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_choice_is_the_best_one),
        cmocka_unit_test(the_lower_of_equal_unknowns_comes_first),
        cmocka_unit_test(dependent_unknowns_end_the_greedy_part),
        cmocka_unit_test(it_can_be_cancelled_and_run_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
