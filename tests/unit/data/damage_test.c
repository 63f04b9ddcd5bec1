/* SPDX-License-Identifier: MIT
 * Files of samples cut at every length and with every single bit turned: a dataset or a message,
 * never a crash; read whole and in blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "lethe/load.h"

static char folder[64], samples[96], labels[96];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/lethe-damage-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(samples, sizeof samples, "%s/x", folder);
    snprintf(labels, sizeof labels, "%s/y", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(samples);
    unlink(labels);
    return rmdir(folder);
}

static void put(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    fwrite(bytes, 1, size, file);
    fclose(file);
}

/* How many of both ways of reading accepted it (0 to 2). */
static int read_both(const struct lethe_data_source *source, const void *bytes, size_t size)
{
    struct lethe_dataset *data = NULL, *block = NULL;
    struct lethe_stream *stream = NULL;
    struct lethe_error err = {0};
    put(samples, bytes, size);
    enum lethe_err whole = lethe_dataset_load(&data, source, &err);
    assert_true(!whole == !!data && (!whole || err.message[0]));
    lethe_dataset_unref(data);
    if (source->format && !strcmp(source->format, "npz"))
        return !whole;
    err = (struct lethe_error){0};
    enum lethe_err code = lethe_stream_open(&stream, source, 40, &err);
    while (!code && !(code = lethe_stream_next(stream, &block, &err)) && block)
        lethe_dataset_unref(block);
    assert_true(!code || err.message[0]);
    lethe_stream_free(stream);
    return !whole + !code;
}

static void damage(const struct lethe_data_source *source, const unsigned char *bytes, size_t size,
                   size_t step)
{
    unsigned char *copy = malloc(size);
    memcpy(copy, bytes, size);
    assert_true(read_both(source, copy, size) > 0);
    for (size_t cut = 0; cut < size; cut++)
        read_both(source, copy, cut);
    for (size_t bit = 0; bit < 8 * size; bit += step) {
        copy[bit / 8] ^= (unsigned char)(1 << bit % 8);
        read_both(source, copy, size);
        copy[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    free(copy);
}

static void arrays(void **state)
{
    (void)state;
    const unsigned char y[] = {0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 1};
    const unsigned char x[] = {0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 9, 8, 7, 6, 5, 4};
    const struct lethe_data_source source = {.path = samples, .labels = labels, .classes = 2};
    put(labels, y, sizeof y);
    damage(&source, x, sizeof x, 1);
    const double numbers[6] = {1, 2, 3, 4, 5, 6};
    const struct lethe_array array = {LETHE_DOUBLE, 2, {3, 2}, 6, (void *)numbers, NULL, NULL, 0};
    struct lethe_bytes npy = {0};
    assert_int_equal(lethe_npy_write(samples, &array, NULL), LETHE_OK);
    assert_int_equal(lethe_file_read(&npy, samples, 1 << 20, NULL), LETHE_OK);
    damage(&source, npy.data, npy.size, 1);
    lethe_free(npy.data);
}

static void archives(void **state)
{
    (void)state;
    const double numbers[6] = {1, 2, 3, 4, 5, 6}, ys[3] = {0, 1, 1};
    const struct lethe_npz_member members[2] = {
        {"x", {LETHE_DOUBLE, 2, {3, 2}, 6, (void *)numbers, NULL, NULL, 0}},
        {"y", {LETHE_DOUBLE, 1, {3}, 3, (void *)ys, NULL, NULL, 0}}};
    struct lethe_bytes npz = {0};
    assert_int_equal(lethe_npz_write(samples, members, 2, NULL), LETHE_OK);
    assert_int_equal(lethe_file_read(&npz, samples, 1 << 20, NULL), LETHE_OK);
    damage(&(struct lethe_data_source){.path = samples, .format = "npz", .classes = 2}, npz.data,
           npz.size, 3);
    lethe_free(npz.data);
}

static void tables(void **state)
{
    (void)state;
    static const char table[] = "size,colour,label\n1,red,0\n2.5,\"bl\"\"ue\",1\n-3e2,red,1\n";
    static const char text[] = "text\tlabel\nthe cat\t0\nsat on\t1\n";
    damage(&(struct lethe_data_source){.path = samples, .classes = 2, .format = "csv"},
           (const unsigned char *)table, strlen(table), 1);
    put(labels, "\n?\nthe\ncat\n", 11);
    damage(
        &(struct lethe_data_source){
            .path = samples, .classes = 2, .vocabulary = labels, .length = 3, .format = "text"},
        (const unsigned char *)text, strlen(text), 1);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {CASE(arrays), CASE(archives), CASE(tables)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
