/* SPDX-License-Identifier: MIT
 * The threshold of the attack against counting one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "lethe/rng.h"
#include "workbench/attack_threshold.h"

enum { MOST = 12 };

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t fill(double *losses, struct lethe_rng *rng)
{
    const size_t n = lethe_rng_below(rng, MOST);
    for (size_t k = 0; k < n; k++)
        losses[k] = (double)(1 + lethe_rng_below(rng, 9)) / 8; /* many ties */
    qsort(losses, n, sizeof *losses, by_size);
    return n;
}

static size_t count_below(const double *losses, size_t n, double threshold)
{
    size_t below = 0;
    for (size_t k = 0; k < n; k++)
        below += losses[k] <= threshold;
    return below;
}

/* The nearest loss above (below) the threshold; the threshold itself without one. */
static double nearest(const struct lethe_attack_losses *losses, double threshold, int above)
{
    double best = threshold;
    for (int g = 0; g < 2; g++)
        for (size_t k = 0; k < (g ? losses->others : losses->members); k++) {
            const double loss = (g ? losses->other : losses->member)[k];
            if (above ? loss > threshold && (best == threshold || loss < best)
                      : loss < threshold && (best == threshold || loss > best))
                best = loss;
        }
    return best;
}

static void counts_and_steps(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 3, LETHE_RNG_TEST, 0, 0);
    for (int round = 0; round < 20000; round++) {
        double member[MOST], other[MOST];
        struct lethe_attack_losses losses = {.member = member, .other = other};
        losses.members = fill(member, &rng);
        losses.others = fill(other, &rng);
        const double at = (double)(1 + lethe_rng_below(&rng, 20)) / 16;
        assert_int_equal(lethe_attack_below(member, losses.members, at),
                         count_below(member, losses.members, at));
        for (int above = 0; above < 2; above++)
            assert_true(lethe_attack_next(&losses, at, above) == nearest(&losses, at, above));
        if (losses.others)
            assert_true(lethe_attack_next(&losses, 0, 1) == other[losses.others / 2]);
        else
            assert_true(lethe_attack_next(&losses, 0, 1) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_and_steps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
