/* SPDX-License-Identifier: MIT
 * Data as people have them: labels by name, one-hot or from 1 on, half precision, missing values,
 * decimal commas, archives with pairs of members, folders with halves, pictures of several kinds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/file.h"
#include "lethe/load.h"
#include "tests/support/folder.h"

static char *put_text(const char *name, const char *text)
{
    return put_file(name, text, strlen(text));
}

/* An NPY file of elements `descr`. */
static char *put_npy(const char *name, const char *descr, const char *shape, const void *body,
                     size_t size)
{
    unsigned char bytes[2048] = "\x93NUMPY\1\0";
    int n = sprintf((char *)bytes + 10,
                    "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }\n", descr, shape);
    bytes[8] = (unsigned char)n;
    bytes[9] = 0;
    memcpy(bytes + 10 + n, body, size);
    return put_file(name, bytes, 10 + (size_t)n + size);
}

static struct lethe_dataset *load(struct lethe_data_source source)
{
    struct lethe_dataset *data = NULL;
    struct lethe_error err = {0};
    if (lethe_dataset_load(&data, &source, &err))
        fail_msg("%s", err.message);
    return data;
}

static void refused(struct lethe_data_source source, const char *part)
{
    struct lethe_dataset *data = NULL;
    struct lethe_error err = {0};
    if (!lethe_dataset_load(&data, &source, &err))
        fail_msg("loaded, though '%s' was expected", part);
    if (!strstr(err.message, part))
        fail_msg("'%s' lacks '%s'", err.message, part);
}

static void sample(double *x, const struct lethe_dataset *data, size_t id)
{
    lethe_dataset_batch(data, x, NULL, &id, 1);
}

static int notes(const struct lethe_dataset *data, const char *part)
{
    const char *note;
    for (size_t i = 0; (note = lethe_dataset_note(data, i)); i++)
        if (strstr(note, part))
            return 1;
    return 0;
}

/* ---- arrays ---------------------------------------------------------------------------------- */

static void elements_of_other_widths_are_read(void **state)
{
    (void)state;
    const uint16_t halves[4] = {0x3c00, 0xc000, 0x0001, 0x7bff};
    const uint16_t small[4] = {1, 65535, 0, 2};
    const uint64_t large[2] = {UINT64_MAX, 1};
    struct lethe_array array;
    struct lethe_error err = {0};
    char *path = put_npy("h.npy", "<f2", "2, 2", halves, sizeof halves);
    assert_int_equal(lethe_array_read(&array, path, &err), LETHE_OK);
    const double want[4] = {1, -2, ldexp(1, -24), 65504};
    for (size_t i = 0; i < 4; i++)
        assert_true(lethe_array_get(&array, i) == want[i]);
    lethe_array_release(&array);
    lethe_free(path);
    path = put_npy("u.npy", "<u2", "4,", small, sizeof small);
    assert_int_equal(lethe_array_read(&array, path, &err), LETHE_OK);
    assert_true(lethe_array_get(&array, 1) == 65535);
    lethe_array_release(&array);
    lethe_free(path);
    path = put_npy("b.npy", "<u8", "2,", large, sizeof large);
    assert_int_equal(lethe_array_read(&array, path, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "beyond 2^63"));
    lethe_free(path);
}

static void labels_by_name(void **state)
{
    (void)state;
    const double xs[3] = {1, 2, 3};
    const uint32_t wide[9] = {'d', 'o', 'g', 0xe4, 0, 0, 'd', 'o', 'g'};
    char *x = put_npy("x.npy", "<f8", "3, 1", xs, sizeof xs);
    char *y = put_npy("y.npy", "<U3", "3,", wide, sizeof wide);
    char *s = put_npy("s.npy", "|S2", "3,",
                      "7\0"
                      "3\0"
                      "7\0",
                      6);
    struct lethe_dataset *data = load((struct lethe_data_source){.path = x, .labels = y});
    assert_int_equal(lethe_dataset_classes(data), 2);
    assert_string_equal(lethe_dataset_class_name(data, 0), "dog");
    assert_string_equal(lethe_dataset_class_name(data, 1), "\xc3\xa4");
    assert_int_equal(lethe_dataset_label(data, 1), 1);
    lethe_dataset_unref(data);
    data = load((struct lethe_data_source){.path = x, .labels = s}); /* numbers in quotes */
    assert_int_equal(lethe_dataset_label(data, 1), 3);
    lethe_dataset_unref(data);
    static const char *const names[] = {"cat", "dog"};
    refused(
        (struct lethe_data_source){
            .path = x, .labels = y, .class_names = names, .class_name_count = 2},
        "is none of the 2 declared");
    lethe_free(x);
    lethe_free(y);
    lethe_free(s);
}

