/* SPDX-License-Identifier: MIT
 * Properties of CODEC and FOCI, the questions around them, and what they refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/codec.h"
#include "lethe/rng.h"
#include "tests/support/codec_brute.h"

enum { N = 150, P = 9 };

static double x[N * P], y[N];
static float x32[N * P];
static double zeros[N * P]; /* rectified columns, a third to two thirds of them zero */

/* Columns 2 and 5 decide y, 7 is constant, 8 a rectified copy of noise. Entries are multiples of
 * 2^-10, so that translation is exact. */
static int fill(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 5, LETHE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < N; i++) {
        for (size_t c = 0; c < P; c++) {
            double z = floor(lethe_rng_normal(&rng) * 1024) / 1024;
            x[i * P + c] = c == 7 ? 3.25 : c == 8 && z < 0 ? 0 : z;
            x32[i * P + c] = (float)x[i * P + c];
        }
        y[i] = x[i * P + 2] + x[i * P + 5] * x[i * P + 5];
        for (size_t c = 0; c < P; c++) {
            double z = lethe_rng_normal(&rng) + 0.1 * ((double)c - 4);
            zeros[i * P + c] = z > 0 ? z : 0;
        }
    }
    return 0;
}

static struct lethe_codec_input doubles(void)
{
    return (struct lethe_codec_input){.n = N, .p = P, .x64 = x, .y = y};
}

static const struct lethe_foci_options plain = {
    .codec = {.seed = 11, .scaling = LETHE_SCALING_NONE},
    .stop = 1,
};

static struct lethe_foci_result run(const struct lethe_codec_input *input,
                                    const struct lethe_foci_options *options)
{
    struct lethe_foci_result result = {0};
    struct lethe_error err;
    if (lethe_foci_run(&result, input, options, NULL, &err) != LETHE_OK)
        fail_msg("%s", err.message);
    return result;
}

static void assert_same(const struct lethe_foci_result *a, const struct lethe_foci_result *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->selected, b->selected);
    assert_int_equal(a->stopped, b->stopped);
    assert_memory_equal(a->marginal, b->marginal, P * sizeof *a->marginal);
    for (size_t k = 0; k < a->count; k++) {
        assert_int_equal(a->steps[k].column, b->steps[k].column);
        assert_true(a->steps[k].conditional == b->steps[k].conditional);
        assert_true(a->steps[k].cumulative == b->steps[k].cumulative);
        assert_int_equal(a->steps[k].runner_count, b->steps[k].runner_count);
        for (size_t r = 0; r < a->steps[k].runner_count; r++)
            assert_int_equal(a->steps[k].runners[r].column, b->steps[k].runners[r].column);
    }
}

static void the_columns_that_decide_are_found(void **state)
{
    (void)state;
    struct lethe_codec_input input = doubles();
    struct lethe_foci_result result = run(&input, &plain);
    assert_int_equal(result.selected, 2);
    assert_int_equal(result.steps[0].column + result.steps[1].column, 7);
    assert_int_equal(result.stopped, LETHE_FOCI_NO_GAIN);
    assert_string_equal(lethe_foci_stop_name(result.stopped), "no gain");
    assert_int_equal(result.usable[7], 0);
    assert_true(result.marginal[7] == 0);
    assert_int_equal(result.steps[0].runner_count, LETHE_FOCI_RUNNERS);
    assert_true(result.steps[0].conditional == result.marginal[result.steps[0].column]);
    for (size_t r = 0; r < LETHE_FOCI_RUNNERS; r++) {
        struct lethe_foci_runner runner = result.steps[0].runners[r];
        assert_true(runner.conditional == result.marginal[runner.column]);
        assert_true(runner.conditional <= result.steps[0].conditional);
        assert_true(r == 0 || runner.conditional <= result.steps[0].runners[r - 1].conditional);
    }
    lethe_foci_result_release(&result);
}

