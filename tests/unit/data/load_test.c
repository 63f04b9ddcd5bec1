/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "data/loading.h"
#include "lethe/bundle.h"
#include "tests/support/folder.h"

/* Loads text as a file of this name with the rest of the source as given. */
static enum lethe_err load(struct lethe_dataset **data, const char *name, const char *text,
                           struct lethe_data_source source, struct lethe_error *err)
{
    char *path = put_file(name, text, strlen(text));
    source.path = path;
    enum lethe_err code = lethe_dataset_load(data, &source, err);
    lethe_free(path);
    return code;
}

static void refused(const char *text, struct lethe_data_source source, const char *words)
{
    struct lethe_dataset *data;
    struct lethe_error err = {0};
    enum lethe_err code = load(&data, "x.csv", text, source, &err);
    if (code != LETHE_EFORMAT && code != LETHE_EARG)
        fail_msg("code %d for '%s'", code, words);
    if (!strstr(err.message, words))
        fail_msg("'%s' lacks '%s'", err.message, words);
}

static void tables_find_labels_and_groups(void **state)
{
    (void)state;
    struct lethe_dataset *data;
    struct lethe_error err;
    assert_int_equal(load(&data, "a.csv", "x,label,group,z\n1,3,0,4\n2,0,2,5\n",
                          (struct lethe_data_source){0}, &err),
                     LETHE_OK);
    assert_int_equal(lethe_dataset_width(data), 2);
    assert_int_equal(lethe_dataset_classes(data), 4);
    assert_int_equal(lethe_dataset_label(data, 0), 3);
    assert_int_equal(lethe_dataset_group(data, 1), 2);
    assert_int_equal(lethe_dataset_groups(data), 3);
    assert_null(lethe_dataset_class_name(data, 0));
    double x[2];
    lethe_dataset_batch(data, x, NULL, (size_t[]){1}, 1);
    assert_true(x[0] == 2 && x[1] == 5);
    lethe_dataset_unref(data);
    /* one column may be both: the last is the label where none is named */
    const struct lethe_data_source plain = {0}, both = {.label_column = "0", .group_column = "0"};
    assert_int_equal(load(&data, "g.csv", "x,job,group\n1,cook,0\n2,maid,2\n", plain, &err),
                     LETHE_OK);
    assert_int_equal(lethe_dataset_width(data), 3);
    assert_int_equal(lethe_dataset_label(data, 1), 2);
    assert_int_equal(lethe_dataset_group(data, 1), 2);
    lethe_dataset_unref(data);
    assert_int_equal(load(&data, "h.csv", "1,4,5\n0,2,3\n", both, &err), LETHE_OK);
    assert_int_equal(lethe_dataset_width(data), 2);
    double row[2];
    lethe_dataset_batch(data, row, NULL, (size_t[]){1}, 1);
    assert_true(row[0] == 2 && row[1] == 3);
    lethe_dataset_unref(data);
    /* no header, letters first: sorted names */
    assert_int_equal(load(&data, "b.csv", "T,2,8\nA,3,9\nT,4,7\n",
                          (struct lethe_data_source){.label_column = "0"}, &err),
                     LETHE_OK);
    assert_int_equal(lethe_dataset_count(data), 3);
    assert_string_equal(lethe_dataset_class_name(data, 1), "T");
    assert_int_equal(lethe_dataset_label(data, 1), 0);
    lethe_dataset_unref(data);
    /* declared names decide the numbers */
    static const char *const names[] = {"T", "A", "B"};
    assert_int_equal(load(&data, "c.csv", "T,2,8\nA,3,9\n",
                          (struct lethe_data_source){
                              .label_column = "0", .class_names = names, .class_name_count = 3},
                          &err),
                     LETHE_OK);
    assert_int_equal(lethe_dataset_label(data, 0), 0);
    assert_int_equal(lethe_dataset_classes(data), 3);
    lethe_dataset_unref(data);
}

/* Words become columns of 0 and 1 in sorted order, held-out samples by those of the training file.
 */
