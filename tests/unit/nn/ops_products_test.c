/* SPDX-License-Identifier: MIT
 * Matrix products, equations of indices, and what recurs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/op_case.h"

static void products(void **state)
{
    (void)state;
    static const struct op_case cases[] = {
        {"MatMul", {"3x4", "4x2"}, 0, -1, 1, 0, 0},
        {"MatMul", {"2x3x4", "4x2"}, 0, -1, 1, 0, 0},
        {"MatMul", {"2x3x4", "2x4x2"}, 0, -1, 1, 0, 0},
        {"MatMul", {"3x4", "2x4x2"}, 0, -1, 1, 0, 0},
        {"MatMul", {"2x1x3x4", "5x4x2"}, 0, -1, 1, 0, 0},
        {"MatMul", {"4", "4x2"}, 0, -1, 1, 0, 0},
        {"MatMul", {"2x3x4", "4"}, 0, -1, 1, 0, 0},
        {"MatMul", {"4", "3x4x2"}, 0, -1, 1, 0, 0},
        {"MatMul", {"1x1", "1x1"}, 0, -1, 1, 0, 0},
        {"Gemm", {"3x4", "4x2"}, 0, -1, 1, 0, 0},
        {"Gemm", {"3x4", "4x2", "2"}, "alpha=0.5 beta=1.5", -1, 1, 0, 0},
        {"Gemm", {"4x3", "4x2", "3x1"}, "transA=1", -1, 1, 0, 0},
        {"Gemm", {"3x4", "2x4", "3x2"}, "transB=1", -1, 1, 0, 0},
        {"Gemm", {"4x3", "2x4", "1"}, "transA=1 transB=1 alpha=2.0", -1, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        op_case_check(&cases[i]);
}

static void equations(void **state)
{
    (void)state;
    static const struct op_case cases[] = {
        {"Einsum", {"3x4", "4x2"}, "equation=ik,kj->ij", -1, 1, 0, 0},
        {"Einsum", {"3x4", "4x2"}, "equation=ik,kj", -1, 1, 0, 0},
        {"Einsum", {"2x3x4", "2x5x4"}, "equation=bid,bjd->bij", -1, 1, 0, 0},
        {"Einsum", {"2x3x4", "5x4x3"}, "equation=bid,kdi->bk", -1, 1, 0, 0},
        {"Einsum", {"3x3"}, "equation=ii->i", -1, 1, 0, 0},
        {"Einsum", {"3x3"}, "equation=ii", -1, 1, 0, 0},
        {"Einsum", {"2x3"}, "equation=ij->ji", -1, 1, 0, 0},
        {"Einsum", {"2x3x4x2", "3x2x5"}, "equation=...ij,...jk->...ik", -1, 1, 0, 0},
        {"Einsum", {"2x3x4"}, "equation=...i->...", -1, 1, 0, 0},
        {"Einsum", {"2x3", "3", "3x4"}, "equation=ij,j,jk->ik", -1, 1, 0, 0},
        {"Einsum", {"3", "4"}, "equation=i,j->ij", -1, 1, 0, 0},
        {"Einsum", {"1x4", "3x4"}, "equation=ij,ij->ij", -1, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        op_case_check(&cases[i]);
}

/* Every variant, each output; hidden 3, two gates' worth of odd sizes. */
static void recurrent_networks(void **state)
{
    (void)state;
    static const struct op_case cases[] = {
        {"LSTM", {"4x2x3", "1x8x3", "1x8x2"}, 0, -1, 1, 0, 0},
        {"LSTM", {"4x2x3", "2x8x3", "2x8x2", "2x16"}, "direction=bidirectional", -1, 1, 0, 0},
        {"LSTM",
         {"4x2x3", "1x8x3", "1x8x2", "1x16", "-", "1x2x2", "1x2x2", "1x6"},
         "direction=reverse",
         -1,
         1,
         0,
         0},
        {"LSTM",
         {"4x2x3", "2x8x3", "2x8x2", "-", "=2,4", "2x2x2", "2x2x2", "2x6"},
         "direction=bidirectional",
         -1,
         1,
         0,
         0},
        {"LSTM",
         {"2x3x2", "1x4x2", "1x4x1", "1x8", "-", "2x1x1", "2x1x1"},
         "layout=1",
         -1,
         1,
         0,
         0},
        {"GRU", {"4x2x3", "1x6x3", "1x6x2"}, 0, -1, 1, 0, 0},
        {"GRU", {"4x2x3", "2x6x3", "2x6x2", "2x12"}, "direction=bidirectional", -1, 1, 0, 0},
        {"GRU",
         {"4x2x3", "1x6x3", "1x6x2", "1x12", "-", "1x2x2"},
         "direction=reverse linear_before_reset=1",
         -1,
         1,
         0,
         0},
        {"GRU",
         {"4x2x3", "2x6x3", "2x6x2", "2x12", "=4,1", "2x2x2"},
         "direction=bidirectional linear_before_reset=1",
         -1,
         1,
         0,
         0},
        {"GRU", {"4x2x3", "1x6x3", "1x6x2", "1x12", "=3,2"}, 0, -1, 1, 0, 0},
        {"GRU", {"2x3x2", "1x3x2", "1x3x1", "1x6", "-", "2x1x1"}, "layout=1", -1, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t k = 0; k < (cases[i].op[0] == 'L' ? 3u : 2u); k++) {
            struct op_case c = cases[i];
            c.output = k;
            op_case_check(&c);
        }
}

int main(void)
{
    lethe_rng_init(&op_case_rng, 32, LETHE_RNG_TEST, 0, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products),
        cmocka_unit_test(equations),
        cmocka_unit_test(recurrent_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