static void threads_change_nothing(void **state)
{
    (void)state;
    for (int floats = 0; floats < 2; floats++) {
        struct lethe_codec_input input = doubles();
        if (floats)
            input = (struct lethe_codec_input){.n = N, .p = P, .x32 = x32, .y = y};
        struct lethe_foci_options options = plain;
        options.past_stop = 1;
        options.codec.scaling = LETHE_SCALING_SD;
        struct lethe_foci_result one = run(&input, &options);
        for (unsigned threads = 2; threads < 6; threads++) {
            options.codec.threads = threads;
            struct lethe_foci_result many = run(&input, &options);
            assert_same(&one, &many);
            lethe_foci_result_release(&many);
        }
        lethe_foci_result_release(&one);
    }
}

/* Only the order of y counts, only differences of x count, and without ties rows may change places.
 */
static void what_must_not_matter_does_not(void **state)
{
    (void)state;
    static double moved[N * P], mapped[N], turned[N * P], turned_y[N];
    for (size_t i = 0; i < N; i++) {
        mapped[i] = exp(y[i] / 3) - 7;
        turned_y[i] = y[N - 1 - i];
        for (size_t c = 0; c < P; c++) {
            moved[i * P + c] = x[i * P + c] + 64 * ((double)c - 3);
            turned[i * P + c] = x[(N - 1 - i) * P + c];
        }
    }
    struct lethe_codec_input input = doubles(), other = doubles();
    struct lethe_foci_result first = run(&input, &plain), second;
    other.y = mapped;
    second = run(&other, &plain);
    assert_same(&first, &second);
    lethe_foci_result_release(&second);
    other = doubles();
    other.x64 = moved;
    second = run(&other, &plain);
    assert_same(&first, &second);
    lethe_foci_result_release(&second);
    /* Columns 2 and 5 have ties on the grid of 2^-10, and the order among equals names rows: drop
     * the grid for this one. */
    struct lethe_rng rng;
    lethe_rng_init(&rng, 6, LETHE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < N; i++)
        for (size_t c = 0; c < 7; c++) {
            moved[i * P + c] = x[i * P + c] + lethe_rng_uniform(&rng);
            turned[(N - 1 - i) * P + c] = moved[i * P + c];
        }
    unsigned char dead[P] = {[8] = 1};
    input = (struct lethe_codec_input){.n = N, .p = P, .x64 = moved, .y = y, .dead = dead};
    other = (struct lethe_codec_input){.n = N, .p = P, .x64 = turned, .y = turned_y, .dead = dead};
    lethe_foci_result_release(&first);
    first = run(&input, &plain);
    second = run(&other, &plain);
    assert_same(&first, &second);
    lethe_foci_result_release(&first);
    lethe_foci_result_release(&second);
}

static void scaling_undoes_units(void **state)
{
    (void)state;
    static double units[N * P];
    for (size_t e = 0; e < N * P; e++)
        units[e] = ldexp(x[e], 300 * ((int)(e % P) % 7) - 900);
    struct lethe_codec_input input = doubles(), other = doubles();
    other.x64 = units;
    struct lethe_foci_options options = plain;
    options.codec.scaling = LETHE_SCALING_SD;
    struct lethe_foci_result a = run(&input, &options), b = run(&other, &options);
    assert_same(&a, &b);
    lethe_foci_result_release(&a);
    lethe_foci_result_release(&b);
}

static void one_line_is_drawn_and_passed(void **state)
{
    (void)state;
    struct lethe_codec_input input = doubles();
    struct lethe_foci_options options = plain;
    struct lethe_foci_result stopped = run(&input, &options);
    options.past_stop = 1;
    options.max = 6;
    struct lethe_foci_result past = run(&input, &options);
    assert_int_equal(past.selected, stopped.selected);
    assert_int_equal(past.stopped, LETHE_FOCI_NO_GAIN);
    assert_int_equal(past.count, 6);
    options.stop = 0;
    options.max = 0;
    struct lethe_foci_result all = run(&input, &options);
    assert_int_equal(all.count, P - 1);
    assert_int_equal(all.selected, P - 1);
    assert_int_equal(all.stopped, LETHE_FOCI_ALL);
    for (size_t k = 0; k < past.count; k++)
        assert_int_equal(past.steps[k].column, all.steps[k].column);
    options.max = 1;
    struct lethe_foci_result cheap = run(&input, &options);
    assert_int_equal(cheap.count, 1);
    assert_int_equal(cheap.stopped, LETHE_FOCI_MAX);
    assert_int_equal(cheap.steps[0].column, all.steps[0].column);
    lethe_foci_result_release(&stopped);
    lethe_foci_result_release(&past);
    lethe_foci_result_release(&all);
    lethe_foci_result_release(&cheap);
}

