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

#include "base/alloc.h"
#include "base/file.h"
#include "lethe/bundle.h"
#include "tests/support/folder.h"

static void put(const char *name, const char *text)
{
    lethe_free(put_file(name, text, strlen(text)));
}

static const char full[] =
    "{\"format\": \"lethe bundle\", \"version\": 1, \"name\": \"tiny\",\n"
    " \"architecture\": \"mlp:2-3\", \"activation\": \"tanh\", \"model\": \"model.onnx\",\n"
    " \"train\": {\"samples\": \"../data/train.csv\", \"label_column\": \"kind\"},\n"
    " \"heldout\": {\"samples\": \"../data/heldout.csv\", \"label_column\": \"kind\",\n"
    "   \"rows\": [1, 3]},\n"
    " \"normalize\": {\"scale\": 2, \"mean\": [0.5, 1], \"std\": 0.25},\n"
    " \"trained_on\": 5, \"weight_decay\": 0.01, \"split_seed\": \"18446744073709551615\",\n"
    " \"recipe\": {\"optimizer\": \"sgd\", \"seed\": \"7\", \"tolerance\": 1e-7, \"epochs\": 12,\n"
    "   \"batch\": 32, \"rate\": 0.1, \"momentum\": 0.5, \"schedule\": \"step\",\n"
    "   \"drop_every\": 4, \"drop\": 0.2},\n"
    " \"generated\": {\"kind\": \"mislabelled\", \"seed\": \"3\", \"ids\": [1, 4],\n"
    "   \"labels\": [2, 0]},\n"
    " \"note\": {\"kept\": [1, null, \"x\"]}}";

static void put_all(void)
{
    put("data/train.csv", "a,kind,b\n1,cat,2\n3,dog,4\n5,eel,6\n7,cat,8\n9,dog,1\n");
    put("data/heldout.csv", "a,kind,b\n1,eel,2\n3,eel,4\n5,cat,6\n");
    put("tiny/bundle.json", full);
}

static void check_full(const struct lethe_bundle *b)
{
    assert_string_equal(b->name, "tiny");
    assert_string_equal(b->architecture, "mlp:2-3");
    assert_string_equal(b->activation, "tanh");
    assert_null(b->model);
    assert_int_equal(b->trained_on, 5);
    assert_true(b->split_seed == UINT64_MAX);
    assert_true(b->recipe.weight_decay == 0.01);
    assert_true(b->recipe.tolerance == 1e-7);
    assert_string_equal(b->recipe.optimizer, "sgd");
    assert_string_equal(b->recipe.schedule, "step");
    assert_int_equal(b->recipe.seed, 7);
    assert_int_equal(b->recipe.epochs, 12);
    assert_int_equal(b->recipe.batch, 32);
    assert_true(b->recipe.rate == 0.1 && b->recipe.momentum == 0.5 && b->recipe.drop == 0.2);
    assert_int_equal(b->recipe.drop_every, 4);
    assert_int_equal(b->heldout.first, 1);
    assert_int_equal(b->heldout.last, 3);
    assert_int_equal(b->generated.count, 2);
    assert_string_equal(lethe_bundle_unknown(b, 0), "note");
    assert_null(lethe_bundle_unknown(b, 1));
    struct lethe_dataset *train, *heldout;
    struct lethe_error err;
    assert_int_equal(lethe_bundle_data(&train, &heldout, b, &err), LETHE_OK);
    assert_int_equal(lethe_dataset_count(train), 5);
    assert_int_equal(lethe_dataset_count(heldout), 2);
    assert_int_equal(lethe_dataset_classes(heldout), 3);
    assert_string_equal(lethe_dataset_class_name(heldout, 2), "eel");
    assert_int_equal(lethe_dataset_label(heldout, 0), 2);
    assert_int_equal(lethe_dataset_label(train, 1), 2);
    assert_int_equal(lethe_dataset_true_label(train, 1), 1);
    double x[2];
    lethe_dataset_batch(train, x, NULL, (size_t[]){2}, 1);
    assert_true(x[0] == (5 / 2.0 - 0.5) / 0.25 && x[1] == (6 / 2.0 - 1) / 0.25);
    lethe_dataset_unref(train);
    lethe_dataset_unref(heldout);
}

static void a_bundle_survives_writing_elsewhere(void **state)
{
    (void)state;
    struct lethe_bundle *bundle;
    struct lethe_error err = {0};
    put_all();
    char *path = lethe_path_join(folder, "tiny");
    if (lethe_bundle_load(&bundle, path, &err))
        fail_msg("%s", err.message);
    check_full(bundle);
    lethe_free(path);
    path = lethe_path_join(folder, "else/where");
    assert_int_equal(lethe_folder_make(path, &err), LETHE_OK);
    lethe_free(path);
    path = lethe_path_join(folder, "else/where/copy.json");
    assert_int_equal(lethe_bundle_save(bundle, path, &err), LETHE_OK);
    lethe_bundle_free(bundle);
    assert_int_equal(lethe_bundle_load(&bundle, path, &err), LETHE_OK);
    check_full(bundle);
    struct lethe_bytes first, second;
    assert_int_equal(lethe_file_read(&first, path, 1 << 20, &err), LETHE_OK);
    assert_non_null(strstr((char *)first.data, "\"../../data/train.csv\""));
    assert_int_equal(lethe_bundle_save(bundle, path, &err), LETHE_OK);
    assert_int_equal(lethe_file_read(&second, path, 1 << 20, &err), LETHE_OK);
    assert_string_equal((char *)first.data, (char *)second.data);
    lethe_free(first.data);
    lethe_free(second.data);
    lethe_bundle_free(bundle);
    lethe_free(path);
}

