/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "lethe/array.h"
#include "lethe/rng.h"
#include "tests/support/folder.h"

static enum lethe_err parse(struct lethe_array *array, const char *bytes, size_t size,
                            struct lethe_error *err)
{
    return lethe_array_parse(array, (const unsigned char *)bytes, size, "x", err);
}

static void refused(const char *bytes, size_t size, const char *words)
{
    struct lethe_array array;
    struct lethe_error err = {0};
    if (parse(&array, bytes, size, &err) != LETHE_EFORMAT || !strstr(err.message, words))
        fail_msg("'%s' lacks '%s'", err.message, words);
    assert_null(array.data);
}

#define TEXT(s) s, sizeof(s) - 1

static void numbers(const char *text, size_t rows, size_t columns, const double *expected)
{
    struct lethe_array array;
    struct lethe_error err = {0};
    if (parse(&array, text, strlen(text), &err))
        fail_msg("%s: %s", text, err.message);
    assert_int_equal(array.ndim, 2);
    assert_int_equal(array.dims[0], rows);
    assert_int_equal(array.dims[1], columns);
    for (size_t i = 0; i < rows * columns; i++)
        assert_true(lethe_array_get(&array, i) == expected[i]);
    lethe_array_release(&array);
}

static void csv_reads_what_spreadsheets_write(void **state)
{
    (void)state;
    static const double expected[] = {1.5, -2, 3, 4e3};
    numbers("1.5,-2\n3,4e3\n", 2, 2, expected);
    numbers("1.5,-2\n3,4e3", 2, 2, expected);
    numbers("\xEF\xBB\xBF"
            "a,b\r\n1.5,-2\r\n\r\n3,4e3\r\n",
            2, 2, expected);
    numbers("\"a, with \"\"quotes\"\"\";b\n1.5;\"-2\"\n3;4e3\n", 2, 2, expected);
    numbers("a\tb\n1.5\t-2\n3\t4e3\n", 2, 2, expected);
    numbers("  1.5   -2\n 3 4e3  \n\n", 2, 2, expected);
    numbers("1.5\n-2\n3\n4e3\n", 4, 1, expected);
    numbers("\"name\nof two lines\",b\n1.5,-2\n3,4e3\n", 2, 2, expected);
    struct lethe_array array;
    struct lethe_error err;
    assert_int_equal(parse(&array, TEXT("\"x \"\"y\"\"\",z\n1,NA\n"), &err), LETHE_OK);
    assert_string_equal(array.columns[0], "x \"y\"");
    assert_string_equal(array.columns[1], "z");
    assert_true(isnan(lethe_array_get(&array, 1)));
    lethe_array_release(&array);
}

static void csv_refuses_by_line(void **state)
{
    (void)state;
    refused(TEXT(" "), "no rows");
    refused(TEXT("a,b\n"), "a header line but no rows");
    refused(TEXT("a,b\n1,2\n3\n"), "line 3 has 1 fields, the first has 2");
    refused(TEXT("1,2\n3,4,5\n"), "line 2 has 3 fields, the first has 2");
    refused(TEXT("a,b\n1,2\n\n3,x\n"), "line 4, column 2: 'x' is no number");
    refused(TEXT("a,b\n1,0x10\n"), "'0x10' is no number");
    refused(TEXT("a,2\n1,2\n"), "line 1, column 1: 'a' is no number");
    refused(TEXT("1,\"2\n3,4\n"), "the quote that opens in the record of line 1 never ends");
    refused(TEXT("1,\"2\"3\n"), "line 1 has text after a closing quote");
    refused(TEXT("\"1\"2 3\n"), "line 1 has text after a closing quote");
    refused(TEXT("1,2\n3,\0\n"), "zero bytes");
    refused("", 0, "is empty");
}