static void constants_are_said_plainly(void **state)
{
    (void)state;
    static double flat[N];
    struct lethe_codec_input input = doubles();
    input.y = flat;
    struct lethe_foci_options options = plain;
    options.codec.jitter = 0.1;
    struct lethe_foci_result result = run(&input, &options);
    assert_int_equal(result.stopped, LETHE_FOCI_CONSTANT_Y);
    assert_int_equal(result.count, 0);
    for (size_t c = 0; c < P; c++)
        assert_true(result.marginal[c] == 0);
    lethe_foci_result_release(&result);
    double band;
    struct lethe_error err;
    assert_int_equal(lethe_codec_null(&band, NULL, &input, 20, &plain.codec, NULL, &err),
                     LETHE_EARG);
    assert_string_equal(err.message, "y is constant: it has no null band");
    size_t first = 0;
    struct lethe_codec_sets sets = {.added = &first, .added_count = 1};
    struct lethe_codec_value value;
    assert_int_equal(lethe_codec(&value, &input, &sets, &plain.codec, &err), LETHE_OK);
    assert_int_equal(value.defined, 0);
    assert_true(value.value == 0);
    unsigned char dead[P];
    memset(dead, 1, sizeof dead);
    input = doubles();
    input.dead = dead;
    result = run(&input, &plain);
    assert_int_equal(result.stopped, LETHE_FOCI_NO_COLUMN);
    lethe_foci_result_release(&result);
    assert_int_equal(lethe_codec_null(&band, NULL, &input, 20, &plain.codec, NULL, &err),
                     LETHE_EARG);
}

/* y is column 0 itself, on a coarse grid: its neighbours have its own y, so T is 1 and no more can
 * be said. */
static void a_function_of_the_selection_ends_it(void **state)
{
    (void)state;
    static double grid[N * 2], steps[N];
    for (size_t i = 0; i < N; i++) {
        grid[2 * i] = steps[i] = (double)(i % 5);
        grid[2 * i + 1] = (double)(i % 7);
    }
    struct lethe_codec_input input = {.n = N, .p = 2, .x64 = grid, .y = steps};
    struct lethe_foci_result result = run(&input, &plain);
    assert_int_equal(result.selected, 1);
    assert_int_equal(result.stopped, LETHE_FOCI_FUNCTION);
    assert_true(result.steps[0].cumulative == 1);
    lethe_foci_result_release(&result);
    struct lethe_foci_options options = plain;
    options.stop = 0;
    result = run(&input, &options);
    assert_int_equal(result.count, 2);
    assert_true(result.steps[1].conditional == 0);
    lethe_foci_result_release(&result);
}

static void one_value_and_its_pairs(void **state)
{
    (void)state;
    struct lethe_codec_input input = doubles();
    size_t given[] = {2, 0}, added[] = {5, 8}, all[] = {2, 0, 5, 8};
    struct lethe_codec_sets sets = {given, added, 2, 2};
    struct lethe_codec_pairs pairs = {0};
    struct lethe_error err;
    assert_int_equal(lethe_codec_why(&pairs, &input, &sets, &plain.codec, NULL, &err), LETHE_OK);
    int64_t gain = 0;
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(pairs.pair[i].before, brute_nearest(x, N, P, given, 2, 11, i));
        assert_int_equal(pairs.pair[i].after, brute_nearest(x, N, P, all, 4, 11, i));
        gain += pairs.pair[i].gain;
    }
    int64_t before = brute_sum(x, y, N, P, given, 2, 11), after = brute_sum(x, y, N, P, all, 4, 11);
    assert_int_equal(gain, after - before);
    assert_int_equal(pairs.value.numerator, after - before);
    assert_true(pairs.value.value > 0 && pairs.value.defined);
    lethe_codec_pairs_release(&pairs);
    sets.given_count = 0;
    struct lethe_codec_value value;
    assert_int_equal(lethe_codec(&value, &input, &sets, &plain.codec, &err), LETHE_OK);
    struct lethe_foci_options options = plain;
    options.stop = 0;
    struct lethe_foci_result result = run(&input, &options);
    sets = (struct lethe_codec_sets){.added = given, .added_count = 1};
    assert_int_equal(lethe_codec(&value, &input, &sets, &plain.codec, &err), LETHE_OK);
    assert_true(value.value == result.marginal[2]);
    lethe_foci_result_release(&result);
    size_t far = P;
    sets.added = &far;
    assert_int_equal(lethe_codec(&value, &input, &sets, &plain.codec, &err), LETHE_EARG);
    assert_string_equal(err.message, "column 9: there are only 9, counted from 0");
    sets.added_count = 0;
    assert_int_equal(lethe_codec(&value, &input, &sets, &plain.codec, &err), LETHE_EARG);
}

