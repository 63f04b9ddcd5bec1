/* SPDX-License-Identifier: MIT
 * Columns from files against the same columns in memory; T of them against CODEC on those. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "lethe/rng.h"
#include "study/column_table.h"
#include "tests/support/folder.h"

enum { MOST = 60, WIDTH = 4 };

static char *put_columns(const char *name, const double *x, size_t n, size_t width)
{
    struct lethe_text text = {0};
    for (size_t i = 0; i < n * width; i++)
        lethe_text_addf(&text, "%.17g%c", x[i], (i + 1) % width ? ',' : '\n');
    char *path = put_file(name, lethe_text_get(&text), text.length);
    lethe_text_release(&text);
    return path;
}

static void draw(double *x, size_t count, struct lethe_rng *rng)
{
    for (size_t i = 0; i < count; i++)
        x[i] = lethe_rng_normal(rng);
}

/* T of the columns [0, split), or of those from split on given them. */
static struct lethe_codec_value expected(const double *all, const double *y, size_t n, size_t width,
                                         size_t split)
{
    const size_t columns[2 * WIDTH] = {0, 1, 2, 3, 4, 5, 6, 7};
    const struct lethe_codec_input input = {.n = n, .p = width, .x64 = all, .y = y};
    const struct lethe_codec_options options = {.seed = 9};
    struct lethe_codec_value value;
    struct lethe_codec_sets sets = {.added = columns, .added_count = split};
    if (split < width)
        sets = (struct lethe_codec_sets){.given = columns,
                                         .given_count = split,
                                         .added = columns + split,
                                         .added_count = width - split};
    assert_int_equal(lethe_codec(&value, &input, &sets, &options, NULL), LETHE_OK);
    return value;
}

static void files_are_the_columns_in_memory(void **state)
{
    (void)state;
    struct lethe_rng rng;
    double x[MOST * WIDTH], z[MOST * WIDTH], y[MOST], both[2 * MOST * WIDTH];
    lethe_rng_init(&rng, 1, LETHE_RNG_TEST, 0, 0);
    for (int k = 0; k < 100; k++) {
        const size_t n = 2 + (size_t)lethe_rng_below(&rng, MOST - 2);
        const size_t p = 1 + (size_t)lethe_rng_below(&rng, WIDTH);
        const size_t q = 1 + (size_t)lethe_rng_below(&rng, WIDTH);
        draw(x, n * p, &rng), draw(z, n * q, &rng), draw(y, n, &rng);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < p + q; j++)
                both[i * (p + q) + j] = j < p ? x[i * p + j] : z[i * q + j - p];
        char *of_x = put_columns("x.csv", x, n, p), *of_y = put_columns("y.csv", y, n, 1);
        char *of_z = put_columns("z.csv", z, n, q);
        struct lethe_column_table table = {0};
        struct lethe_codec_value value;
        const struct lethe_codec_options options = {.seed = 9};
        assert_int_equal(lethe_column_table_read(&table, of_x, of_y, NULL), LETHE_OK);
        assert_int_equal(table.n, n);
        assert_false(lethe_column_table_constant(&table));
        assert_memory_equal(table.x, x, n * p * sizeof *x);
        assert_int_equal(lethe_column_table_codec(&value, &table, &options, NULL, NULL), LETHE_OK);
        assert_true(value.value == expected(x, y, n, p, p).value);
        assert_int_equal(lethe_column_table_widen(&table, of_z, NULL), LETHE_OK);
        assert_memory_equal(table.x, both, n * (p + q) * sizeof *both);
        assert_int_equal(lethe_column_table_codec(&value, &table, &options, NULL, NULL), LETHE_OK);
        assert_true(value.value == expected(both, y, n, p + q, p).value);
        lethe_column_table_release(&table);
        lethe_free(of_x), lethe_free(of_y), lethe_free(of_z);
    }
}

/* reads x and y, then z where it is given; what is said about it. */
static void refused(const char *x, const char *y, const char *z, const char *words)
{
    struct lethe_column_table table = {0};
    struct lethe_error err = {0};
    enum lethe_err code = lethe_column_table_read(&table, x, y, &err);
    if (z) {
        assert_int_equal(code, LETHE_OK);
        code = lethe_column_table_widen(&table, z, &err);
    }
    assert_int_equal(code, LETHE_EFORMAT);
    assert_non_null(strstr(err.message, words));
    lethe_column_table_release(&table);
}

static void rows_that_do_not_fit_are_named(void **state)
{
    (void)state;
    const double numbers[] = {1, 2, 3, 4, 5, 6};
    char *one = put_columns("one.csv", numbers, 3, 1), *two = put_columns("two.csv", numbers, 3, 2);
    char *longer = put_columns("longer.csv", numbers, 6, 1);
    refused(two, two, NULL, "two.csv' has 2 columns: y must be a single one");
    refused(longer, one, NULL, "has 3: they must be equal");
    refused(two, one, longer, "x has 3 rows");
    const double same[] = {7, 7, 7};
    char *flat = put_columns("flat.csv", same, 3, 1);
    struct lethe_column_table table = {0};
    assert_int_equal(lethe_column_table_read(&table, two, flat, NULL), LETHE_OK);
    assert_true(lethe_column_table_constant(&table));
    lethe_column_table_release(&table);
    lethe_free(one), lethe_free(two), lethe_free(longer), lethe_free(flat);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_the_columns_in_memory),
        cmocka_unit_test(rows_that_do_not_fit_are_named),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
