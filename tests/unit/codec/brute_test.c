/* SPDX-License-Identifier: MIT
 * Random cases with every kind of tie, against the definition in tests/support/codec_brute.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lethe/codec.h"
#include "lethe/rng.h"
#include "tests/support/codec_brute.h"

enum { MAX_N = 130, MAX_P = 40 };

struct data {
    size_t n, p;
    double x[MAX_N * MAX_P], y[MAX_N];
    float x32[MAX_N * MAX_P];
    unsigned char unusable[MAX_P];
};

static size_t below(struct lethe_rng *rng, size_t bound)
{
    return (size_t)lethe_rng_below(rng, bound);
}

/* One column of a kind: smooth, rounded to few values, half zeros, constant, a copy, huge or tiny,
 * nearly equal values, or two values. */
static double draw(struct lethe_rng *rng, size_t kind)
{
    double z = lethe_rng_normal(rng);
    switch (kind) {
    case 0:
        return z;
    case 1:
        return floor(2 * z) / 2;
    case 2:
        return z > 0 ? z : 0;
    case 3:
        return 0.375;
    case 4:
        return z * 1e30;
    case 5:
        return z * 1e-30;
    case 6:
        return 1000 + z * 1e-4;
    default:
        return z > 0.3;
    }
}

static void fill(struct data *data, struct lethe_rng *rng)
{
    data->n = 2 + below(rng, below(rng, 4) ? 40 : MAX_N - 2);
    data->p = 1 + below(rng, below(rng, 4) ? 6 : MAX_P - 1);
    size_t kinds[MAX_P];
    size_t spread = below(rng, 3) ? 8 : 1, base = below(rng, 8);
    for (size_t c = 0; c < data->p; c++)
        kinds[c] = (base + below(rng, spread)) % 8;
    size_t y_kind = below(rng, 3), copies = below(rng, 4) == 0;
    for (size_t i = 0; i < data->n; i++) {
        size_t source = copies && i && below(rng, 2) ? below(rng, i) : i;
        for (size_t c = 0; c < data->p; c++) {
            double value = source < i ? data->x[source * data->p + c] : draw(rng, kinds[c]);
            data->x32[i * data->p + c] = (float)value;
            data->x[i * data->p + c] = value;
        }
        data->y[i] = draw(rng, y_kind) + (below(rng, 2) ? 0 : data->x[i * data->p] > 0);
    }
}

static void find_constants(struct data *data)
{
    for (size_t c = 0; c < data->p; c++) {
        data->unusable[c] = 1;
        for (size_t i = 1; i < data->n; i++)
            data->unusable[c] &= data->x[i * data->p + c] == data->x[c];
    }
}

static void multiply(struct data *data, double factor)
{
    for (size_t e = 0; e < data->n * data->p; e++)
        data->x[e] *= factor;
}

static int constant(const double *y, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (y[i] != y[0])
            return 0;
    return 1;
}

static void compare(const struct data *data, const struct lethe_foci_result *result, size_t max,
                    uint64_t seed)
{
    size_t order[MAX_P];
    int64_t sums[MAX_P];
    if (constant(data->y, data->n)) {
        assert_int_equal(result->stopped, LETHE_FOCI_CONSTANT_Y);
        assert_int_equal(result->count, 0);
        return;
    }
    size_t count =
        brute_order(order, sums, data->x, data->y, data->n, data->p, max, data->unusable, seed);
    assert_int_equal(result->count, count);
    double squares = 0, spread = 0;
    for (size_t i = 0; i < data->n; i++) {
        double l = 0;
        for (size_t j = 0; j < data->n; j++)
            l += data->y[j] >= data->y[i];
        squares += l * l;
        spread += l * ((double)data->n - l);
    }
    for (size_t k = 0; k < count; k++) {
        assert_int_equal(result->steps[k].column, order[k]);
        double cumulative = ((double)data->n * (double)sums[k] - squares) / spread;
        assert_true(fabs(result->steps[k].cumulative - cumulative) <= 1e-12);
    }
    for (size_t c = 0; c < data->p; c++) {
        assert_int_equal(result->usable[c], !data->unusable[c]);
        if (data->unusable[c])
            continue;
        int64_t sum = brute_sum(data->x, data->y, data->n, data->p, &c, 1, seed);
        double marginal = ((double)data->n * (double)sum - squares) / spread;
        assert_true(fabs(result->marginal[c] - marginal) <= 1e-12);
    }
}

static size_t share(size_t cases)
{
    const char *part = getenv("LETHE_TEST_SHARE");
    return part && atoi(part) > 0 ? cases / (size_t)atoi(part) : cases;
}

static void every_case_agrees(int floats, size_t cases)
{
    struct data *data = malloc(sizeof *data);
    assert_non_null(data);
    struct lethe_foci *foci = NULL;
    assert_int_equal(lethe_foci_new(&foci, NULL), LETHE_OK);
    for (size_t k = 0; k < cases; k++) {
        struct lethe_rng rng;
        lethe_rng_init(&rng, 20, LETHE_RNG_TEST, k, (uint64_t)floats);
        fill(data, &rng);
        struct lethe_codec_input input = {.n = data->n, .p = data->p, .y = data->y};
        if (!floats && k % 8 == 0) /* squares overflow, or vanish, or nearly so */
            multiply(data, k % 16 ? 0x1p-530 : 0x1p500);
        if (floats) {
            input.x32 = data->x32;
            for (size_t e = 0; e < data->n * data->p; e++)
                data->x[e] = (double)data->x32[e];
        } else {
            input.x64 = data->x;
        }
        find_constants(data);
        struct lethe_foci_options options = {
            .codec = {.seed = k, .scaling = LETHE_SCALING_NONE, .threads = (unsigned)(1 + k % 3)},
            .max = 1 + below(&rng, 4),
        };
        struct lethe_error err;
        int more = 1;
        if (lethe_foci_start(foci, &input, &options, &err) != LETHE_OK)
            fail_msg("case %zu: %s", k, err.message);
        while (more)
            assert_int_equal(lethe_foci_step(foci, &more, NULL, &err), LETHE_OK);
        compare(data, lethe_foci_peek(foci), options.max, k);
    }
    lethe_foci_free(foci);
    free(data);
}

static void double_columns_agree(void **state)
{
    (void)state;
    every_case_agrees(0, share(600));
}

static void float_columns_agree(void **state)
{
    (void)state;
    every_case_agrees(1, share(1400));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(double_columns_agree),
        cmocka_unit_test(float_columns_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
