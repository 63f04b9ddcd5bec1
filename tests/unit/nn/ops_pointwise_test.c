/* SPDX-License-Identifier: MIT
 * Functions of one number and of several, with broadcasting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/support/op_case.h"

static void functions_of_one_number(void **state)
{
    (void)state;
    static const struct op_case cases[] = {
        {"Abs", {"2x3x4"}, 0, -2, 2, 0, 0},
        {"Atan", {"5"}, 0, -2, 2, 0, 0},
        {"Cast", {"5"}, "to=11", -2, 2, 0, 0},
        {"Celu", {"13"}, "alpha=0.7", -2, 2, 0, 0},
        {"Clip", {"3x7", "=-1", "=1"}, 0, -2, 2, 0, 0},
        {"Cos", {"3"}, 0, -2, 2, 0, 0},
        {"Elu", {"13"}, "alpha=0.7", -2, 2, 0, 0},
        {"Erf", {"13"}, 0, -2, 2, 0, 0},
        {"Exp", {"13"}, 0, -2, 2, 0, 0},
        {"Gelu", {"13"}, 0, -2, 2, 20, 0},
        {"Gelu", {"13"}, "approximate=tanh", -4, 4, 20, 0},
        {"HardSigmoid", {"40"}, "alpha=0.3 beta=0.4", -3, 3, 0, 0},
        {"HardSwish", {"40"}, 0, -4, 4, 0, 0},
        {"LeakyRelu", {"13"}, "alpha=0.2", -2, 2, 0, 0},
        {"Log", {"13"}, 0, 0.5, 2, 0, 0},
        {"Mish", {"13"}, 0, -5, 5, 18, 0},
        {"Neg", {"13"}, 0, -2, 2, 0, 0},
        {"Reciprocal", {"13"}, 0, 0.5, 2, 0, 0},
        {"Relu", {"2x2x2x2"}, 0, -2, 2, 0, 0},
        {"Selu", {"13"}, 0, -2, 2, 0, 0},
        {"Selu", {"13"}, "alpha=0.7 gamma=1.2", -2, 2, 0, 0},
        {"Sigmoid", {"17"}, 0, -30, 30, 0, 0},
        {"Sin", {"13"}, 0, -2, 2, 0, 0},
        {"Softplus", {"13"}, 0, -30, 30, 0, 0},
        {"Softsign", {"13"}, 0, -3, 3, 0, 0},
        {"Sqrt", {"13"}, 0, 0.5, 2, 0, 0},
        {"Tan", {"13"}, 0, -1, 1, 0, 0},
        {"Tanh", {"33"}, 0, -3, 3, 0, 0},
        {"ThresholdedRelu", {"13"}, "alpha=0.3", -2, 2, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        op_case_check(&cases[i]);
}

static void functions_with_broadcasting(void **state)
{
    (void)state;
    static const char *const ops[] = {"Add",   "Sub", "Mul", "Div", "Pow",
                                      "PRelu", "Max", "Min", "Sum", "Mean"};
    static const char *const shapes[][2] = {
        {"2x3x4", "2x3x4"}, {"2x3x4", "4"},     {"2x3x4", "1"},   {"2x3x4", "3x1"},
        {"2x1x4", "3x1"},   {"4", "2x3x4"},     {"1", "5"},       {"2x3x4x2", "3x1x2"},
        {"1x3x1", "2x1x4"}, {"2x3x4", "2x1x1"}, {"1x1x1x1", "1"}, {"3x1x5", "3x4x1"},
    };
    for (size_t o = 0; o < sizeof ops / sizeof *ops; o++)
        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
            int positive = !strcmp(ops[o], "Div") || !strcmp(ops[o], "Pow");
            struct op_case c = {ops[o], {shapes[s][0], shapes[s][1]}, 0, positive ? 0.5 : -2, 2, 0,
                                0};
            op_case_check(&c);
        }
    op_case_check(&(struct op_case){"Sum", {"2x3", "3", "1", "2x1"}, 0, -1, 1, 0, 0});
    op_case_check(&(struct op_case){"Max", {"2x3", "3", "2x1"}, 0, -1, 1, 0, 0});
    op_case_check(&(struct op_case){"Where", {"=1,0,1", "2x3", "3"}, 0, -1, 1, 0, 0});
    op_case_check(&(struct op_case){"Where", {"=0,1", "1", "3x2"}, 0, -1, 1, 0, 0});
}

int main(void)
{
    lethe_rng_init(&op_case_rng, 31, LETHE_RNG_TEST, 0, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_of_one_number),
        cmocka_unit_test(functions_with_broadcasting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