/* The band lies above what noise reaches and below what the deciding column reaches. */
static void the_null_band_separates(void **state)
{
    (void)state;
    struct lethe_codec_input input = doubles();
    struct lethe_codec_options options = plain.codec;
    struct lethe_error err;
    double maxima[200], band = 0, again = 0;
    assert_int_equal(lethe_codec_null(&band, maxima, &input, 200, &options, NULL, &err), LETHE_OK);
    assert_true(band == maxima[189]);
    for (size_t b = 1; b < 200; b++)
        assert_true(maxima[b - 1] <= maxima[b]);
    struct lethe_foci_result result = run(&input, &plain);
    assert_true(result.marginal[2] > maxima[199]);
    for (size_t c = 0; c < P; c++)
        assert_true(c == 2 || c == 5 || result.marginal[c] < band);
    lethe_foci_result_release(&result);
    options.threads = 3;
    assert_int_equal(lethe_codec_null(&again, NULL, &input, 200, &options, NULL, &err), LETHE_OK);
    assert_true(again == band);
    assert_int_equal(lethe_codec_null(&band, NULL, &input, 0, &options, NULL, &err), LETHE_EARG);
}

struct keyed {
    double y;
    size_t row;
};

static int by_y(const void *a, const void *b)
{
    const struct keyed *s = a, *t = b;
    if (s->y != t->y)
        return s->y < t->y ? -1 : 1;
    return s->row < t->row ? -1 : 1;
}

static int rising(const void *a, const void *b)
{
    double s = *(const double *)a, t = *(const double *)b;
    return (s > t) - (s < t);
}

/* T(y', column) of the best column for the b-th permutation of y, by the definition. */
static double permuted_maximum(size_t b, uint64_t seed)
{
    struct keyed sorted[N];
    size_t order[N];
    double moved[N], best = -1;
    struct lethe_rng rng;
    for (size_t i = 0; i < N; i++) {
        sorted[i] = (struct keyed){y[i], i};
        order[i] = i;
    }
    qsort(sorted, N, sizeof *sorted, by_y);
    lethe_rng_init(&rng, seed, LETHE_RNG_NULL, b, 0);
    lethe_rng_shuffle(&rng, order, N);
    for (size_t i = 0; i < N; i++)
        moved[sorted[i].row] = sorted[order[i]].y;
    double squares = 0, spread = 0;
    for (size_t i = 0; i < N; i++) {
        double l = 0;
        for (size_t j = 0; j < N; j++)
            l += y[j] >= y[i];
        squares += l * l;
        spread += l * (N - l);
    }
    for (size_t c = 0; c < P; c++) {
        int64_t sum = brute_sum(zeros, moved, N, P, &c, 1, seed);
        double t = (N * (double)sum - squares) / spread;
        best = t > best ? t : best;
    }
    return best;
}

static void the_null_band_of_rectified_columns_is_the_definition(void **state)
{
    (void)state;
    enum { COUNT = 12 };
    struct lethe_codec_input input = {.n = N, .p = P, .x64 = zeros, .y = y};
    struct lethe_error err;
    double maxima[COUNT], expected[COUNT], band;
    assert_int_equal(lethe_codec_null(&band, maxima, &input, COUNT, &plain.codec, NULL, &err),
                     LETHE_OK);
    for (size_t b = 0; b < COUNT; b++)
        expected[b] = permuted_maximum(b, plain.codec.seed);
    qsort(expected, COUNT, sizeof *expected, rising);
    for (size_t b = 0; b < COUNT; b++)
        assert_true(fabs(maxima[b] - expected[b]) < 1e-12);
}

