/* SPDX-License-Identifier: MIT
 * Settings that do not fit are refused with the operator's name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/support/op_case.h"

static void settings_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const struct op_case cases[] = {
        {"Add", {"2x3", "2x4"}, 0, -1, 1, 0, 0},
        {"MatMul", {"2x3", "2x3"}, 0, -1, 1, 0, 0},
        {"Gemm", {"2x3", "3x4", "3"}, 0, -1, 1, 0, 0},
        {"Reshape", {"2x3", "=4,2"}, 0, -1, 1, 0, 0},
        {"Reshape", {"2x3", "=-1,-1"}, 0, -1, 1, 0, 0},
        {"Reshape", {"2x3", "=-1,0,0"}, 0, -1, 1, 0, 0},
        {"Transpose", {"2x3"}, "perm=0,0", -1, 1, 0, 0},
        {"Transpose", {"2x3"}, "perm=0,2", -1, 1, 0, 0},
        {"Slice", {"2x3", "=0", "=1", "=0", "=0"}, 0, -1, 1, 0, 0},
        {"Concat", {"2x3", "3x3"}, "axis=1", -1, 1, 0, 0},
        {"Expand", {"2x3", "=4,3"}, 0, -1, 1, 0, 0},
        {"Squeeze", {"2x3", "=0"}, 0, -1, 1, 0, 0},
        {"Pad", {"2x3", "=3,0,0,0"}, "mode=reflect", -1, 1, 0, 0},
        {"Pad", {"2x3", "=-3,0,0,0"}, 0, -1, 1, 0, 0},
        {"Pad", {"2x3", "=1,0,0,0"}, "mode=wrap", -1, 1, 0, 0},
        {"Pad", {"2x3", "=1,0,0"}, 0, -1, 1, 0, 0},
        {"Pad", {"2x3", "=2,0,-3,0"}, "mode=edge", -1, 1, 0, 0},
        {"Pad", {"0x3", "=0,0,1,0"}, "mode=edge", -1, 1, 0, 0},
        {"ConstantOfShape", {"=2"}, "value=3", -1, 1, 0, 0},
        {"Softmax", {"2x3"}, "axis=5", -1, 1, 0, 0},
        {"ReduceMean", {"2x3"}, "axes=2", -1, 1, 11, 0},
        {"Conv", {"2x3x4x4", "4x2x3x3"}, 0, -1, 1, 0, 0},
        {"Conv", {"2x3x4x4", "4x3x3x3"}, "strides=0,1", -1, 1, 0, 0},
        {"Conv", {"2x3x2x2", "4x3x3x3"}, 0, -1, 1, 0, 0},
        {"Conv", {"2x3x4x4", "4x3x3x3"}, "pads=-1,0,0,0", -1, 1, 0, 0},
        {"MaxPool", {"2x3x4x4"}, 0, -1, 1, 0, 0},
        {"MaxPool", {"2x3x4x4"}, "kernel_shape=2", -1, 1, 0, 0},
        {"LayerNormalization", {"3x5", "4"}, 0, -1, 1, 0, 0},
        {"InstanceNormalization", {"3x5", "5", "5"}, 0, -1, 1, 0, 0},
        {"Celu", {"3"}, "alpha=0.0", -1, 1, 0, 0},
        {"GatherElements", {"2x3", "=0,1"}, 0, -1, 1, 0, 0},
        {"GatherND", {"2", "=0,1"}, 0, -1, 1, 0, 0},
        {"GatherND", {"2x3", "=0,1"}, "batch_dims=1", -1, 1, 0, 0},
        {"ScatterND", {"2x3", "=1", "2"}, 0, -1, 1, 0, 0},
        {"ScatterND", {"2x3", "=1", "3"}, "reduction=mul", -1, 1, 0, 0},
        {"ScatterElements", {"5", "=3,1", "3"}, 0, -1, 1, 0, 0},
        {"DepthToSpace", {"2x6x2x3"}, "blocksize=2", -1, 1, 0, 0},
        {"SpaceToDepth", {"2x6x2x3"}, "blocksize=2", -1, 1, 0, 0},
        {"SpaceToDepth", {"2x6x2x3"}, "blocksize=0", -1, 1, 0, 0},
        {"Upsample", {"2x3", "=1,2"}, "mode=area", -1, 1, 9, 0},
        {"ConvTranspose", {"2x3x4x4", "4x3x3x3"}, 0, -1, 1, 0, 0},
        {"ConvTranspose", {"2x3x4x4", "3x3x3x3"}, "pads=3,3,3,3", -1, 1, 0, 0},
        {"ConvTranspose", {"2x3x4x4", "3x3x3x3"}, "output_shape=4", -1, 1, 0, 0},
        {"GroupNormalization", {"2x6x3", "6", "6"}, "num_groups=2", -1, 1, 18, 0},
        {"GroupNormalization", {"2x6x3", "6", "6"}, "num_groups=4", -1, 1, 21, 0},
        {"RMSNormalization", {"3x5", "4"}, 0, -1, 1, 23, 0},
        {"LSTM", {"4x2x3", "1x8x3", "1x8x3"}, 0, -1, 1, 0, 0},
        {"LSTM", {"4x2x3", "1x8x3", "1x8x2"}, "clip=0.5", -1, 1, 0, 0},
        {"LSTM", {"4x2x3", "1x8x3", "1x8x2"}, "direction=sideways", -1, 1, 0, 0},
        {"GRU", {"4x2x3", "1x6x3", "1x6x2", "1x6"}, 0, -1, 1, 0, 0},
        {"Upsample", {"2x3", "=2"}, 0, -1, 1, 9, 0},
        {"Upsample", {"2x3", "=1,0"}, 0, -1, 1, 9, 0},
        {"Trilu", {"3"}, 0, -1, 1, 0, 0},
        {"CumSum", {"2x3", "=2"}, 0, -1, 1, 0, 0},
        {"Einsum", {"2x3", "3x4"}, "equation=ij,ik->jk", -1, 1, 0, 0},
        {"Einsum", {"2x3"}, "equation=ijk->k", -1, 1, 0, 0},
        {"Einsum", {"2x3"}, "equation=ij->jj", -1, 1, 0, 0},
        {"Einsum", {"2x3"}, "equation=ij->k", -1, 1, 0, 0},
        {"Einsum", {"2x3", "3"}, "equation=ij", -1, 1, 0, 0},
        {"Cast", {"3"}, "to=8", -1, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lethe_error err = {0};
        double *w = NULL;
        struct lethe_graph *graph = op_case_build(&w, &cases[i], &err);
        if (graph)
            fail_msg("%s (%s) was accepted", cases[i].op, cases[i].inputs[0]);
        assert_int_equal(err.code, LETHE_EFORMAT);
        assert_non_null(strstr(err.message, cases[i].op));
    }
}

int main(void)
{
    lethe_rng_init(&op_case_rng, 35, LETHE_RNG_TEST, 0, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
