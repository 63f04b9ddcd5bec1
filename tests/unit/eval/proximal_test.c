/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "lethe/eval.h"
#include "lethe/rng.h"

enum { N = 9, C = 4, SEEDS = 3, ALL = N * C };

/* A model's rows as they are compared. */
static void see(double *to, const double *z, int probs)
{
    for (int i = 0; i < N; i++) {
        double sum = 0;
        for (int k = 0; k < C; k++)
            sum += probs ? exp(z[i * C + k]) : z[i * C + k] / C;
        for (int k = 0; k < C; k++)
            to[i * C + k] = probs ? exp(z[i * C + k]) / sum : z[i * C + k] - sum;
    }
}

static double norm_of(const double *a, const double *b)
{
    double square = 0;
    for (int i = 0; i < ALL; i++)
        square += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(square);
}

static void figures_meet_the_definition(void **state)
{
    (void)state;
    struct lethe_rng rng;
    const double zero[ALL] = {0};
    lethe_rng_init(&rng, 41, LETHE_RNG_TEST, 0, 0);
    for (int round = 0; round < 300; round++) {
        double z[2 + 2 * SEEDS][ALL], v[2 + 2 * SEEDS][ALL], d[ALL], move[SEEDS][ALL];
        for (int m = 0; m < 2 + 2 * SEEDS; m++)
            for (int i = 0; i < ALL; i++)
                z[m][i] = 2 * lethe_rng_normal(&rng);
        const double *retrain[SEEDS] = {z[2], z[3], z[4]}, *control[SEEDS] = {z[5], z[6], z[7]};
        const struct lethe_proximal_input in = {z[0],  z[1], retrain, control,
                                                SEEDS, N,    C,       round % 2};
        struct lethe_proximal p;
        assert_int_equal(lethe_proximal_measure(&p, &in, NULL), LETHE_OK);
        for (int m = 0; m < 2 + 2 * SEEDS; m++)
            see(v[m], z[m], round % 2);
        double moved = 0, change = 0, along = 0, others = 0, spread = 0;
        for (int i = 0; i < ALL; i++) {
            d[i] = v[1][i] - v[0][i];
            for (int s = 0; s < SEEDS; s++)
                move[s][i] = v[2 + s][i] - v[2 + SEEDS + s][i];
        }
        for (int s = 0; s < SEEDS; s++) {
            const double length = norm_of(move[s], zero);
            double product = 0;
            for (int i = 0; i < ALL; i++)
                product += d[i] * move[s][i];
            moved += length / SEEDS;
            change += (1 - norm_of(d, move[s]) / length) / SEEDS;
            along += product / length / length / SEEDS;
            for (int t = 0; t < SEEDS; t++)
                if (t != s) {
                    others += (1 - norm_of(move[t], move[s]) / length) / (SEEDS * (SEEDS - 1));
                    spread += norm_of(v[2 + SEEDS + t], v[2 + SEEDS + s]) / length /
                              (SEEDS * (SEEDS - 1));
                }
        }
        assert_true(fabs(p.moved - moved) < 1e-10 && fabs(p.change - change) < 1e-10);
        assert_true(fabs(p.along - along) < 1e-10 && fabs(p.others - others) < 1e-10);
        assert_true(fabs(p.control - spread) < 1e-10);
    }
}

static void half_of_the_change_is_half(void **state)
{
    (void)state;
    double old[4] = {1, 2, 3, 4}, s[4] = {2, 2, 3, 5}, re[4] = {2, 4, 3, 1}, now[4];
    for (int i = 0; i < 4; i++)
        now[i] = old[i] + 0.5 * (re[i] - s[i]);
    const double *retrain[1] = {re}, *control[1] = {s};
    const struct lethe_proximal_input in = {old, now, retrain, control, 1, 2, 2, 0};
    struct lethe_proximal p;
    assert_int_equal(lethe_proximal_measure(&p, &in, NULL), LETHE_OK);
    assert_true(fabs(p.change - 0.5) < 1e-12 && fabs(p.along - 0.5) < 1e-12);
    assert_true(isnan(p.others) && isnan(p.control));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_meet_the_definition),
        cmocka_unit_test(half_of_the_change_is_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