static void labels_in_rows(void **state)
{
    (void)state;
    const double xs[2] = {1, 2};
    const float hot[6] = {0, 0, 1, 1, 0, 0}, many[6] = {0, 1, 1, 1, 0, 0},
                soft[6] = {0.2f, 0.8f, 0, 1, 0, 0};
    const double reals[2] = {0.5, 1};
    char *x = put_npy("x.npy", "<f8", "2, 1", xs, sizeof xs);
    char *y = put_npy("hot.npy", "<f4", "2, 3", hot, sizeof hot);
    struct lethe_dataset *data = load((struct lethe_data_source){.path = x, .labels = y});
    assert_int_equal(lethe_dataset_label(data, 0), 2);
    assert_int_equal(lethe_dataset_label(data, 1), 0);
    lethe_dataset_unref(data);
    lethe_free(y);
    y = put_npy("many.npy", "<f4", "2, 3", many, sizeof many);
    refused((struct lethe_data_source){.path = x, .labels = y}, "multi-label");
    lethe_free(y);
    y = put_npy("soft.npy", "<f4", "2, 3", soft, sizeof soft);
    refused((struct lethe_data_source){.path = x, .labels = y}, "soft labels");
    lethe_free(y);
    y = put_npy("reals.npy", "<f8", "2,", reals, sizeof reals);
    refused((struct lethe_data_source){.path = x, .labels = y}, "regression");
    lethe_free(x);
    lethe_free(y);
}

static void gaps_between_labels_are_said(void **state)
{
    (void)state;
    char *path = put_text("g.csv", "a,label\n1,0\n2,2\n3,5\n");
    struct lethe_dataset *data = load((struct lethe_data_source){.path = path});
    assert_int_equal(lethe_dataset_classes(data), 6);
    assert_true(notes(data, "3 of the numbers before it have no samples (the first: 1)"));
    lethe_dataset_unref(data);
    data = load((struct lethe_data_source){.path = path, .classes = 6}); /* meant so */
    assert_false(notes(data, "no samples"));
    lethe_dataset_unref(data);
    lethe_free(path);
}

