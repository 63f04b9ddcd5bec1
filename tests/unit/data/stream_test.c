/* SPDX-License-Identifier: MIT
 * Files read in blocks give the samples of the file read whole, whatever the size of a block, and
 * need no more memory for a longer file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/file.h"
#include "lethe/load.h"
#include "tests/support/folder.h"

/* Blocks of about `bytes` hold what the whole file holds, in order; returns how many there were. */
static size_t same_in_blocks(const struct lethe_data_source *source, size_t bytes)
{
    struct lethe_error err = {0};
    struct lethe_dataset *whole = NULL, *block = NULL;
    struct lethe_stream *stream = NULL;
    size_t at = 0, blocks = 0;
    if (lethe_dataset_load(&whole, source, &err))
        fail_msg("%s", err.message);
    if (lethe_stream_open(&stream, source, bytes, &err))
        fail_msg("%s", err.message);
    size_t width = lethe_dataset_width(whole);
    double *x = malloc(2 * width * sizeof *x);
    for (;; blocks++) {
        if (lethe_stream_next(stream, &block, &err))
            fail_msg("block %zu: %s", blocks, err.message);
        if (!block)
            break;
        assert_int_equal(lethe_dataset_width(block), width);
        for (size_t i = 0; i < lethe_dataset_count(block); i++, at++) {
            int labels[2];
            lethe_dataset_batch(whole, x, &labels[0], &at, 1);
            lethe_dataset_batch(block, x + width, &labels[1], &i, 1);
            assert_memory_equal(x, x + width, width * sizeof *x);
            assert_int_equal(labels[0], labels[1]);
        }
        lethe_dataset_unref(block);
    }
    assert_int_equal(at, lethe_dataset_count(whole));
    lethe_dataset_unref(whole);
    lethe_stream_free(stream);
    free(x);
    return blocks;
}

static void in_blocks_of_every_size(const struct lethe_data_source *source)
{
    size_t few = same_in_blocks(source, 1 << 20);
    assert_int_equal(few, 1);
    assert_true(same_in_blocks(source, 1) > 2);
    for (size_t bytes = 50; bytes < 3000; bytes += 173)
        same_in_blocks(source, bytes);
}

static void arrays_come_in_blocks(void **state)
{
    (void)state;
    unsigned char bytes[16 + 7 * 12] = {0, 0, 8, 3, 0, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0, 4};
    const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 7, 4, 3, 2, 1, 0, 1, 2};
    const double mean = 3, std = 7;
    for (size_t i = 16; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 37);
    char *path = put_file("x.idx", bytes, sizeof bytes),
         *y = put_file("y.idx", labels, sizeof labels);
    in_blocks_of_every_size(&(struct lethe_data_source){
        .path = path,
        .labels = y,
        .normalize = {.scale = 255, .mean = &mean, .std = &std, .means = 1, .stds = 1}});
    double numbers[7 * 5];
    for (int i = 0; i < 35; i++)
        numbers[i] = 1.0 / (i + 1);
    const struct lethe_array array = {LETHE_DOUBLE, 2, {7, 5}, 35, numbers, NULL, NULL, 0};
    char *npy = lethe_path_join(folder, "x.npy");
    assert_int_equal(lethe_npy_write(npy, &array, NULL), LETHE_OK);
    in_blocks_of_every_size(&(struct lethe_data_source){.path = npy, .labels = y});
    lethe_free(npy);
    lethe_free(path);
    lethe_free(y);
}

static void records_come_in_blocks(void **state)
{
    (void)state;
    enum { RECORD = 3073, N = 6 };
    unsigned char *bytes = malloc(N * RECORD);
    for (size_t i = 0; i < N * RECORD; i++)
        bytes[i] = (unsigned char)(i % RECORD ? i * 31 % 251 : i / RECORD);
    char *path = put_file("x.bin", bytes, N * RECORD);
    const struct lethe_data_source source = {.path = path, .classes = 10};
    assert_int_equal(same_in_blocks(&source, 1 << 20), 1);
    assert_int_equal(same_in_blocks(&source, 1), N);
    assert_int_equal(same_in_blocks(&source, 2 * RECORD * 9 + 9), 3);
    free(bytes);
    lethe_free(path);
}

static void tables_and_text_come_in_blocks(void **state)
{
    (void)state;
    static const char *const names[] = {"no", "yes"};
    static const char table[] = "a,label,b\n1,yes,2\n3,no,4\n\n5.5,yes,6\n7,no,8\n9,no,\"10\"\n";
    static const char bare[] = "1;2;0\n3;4;1\n5;6;0\n7;8;1";
    static const char text[] = "text\tlabel\nthe \"cat\t0\nsat on\t1\nthe mat\t1\nthe end\t0\n";
    char *a = put_file("a.csv", table, strlen(table)), *b = put_file("b.csv", bare, strlen(bare));
    char *c = put_file("c.tsv", text, strlen(text)),
         *v = put_file("v.txt", "\n?\nthe\ncat\nmat\n", 15);
    in_blocks_of_every_size(
        &(struct lethe_data_source){.path = a, .class_names = names, .class_name_count = 2});
    in_blocks_of_every_size(&(struct lethe_data_source){.path = b, .classes = 2});
    in_blocks_of_every_size(
        &(struct lethe_data_source){.path = c, .classes = 2, .vocabulary = v, .length = 4});
    lethe_free(a);
    lethe_free(b);
    lethe_free(c);
    lethe_free(v);
}

