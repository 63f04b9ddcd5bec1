/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "data/resize.h"
#include "lethe/dataset.h"

static struct lethe_array bytes_array(size_t ndim, const size_t *dims, const unsigned char *values)
{
    struct lethe_array array = {.type = LETHE_U8, .ndim = ndim, .count = 1};
    for (size_t d = 0; d < ndim; d++) {
        array.dims[d] = dims[d];
        array.count *= dims[d];
    }
    array.data = lethe_alloc(array.count, 1);
    assert_non_null(array.data);
    memcpy(array.data, values, array.count);
    return array;
}

/* Two samples of 2 x 1 x 3 (rows, columns, channels), labels 1 and 0. */
static struct lethe_dataset_parts small_parts(void)
{
    static const unsigned char pixels[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    static const unsigned char labels[] = {1, 0};
    struct lethe_dataset_parts parts = {.source = "small.idx"};
    parts.x = bytes_array(4, (size_t[]){2, 2, 1, 3}, pixels);
    parts.labels = bytes_array(1, (size_t[]){2}, labels);
    return parts;
}

/* A table by its columns: mean 0, variance 1; a constant column stays away from 1 / 0. */
static void samples_standardize_themselves(void **state)
{
    (void)state;
    struct lethe_dataset *data;
    double raw[6] = {1, 5, 3, 5, 8, 5}, x[6];
    int labels[3] = {0, 1, 0};
    const size_t ids[3] = {0, 1, 2};
    struct lethe_dataset_parts parts = {.source = "table", .normalize = {.standardize = 1}};
    parts.x = (struct lethe_array){LETHE_DOUBLE, 2, {3, 2}, 6, malloc(sizeof raw), NULL, NULL, 0};
    parts.labels = (struct lethe_array){LETHE_I32, 1, {3}, 3, malloc(sizeof labels), NULL, NULL, 0};
    memcpy(parts.x.data, raw, sizeof raw);
    memcpy(parts.labels.data, labels, sizeof labels);
    assert_int_equal(lethe_dataset_make(&data, &parts, NULL), LETHE_OK);
    lethe_dataset_batch(data, x, NULL, ids, 3);
    assert_true(fabs(x[0] + x[2] + x[4]) < 1e-12);
    assert_true(fabs(x[0] * x[0] + x[2] * x[2] + x[4] * x[4] - 3) < 1e-12);
    assert_true(x[1] == 0 && x[3] == 0 && x[5] == 0);
    lethe_dataset_unref(data);
}

static void images_are_resized_and_coloured(void **state)
{
    (void)state;
    struct lethe_array x = {LETHE_DOUBLE, 3,    {1, 1, 2}, 2, malloc(2 * sizeof(double)),
                            NULL,         NULL, 0};
    ((double *)x.data)[0] = 0;
    ((double *)x.data)[1] = 8;
    /* pixel centres at 1/4, 3/4, 5/4, 7/4 between the two at 1/2 and 3/2 */
    assert_int_equal(lethe_images_resize(&x, 1, 4, "image", NULL), LETHE_OK);
    assert_memory_equal(x.data, ((double[]){0, 2, 6, 8}), 4 * sizeof(double));
    /* half the size: triangles of twice the reach, (0 * 3 + 2 * 3 + 6) / 7 and its mirror */
    assert_int_equal(lethe_images_resize(&x, 1, 2, "image", NULL), LETHE_OK);
    assert_true(fabs(lethe_array_get(&x, 0) - 12.0 / 7) < 1e-12);
    assert_true(fabs(lethe_array_get(&x, 1) - (8 - 12.0 / 7)) < 1e-12);
    assert_int_equal(lethe_images_colour(&x, 3, "image", NULL), LETHE_OK);
    assert_int_equal(x.ndim, 4);
    assert_true(x.dims[1] == 3 && x.dims[2] == 1 && x.dims[3] == 2 && x.count == 6);
    assert_memory_equal((double *)x.data + 4, x.data, 2 * sizeof(double));
    struct lethe_error err;
    assert_int_equal(lethe_images_colour(&x, 2, "image", &err), LETHE_EFORMAT);
    lethe_array_release(&x);
    struct lethe_array table = {LETHE_U8, 2, {2, 2}, 4, calloc(4, 1), NULL, NULL, 0};
    assert_int_equal(lethe_images_resize(&table, 4, 4, "table", &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "'resize' needs images"));
    lethe_array_release(&table);
}

static void batches_are_normalised_by_channel(void **state)
{
    (void)state;
    struct lethe_dataset_parts parts = small_parts();
    static const double mean[] = {0.5, 1, 1.5}, std[] = {0.25, 0.5, 2};
    parts.normalize = (struct lethe_normalize){
        .scale = 2, .mean = mean, .std = std, .means = 3, .stds = 3, .channels_last = 1};
    struct lethe_dataset *data;
    struct lethe_error err;
    assert_int_equal(lethe_dataset_make(&data, &parts, &err), LETHE_OK);
    assert_int_equal(lethe_dataset_count(data), 2);
    assert_int_equal(lethe_dataset_width(data), 6);
    assert_int_equal(lethe_dataset_ndim(data), 3);
    assert_int_equal(lethe_dataset_dim(data, 0), 3);
    assert_int_equal(lethe_dataset_dim(data, 1), 2);
    assert_int_equal(lethe_dataset_classes(data), 2);
    double x[12];
    int labels[2];
    lethe_dataset_batch(data, x, labels, (size_t[]){1, 0}, 2);
    assert_int_equal(labels[0], 0);
    assert_int_equal(labels[1], 1);
    /* sample 1, channel 0 holds 7 and 10; channel 2 holds 9 and 12 */
    static const double expected[] = {12, 18, 6, 9, 1.5, 2.25};
    for (int k = 0; k < 6; k++)
        assert_true(x[k] == expected[k]);
    assert_true(x[6] == (1.0 / 2 - 0.5) / 0.25);
    struct lethe_dataset *again = lethe_dataset_ref(data);
    lethe_dataset_unref(data);
    assert_int_equal(lethe_dataset_label(again, 0), 1);
    assert_int_equal(lethe_dataset_true_label(again, 0), 1);
    assert_int_equal(lethe_dataset_group(again, 0), -1);
    lethe_dataset_unref(again);
}

static void refuse(struct lethe_dataset_parts *parts, const char *words)
{
    struct lethe_dataset *data = NULL;
    struct lethe_error err = {0};
    assert_int_equal(lethe_dataset_make(&data, parts, &err), LETHE_EFORMAT);
    assert_null(data);
    if (!strstr(err.message, words) || !strstr(err.message, "small.idx"))
        fail_msg("'%s' lacks '%s'", err.message, words);
}

static void claims_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    struct lethe_dataset_parts parts = small_parts();
    parts.classes = 1;
    refuse(&parts, "the label of sample 0 is 1, but there are 1 classes (0 to 0)");
    parts = small_parts();
    lethe_array_release(&parts.labels);
    parts.labels = bytes_array(1, (size_t[]){3}, (const unsigned char *)"\0\1\1");
    refuse(&parts, "2 samples but 3 labels");
    parts = small_parts();
    static const double two[] = {1, 2}, zero[] = {0};
    parts.normalize = (struct lethe_normalize){.mean = two, .means = 2, .channels_last = 1};
    refuse(&parts, "2 values of 'mean' for samples of 3 channels");
    parts = small_parts();
    parts.normalize = (struct lethe_normalize){.std = zero, .stds = 1};
    refuse(&parts, "must be above 0");
    parts = small_parts();
    parts.normalize = (struct lethe_normalize){.ndim = 1, .dims = {5}};
    refuse(&parts, "samples of 6 values cannot be given a shape of 5");
    parts = small_parts();
    parts.x.ndim = 1;
    parts.x.dims[0] = 12;
    parts.normalize.channels_last = 1;
    refuse(&parts, "channels last needs samples of three dimensions");
    parts = small_parts();
    parts.x.dims[0] = parts.x.count = 0;
    refuse(&parts, "has no samples");
}