static void stability_counts_selections(void **state)
{
    (void)state;
    struct lethe_codec_input input = doubles();
    struct lethe_error err;
    size_t times[P], again[P];
    assert_int_equal(lethe_foci_stability(times, &input, 20, &plain, NULL, &err), LETHE_OK);
    assert_int_equal(times[2], 20);
    assert_true(times[5] >= 18);
    assert_int_equal(times[7], 0);
    input = (struct lethe_codec_input){.n = N, .p = P, .x32 = x32, .y = y};
    assert_int_equal(lethe_foci_stability(again, &input, 20, &plain, NULL, &err), LETHE_OK);
    assert_memory_equal(times, again, sizeof times);
    input.n = 1;
    assert_int_equal(lethe_foci_stability(times, &input, 20, &plain, NULL, &err), LETHE_EARG);
}

static void jitter_breaks_ties_reproducibly(void **state)
{
    (void)state;
    struct lethe_codec_input input = doubles();
    struct lethe_foci_options options = plain;
    options.codec.jitter = 0.01;
    struct lethe_foci_result a = run(&input, &options), b = run(&input, &options);
    assert_same(&a, &b);
    options.codec.seed++;
    struct lethe_foci_result c = run(&input, &options);
    assert_true(memcmp(a.marginal, c.marginal, P * sizeof *a.marginal) != 0);
    assert_int_equal(c.usable[7], 0);
    lethe_foci_result_release(&a);
    lethe_foci_result_release(&b);
    lethe_foci_result_release(&c);
    struct lethe_foci_result result = {0};
    struct lethe_error err;
    options.codec.jitter = -1;
    assert_int_equal(lethe_foci_run(&result, &input, &options, NULL, &err), LETHE_EARG);
    options.codec.jitter = NAN;
    assert_int_equal(lethe_foci_run(&result, &input, &options, NULL, &err), LETHE_EARG);
}

static void refuses(const struct lethe_codec_input *input, const char *message)
{
    struct lethe_foci_result result = {0};
    struct lethe_error err;
    assert_int_equal(lethe_foci_run(&result, input, &plain, NULL, &err), LETHE_EARG);
    assert_string_equal(err.message, message);
    assert_null(result.steps);
}

static void bad_numbers_are_named(void **state)
{
    (void)state;
    double kept = x[17 * P + 3];
    struct lethe_codec_input input = doubles();
    x[17 * P + 3] = NAN;
    x[19 * P + 3] = -INFINITY;
    x[2 * P + 4] = INFINITY;
    refuses(&input, "column 3, row 17 is nan: remove or repair that row");
    x[17 * P + 3] = x[19 * P + 3] = kept;
    refuses(&input, "column 4, row 2 is infinite: remove or repair that row");
    x32[2 * P + 4] = INFINITY;
    input = (struct lethe_codec_input){.n = N, .p = P, .x32 = x32, .y = y};
    refuses(&input, "column 4, row 2 is infinite: remove or repair that row");
    fill(NULL);
    y[5] = NAN;
    refuses(&input, "y, row 5 is nan: remove or repair that row");
    fill(NULL);
    input.n = 1;
    refuses(&input, "1 row: codec needs at least 2");
    input.n = LETHE_CODEC_MAX_ROWS + 1;
    refuses(&input, "2000001 rows: codec takes at most 2000000; draw a subset");
    input = doubles();
    input.p = 0;
    refuses(&input, "no columns: codec needs at least 1");
}

