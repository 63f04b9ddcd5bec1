/* SPDX-License-Identifier: MIT
 * The fast sums against the plain ones in double, for every instruction set this processor has:
 * larger tables than the brute force can afford, where lists are cut and lanes are settled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codec/fast.h"
#include "lethe/rng.h"

enum { MAX_N = 2100, MAX_P = 40, KINDS = 10 };

struct tables {
    float x32[MAX_N * MAX_P];
    double x64[MAX_N * MAX_P], y[MAX_N];
    struct codec_table narrow, wide; /* of floats, of the same numbers as doubles */
    double given[4 * MAX_N];
    unsigned char skip[MAX_P];
    int64_t expected[MAX_P], sums[MAX_P];
    int blurred;                    /* the doubles are not floats */
    size_t long_rows, list_entries; /* of the table, 0: as they are */
};

static double draw(struct lethe_rng *rng, size_t kind, size_t i)
{
    double z = lethe_rng_normal(rng);
    switch (kind) {
    case 0: /* smooth, with a few rows far away */
        return i % 97 == 3 ? 1e4 * z : z;
    case 1: /* rectified */
        return z > 0 ? z : 0;
    case 2: /* mostly zero */
        return z > 1.7 ? z : 0;
    case 3: /* few values, both signs of zero */
        return floor(2 * z) / 2 * (i % 2 ? 1 : -1) * 0.5;
    case 4: /* squares overflow floats */
        return z * 1e30;
    case 5: /* squares vanish in floats */
        return z * 1e-30;
    case 6: /* differences of the last bits */
        return 1000 + z * 1e-3;
    case 7: /* two values */
        return z > 0;
    case 8: /* one huge row hides the differences of the others */
        return i == 5 ? 1e30 : z;
    default:
        return z * FLT_MIN;
    }
}

static void fill(struct tables *t, size_t n, size_t p, size_t kind, uint64_t seed)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, seed, LETHE_RNG_TEST, n, kind);
    for (size_t i = 0; i < n; i++) {
        size_t copied = kind == KINDS && i > 9 && i % 3 == 0 ? lethe_rng_below(&rng, i) : i;
        for (size_t c = 0; c < p; c++) {
            size_t own = kind < KINDS && c % 3 ? kind : (c * 7 + kind) % KINDS;
            float value = copied < i ? t->x32[copied * p + c] : (float)draw(&rng, own, i);
            t->x32[i * p + c] = value;
            t->x64[i * p + c] = (double)value;
        }
        double z = lethe_rng_normal(&rng);
        t->y[i] = seed % 2 ? z : floor(z);
    }
}

/* Moves half of the doubles by less than a float can tell: rows equal as floats are not, or are. */
static void blur(struct tables *t, size_t n, size_t p, uint64_t seed)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, seed, LETHE_RNG_TEST, n, 99);
    t->blurred = 1;
    for (size_t e = 0; e < n * p; e++)
        if (lethe_rng_below(&rng, 2))
            t->x64[e] *= 1 + 0x1p-40 * (double)lethe_rng_below(&rng, 4);
}

static void sums_agree(struct tables *t, const struct codec_question *question, const char *what)
{
    struct codec_fast fast = {0};
    struct lethe_error err;
    assert_int_equal(lethe_codec_sums_fast(t->sums, question, &fast, &err), LETHE_OK);
    lethe_codec_fast_release(&fast);
    for (size_t c = 0; c < question->table->p; c++)
        if (!t->skip[c] && t->sums[c] != t->expected[c])
            fail_msg("n %zu, column %zu, %zu given, %s, %s: %lld, not %lld", question->table->n, c,
                     question->count, what, question->table->kernels->name, (long long)t->sums[c],
                     (long long)t->expected[c]);
}

static void compare(struct tables *t, size_t n, size_t p, unsigned workers)
{
    struct lethe_threads *pool = NULL;
    struct lethe_error err;
    struct lethe_codec_options options = {.seed = n, .scaling = LETHE_SCALING_NONE};
    struct lethe_codec_input narrow = {.n = n, .p = p, .x32 = t->x32, .y = t->y}, wide = narrow;
    wide.x32 = NULL;
    wide.x64 = t->x64;
    t->narrow.long_rows = t->wide.long_rows = t->long_rows;
    t->narrow.list_entries = t->wide.list_entries = t->list_entries;
    assert_int_equal(lethe_threads_new(&pool, workers, &err), LETHE_OK);
    assert_int_equal(lethe_codec_table_fill(&t->narrow, &narrow, &options, pool, &err), LETHE_OK);
    assert_int_equal(lethe_codec_table_fill(&t->wide, &wide, &options, pool, &err), LETHE_OK);
    assert_int_equal(lethe_codec_table_narrow(&t->wide, pool, &err), LETHE_OK);
    struct codec_question question = {.given = t->given, .skip = t->skip, .pool = pool};
    size_t sets;
    const struct codec_kernels *const *kernels = lethe_codec_kernels(&sets);
    for (size_t c = 0; c < p; c++)
        t->skip[c] = !t->narrow.usable[c];
    for (question.count = 0; question.count < 4; question.count++) {
        question.table = &t->wide;
        t->wide.kernels = kernels[question.count % sets];
        assert_int_equal(lethe_codec_sums_exact(t->expected, &question, &err), LETHE_OK);
        for (size_t k = 0; k < sets; k++) {
            question.table = &t->narrow;
            t->narrow.kernels = kernels[k];
            if (!t->blurred)
                sums_agree(t, &question, "floats");
            question.table = &t->wide;
            t->wide.kernels = kernels[k];
            sums_agree(t, &question, "doubles");
        }
        size_t next = (question.count * 5 + 1) % p;
        lethe_codec_table_column(t->given + question.count * n, &t->wide, next);
        t->skip[next] = 1;
    }
    lethe_codec_table_release(&t->narrow);
    lethe_codec_table_release(&t->wide);
    lethe_threads_free(pool);
}

