/* SPDX-License-Identifier: MIT
 * EKFAC on several threads: no bit of factors and solves depends on how many there are, and a
 * cancel is heard within a block. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "tests/support/net_ekfac.h"
#include "tests/support/nets.h"
#include "unlearn/ekfac.h"

enum { SAMPLES = 40 };

static void the_thread_count_changes_no_bit(void **state)
{
    (void)state;
    for (int kind = 0; kind < NET_KINDS; kind++) {
        struct net net = net_open((enum net_kind)kind, SAMPLES, 17);
        struct lethe_ekfac *one =
            net_ekfac(&net, NULL, SAMPLES, (struct lethe_ekfac_spec){.threads = 1, .draws = 2});
        struct lethe_ekfac *many =
            net_ekfac(&net, NULL, SAMPLES, (struct lethe_ekfac_spec){.threads = 5, .draws = 2});
        double *x = lethe_alloc(2 * one->size, sizeof *x), *y = x + one->size;
        for (size_t i = 0; i < one->size; i++)
            x[i] = y[i] = cos(2.385 * (double)i);
        assert_int_equal(lethe_ekfac_solve(one, x, 1e-4, NULL), LETHE_OK);
        assert_int_equal(lethe_ekfac_solve(many, y, 1e-4, NULL), LETHE_OK);
        assert_memory_equal(x, y, one->size * sizeof *x);
        lethe_free(x);
        lethe_ekfac_unref(one);
        lethe_ekfac_unref(many);
        net_close(&net);
    }
}

/* EKFAC of a network whose middle layer is work enough for several threads. */
static struct lethe_ekfac *make_wide(void)
{
    enum { FEW = 6, IN = 8, CLASSES = 3 };
    const size_t widths[] = {IN, 300, 300, CLASSES};
    struct lethe_rng rng;
    struct net net = {0};
    double x[FEW * IN];
    int labels[FEW];
    size_t ids[FEW];
    lethe_rng_init(&rng, 4, LETHE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < FEW * IN; i++)
        x[i] = lethe_rng_normal(&rng);
    for (size_t i = 0; i < FEW; i++) {
        labels[i] = (int)(i % CLASSES);
        ids[i] = i;
    }
    assert_int_equal(lethe_graph_mlp(&net.graph, widths, 4, "tanh", NULL), LETHE_OK);
    assert_int_equal(lethe_dataset_from(&net.data, x, labels, FEW, IN, NULL), LETHE_OK);
    net.w = lethe_alloc(lethe_graph_size(net.graph), sizeof *net.w);
    lethe_graph_init(net.graph, 1, net.w);
    struct lethe_ekfac *ekfac = net_ekfac(&net, ids, FEW, (struct lethe_ekfac_spec){.threads = 1});
    lethe_graph_unref(net.graph);
    lethe_dataset_unref(net.data);
    lethe_free(net.w);
    return ekfac;
}

/* No bit depends on it, what is undone is done again, and a cancel is heard. */
static void large_solves_are_shared_out_over_threads(void **state)
{
    (void)state;
    struct lethe_ekfac *ekfac = make_wide();
    struct lethe_watch watch;
    struct lethe_rng rng;
    double *x[3];
    lethe_watch_init(&watch);
    lethe_rng_init(&rng, 5, LETHE_RNG_TEST, 0, 0);
    for (size_t k = 0; k < 3; k++)
        x[k] = lethe_alloc(ekfac->size, sizeof(double));
    for (size_t i = 0; i < ekfac->size; i++)
        x[0][i] = x[1][i] = x[2][i] = lethe_rng_normal(&rng);
    for (unsigned k = 1; k < 3; k++) {
        ekfac->threads = k == 1 ? 1 : 3;
        assert_int_equal(lethe_ekfac_apply(ekfac, x[k], 0.01, 1, NULL, &watch, NULL), LETHE_OK);
    }
    assert_memory_equal(x[1], x[2], ekfac->size * sizeof(double));
    assert_int_equal(lethe_ekfac_times(ekfac, x[1], 0.01, NULL), LETHE_OK);
    for (size_t i = 0; i < ekfac->size; i++)
        assert_true(fabs(x[1][i] - x[0][i]) < 1e-9);
    lethe_watch_cancel(&watch);
    assert_int_equal(lethe_ekfac_apply(ekfac, x[2], 0.01, 1, NULL, &watch, NULL), LETHE_ECANCEL);
    for (size_t k = 0; k < 3; k++)
        lethe_free(x[k]);
    lethe_ekfac_unref(ekfac);
}

/* A cancel is heard between two samples of a block, too: none of a layer is taken any more. */
static void a_cancel_leaves_the_rest_of_a_block_out(void **state)
{
    (void)state;
    struct lethe_watch watch;
    lethe_watch_init(&watch);
    lethe_watch_cancel(&watch);
    for (int kind = 0; kind < NET_BEHIND; kind++) {
        struct net net = net_open((enum net_kind)kind, SAMPLES, 23);
        struct lethe_ekfac *ekfac = net_ekfac(&net, NULL, SAMPLES, (struct lethe_ekfac_spec){0});
        struct lethe_problem *problem = net_problem(&net, NULL, SAMPLES, LETHE_F64);
        struct lethe_ekfac_hand hand = {.watch = &watch};
        struct lethe_exec *exec = lethe_problem_exec(problem);
        assert_int_equal(lethe_grad_rows_prepare(exec, NULL), LETHE_OK);
        assert_int_equal(lethe_grad_rows_new(&hand.rows, exec, NULL), LETHE_OK);
        for (size_t b = 0; b < ekfac->count; b++) {
            struct lethe_ekfac_block *block = &ekfac->blocks[b];
            const size_t n = lethe_side_values(&block->out) * lethe_side_values(&block->in);
            double *before = lethe_alloc(n, sizeof *before);
            memcpy(before, block->values, n * sizeof *before);
            hand.work = lethe_alloc_zero(lethe_ekfac_room(block, hand.rows) + 1, sizeof(double));
            if (block->kind == LETHE_EKFAC_LAYER)
                lethe_ekfac_add_values(ekfac, block, &hand, 7, 1);
            assert_memory_equal(before, block->values, n * sizeof *before);
            lethe_free(hand.work);
            lethe_free(before);
        }
        lethe_grad_rows_free(hand.rows);
        lethe_problem_free(problem);
        lethe_ekfac_unref(ekfac);
        net_close(&net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_thread_count_changes_no_bit),
        cmocka_unit_test(large_solves_are_shared_out_over_threads),
        cmocka_unit_test(a_cancel_leaves_the_rest_of_a_block_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
