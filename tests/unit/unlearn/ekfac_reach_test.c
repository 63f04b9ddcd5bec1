/* SPDX-License-Identifier: MIT
 * What leading units of a blanket can do by EKFAC, against conjugate gradients on their masks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "base/alloc.h"
#include "lethe/pcg.h"
#include "lethe/rng.h"
#include "tests/support/nets.h"
#include "unlearn/ekfac.h"
#include "unlearn/ekfac_reach.h"

enum { SAMPLES = 40 };

static struct lethe_ekfac *make(const struct net *net, size_t widest)
{
    const struct lethe_problem_spec over = {
        .graph = net->graph, .data = net->data, .count = SAMPLES, .dtype = LETHE_F64, .batch = 16};
    struct lethe_ekfac_spec spec = {.w = net->w, .draws = 1, .widest = widest};
    struct lethe_ekfac *ekfac = NULL;
    assert_int_equal(lethe_problem_new(&spec.problem, &over, NULL), LETHE_OK);
    assert_int_equal(lethe_ekfac_new(&ekfac, &spec, NULL, NULL), LETHE_OK);
    lethe_problem_free(spec.problem);
    return ekfac;
}

/* What the first 1, 2, ... units can do is what conjugate gradients on each mask say; parts of
 * units are refused. */
static void leading_units_can_do_what_their_mask_says(void **state)
{
    (void)state;
    for (int round = 0; round < 12; round++) {
        const enum net_kind kind = round % 3 == 0   ? NET_PLAIN
                                   : round % 3 == 1 ? NET_CONV
                                                    : NET_TOKENS;
        struct net net = net_open(kind, SAMPLES, 11 + (uint64_t)round);
        struct lethe_ekfac *ekfac = make(&net, round < 6 ? 0 : 7);
        const size_t all = lethe_unit_count(net.graph), count = all < 7 ? all : 7;
        size_t units[8];
        double decrease[8], *g = lethe_alloc(ekfac->size, sizeof *g);
        struct lethe_rng rng;
        lethe_rng_init(&rng, 3, LETHE_RNG_TEST, (uint64_t)round, 0);
        for (size_t i = 0; i < ekfac->size; i++)
            g[i] = lethe_rng_normal(&rng);
        for (size_t k = 0; k < count; k++) {
            size_t seen = 1;
            while (seen) {
                units[k] = (size_t)lethe_rng_below(&rng, all);
                seen = 0;
                for (size_t j = 0; j < k; j++)
                    seen |= units[j] == units[k];
            }
        }
        struct lethe_blanket blanket = {0};
        assert_int_equal(lethe_blanket_init(&blanket, net.graph, units, count, NULL), LETHE_OK);
        assert_int_equal(lethe_ekfac_decreases(decrease, ekfac, &blanket, count, g, 0.02, NULL),
                         LETHE_OK);
        for (size_t k = 0; k < count; k++) {
            const size_t n = blanket.offset[k + 1];
            struct lethe_mask mask;
            double *b = lethe_alloc(2 * n, sizeof *b), sum = 0;
            for (size_t i = 0; i < n; i++)
                b[i] = g[blanket.index[i]];
            assert_int_equal(lethe_mask_init(&mask, ekfac, blanket.index, n, NULL), LETHE_OK);
            assert_int_equal(lethe_mask_solve(&mask, b + n, b, 0.02, NULL, NULL), LETHE_OK);
            for (size_t i = 0; i < n; i++)
                sum += b[i] * b[n + i];
            assert_true(fabs(sum - decrease[k]) < 1e-5 * sum);
            lethe_mask_release(&mask);
            lethe_free(b);
        }
        size_t ends[] = {0, 1};
        const struct lethe_blanket part = {
            .count = 1, .units = blanket.units, .offset = ends, .index = blanket.index};
        assert_int_equal(lethe_ekfac_decreases(decrease, ekfac, &part, 1, g, 0.02, NULL),
                         LETHE_EARG);
        lethe_blanket_release(&blanket);
        lethe_ekfac_unref(ekfac);
        lethe_free(g);
        net_close(&net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leading_units_can_do_what_their_mask_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