static void every_set_gives_the_plain_sums(void **state)
{
    (void)state;
    struct tables *t = calloc(1, sizeof *t);
    assert_non_null(t);
    const char *part = getenv("LETHE_TEST_SHARE");
    size_t stride = part && atoi(part) > 0 ? (size_t)atoi(part) : 1;
    static const size_t sizes[][2] = {{2, 1}, {17, 20}, {257, 33}, {300, 9}, {420, 17}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t kind = s % stride; kind <= KINDS; kind += stride) {
            fill(t, sizes[s][0], sizes[s][1], kind, s + kind);
            compare(t, sizes[s][0], sizes[s][1], 1 + (unsigned)kind % 3);
        }
    free(t);
}

static void doubles_that_are_no_floats_agree(void **state)
{
    (void)state;
    struct tables *t = calloc(1, sizeof *t);
    assert_non_null(t);
    for (size_t kind = 0; kind <= KINDS; kind++) {
        size_t n = kind % 2 ? 500 : 130, p = kind % 2 ? 4 : 17;
        fill(t, n, p, kind, kind);
        blur(t, n, p, kind);
        compare(t, n, p, 1 + (unsigned)kind % 3);
    }
    free(t);
}

/* Long tables are sorted by each column and walked in strips and portions: the same sums. */
static void long_tables_agree(void **state)
{
    (void)state;
    struct tables *t = calloc(1, sizeof *t);
    assert_non_null(t);
    static const size_t sizes[][2] = {{2, 1}, {31, 20}, {150, 5}, {300, 9}, {700, 5}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t kind = 0; kind <= KINDS; kind++) {
            size_t n = sizes[s][0], p = sizes[s][1];
            if (n > 500 && kind % 4)
                continue;
            t->long_rows = 2;
            t->list_entries = kind % 2 ? 0 : 40 * n;
            t->blurred = 0;
            fill(t, n, p, kind, s + kind);
            if (kind % 3 == 0)
                blur(t, n, p, kind);
            compare(t, n, p, 1 + (unsigned)kind % 3);
        }
    free(t);
}

static void every_set_scales_alike(void **state)
{
    (void)state;
    enum { N = 211, P = 37 };
    struct tables *t = calloc(1, sizeof *t);
    assert_non_null(t);
    fill(t, N, P, KINDS, 3);
    struct lethe_threads *pool = NULL;
    struct lethe_error err;
    struct lethe_codec_options options = {.seed = 2, .scaling = LETHE_SCALING_SD, .jitter = 0.1};
    struct lethe_codec_input input = {.n = N, .p = P, .x64 = t->x64, .y = t->y};
    assert_int_equal(lethe_threads_new(&pool, 2, &err), LETHE_OK);
    assert_int_equal(lethe_codec_table_fill(&t->wide, &input, &options, pool, &err), LETHE_OK);
    size_t sets;
    const struct codec_kernels *const *kernels = lethe_codec_kernels(&sets);
    for (size_t k = 1; k < sets; k++) {
        struct codec_table other = {.kernels = kernels[k]};
        assert_int_equal(lethe_codec_table_fill(&other, &input, &options, pool, &err), LETHE_OK);
        assert_memory_equal(other.x64, t->wide.x64, N * P * sizeof *other.x64);
        assert_memory_equal(other.rank, t->wide.rank, N * sizeof *other.rank);
        assert_memory_equal(other.usable, t->wide.usable, P);
        assert_int_equal(other.repeats, t->wide.repeats);
        lethe_codec_table_release(&other);
    }
    lethe_codec_table_release(&t->wide);
    lethe_threads_free(pool);
    free(t);
}

/* Lists have a greatest length beyond 2,048 rows: groups of equals longer than that. */
static void long_groups_of_equals_agree(void **state)
{
    (void)state;
    struct tables *t = calloc(1, sizeof *t);
    assert_non_null(t);
    static const size_t kinds[] = {1, 7};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        fill(t, MAX_N, 3, kinds[k], k);
        compare(t, MAX_N, 3, 2);
    }
    free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_set_gives_the_plain_sums),
        cmocka_unit_test(doubles_that_are_no_floats_agree),
        cmocka_unit_test(long_tables_agree),
        cmocka_unit_test(every_set_scales_alike),
        cmocka_unit_test(long_groups_of_equals_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