/* `full` with one piece of text replaced must be refused with these words. */
static void refused(const char *old, const char *new, const char *words)
{
    struct lethe_bundle *bundle = NULL;
    struct lethe_error err = {0};
    const char *at = strstr(full, old);
    assert_non_null(at);
    char *text = lethe_alloc(sizeof full + strlen(new), 1);
    sprintf(text, "%.*s%s%s", (int)(at - full), full, new, at + strlen(old));
    put("tiny/bundle.json", text);
    lethe_free(text);
    char *path = lethe_path_join(folder, "tiny/bundle.json");
    enum lethe_err code = lethe_bundle_load(&bundle, path, &err);
    struct lethe_dataset *train, *heldout;
    if (!code)
        code = lethe_bundle_data(&train, &heldout, bundle, &err);
    lethe_bundle_free(bundle);
    lethe_free(path);
    if (code != LETHE_EFORMAT || !strstr(err.message, words))
        fail_msg("code %d, '%s' lacks '%s'", code, err.message, words);
}

static void wrong_keys_are_named(void **state)
{
    (void)state;
    put_all();
    refused("\"lethe bundle\"", "\"zip\"", "is no bundle");
    refused("\"version\": 1", "\"version\": 2", "needs a newer lethe");
    refused("\"weight_decay\": 0.01", "\"weight_decay\": -1",
            "'weight_decay' must be a number from 0");
    refused("\"epochs\": 12", "\"epochs\": 1.5", "'epochs' must be a whole number");
    refused("\"seed\": \"7\"", "\"seed\": \"seven\"", "'seed' must be a whole number");
    refused("train.csv", "gone.csv", "'samples' names '");
    refused("\"architecture\": \"mlp:2-3\", ", "", "'model' names '");
    refused("\"architecture\": \"mlp:2-3\", \"activation\": \"tanh\", \"model\": \"model.onnx\",",
            "", "has neither 'model' nor 'architecture'");
    refused("[0.5, 1]", "[0.5, 1, 2]", "3 values of 'mean' for samples of 2 channels");
    refused("[0.5, 1]", "[]", "'mean' must be a number or a list of numbers");
    refused("\"std\": 0.25", "\"std\": 0", "std and scale must be above 0");
    refused("\"rows\": [1, 3]", "\"rows\": [1]", "'rows' must be a list of 2 to 2");
    refused("\"ids\": [1, 4]", "\"ids\": [1, 5]",
            "generated sample 5 does not fit 5 training samples");
    refused("\"ids\": [1, 4]", "\"ids\": [4, 1]", "out of order");
    refused("\"labels\": [2, 0]", "\"labels\": [2]", "'labels' must be a list of 2 to 2");
    refused("\"labels\": [2, 0]", "\"labels\": [2, 3]", "has label 3; there are 3 classes");
    refused("\"train\": {", "\"train\": {\"format\": 3, ", "'format' must be a text");
    refused("\"recipe\": {", "\"recipe\": [], \"x\": {", "'recipe' must be an object");
    refused("}}", "}", "not valid JSON");
}

static void rows_beyond_the_end_are_refused(void **state)
{
    (void)state;
    put_all();
    struct lethe_bundle *bundle;
    struct lethe_dataset *train, *heldout;
    struct lethe_error err;
    char *path = lethe_path_join(folder, "tiny");
    assert_int_equal(lethe_bundle_load(&bundle, path, &err), LETHE_OK);
    bundle->heldout.last = 4;
    assert_int_equal(lethe_bundle_data(&train, &heldout, bundle, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "samples 1:4 do not exist, there are 3"));
    lethe_bundle_free(bundle);
    lethe_free(path);
    assert_int_equal(lethe_bundle_load(&bundle, folder, &err), LETHE_EIO);
    assert_int_equal(lethe_bundle_load(&bundle, "/nowhere", &err), LETHE_EIO);
}

static void running_out_of_memory_leaks_nothing(void **state)
{
    (void)state;
    put_all();
    struct lethe_bundle *bundle = NULL;
    struct lethe_dataset *train, *heldout;
    struct lethe_error err;
    char *path = lethe_path_join(folder, "tiny");
    long n = 0;
    for (enum lethe_err code = LETHE_ENOMEM; code; n++) {
        lethe_alloc_fail_after(n);
        bundle = NULL;
        code = lethe_bundle_load(&bundle, path, &err);
        if (!code)
            code = lethe_bundle_data(&train, &heldout, bundle, &err);
        lethe_alloc_fail_after(-1);
        lethe_bundle_free(bundle);
        if (code)
            assert_int_equal(code, LETHE_ENOMEM);
    }
    assert_true(n > 50);
    lethe_dataset_unref(train);
    lethe_dataset_unref(heldout);
    lethe_free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bundle_survives_writing_elsewhere),
        cmocka_unit_test(wrong_keys_are_named),
        cmocka_unit_test(rows_beyond_the_end_are_refused),
        cmocka_unit_test(running_out_of_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
