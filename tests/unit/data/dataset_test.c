/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
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
        cmocka_unit_test(claims_that_do_not_fit_are_refused),
        cmocka_unit_test(values_that_are_not_finite_are_named),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