static void columns_of_words_are_spread_out(void **state)
{
    (void)state;
    struct lethe_dataset *data, *other;
    struct lethe_error err;
    double x[5];
    assert_int_equal(load(&data, "w.csv",
                          "size,colour,job,label\n1,red,?,0\n2,blue,?,1\n3,red,cook,1\n",
                          (struct lethe_data_source){0}, &err),
                     LETHE_OK);
    assert_int_equal(lethe_dataset_width(data), 5); /* size, blue, red, ?, cook */
    lethe_dataset_batch(data, x, NULL, (size_t[]){1}, 1);
    assert_memory_equal(x, ((double[]){2, 1, 0, 1, 0}), sizeof x);
    lethe_dataset_batch(data, x, NULL, (size_t[]){2}, 1);
    assert_memory_equal(x, ((double[]){3, 0, 1, 0, 1}), sizeof x);
    assert_int_equal(load(&other, "v.csv", "size,colour,job,label\n7,green,cook,0\n8,red,?,1\n",
                          (struct lethe_data_source){.like = data}, &err),
                     LETHE_OK);
    lethe_dataset_batch(other, x, NULL, (size_t[]){0}, 1);
    assert_memory_equal(x, ((double[]){7, 0, 0, 0, 1}), sizeof x);
    lethe_dataset_unref(other);
    refused("size,colour,label\n7,green,0\n", (struct lethe_data_source){.like = data},
            "has 2 columns, the training samples have 3");
    lethe_dataset_unref(data);
    /* a word among numbers is a mistake, not a category */
    refused("a,b,label\nx,1,0\ny,z,1\n", (struct lethe_data_source){0}, "'z' is no finite number");
    char many[20000] = "word,label\n";
    for (int i = 0; i < 1100; i++)
        sprintf(many + strlen(many), "w%d,0\n", i);
    refused(many, (struct lethe_data_source){0},
            "more than 100 different words ('w100' in line 102): names or ids");
}

static void tables_refuse_by_line_and_column(void **state)
{
    (void)state;
    static const char *const names[] = {"cat", "dog"};
    const struct lethe_data_source none = {0};
    refused("a,label\n1,2\nx,0\n", none, "line 3, column 1: 'x' is no finite number");
    refused("a,label\n1,2\n,0\n", none, "line 3, column 1: the value is missing ('')");
    refused("a,label\ninf,2\n", none, "line 2, column 1");
    refused("a,label\n1,\n", none, "line 2 has no label");
    refused("a,label\n1,2\n1,2,3\n", none, "line 3 has 3 fields, the first has 2");
    refused("a,label\n", none, "a header line but no rows");
    refused("1\n2\n", none, "1 column leaves nothing beside label");
    refused("a,b\n1,2\n", (struct lethe_data_source){.label_column = "kind"}, "no column 'kind'");
    refused("1,2\n1,2\n", (struct lethe_data_source){.label_column = "2"}, "it has 2 columns");
    refused("a,label\n1,fox\n",
            (struct lethe_data_source){.class_names = names, .class_name_count = 2},
            "the label 'fox' is none of the 2 declared");
    refused("a,label\n1,7\n", (struct lethe_data_source){.classes = 3},
            "the label of sample 0 is 7, but there are 3 classes");
    refused("a,label\n1,7\n", (struct lethe_data_source){.format = "xml"},
            "known are idx, npy, npz, csv");
    refused("1,2\n3,4\n", (struct lethe_data_source){.format = "cifar"},
            "8 bytes are not whole CIFAR-10 records");
    refused("1,2\n3,4\n", (struct lethe_data_source){.format = "text"}, "needs a vocabulary file");
    refused("1,2\n3,4\n", (struct lethe_data_source){.first = 2}, "samples 2:2 do not exist");
}

static void counts_of_two_files_must_agree(void **state)
{
    (void)state;
    char *x = put_file("x.idx", "\0\0\x08\2\0\0\0\2\0\0\0\3\1\2\3\4\5\6", 18);
    char *y = put_file("y.idx", "\0\0\x08\1\0\0\0\3\0\1\2", 11);
    struct lethe_dataset *data;
    struct lethe_error err;
    struct lethe_data_source source = {.path = x, .labels = y};
    assert_int_equal(lethe_dataset_load(&data, &source, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "x.idx has 2 samples, "));
    assert_non_null(strstr(err.message, "y.idx has 3 labels"));
    source.labels = NULL;
    assert_int_equal(lethe_dataset_load(&data, &source, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "name the file of labels"));
    lethe_free(x);
    lethe_free(y);
}