static void labels_from_one_on(void **state)
{
    (void)state;
    char *path = put_text("l.csv", "a,label\n1,1\n2,3.0\n3,2\n");
    struct lethe_dataset *data = load((struct lethe_data_source){.path = path});
    assert_int_equal(lethe_dataset_classes(data), 4);
    assert_true(notes(data, "say first_label=1"));
    lethe_dataset_unref(data);
    data = load((struct lethe_data_source){.path = path, .first_label = 1});
    assert_int_equal(lethe_dataset_classes(data), 3);
    assert_int_equal(lethe_dataset_label(data, 1), 2);
    lethe_dataset_unref(data);
    refused((struct lethe_data_source){.path = path, .first_label = 2}, "below first_label 2");
    lethe_free(path);
    path = put_text("r.csv", "a,label\n1,0.0\n2,1.5\n3,1.0\n");
    refused((struct lethe_data_source){.path = path}, "regression");
    lethe_free(path);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static void missing_values_are_filled_or_left_out(void **state)
{
    (void)state;
    char *path = put_text("m.csv", "a,b,label\n1,4,0\nNA,6,1\n4,?,0\n10,8,1\n");
    char *held = put_text("t.csv", "a,b,label\n,NaN,0\n");
    double x[4];
    refused((struct lethe_data_source){.path = path}, "say missing=drop, mean, median or column");
    refused((struct lethe_data_source){.path = path, .missing = "zero"}, "are known");
    struct lethe_dataset *data = load((struct lethe_data_source){.path = path, .missing = "mean"});
    sample(x, data, 1);
    assert_true(x[0] == 5 && x[1] == 6);
    assert_true(notes(data, "2 missing values in 2 columns filled by the column's mean"));
    struct lethe_dataset *other =
        load((struct lethe_data_source){.path = held, .missing = "mean", .like = data});
    sample(x, other, 0);
    assert_true(x[0] == 5 && x[1] == 6); /* the training means */
    lethe_dataset_unref(other);
    lethe_dataset_unref(data);
    data = load((struct lethe_data_source){.path = path, .missing = "median"});
    sample(x, data, 1);
    assert_true(x[0] == 4);
    lethe_dataset_unref(data);
    data = load((struct lethe_data_source){.path = path, .missing = "column"});
    assert_int_equal(lethe_dataset_width(data), 4);
    sample(x, data, 2);
    assert_true(x[0] == 4 && x[1] == 0 && x[2] == 6 && x[3] == 1);
    lethe_dataset_unref(data);
    data = load((struct lethe_data_source){.path = path, .missing = "drop"});
    assert_int_equal(lethe_dataset_count(data), 2);
    assert_int_equal(lethe_dataset_label(data, 1), 1);
    assert_true(notes(data, "2 rows with missing values were left out"));
    lethe_dataset_unref(data);
    lethe_free(path);
    lethe_free(held);
}

static void tables_of_other_places(void **state)
{
    (void)state;
    double x[3];
    char *path = put_text("c.csv", "a;b;label\n5,1;-0,25;ja\n1,5e2;3;nein\n");
    struct lethe_dataset *data = load((struct lethe_data_source){.path = path});
    sample(x, data, 0);
    assert_true(x[0] == 5.1 && x[1] == -0.25);
    sample(x, data, 1);
    assert_true(x[0] == 150);
    assert_true(notes(data, "decimal comma"));
    lethe_dataset_unref(data);
    lethe_free(path);
    path = put_text("cr.csv", "a,label\r1,0\r2,1\r");
    data = load((struct lethe_data_source){.path = path});
    assert_int_equal(lethe_dataset_count(data), 2);
    lethe_dataset_unref(data);
    lethe_free(path);
    char dates[8000] = "day,label\n";
    for (int i = 0; i < 150; i++)
        sprintf(dates + strlen(dates), "2020-%02d-%02d,0\n", i / 28 + 1, i % 28 + 1);
    path = put_text("d.csv", dates);
    refused((struct lethe_data_source){.path = path}, "column 'day' has more than 100");
    refused((struct lethe_data_source){.path = path}, "dates or times");
    data = load((struct lethe_data_source){.path = path, .most_words = 200});
    assert_int_equal(lethe_dataset_width(data), 150);
    lethe_dataset_unref(data);
    lethe_free(path);
}

static void columns_can_be_left_out(void **state)
{
    (void)state;
    static const char *const drop[] = {"", "b"}, *const label[] = {"label"};
    char text[2000] = ",a,b,label\n";
    for (int i = 0; i < 20; i++)
        sprintf(text + strlen(text), "%d,%d,w%d,%d\n", i, i * i % 7, i, i % 2);
    char *path = put_text("i.csv", text);
    struct lethe_dataset *data = load((struct lethe_data_source){.path = path});
    assert_true(notes(data, "column 0 counts the rows"));
    assert_true(notes(data, "drop_columns=0"));
    lethe_dataset_unref(data);
    data = load((struct lethe_data_source){.path = path, .drop_columns = drop, .drop_count = 2});
    assert_int_equal(lethe_dataset_width(data), 1);
    assert_null(lethe_dataset_note(data, 0));
    lethe_dataset_unref(data);
    refused((struct lethe_data_source){.path = path, .drop_columns = label, .drop_count = 1},
            "cannot be left out");
    lethe_free(path);
}

/* A line of 5 million fields, and a file that shrinks a hundred million bytes of them to little:
 * refused before memory. */
static void traps_are_refused(void **state)
{
    (void)state;
    size_t size = 5000000;
    char *commas = malloc(size);
    memset(commas, ',', size);
    char *path = put_file("wide.csv", commas, size);
    refused((struct lethe_data_source){.path = path}, "more than 1048576 fields");
    lethe_free(path);
    path = lethe_path_join(folder, "bomb.csv.gz");
    gzFile bomb = gzopen(path, "wb");
    for (int i = 0; i < 20; i++)
        assert_true(gzwrite(bomb, commas, (unsigned)size) > 0);
    assert_int_equal(gzclose(bomb), Z_OK);
    refused((struct lethe_data_source){.path = path}, "grows more than 150-fold");
    lethe_free(path);
    free(commas);
}

/* ---- archives, other programs ---------------------------------------------------------------- */

static void archives_with_pairs(void **state)
{
    (void)state;
    double a[4] = {1, 2, 3, 4}, b[2] = {5, 6};
    int64_t ya[2] = {0, 1}, yb[1] = {1};
    struct lethe_npz_member members[] = {
        {"train_images", {LETHE_DOUBLE, 2, {2, 2}, 4, a, NULL, NULL, 0}},
        {"train_labels", {LETHE_I64, 2, {2, 1}, 2, ya, NULL, NULL, 0}},
        {"test_images", {LETHE_DOUBLE, 2, {1, 2}, 2, b, NULL, NULL, 0}},
        {"test_labels", {LETHE_I64, 2, {1, 1}, 1, yb, NULL, NULL, 0}}};
    char *path = lethe_path_join(folder, "p.npz"), member[128];
    double x[2];
    assert_int_equal(lethe_npz_write(path, members, 4, NULL), LETHE_OK);
    const struct lethe_data_source source = {.path = path};
    assert_true(lethe_source_has_heldout(&source));
    struct lethe_dataset *data = load(source);
    assert_int_equal(lethe_dataset_count(data), 2);
    struct lethe_dataset *other = load((struct lethe_data_source){.path = path, .like = data});
    sample(x, other, 0);
    assert_true(x[1] == 6 && lethe_dataset_label(other, 0) == 1);
    lethe_dataset_unref(other);
    lethe_dataset_unref(data);
    snprintf(member, sizeof member, "%s:test_images", path);
    data = load((struct lethe_data_source){.path = member});
    assert_int_equal(lethe_dataset_count(data), 1);
    lethe_dataset_unref(data);
    snprintf(member, sizeof member, "%s:images", path);
    refused((struct lethe_data_source){.path = member, .labels = "none"},
            "its members are 'train_images', 'train_labels'");
    lethe_free(path);
}

static void other_programs_files_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *said;
        size_t size;
    } files[] = {{"PAR1abcd", "a Parquet file", 8},
                 {"ARROW1\0\0", "an Arrow (Feather) file", 8},
                 {"\x89HDF\r\n", "an HDF5 file", 6},
                 {"\x80\4\x95zz", "a Python pickle", 5},
                 {"@relation iris\n", "an ARFF (Weka) file", 15}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = put_file("foreign", files[i].bytes, files[i].size);
        refused((struct lethe_data_source){.path = path}, files[i].said);
        refused((struct lethe_data_source){.path = path}, "python3 -c");
        lethe_free(path);
    }
    char *path = put_file("excel.csv",
                          "\xff\xfe"
                          "a\0,\0",
                          6);
    refused((struct lethe_data_source){.path = path}, "text in UTF-16");
    refused((struct lethe_data_source){.path = path}, "iconv -f UTF-16");
    lethe_free(path);
}