static void values_that_are_not_finite_are_named(void **state)
{
    (void)state;
    double x[] = {1, 2, 3, INFINITY};
    int labels[] = {0, 1};
    struct lethe_dataset *data;
    struct lethe_error err;
    assert_int_equal(lethe_dataset_from(&data, x, labels, 2, 2, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "sample 1, value 1 is infinite"));
    x[3] = NAN;
    assert_int_equal(lethe_dataset_from(&data, x, labels, 2, 2, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "sample 1, value 1 is missing or NaN"));
    x[3] = 2.385;
    labels[0] = -1;
    assert_int_equal(lethe_dataset_from(&data, x, labels, 2, 2, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "the label of sample 0 is -1"));
    labels[0] = 1000000;
    assert_int_equal(lethe_dataset_from(&data, x, labels, 2, 2, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "declare the number of classes"));
    labels[0] = 2;
    assert_int_equal(lethe_dataset_from(&data, x, labels, 2, 2, &err), LETHE_OK);
    assert_int_equal(lethe_dataset_classes(data), 3);
    lethe_dataset_unref(data);
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    static const double x[] = {1, 2, 3, 4};
    static const int labels[] = {0, 1};
    struct lethe_dataset *data;
    struct lethe_error err;
    long n = 0;
    for (enum lethe_err code = LETHE_ENOMEM; code; n++) {
        lethe_alloc_fail_after(n);
        code = lethe_dataset_from(&data, x, labels, 2, 2, &err);
        lethe_alloc_fail_after(-1);
        if (code)
            assert_int_equal(code, LETHE_ENOMEM);
    }
    assert_true(n > 4);
    lethe_dataset_unref(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_are_normalised_by_channel),
        cmocka_unit_test(samples_standardize_themselves),
        cmocka_unit_test(images_are_resized_and_coloured),
        cmocka_unit_test(claims_that_do_not_fit_are_refused),
        cmocka_unit_test(values_that_are_not_finite_are_named),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