static void cifar_records_are_split(void **state)
{
    (void)state;
    static unsigned char records[2 * 3073];
    records[0] = 7;
    records[1] = 11;
    records[3073] = 2;
    records[2 * 3073 - 1] = 255;
    char *path = put_file("batch.bin", records, sizeof records);
    struct lethe_dataset *data;
    struct lethe_error err;
    struct lethe_data_source source = {.path = path, .normalize.scale = 255};
    assert_int_equal(lethe_dataset_load(&data, &source, &err), LETHE_OK);
    assert_int_equal(lethe_dataset_count(data), 2);
    assert_int_equal(lethe_dataset_ndim(data), 3);
    assert_int_equal(lethe_dataset_label(data, 0), 7);
    assert_int_equal(lethe_dataset_label(data, 1), 2);
    static double x[2 * 3072];
    lethe_dataset_batch(data, x, NULL, (size_t[]){0, 1}, 2);
    assert_true(x[0] == 11.0 / 255 && x[2 * 3072 - 1] == 1);
    lethe_dataset_unref(data);
    lethe_free(path);
}

/* Loads records of CIFAR with names beside them in the way of the archives. */
static struct lethe_dataset *beside(const char *path, const char *name, const char *text)
{
    struct lethe_dataset *data;
    struct lethe_error err;
    struct lethe_data_source source = {.path = path};
    char *names = put_file(name, text, strlen(text));
    assert_int_equal(lethe_dataset_load(&data, &source, &err), LETHE_OK);
    remove(names);
    lethe_free(names);
    return data;
}

static void cifar_names_stand_beside(void **state)
{
    (void)state;
    static unsigned char records[6148];
    static char fine[1024], coarse[512];
    records[0] = 3; /* one label each, 3073 bytes; two labels each, 3074 */
    char *path = put_file("ten.bin", records, 3073);
    const char *ten = "airplane\r\ncar\nbird \ncat\ndeer\ndog\nfrog\nhorse\nship\nbig truck\n\n";
    struct lethe_dataset *data = beside(path, "batches.meta.txt", ten);
    assert_int_equal(lethe_dataset_classes(data), 10);
    assert_string_equal(lethe_dataset_class_name(data, 0), "airplane");
    assert_string_equal(lethe_dataset_class_name(data, 2), "bird");
    assert_string_equal(lethe_dataset_class_name(data, 9), "big truck");
    lethe_dataset_unref(data);
    /* one name twice, one line too few: numbers stay, and it is said */
    const char *bad[2] = {"a\na\nb\nc\nd\ne\nf\ng\nh\ni\n", "a\nb\nc\nd\ne\nf\ng\nh\ni\n"};
    for (size_t i = 0; i < 2; i++) {
        data = beside(path, "batches.meta.txt", bad[i]);
        assert_int_equal(lethe_dataset_classes(data), 4);
        assert_null(lethe_dataset_class_name(data, 3));
        assert_non_null(strstr(lethe_dataset_note(data, 0), "does not hold 10 different names"));
        lethe_dataset_unref(data);
    }
    /* labels above those that are named */
    records[0] = 11;
    lethe_free(path);
    path = put_file("more.bin", records, 3073);
    data = beside(path, "batches.meta.txt", ten);
    assert_int_equal(lethe_dataset_classes(data), 12);
    assert_null(lethe_dataset_class_name(data, 3));
    lethe_dataset_unref(data);
    lethe_free(path);
    for (size_t i = 0; i < 100; i++)
        sprintf(fine + strlen(fine), "fine_%zu\n", i);
    for (size_t i = 0; i < 20; i++)
        sprintf(coarse + strlen(coarse), "coarse_%zu\n", i);
    records[0] = 19;
    records[1] = 42;
    path = put_file("hundred.bin", records, 6148);
    char *other = put_file("coarse_label_names.txt", coarse, strlen(coarse));
    data = beside(path, "fine_label_names.txt", fine);
    assert_int_equal(lethe_dataset_classes(data), 100);
    assert_string_equal(lethe_dataset_class_name(data, (size_t)lethe_dataset_label(data, 0)),
                        "fine_42");
    assert_string_equal(lethe_dataset_group_name(data, (size_t)lethe_dataset_group(data, 0)),
                        "coarse_19");
    lethe_dataset_unref(data);
    remove(other);
    lethe_free(other);
    lethe_free(path);
}