static void cancelling_keeps_the_steps_made(void **state)
{
    (void)state;
    struct lethe_codec_input input = doubles();
    struct lethe_foci *foci = NULL;
    struct lethe_error err;
    struct lethe_watch watch;
    lethe_watch_init(&watch);
    struct lethe_foci_options options = plain;
    options.stop = 0;
    assert_int_equal(lethe_foci_new(&foci, &err), LETHE_OK);
    assert_int_equal(lethe_foci_start(foci, &input, &options, &err), LETHE_OK);
    int more;
    assert_int_equal(lethe_foci_step(foci, &more, &watch, &err), LETHE_OK);
    assert_int_equal(more, 1);
    lethe_watch_cancel(&watch);
    assert_int_equal(lethe_foci_step(foci, &more, &watch, &err), LETHE_ECANCEL);
    assert_int_equal(lethe_foci_peek(foci)->count, 1);
    assert_int_equal(lethe_foci_step(foci, &more, NULL, &err), LETHE_OK);
    assert_int_equal(lethe_foci_peek(foci)->count, 2);
    lethe_foci_free(foci);
    double band;
    assert_int_equal(lethe_codec_null(&band, NULL, &input, 9, &plain.codec, &watch, &err),
                     LETHE_ECANCEL);
    size_t times[P], column = 0;
    struct lethe_codec_sets sets = {.added = &column, .added_count = 1};
    struct lethe_codec_pairs pairs = {0};
    assert_int_equal(lethe_codec_why(&pairs, &input, &sets, &plain.codec, &watch, &err),
                     LETHE_ECANCEL);
    assert_null(pairs.pair);
    assert_int_equal(lethe_foci_stability(times, &input, 2, &plain, &watch, &err), LETHE_ECANCEL);
    lethe_watch_init(&watch);
    assert_int_equal(lethe_foci_stability(times, &input, 4, &plain, &watch, &err), LETHE_OK);
    assert_string_equal(atomic_load(&watch.stage), "resampling");
    assert_int_equal(atomic_load(&watch.done), 3);
    assert_int_equal(atomic_load(&watch.total), 4);
}

/* Everything that allocates, with the n-th allocation failing until none is left to fail. */
static enum lethe_err everything(struct lethe_error *err)
{
    struct lethe_codec_input input = doubles(), floats = doubles();
    floats.x64 = NULL;
    floats.x32 = x32;
    struct lethe_foci_result result = {0};
    struct lethe_codec_pairs pairs = {0};
    struct lethe_foci_options options = plain;
    options.codec.threads = 2;
    size_t column = 2, times[P];
    struct lethe_codec_sets sets = {.added = &column, .added_count = 1};
    double band;
    enum lethe_err code = lethe_foci_run(&result, &input, &options, NULL, err);
    lethe_foci_result_release(&result);
    if (code == LETHE_OK)
        code = lethe_foci_run(&result, &floats, &options, NULL, err);
    lethe_foci_result_release(&result);
    input.x64 = zeros;
    options.past_stop = 1;
    if (code == LETHE_OK)
        code = lethe_foci_run(&result, &input, &options, NULL, err);
    lethe_foci_result_release(&result);
    if (code == LETHE_OK)
        code = lethe_codec_why(&pairs, &input, &sets, &options.codec, NULL, err);
    lethe_codec_pairs_release(&pairs);
    if (code == LETHE_OK)
        code = lethe_codec_null(&band, NULL, &input, 3, &plain.codec, NULL, err);
    if (code == LETHE_OK)
        code = lethe_foci_stability(times, &input, 1, &plain, NULL, err);
    return code;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (long n = 0;; n++) {
        struct lethe_error err = {0};
        lethe_alloc_fail_after(n);
        enum lethe_err code = everything(&err);
        lethe_alloc_fail_after(-1);
        if (code == LETHE_OK) {
            assert_true(n > 50);
            return;
        }
        assert_int_equal(code, LETHE_ENOMEM);
        assert_memory_equal(err.message, "out of memory", 13);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_columns_that_decide_are_found),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(what_must_not_matter_does_not),
        cmocka_unit_test(scaling_undoes_units),
        cmocka_unit_test(one_line_is_drawn_and_passed),
        cmocka_unit_test(constants_are_said_plainly),
        cmocka_unit_test(a_function_of_the_selection_ends_it),
        cmocka_unit_test(one_value_and_its_pairs),
        cmocka_unit_test(the_null_band_separates),
        cmocka_unit_test(the_null_band_of_rectified_columns_is_the_definition),
        cmocka_unit_test(stability_counts_selections),
        cmocka_unit_test(jitter_breaks_ties_reproducibly),
        cmocka_unit_test(bad_numbers_are_named),
        cmocka_unit_test(cancelling_keeps_the_steps_made),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}