static void idx_reads_all_elements_and_refuses_lies(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        double first, second;
    } good[] = {
        {TEXT("\0\0\x08\1\0\0\0\2\x07\xff"), 7, 255},
        {TEXT("\0\0\x09\1\0\0\0\2\x07\xff"), 7, -1},
        {TEXT("\0\0\x0B\1\0\0\0\2\x01\x02\xff\xfe"), 258, -2},
        {TEXT("\0\0\x0C\1\0\0\0\2\0\1\0\0\xff\xff\xff\xfe"), 65536, -2},
        {TEXT("\0\0\x0D\1\0\0\0\2\x3f\xc0\0\0\xc0\x20\0\0"), 1.5, -2.5},
        {TEXT("\0\0\x0E\1\0\0\0\2\x3f\xf8\0\0\0\0\0\0\xc0\4\0\0\0\0\0\0"), 1.5, -2.5},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct lethe_array array;
        struct lethe_error err;
        assert_int_equal(parse(&array, good[i].bytes, good[i].size, &err), LETHE_OK);
        assert_int_equal(array.count, 2);
        assert_true(lethe_array_get(&array, 0) == good[i].first);
        assert_true(lethe_array_get(&array, 1) == good[i].second);
        lethe_array_release(&array);
    }
    refused(TEXT("\0\0\x08\1\0\0\0\3\1\2"), "promises 3 bytes of data, the file has 2");
    refused(TEXT("\0\0\x08\1\0\0\0\1\1\2"), "promises 1 bytes of data, the file has 2");
    refused(TEXT("\0\0\x08\1\1\0\0\0\1\2"), "promises 16777216 bytes");
    refused(TEXT("\0\0\x08\3\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), "impossible size");
    refused(TEXT("\0\0\x08\2\0\0\0"), "the IDX header ends after 7 of 12 bytes");
    refused(TEXT("\0\0\x08\0"), "0 dimensions");
    refused(TEXT("\0\0\x0A\1\0\0\0\1\1"), "neither IDX, NPY nor CSV");
}

/* An NPY file of version 1 with this dictionary, padded, and body. */
static size_t npy(char *out, const char *dictionary, const char *body, size_t size)
{
    size_t n = strlen(dictionary);
    memcpy(out, "\x93NUMPY\1\0", 8);
    out[8] = (char)(n + 1);
    out[9] = 0;
    memcpy(out + 10, dictionary, n);
    out[10 + n] = '\n';
    memcpy(out + 11 + n, body, size);
    return 11 + n + size;
}

static void npy_reads_either_order_of_bytes_and_axes(void **state)
{
    (void)state;
    static const char c_order[] = {0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5};
    static const char f_order[] = {0, 0, 3, 0, 1, 0, 4, 0, 2, 0, 5, 0};
    char bytes[256];
    struct lethe_array array;
    struct lethe_error err;
    size_t n = npy(bytes, "{'descr': '>i2', 'fortran_order': False, 'shape': (2, 3), }", c_order,
                   sizeof c_order);
    for (int pass = 0; pass < 2; pass++) {
        assert_int_equal(parse(&array, bytes, n, &err), LETHE_OK);
        assert_int_equal(array.ndim, 2);
        assert_int_equal(array.dims[1], 3);
        for (size_t i = 0; i < 6; i++)
            assert_true(lethe_array_get(&array, i) == (double)i);
        lethe_array_release(&array);
        n = npy(bytes, "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }", f_order,
                sizeof f_order);
    }
}

static void npy_refuses_what_does_not_fit(void **state)
{
    (void)state;
    char bytes[256];
    size_t n =
        npy(bytes, "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", "12345678", 8);
    refused(bytes, n, "promises 12 bytes of data, the file has 8");
    refused(bytes, 30, "cut off");
    refused(bytes, 8, "cut off");
    n = npy(bytes, "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "12345678", 8);
    refused(bytes, n, "holds Python objects");
    n = npy(bytes, "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "12345678", 8);
    refused(bytes, n, "element type '<c8' is not supported");
    n = npy(bytes, "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }", "12345678", 8);
    refused(bytes, n, "damaged NPY header");
    n = npy(bytes, "{'descr': '<f8', 'shape': (1,), }", "12345678", 8);
    refused(bytes, n, "damaged NPY header");
    n = npy(bytes, "{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999999, 99999999,)}",
            "12345678", 8);
    refused(bytes, n, "impossible size");
    bytes[6] = 4;
    refused(bytes, n, "version 4");
    n = npy(bytes, "{'fortran_order': False, 'shape': (1,), 'descr':", "12345678", 8);
    bytes[8]--; /* the header ends where the element type should stand */
    refused(bytes, n, "element type '' is not supported");
}

static void written_arrays_come_back_bit_for_bit(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 5, LETHE_RNG_TEST, 1, 0);
    double values[24];
    float singles[6];
    for (int i = 0; i < 24; i++)
        values[i] = lethe_rng_normal(&rng);
    for (int i = 0; i < 6; i++)
        singles[i] = (float)lethe_rng_normal(&rng);
    struct lethe_npz_member members[] = {
        {"fc1.weight", {LETHE_DOUBLE, 3, {2, 3, 4}, 24, values, NULL, NULL, 0}},
        {"layer/fc1.bias", {LETHE_FLOAT, 1, {6}, 6, singles, NULL, NULL, 0}},
    };
    struct lethe_error err;
    struct lethe_npz npz;
    char *path = lethe_path_join(folder, "a.npz");
    assert_int_equal(lethe_npz_write(path, members, 2, &err), LETHE_OK);
    assert_int_equal(lethe_npz_read(&npz, path, &err), LETHE_OK);
    assert_int_equal(npz.count, 2);
    assert_string_equal(npz.names[1], "layer/fc1.bias");
    assert_int_equal(npz.arrays[0].ndim, 3);
    assert_memory_equal(npz.arrays[0].data, values, sizeof values);
    assert_memory_equal(npz.arrays[1].data, singles, sizeof singles);
    lethe_npz_release(&npz);
    assert_int_equal(truncate(path, 100), 0);
    assert_int_equal(lethe_npz_read(&npz, path, &err), LETHE_EFORMAT);
    lethe_free(path);
    path = lethe_path_join(folder, "a.npy");
    assert_int_equal(lethe_npy_write(path, &members[0].array, &err), LETHE_OK);
    struct lethe_array array;
    assert_int_equal(lethe_array_read(&array, path, &err), LETHE_OK);
    assert_int_equal(array.dims[2], 4);
    assert_memory_equal(array.data, values, sizeof values);
    lethe_array_release(&array);
    lethe_free(path);
    assert_int_equal(lethe_npz_write("/nowhere/a.npz", members, 2, &err), LETHE_EIO);
}

static void matrices_are_finite_and_flat(void **state)
{
    (void)state;
    char *path = lethe_path_join(folder, "m.csv");
    double *values;
    size_t rows, columns;
    struct lethe_error err;
    assert_int_equal(lethe_file_write(path, "x,y\n1,2\n3,\n", 11, &err), LETHE_OK);
    assert_int_equal(lethe_matrix_read(&values, &rows, &columns, path, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "row 1, column 1 is NaN"));
    assert_int_equal(lethe_file_write(path, "7\n8\n9\n", 6, &err), LETHE_OK);
    assert_int_equal(lethe_matrix_read(&values, &rows, &columns, path, &err), LETHE_OK);
    assert_int_equal(rows, 3);
    assert_int_equal(columns, 1);
    assert_true(values[2] == 9);
    lethe_free(values);
    assert_int_equal(lethe_matrix_read(&values, &rows, &columns, "/nowhere/m.csv", &err),
                     LETHE_EIO);
    lethe_free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_reads_what_spreadsheets_write),
        cmocka_unit_test(csv_refuses_by_line),
        cmocka_unit_test(idx_reads_all_elements_and_refuses_lies),
        cmocka_unit_test(npy_reads_either_order_of_bytes_and_axes),
        cmocka_unit_test(npy_refuses_what_does_not_fit),
        cmocka_unit_test(written_arrays_come_back_bit_for_bit),
        cmocka_unit_test(matrices_are_finite_and_flat),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
