/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "data/image.h"
#include "lethe/load.h"
#include "tests/support/folder.h"

static char *place(const char *name)
{
    char *path = lethe_path_join(folder, name), *inside = lethe_path_folder(path);
    assert_int_equal(lethe_folder_make(inside, NULL), LETHE_OK);
    lethe_free(inside);
    return path;
}

static void put(const char *name, const char *bytes, size_t size)
{
    lethe_free(put_file(name, bytes, size));
}

/* Two rows of one pixel. */
static void put_png(const char *name, png_uint_32 format, const unsigned char *pixels)
{
    char *path = place(name);
    png_image png = {.version = PNG_IMAGE_VERSION, .width = 1, .height = 2, .format = format};
    assert_true(png_image_write_to_file(&png, path, 0, pixels, 0, NULL));
    lethe_free(path);
}

static enum lethe_err load(struct lethe_dataset **data, const char *name,
                           struct lethe_data_source source, struct lethe_error *err)
{
    char *path = lethe_path_join(folder, name);
    source.path = path;
    enum lethe_err code = lethe_dataset_load(data, &source, err);
    lethe_free(path);
    return code;
}

static void folders_are_classes_in_order(void **state)
{
    (void)state;
    static const unsigned char red_over_blue[] = {255, 0, 0, 0, 0, 255};
    put_png("good/dog/b.png", PNG_FORMAT_RGB, red_over_blue);
    put("good/dog/a.ppm", "P6\n# by hand\n1 2\n255\n\1\2\3\4\5\6", 27);
    put("good/cat/z.ppm", "P6 1 2 255\n\7\7\7\7\7\7", 17);
    put("good/readme.txt", "not a class", 11);
    struct lethe_dataset *data;
    struct lethe_error err = {0};
    if (load(&data, "good", (struct lethe_data_source){0}, &err))
        fail_msg("%s", err.message);
    assert_int_equal(lethe_dataset_count(data), 3);
    assert_int_equal(lethe_dataset_ndim(data), 3);
    assert_int_equal(lethe_dataset_dim(data, 0), 3);
    assert_int_equal(lethe_dataset_dim(data, 1), 2);
    assert_string_equal(lethe_dataset_class_name(data, 0), "cat");
    double x[12];
    int labels[2];
    lethe_dataset_batch(data, x, labels, (size_t[]){1, 2}, 2);
    static const double expected[] = {1, 4, 2, 5, 3, 6, 255, 0, 0, 0, 0, 255};
    for (int i = 0; i < 12; i++)
        assert_true(x[i] == expected[i]);
    assert_int_equal(labels[0], 1);
    lethe_dataset_unref(data);
    static const char *const names[] = {"dog", "cat"};
    struct lethe_data_source declared = {.class_names = names, .class_name_count = 2};
    assert_int_equal(load(&data, "good", declared, &err), LETHE_OK);
    assert_int_equal(lethe_dataset_label(data, 0), 1);
    lethe_dataset_unref(data);
    declared.class_name_count = 1;
    assert_int_equal(load(&data, "good", declared, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "the folder 'cat' is none of the 1 classes"));
}

static void refused(const char *bytes, size_t size, const char *words)
{
    struct lethe_image image;
    struct lethe_error err = {0};
    assert_int_equal(lethe_image_parse(&image, (const unsigned char *)bytes, size, "p", &err),
                     LETHE_EFORMAT);
    if (!strstr(err.message, words))
        fail_msg("'%s' lacks '%s'", err.message, words);
}

static void damaged_pictures_are_refused(void **state)
{
    (void)state;
    refused("GIF89a", 6, "neither PNG nor");
    refused("P6 1 2 255\n\1\2\3", 14, "promises 6 bytes of pixels, the file has 3");
    refused("P5 1 2 65535\n\1\2\3\4", 17, "values up to 65535");
    refused("P5 0 2 255\n", 11, "a picture of 2 x 0 pixels");
    refused("P5 1 99999999 255\n", 18, "1 to 16384 a side");
    refused("P5 1", 4, "damaged PNM header");
    refused("\x89PNG\r\n\x1a\n....", 12, "damaged PNG");
    static const unsigned char grey[] = {1, 2};
    struct lethe_bytes bytes;
    put_png("grey.png", PNG_FORMAT_GRAY, grey);
    char *path = place("grey.png");
    assert_int_equal(lethe_file_read(&bytes, path, 1 << 20, NULL), LETHE_OK);
    refused((char *)bytes.data, bytes.size / 2, "damaged PNG");
    lethe_free(bytes.data);
    lethe_free(path);
}

static void pictures_of_different_size_are_named(void **state)
{
    (void)state;
    struct lethe_dataset *data;
    struct lethe_error err;
    put("mixed/a/1.pgm", "P5 1 2 255\n\1\2", 13);
    put("mixed/a/2.pgm", "P5 2 1 255\n\1\2", 13);
    assert_int_equal(load(&data, "mixed", (struct lethe_data_source){0}, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "2.pgm has 1 x 2 pixels of 1 channels, the first"));
    char *empty = place("empty/x/y");
    assert_int_equal(load(&data, "empty", (struct lethe_data_source){0}, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "has no pictures in folders of classes"));
    lethe_free(empty);
    assert_int_equal(load(&data, "mixed", (struct lethe_data_source){.format = "csv"}, &err),
                     LETHE_EARG);
    assert_int_equal(
        load(&data, "mixed/a/1.pgm", (struct lethe_data_source){.format = "images"}, &err),
        LETHE_EARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_are_classes_in_order),
        cmocka_unit_test(damaged_pictures_are_refused),
        cmocka_unit_test(pictures_of_different_size_are_named),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
