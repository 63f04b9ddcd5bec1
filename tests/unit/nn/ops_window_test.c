/* SPDX-License-Identifier: MIT
 * Convolutions, transposed ones and pools, of fixed and of random shapes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/op_case.h"

static void convolutions_and_pools(void **state)
{
    (void)state;
    static const struct op_case cases[] = {
        {"Conv", {"2x3x5x6", "4x3x3x3"}, "pads=1,1,1,1", -1, 1, 0, 0},
        {"Conv", {"2x3x5x6", "4x3x3x3", "4"}, "pads=0,1,2,1 strides=2,1", -1, 1, 0, 0},
        {"Conv", {"2x4x5x5", "6x2x2x3", "6"}, "group=2 dilations=2,1", -1, 1, 0, 0},
        {"Conv", {"2x4x5x5", "4x1x3x3", "4"}, "group=4 pads=1,1,1,1 strides=2,2", -1, 1, 0, 0},
        {"Conv", {"2x4x5x5", "8x1x3x3"}, "group=4 auto_pad=SAME_UPPER strides=2,2", -1, 1, 0, 0},
        {"Conv", {"2x3x4x4", "5x3x1x1", "5"}, 0, -1, 1, 0, 0},
        {"Conv", {"2x3x7x7", "2x3x1x1"}, "strides=3,3", -1, 1, 0, 0},
        {"Conv", {"2x3x9", "4x3x4", "4"}, "pads=2,1 strides=2", -1, 1, 0, 0},
        {"Conv", {"1x1x1x1", "2x1x3x3"}, "pads=4,4,4,4 strides=3,3", -1, 1, 0, 0},
        {"MaxPool", {"1x1x2x2"}, "kernel_shape=1,3 pads=0,2,0,2 strides=1,4", -1, 1, 0, 0},
        {"Conv", {"1x2x3x4x3", "2x2x2x2x2"}, "pads=1,0,1,0,1,0", -1, 1, 0, 0},
        {"Conv", {"2x3x8x8", "2x3x2x2"}, "strides=3,3 auto_pad=VALID", -1, 1, 0, 0},
        {"Conv", {"1x2x6x6", "2x2x4x4"}, "auto_pad=SAME_LOWER", -1, 1, 0, 0},
        {"MaxPool", {"2x3x6x6"}, "kernel_shape=2,2 strides=2,2", -1, 1, 0, 0},
        {"MaxPool", {"2x3x6x7"}, "kernel_shape=3,2 strides=1,2 pads=1,0,1,1", -1, 1, 0, 0},
        {"MaxPool", {"2x3x7x7"}, "kernel_shape=3,3 strides=2,2 ceil_mode=1", -1, 1, 0, 0},
        {"MaxPool", {"1x2x8"}, "kernel_shape=2 dilations=3 strides=2", -1, 1, 0, 0},
        {"MaxPool", {"1x2x5x5"}, "kernel_shape=1,1 strides=3,3", -1, 1, 0, 0},
        {"AveragePool", {"2x3x6x6"}, "kernel_shape=3,3 strides=2,2 pads=1,1,1,1", -1, 1, 0, 0},
        {"AveragePool",
         {"2x3x6x6"},
         "kernel_shape=3,3 pads=1,1,0,0 count_include_pad=1",
         -1,
         1,
         0,
         0},
        {"AveragePool", {"2x3x7x7"}, "kernel_shape=2,2 strides=2,2 ceil_mode=1", -1, 1, 0, 0},
        {"AveragePool", {"1x2x4x4x4"}, "kernel_shape=2,2,2 auto_pad=SAME_UPPER", -1, 1, 0, 0},
        {"GlobalAveragePool", {"2x3x4x5"}, 0, -1, 1, 0, 0},
        {"GlobalMaxPool", {"2x3x4x5"}, 0, -1, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        op_case_check(&cases[i]);
}

static void transposed_convolutions(void **state)
{
    (void)state;
    static const struct op_case cases[] = {
        {"ConvTranspose", {"2x3x4x5", "3x2x3x3"}, 0, -1, 1, 0, 0},
        {"ConvTranspose", {"2x3x4x5", "3x2x3x2", "2"}, "strides=2,3 pads=1,0,0,1", -1, 1, 0, 0},
        {"ConvTranspose", {"2x4x3x3", "4x3x2x3", "6"}, "group=2 dilations=2,1", -1, 1, 0, 0},
        {"ConvTranspose", {"1x4x3x3", "4x1x2x2"}, "group=4 strides=2,2", -1, 1, 0, 0},
        {"ConvTranspose", {"1x2x3", "2x3x4"}, "strides=3 output_padding=2", -1, 1, 0, 0},
        {"ConvTranspose", {"1x2x3x3", "2x2x3x3"}, "strides=2,2 output_shape=8,7", -1, 1, 0, 0},
        {"ConvTranspose", {"1x2x3x3", "2x2x3x3"}, "strides=2,2 output_shape=4,9", -1, 1, 0, 0},
        {"ConvTranspose", {"1x2x3x4", "2x1x3x3"}, "strides=2,2 auto_pad=SAME_UPPER", -1, 1, 0, 0},
        {"ConvTranspose", {"1x2x3x4", "2x1x2x3"}, "strides=1,3 auto_pad=SAME_LOWER", -1, 1, 0, 0},
        {"ConvTranspose", {"1x2x2x3x2", "2x2x2x1x2"}, "pads=1,0,0,0,0,1", -1, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        op_case_check(&cases[i]);
}

static void convolutions_of_random_shapes(void **state)
{
    (void)state;
    const char *share = getenv("LETHE_TEST_SHARE");
    int rounds = share && atoi(share) > 1 ? 60 / atoi(share) : 60;
    for (int r = 0; r < rounds; r++) {
        size_t group = 1 + lethe_rng_below(&op_case_rng, 3),
               in = 1 + lethe_rng_below(&op_case_rng, 2);
        size_t out = group * (1 + lethe_rng_below(&op_case_rng, 2)), k[2], size[2], pad[4], step[2],
               gap[2];
        for (int a = 0; a < 2; a++) {
            k[a] = 1 + lethe_rng_below(&op_case_rng, 3);
            gap[a] = 1 + lethe_rng_below(&op_case_rng, 2);
            step[a] = 1 + lethe_rng_below(&op_case_rng, 4);
            pad[a] = lethe_rng_below(&op_case_rng, 3);
            pad[a + 2] = lethe_rng_below(&op_case_rng, 3);
            size[a] = (k[a] - 1) * gap[a] + 1 + lethe_rng_below(&op_case_rng, 4);
        }
        char x[32], f[32], b[8], attrs[128];
        snprintf(x, sizeof x, "2x%zux%zux%zu", group * in, size[0], size[1]);
        snprintf(f, sizeof f, "%zux%zux%zux%zu", out, in, k[0], k[1]);
        snprintf(b, sizeof b, "%zu", out);
        snprintf(attrs, sizeof attrs,
                 "group=%zu pads=%zu,%zu,%zu,%zu strides=%zu,%zu dilations=%zu,%zu", group, pad[0],
                 pad[1], pad[2], pad[3], step[0], step[1], gap[0], gap[1]);
        op_case_check(&(struct op_case){"Conv", {x, f, r % 2 ? b : NULL}, attrs, -1, 1, 0, 0});
    }
}

int main(void)
{
    lethe_rng_init(&op_case_rng, 34, LETHE_RNG_TEST, 0, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions_and_pools),
        cmocka_unit_test(transposed_convolutions),
        cmocka_unit_test(convolutions_of_random_shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