static void cifar_of_a_hundred(void **state)
{
    (void)state;
    enum { RECORD = 2 + LETHE_ARRAY_DIMS * 384 };
    unsigned char *bytes = calloc(3, RECORD);
    for (int i = 0; i < 3; i++) {
        bytes[i * RECORD] = (unsigned char)(19 - i);
        bytes[i * RECORD + 1] = (unsigned char)(90 + i);
        bytes[i * RECORD + 2] = (unsigned char)(200 + i);
    }
    char *path = put_file("train.bin", bytes, 3 * RECORD);
    struct lethe_dataset *data = load((struct lethe_data_source){.path = path, .classes = 100});
    double *x = malloc(lethe_dataset_width(data) * sizeof *x);
    assert_int_equal(lethe_dataset_count(data), 3);
    assert_int_equal(lethe_dataset_label(data, 2), 92);
    assert_int_equal(lethe_dataset_group(data, 2), 17);
    sample(x, data, 1);
    assert_true(x[0] == 201);
    lethe_dataset_unref(data);
    free(x);
    free(bytes);
    lethe_free(path);
}

/* ---- pictures -------------------------------------------------------------------------------- */

static void put_picture(const char *name, const char *bytes, size_t size)
{
    lethe_free(put_file(name, bytes, size));
}