/* Opens and reads to the end; the message must hold `says`. */
static void refused(const struct lethe_data_source *source, const char *says)
{
    struct lethe_error err = {0};
    struct lethe_stream *stream = NULL;
    struct lethe_dataset *block = NULL;
    enum lethe_err code = lethe_stream_open(&stream, source, 64, &err);
    while (!code) {
        code = lethe_stream_next(stream, &block, &err);
        lethe_dataset_unref(block);
        if (!block)
            break;
    }
    lethe_stream_free(stream);
    assert_int_not_equal(code, LETHE_OK);
    if (!strstr(err.message, says))
        fail_msg("'%s' does not mention '%s'", err.message, says);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    unsigned char x[] = {0, 0, 8, 2, 0, 0, 0, 4, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3};
    const unsigned char y[] = {0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 1, 0};
    const unsigned char z[] = {0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 1};
    char *labels = put_file("y.idx", y, sizeof y), *fewer = put_file("z.idx", z, sizeof z);
    for (size_t size = 0; size < sizeof x; size++) {
        char *path = put_file("x.idx", x, size);
        refused(&(struct lethe_data_source){.path = path, .labels = labels},
                size == 0   ? "is empty"
                : size < 4  ? "neither IDX"
                : size < 12 ? "IDX header ends"
                            : "promises 4 samples");
        lethe_free(path);
    }
    char *whole = put_file("x.idx", x, sizeof x);
    refused(&(struct lethe_data_source){.path = whole}, "no labels in it");
    refused(&(struct lethe_data_source){.path = whole, .labels = fewer}, "has 3 labels");
    refused(&(struct lethe_data_source){.path = whole, .labels = labels, .format = "npz"},
            "cannot be read in blocks");
    refused(&(struct lethe_data_source){.path = folder}, "it is a folder");
    char *names = put_file("n.csv", "a,b\n1,x\n2,y\n", 12);
    refused(&(struct lethe_data_source){.path = names}, "declare the classes");
    char *late = put_file("l.csv", "a,label\n1,0\n2,1\noops,1\n4,1\n", 27);
    refused(&(struct lethe_data_source){.path = late, .classes = 2}, "from sample");
    char *few = put_file("f.csv", "1\n2\n3\n", 6);
    refused(&(struct lethe_data_source){.path = few, .labels = labels}, "has 4 labels");
    lethe_free(labels);
    lethe_free(fewer);
    lethe_free(whole);
    lethe_free(names);
    lethe_free(late);
    lethe_free(few);
}

static long peak_kilobytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* 160 MB of pixels through blocks of 2 MB. */
static void a_large_file_needs_little_memory(void **state)
{
    (void)state;
    enum { N = 200000, WIDTH = 800 };
    char *path = lethe_path_join(folder, "big.gz"), *y = lethe_path_join(folder, "labels.gz");
    const unsigned char header[] = {0, 0, 8, 2, 0, 3, 13, 64, 0, 0, 3, 32};
    const unsigned char short_header[] = {0, 0, 8, 1, 0, 3, 13, 64};
    static unsigned char zeros[N];
    gzFile file = gzopen(path, "wb1"), labels = gzopen(y, "wb1");
    gzwrite(file, header, sizeof header);
    gzwrite(labels, short_header, sizeof short_header);
    gzwrite(labels, zeros, N);
    for (int i = 0; i < WIDTH; i++)
        gzwrite(file, zeros, N);
    gzclose(file);
    gzclose(labels);
    struct lethe_stream *stream = NULL;
    struct lethe_dataset *block = NULL;
    struct lethe_error err = {0};
    size_t n = 0;
    long before = peak_kilobytes();
    const struct lethe_data_source source = {.path = path, .labels = y, .classes = 2};
    if (lethe_stream_open(&stream, &source, 2 << 20, &err))
        fail_msg("%s", err.message);
    do {
        if (lethe_stream_next(stream, &block, &err))
            fail_msg("%s", err.message);
        n += block ? lethe_dataset_count(block) : 0;
        lethe_dataset_unref(block);
    } while (block);
    assert_int_equal(n, N);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed */
    assert_true(peak_kilobytes() - before < 20000);
#else
    (void)before;
#endif
    lethe_stream_free(stream);
    lethe_free(path);
    lethe_free(y);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        CASE(a_large_file_needs_little_memory), CASE(arrays_come_in_blocks),
        CASE(records_come_in_blocks),           CASE(tables_and_text_come_in_blocks),
        CASE(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
