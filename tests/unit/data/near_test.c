/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/bundle.h"
#include "lethe/near.h"
#include "lethe/rng.h"

enum { N = 300, WIDTH = 70 };

/* Normal values; sample 250 is sample 3 again, 251 is sample 3 with a little noise. */
static struct lethe_dataset *sample(void)
{
    static double x[N * WIDTH];
    static int labels[N];
    struct lethe_rng rng;
    struct lethe_dataset *data;
    lethe_rng_init(&rng, 21, LETHE_RNG_TEST, 0, 0);
    for (int i = 0; i < N * WIDTH; i++)
        x[i] = lethe_rng_normal(&rng);
    for (int k = 0; k < WIDTH; k++) {
        x[250 * WIDTH + k] = x[3 * WIDTH + k];
        x[251 * WIDTH + k] = x[3 * WIDTH + k] + 0.1 * lethe_rng_normal(&rng);
    }
    assert_int_equal(lethe_dataset_from(&data, x, labels, N, WIDTH, NULL), LETHE_OK);
    return data;
}

static void copies_are_named_in_order(void **state)
{
    (void)state;
    struct lethe_dataset *data = sample();
    size_t retained[N], count = 0, found;
    for (size_t i = 0; i < N; i++)
        if (i != 3 && i != 9)
            retained[count++] = i;
    struct lethe_near_options o = {LETHE_NEAR_DISTANCE, (size_t[]){3, 9}, retained, 2, count, 0};
    struct lethe_near *pairs;
    struct lethe_error err;
    assert_int_equal(lethe_near_find(&pairs, &found, data, &o, NULL, &err), LETHE_OK);
    assert_int_equal(found, 2);
    assert_int_equal(pairs[0].forget, 3);
    assert_int_equal(pairs[0].retained, 250);
    assert_true(pairs[0].distance == 0);
    assert_int_equal(pairs[1].retained, 251);
    assert_true(pairs[1].distance > 0.05 && pairs[1].distance < 0.15);
    lethe_free(pairs);
    o.distance = 0;
    assert_int_equal(lethe_near_find(&pairs, &found, data, &o, NULL, &err), LETHE_OK);
    assert_int_equal(found, 1);
    lethe_free(pairs);
    o.distance = 10; /* everything; the mean distance of two samples is root two */
    assert_int_equal(lethe_near_find(&pairs, &found, data, &o, NULL, &err), LETHE_OK);
    assert_int_equal(found, count);
    assert_true(fabs(pairs[found / 2].distance - sqrt(2)) < 0.15);
    for (size_t i = 1; i < found; i++)
        assert_true(pairs[i].distance >= pairs[i - 1].distance);
    lethe_free(pairs);
    o.forget_count = 0;
    assert_int_equal(lethe_near_find(&pairs, &found, data, &o, NULL, &err), LETHE_OK);
    assert_int_equal(found, 0);
    lethe_dataset_unref(data);
}

static void a_search_can_be_cancelled(void **state)
{
    (void)state;
    struct lethe_dataset *data = sample();
    struct lethe_watch watch;
    struct lethe_near *pairs;
    struct lethe_error err;
    size_t found;
    struct lethe_near_options o = {0.1, (size_t[]){3}, (size_t[]){4, 5}, 1, 2, 0};
    lethe_watch_init(&watch);
    lethe_watch_cancel(&watch);
    assert_int_equal(lethe_near_find(&pairs, &found, data, &o, &watch, &err), LETHE_ECANCEL);
    lethe_dataset_unref(data);
}

/* Words count whatever their order, each as often as it stands there; a mask behind them does not.
 */
static void texts_are_compared_by_words(void **state)
{
    (void)state;
    enum { WORDS = 5, TEXTS = 5 };
    static const double x[TEXTS][WORDS + 2] = {{7, 8, 9, 10, 11, 1, 1},
                                               {11, 9, 8, 10, 7, 0, 0},
                                               {7, 8, 9, 10, 12, 1, 1},
                                               {7, 7, 9, 10, 0, 1, 1},
                                               {8, 9, 10, 11, 12, 1, 1}};
    static const int labels[TEXTS];
    struct lethe_dataset *data = NULL;
    struct lethe_near *pairs;
    struct lethe_error err;
    size_t found;
    struct lethe_near_options o = {
        LETHE_NEAR_DISTANCE, (size_t[]){0}, (size_t[]){1, 2, 3, 4}, 1, 4, WORDS};
    assert_int_equal(lethe_dataset_from(&data, &x[0][0], labels, TEXTS, WORDS + 2, NULL), LETHE_OK);
    assert_int_equal(lethe_near_find(&pairs, &found, data, &o, NULL, &err), LETHE_OK);
    assert_int_equal(found, 3);
    assert_true(pairs[0].retained == 1 && pairs[0].distance == 0);
    assert_true(pairs[1].retained == 2 && fabs(pairs[1].distance - 0.2) < 1e-12);
    assert_true(pairs[2].retained == 4 && fabs(pairs[2].distance - 0.2) < 1e-12);
    lethe_free(pairs);
    o.distance = 1;
    assert_int_equal(lethe_near_find(&pairs, &found, data, &o, NULL, &err), LETHE_OK);
    assert_int_equal(found, 4);
    assert_true(pairs[3].retained == 3 && fabs(pairs[3].distance - 0.4) < 1e-12);
    lethe_free(pairs);
    lethe_dataset_unref(data);
}

/* No two of the digits are near enough to be called duplicates. */
static void digits_have_no_near_duplicates(void **state)
{
    (void)state;
    struct lethe_bundle *bundle;
    struct lethe_dataset *train, *heldout;
    struct lethe_near *pairs;
    struct lethe_error err;
    size_t forget[20], retained[1417], found;
    assert_int_equal(lethe_bundle_load(&bundle, "sample_models/digits-mlp", &err), LETHE_OK);
    assert_int_equal(lethe_bundle_data(&train, &heldout, bundle, &err), LETHE_OK);
    for (size_t i = 0; i < 1437; i++)
        *(i < 20 ? &forget[i] : &retained[i - 20]) = i;
    struct lethe_near_options o = {LETHE_NEAR_DISTANCE, forget, retained, 20, 1417, 0};
    assert_int_equal(lethe_near_find(&pairs, &found, train, &o, NULL, &err), LETHE_OK);
    assert_int_equal(found, 0);
    lethe_dataset_unref(train);
    lethe_dataset_unref(heldout);
    lethe_bundle_free(bundle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_are_named_in_order),
        cmocka_unit_test(a_search_can_be_cancelled),
        cmocka_unit_test(texts_are_compared_by_words),
        cmocka_unit_test(digits_have_no_near_duplicates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