static void pictures_are_made_alike(void **state)
{
    (void)state;
    char *path = lethe_path_join(folder, "mixed");
    double x[12];
    put_picture("mixed/cat/1.pgm", "P5 2 1 255\n\x0a\x64", 13);
    put_picture("mixed/dog/2.ppm", "P6 2 1 255\n\xff\0\0\0\xff\0", 17);
    put_picture("mixed/dog/notes", "no picture", 10);
    refused((struct lethe_data_source){.path = path}, "channels=3 or channels=1");
    struct lethe_data_source source = {.path = path, .normalize.colours = 3};
    struct lethe_dataset *data = load(source);
    assert_int_equal(lethe_dataset_width(data), 6);
    sample(x, data, 0);
    assert_true(x[0] == 10 && x[2] == 10 && x[5] == 100);
    assert_true(notes(data, "is no picture and was left out"));
    lethe_dataset_unref(data);
    source.normalize.colours = 1;
    data = load(source);
    sample(x, data, 1);
    assert_true(x[0] == 76 && x[1] == 150); /* .299 and .587 of 255 */
    lethe_dataset_unref(data);
    put_picture("mixed/dog/3.pgm", "P5 1 2 255\n\x0a\x64", 13);
    refused(source, "say resize=ROWS,COLUMNS");
    source.normalize.resize[0] = source.normalize.resize[1] = 2;
    data = load(source);
    assert_int_equal(lethe_dataset_width(data), 4);
    lethe_dataset_unref(data);
    lethe_free(path);
}

static void folders_with_halves(void **state)
{
    (void)state;
    char *path = lethe_path_join(folder, "halves");
    put_picture("halves/train/cat/1.pgm", "P5 1 1 255\n\x0a", 12);
    put_picture("halves/train/dog/1.pgm", "P5 1 1 255\n\x0b", 12);
    put_picture("halves/test/dog/1.pgm", "P5 1 1 255\n\x0b", 12);
    const struct lethe_data_source source = {.path = path};
    assert_true(lethe_source_has_heldout(&source));
    struct lethe_dataset *data = load(source);
    assert_int_equal(lethe_dataset_count(data), 2);
    static const char *const names[] = {"cat", "dog"};
    struct lethe_dataset *other = load((struct lethe_data_source){
        .path = path, .like = data, .class_names = names, .class_name_count = 2});
    assert_int_equal(lethe_dataset_count(other), 1);
    assert_int_equal(lethe_dataset_label(other, 0), 1);
    size_t first = 9;
    assert_int_equal(lethe_dataset_shared(data, other, &first), 1);
    assert_int_equal(first, 0);
    lethe_dataset_unref(other);
    lethe_dataset_unref(data);
    lethe_free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_of_other_widths_are_read),
        cmocka_unit_test(labels_by_name),
        cmocka_unit_test(labels_in_rows),
        cmocka_unit_test(gaps_between_labels_are_said),
        cmocka_unit_test(labels_from_one_on),
        cmocka_unit_test(missing_values_are_filled_or_left_out),
        cmocka_unit_test(tables_of_other_places),
        cmocka_unit_test(columns_can_be_left_out),
        cmocka_unit_test(traps_are_refused),
        cmocka_unit_test(archives_with_pairs),
        cmocka_unit_test(other_programs_files_are_named),
        cmocka_unit_test(cifar_of_a_hundred),
        cmocka_unit_test(pictures_are_made_alike),
        cmocka_unit_test(folders_with_halves),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
