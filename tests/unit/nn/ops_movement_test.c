/* SPDX-License-Identifier: MIT
 * What moves, picks, resamples and reduces numbers, and what norms make of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/support/op_case.h"

static void movements(void **state)
{
    (void)state;
    static const struct op_case cases[] = {
        {"Transpose", {"2x3x4"}, 0, -1, 1, 0, 0},
        {"Transpose", {"2x3x4x2"}, "perm=0,2,1,3", -1, 1, 0, 0},
        {"Slice", {"5x6", "=1,-2", "=4,-7", "=0,1", "=2,-2"}, 0, -1, 1, 0, 0},
        {"Slice", {"5x6", "=1", "=9223372036854775807", "=1"}, 0, -1, 1, 0, 0},
        {"Slice", {"5x6"}, "starts=1 ends=3 axes=-1", -1, 1, 9, 0},
        {"Concat", {"2x3", "2x1", "2x4"}, "axis=1", -1, 1, 0, 0},
        {"Concat", {"2x3", "1x3"}, "axis=-2", -1, 1, 0, 0},
        {"Expand", {"3x1", "=2,3,4"}, 0, -1, 1, 0, 0},
        {"Expand", {"2x3", "=1"}, 0, -1, 1, 0, 0},
        {"Tile", {"2x3", "=2,3"}, 0, -1, 1, 0, 0},
        {"Pad", {"2x3", "=1,0,2,1"}, 0, -1, 1, 0, 0},
        {"Pad", {"3x4", "=1,2,2,3"}, "mode=reflect", -1, 1, 0, 0},
        {"Pad", {"3x4", "=1,0,0,2"}, "mode=edge", -1, 1, 0, 0},
        {"Pad", {"3x4", "=-1,1,0,-2"}, 0, -1, 1, 0, 0},
        {"Split", {"4x3", "=1,3"}, "axis=0", -1, 1, 0, 0},
        {"Squeeze", {"1x3x1x2", "=0"}, 0, -1, 1, 0, 0},
        {"Unsqueeze", {"3x2", "=0,-1"}, 0, -1, 1, 0, 0},
        {"Flatten", {"2x3x4"}, "axis=2", -1, 1, 0, 0},
        {"Reshape", {"2x3x4", "=0,-1"}, 0, -1, 1, 0, 0},
        {"Dropout", {"7"}, 0, -1, 1, 0, 0},
        {"Identity", {"7"}, 0, -1, 1, 0, 0},
        {"Gather", {"5x3", "=4,0,0,-1"}, 0, -1, 1, 0, 0},
        {"Gather", {"2x3x4", "=2,1"}, "axis=1", -1, 1, 0, 0},
        {"GatherElements", {"5", "=3,-1,0,3"}, 0, -1, 1, 0, 0},
        {"GatherND", {"5x3x2", "=4,-1"}, 0, -1, 1, 0, 0},
        {"GatherND", {"5x3x2", "=1,2,0"}, 0, -1, 1, 0, 0},
        {"ScatterElements", {"5", "=3,-5,1", "3"}, 0, -1, 1, 0, 0},
        {"ScatterElements", {"5", "=3,1,3", "3"}, "reduction=add", -1, 1, 0, 0},
        {"ScatterND", {"5x3x2", "=4,-1", "2"}, 0, -1, 1, 0, 0},
        {"ScatterND", {"5x3x2", "=2", "3x2"}, "reduction=add", -1, 1, 0, 0},
        {"DepthToSpace", {"2x8x2x3"}, "blocksize=2", -1, 1, 0, 0},
        {"DepthToSpace", {"2x8x2x3"}, "blocksize=2 mode=CRD", -1, 1, 0, 0},
        {"SpaceToDepth", {"2x2x4x6"}, "blocksize=2", -1, 1, 0, 0},
        {"Upsample", {"2x2x2x3", "=1,1,2,3"}, 0, -1, 1, 9, 0},
        {"Resize", {"1x2x3", "=1,2,1"}, 0, -1, 1, 10, 0},
        {"Trilu", {"2x3x4"}, 0, -1, 1, 0, 0},
        {"Trilu", {"4x3", "=-1"}, "upper=0", -1, 1, 0, 0},
        {"CumSum", {"2x3x4", "=1"}, 0, -1, 1, 0, 0},
        {"CumSum", {"2x3x4", "=-1"}, "exclusive=1 reverse=1", -1, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (strcmp(cases[i].op, "Split"))
            op_case_check(&cases[i]);
}

static void reductions_and_norms(void **state)
{
    (void)state;
    static const char *const reductions[] = {"ReduceMean", "ReduceSum",  "ReduceMax",
                                             "ReduceMin",  "ReduceL2",   "ReduceSumSquare",
                                             "ReduceL1",   "ReduceProd", "ReduceLogSumExp"};
    static const char *const axes[] = {0, "axes=1", "axes=0,2", "axes=-1 keepdims=0", "axes=0,1,2"};
    for (size_t r = 0; r < sizeof reductions / sizeof *reductions; r++)
        for (size_t a = 0; a < 5; a++)
            op_case_check(&(struct op_case){reductions[r], {"2x3x4"}, axes[a], -1, 1, 11, 0});
    static const struct op_case cases[] = {
        {"ReduceSum", {"2x3x4", "=-2"}, 0, -1, 1, 0, 0},
        {"ReduceLogSum", {"2x3x4"}, "axes=1", 0.2, 2, 11, 0},
        {"ReduceLogSumExp", {"2x3"}, "axes=1", 300, 310, 11, 0},
        {"Softmax", {"3x5"}, 0, -3, 3, 0, 0},
        {"Softmax", {"2x3x4"}, "axis=1", -3, 3, 0, 0},
        {"Softmax", {"2x3x4"}, "axis=1", -3, 3, 11, 0},
        {"LogSoftmax", {"3x5"}, 0, -3, 3, 0, 0},
        {"LogSoftmax", {"2x3x4"}, "axis=0", -3, 3, 0, 0},
        {"LayerNormalization", {"3x5", "5", "5"}, 0, -2, 2, 0, 0},
        {"LayerNormalization", {"2x3x4", "3x4"}, "axis=1 epsilon=0.1", -2, 2, 0, 0},
        {"InstanceNormalization", {"2x3x4", "3", "3"}, 0, -2, 2, 0, 0},
        {"InstanceNormalization", {"2x3x2x5", "3", "3"}, "epsilon=0.01", -2, 2, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        op_case_check(&cases[i]);
}

static void norms_of_groups(void **state)
{
    (void)state;
    static const struct op_case cases[] = {
        {"GroupNormalization", {"2x6x3", "2", "2"}, "num_groups=2", -2, 2, 18, 0},
        {"GroupNormalization", {"2x6x2x2", "6", "6"}, "num_groups=3", -2, 2, 21, 0},
        {"GroupNormalization", {"1x4x3", "4", "4"}, "num_groups=4 epsilon=0.1", -2, 2, 21, 0},
        {"GroupNormalization", {"2x4x3", "1", "1"}, "num_groups=1", -2, 2, 20, 0},
        {"RMSNormalization", {"3x5", "5"}, 0, -2, 2, 23, 0},
        {"RMSNormalization", {"2x3x4", "3x4"}, "axis=1 epsilon=0.1", -2, 2, 23, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        op_case_check(&cases[i]);
}

static void resampling(void **state)
{
    (void)state;
    static const char *const ways[] = {"half_pixel",    "half_pixel_symmetric",
                                       "align_corners", "pytorch_half_pixel",
                                       "asymmetric",    "tf_half_pixel_for_nn"};
    static const char *const modes[] = {"mode=nearest",
                                        "mode=linear",
                                        "mode=cubic",
                                        "mode=cubic cubic_coeff_a=-0.5 exclude_outside=1",
                                        "mode=linear antialias=1",
                                        "mode=cubic antialias=1"};
    char attrs[160];
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++)
        for (size_t m = 0; m < sizeof modes / sizeof *modes; m++) {
            snprintf(attrs, sizeof attrs, "%s coordinate_transformation_mode=%s", modes[m],
                     ways[w]);
            op_case_check(&(struct op_case){
                "Resize", {"1x2x4x5", "-", "-", "=1,2,7,3"}, attrs, -1, 1, 19, 0});
            op_case_check(
                &(struct op_case){"Resize", {"2x5x3", "-", "~1,0.6,2.5"}, attrs, -1, 1, 19, 0});
        }
    static const struct op_case others[] = {
        {"Resize",
         {"1x1x4x4", "~0,0,0.4,0.6,1,1,0.6,1.2", "-", "=1,1,3,4"},
         "mode=linear coordinate_transformation_mode=tf_crop_and_resize",
         -1,
         1,
         0,
         0},
        {"Resize", {"1x2x3x4", "-", "~2,1.5"}, "axes=2,3 mode=linear", -1, 1, 18, 0},
        {"Resize",
         {"1x2x3x4", "-", "-", "=6,6"},
         "axes=2,3 mode=linear keep_aspect_ratio_policy=not_larger",
         -1,
         1,
         18,
         0},
        {"Resize", {"2x3", "-", "~1,1"}, "mode=linear", -1, 1, 0, 0},
        {"Upsample", {"1x2x3x2", "=1,1,2,3"}, "mode=linear", -1, 1, 9, 0},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        op_case_check(&others[i]);
}

int main(void)
{
    lethe_rng_init(&op_case_rng, 33, LETHE_RNG_TEST, 0, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(movements),
        cmocka_unit_test(reductions_and_norms),
        cmocka_unit_test(norms_of_groups),
        cmocka_unit_test(resampling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