static void npz_members_are_found_by_name(void **state)
{
    (void)state;
    double values[6] = {1, 2, 3, 4, 5, 6};
    int64_t labels[2] = {1, 0};
    struct lethe_npz_member members[] = {
        {"y", {LETHE_I64, 1, {2}, 2, labels, NULL, NULL, 0}},
        {"x", {LETHE_DOUBLE, 2, {2, 3}, 6, values, NULL, NULL, 0}},
    };
    char *path = lethe_path_join(folder, "d.npz");
    struct lethe_dataset *data;
    struct lethe_error err;
    assert_int_equal(lethe_npz_write(path, members, 2, &err), LETHE_OK);
    struct lethe_data_source source = {.path = path};
    assert_int_equal(lethe_dataset_load(&data, &source, &err), LETHE_OK);
    assert_int_equal(lethe_dataset_label(data, 0), 1);
    double x[3];
    lethe_dataset_batch(data, x, NULL, (size_t[]){1}, 1);
    assert_true(x[2] == 6);
    lethe_dataset_unref(data);
    assert_int_equal(lethe_npz_write(path, members + 1, 1, &err), LETHE_OK);
    assert_int_equal(lethe_dataset_load(&data, &source, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "which members are samples and labels"));
    /* samples and labels in archives of their own: the only member, or which it has */
    char *apart = lethe_path_join(folder, "l.npz");
    source.labels = apart;
    assert_int_equal(lethe_npz_write(apart, members, 1, &err), LETHE_OK);
    assert_int_equal(lethe_dataset_load(&data, &source, &err), LETHE_OK);
    assert_int_equal(lethe_dataset_label(data, 0), 1);
    lethe_dataset_unref(data);
    assert_int_equal(lethe_npz_write(apart, members, 2, &err), LETHE_OK);
    assert_int_equal(lethe_dataset_load(&data, &source, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "l.npz: which of its members? It has 'y', 'x'"));
    members[0].name = "spam";
    members[1].name = "eggs";
    assert_int_equal(lethe_npz_write(path, members, 2, &err), LETHE_OK);
    assert_int_equal(lethe_dataset_load(&data, &source, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "are the samples? It has 'spam', 'eggs'"));
    lethe_free(apart);
    lethe_free(path);
}

static void text_becomes_tokens(void **state)
{
    (void)state;
    static const char text[] = "label\tgroup\ttext\n"
                               "1\t0\tCard-42: \"x\xC2\xA0y\"\n"
                               "0\t3\tcard \xE2\x82\xAC unheard of\n";
    char *vocabulary = put_file("vocab.txt", "[pad]\n[unk]\ncard\n42\n-\n\xE2\x82\xAC\n\"\n", 28);
    struct lethe_dataset *data;
    struct lethe_error err = {0};
    const struct lethe_data_source source = {.vocabulary = vocabulary, .length = 6};
    if (load(&data, "t.tsv", text, source, &err))
        fail_msg("%s", err.message);
    static const double expected[] = {2, 4, 3, 1, 6, 1, 2, 5, 1, 1, 0, 0};
    double x[12];
    lethe_dataset_batch(data, x, NULL, (size_t[]){0, 1}, 2);
    for (int i = 0; i < 12; i++)
        assert_true(x[i] == expected[i]);
    assert_int_equal(lethe_dataset_group(data, 1), 3);
    lethe_dataset_unref(data);
    lethe_free(vocabulary);
    vocabulary = put_file("vocab.txt", "[pad]\n[unk]\n[pad]\n", 18);
    struct lethe_words words;
    assert_int_equal(lethe_words_read(&words, vocabulary, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "line 3 repeats line 1"));
    lethe_free(vocabulary);
}

static void the_samples_are_as_described(void **state)
{
    (void)state;
    static const char *const bundles[] = {"sample_models/digits-logreg", "sample_models/digits-mlp",
                                          "sample_models/digits-mlp-mislabelled"};
    for (int i = 0; i < 3; i++) {
        struct lethe_bundle *bundle;
        struct lethe_dataset *train, *heldout;
        struct lethe_error err;
        assert_int_equal(lethe_bundle_load(&bundle, bundles[i], &err), LETHE_OK);
        assert_int_equal(lethe_bundle_data(&train, &heldout, bundle, &err), LETHE_OK);
        assert_int_equal(lethe_dataset_count(train), 1437);
        assert_int_equal(lethe_dataset_count(heldout), 360);
        assert_int_equal(lethe_dataset_width(train), 64);
        assert_int_equal(lethe_dataset_classes(train), 10);
        size_t wrong = 0;
        for (size_t k = 0; k < 1437; k++)
            wrong += lethe_dataset_label(train, k) != lethe_dataset_true_label(train, k);
        assert_int_equal(wrong, i == 2 ? 144 : 0);
        assert_int_equal(bundle->generated.count, i == 2 ? 144 : 0);
        double x[64], sum = 0;
        lethe_dataset_batch(train, x, NULL, (size_t[]){0}, 1);
        for (int k = 0; k < 64; k++)
            sum += x[k];
        assert_true(sum == 294.0 / 16); /* the first digit, a 0 */
        assert_int_equal(lethe_dataset_true_label(train, 0), 0);
        lethe_dataset_unref(train);
        lethe_dataset_unref(heldout);
        lethe_bundle_free(bundle);
    }
}

#define SHARED "../shared/data/"

static void the_tokenizer_agrees_with_the_published_input(void **state)
{
    (void)state;
    static const char pb[] = "../shared/models/text-transformer/"
                             "test_data_banking77-transformer/input_0.pb";
    if (!lethe_file_exists(pb)) {
        printf("skipped: %s is not here\n", pb);
        return;
    }
    struct lethe_data_source source = {.path = SHARED "banking77/test.tsv.gz",
                                       .vocabulary = "../shared/models/text-transformer/vocab.txt",
                                       .length = 32};
    struct lethe_dataset *data;
    struct lethe_error err;
    struct lethe_bytes bytes;
    assert_int_equal(lethe_dataset_load(&data, &source, &err), LETHE_OK);
    assert_int_equal(lethe_dataset_count(data), 3080);
    assert_int_equal(lethe_dataset_classes(data), 77);
    assert_int_equal(lethe_file_read(&bytes, pb, 1 << 20, &err), LETHE_OK);
    /* The tensor ends with the tokens of the first four samples as 64-bit numbers. */
    double x[128];
    const size_t ids[] = {0, 1, 2, 3};
    lethe_dataset_batch(data, x, NULL, ids, 4);
    for (size_t i = 0; i < 128; i++) {
        int64_t token;
        memcpy(&token, bytes.data + bytes.size - 1024 + 8 * i, 8);
        assert_true(x[i] == (double)token);
    }
    lethe_free(bytes.data);
    lethe_dataset_unref(data);
}

static void real_tables_load(void **state)
{
    (void)state;
    if (!lethe_folder_exists(SHARED)) {
        printf("skipped: %s is not here\n", SHARED);
        return;
    }
    struct lethe_data_source source = {.path = SHARED "letter-recognition/train.csv.gz",
                                       .label_column = "letter"};
    struct lethe_dataset *data;
    struct lethe_error err;
    assert_int_equal(lethe_dataset_load(&data, &source, &err), LETHE_OK);
    assert_int_equal(lethe_dataset_count(data), 16000);
    assert_int_equal(lethe_dataset_width(data), 16);
    assert_string_equal(lethe_dataset_class_name(data, 25), "Z");
    assert_int_equal(lethe_dataset_label(data, 0), 'T' - 'A');
    lethe_dataset_unref(data);
    source = (struct lethe_data_source){.path = SHARED "cuad-clauses/train.tsv.gz",
                                        .vocabulary = "../shared/models/text-transformer/vocab.txt",
                                        .length = 64};
    assert_int_equal(lethe_dataset_load(&data, &source, &err), LETHE_OK);
    assert_int_equal(lethe_dataset_count(data), 5622);
    assert_int_equal(lethe_dataset_group(data, 0), 105);
    lethe_dataset_unref(data);
    source = (struct lethe_data_source){.path = SHARED "cifar-10/exact-test-1000.bin.gz"};
    assert_int_equal(lethe_dataset_load(&data, &source, &err), LETHE_OK);
    assert_int_equal(lethe_dataset_count(data), 1000);
    lethe_dataset_unref(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_find_labels_and_groups),
        cmocka_unit_test(columns_of_words_are_spread_out),
        cmocka_unit_test(tables_refuse_by_line_and_column),
        cmocka_unit_test(counts_of_two_files_must_agree),
        cmocka_unit_test(cifar_records_are_split),
        cmocka_unit_test(cifar_names_stand_beside),
        cmocka_unit_test(npz_members_are_found_by_name),
        cmocka_unit_test(text_becomes_tokens),
        cmocka_unit_test(the_samples_are_as_described),
        cmocka_unit_test(the_tokenizer_agrees_with_the_published_input),
        cmocka_unit_test(real_tables_load),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
