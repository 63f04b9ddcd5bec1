/* SPDX-License-Identifier: MIT
 * Parts of a curvature kept for single removals are the curvatures made anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "removal/curvature_cache.h"
#include "workbench/workbench.h"

static struct lethe_workbench *loaded(struct lethe_snapshot **snapshot, const char *curvature,
                                      const char *samples)
{
    struct lethe_workbench *wb = NULL;
    const size_t forget[] = {3, 17, 40};
    assert_int_equal(lethe_workbench_new(&wb, NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_load(wb, "sample_models/digits-mlp", NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_set(wb, LETHE_SET_CURVATURE, curvature, NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_set(wb, LETHE_SET_CURVATURE_SAMPLES, samples, NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_forget(wb, forget, 3, NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_snapshot(wb, snapshot, NULL), LETHE_OK);
    return wb;
}

/* Largest difference of the lower triangles. */
static double apart(const struct lethe_curvature *a, const struct lethe_curvature *b)
{
    double worst = 0;
    assert_int_equal(a->size, b->size);
    for (size_t i = 0; i < a->size; i++)
        for (size_t j = 0; j <= i; j++)
            worst = fmax(worst, fabs(a->matrix[i * a->size + j] - b->matrix[i * a->size + j]));
    return worst;
}

static void a_part_is_the_curvature_without_the_sample(void **state)
{
    (void)state;
    static const char *const methods[] = {"ggn", "hessian"};
    struct lethe_pick picks[] = {{.unit = 50}, {.unit = 3}, {.unit = 33}, {.unit = 57}};
    struct lethe_selected selected = {.selection = {.picks = picks, .count = 4, .accepted = 4}};
    for (size_t k = 0; k < 2; k++) {
        struct lethe_snapshot *snapshot, *single;
        struct lethe_curvature_cache cache = {0};
        struct lethe_blanket_curvature *part = NULL, *anew = NULL;
        struct lethe_workbench *wb = loaded(&snapshot, methods[k], "2000");
        assert_true(lethe_curvature_cache_possible(snapshot, &wb->settings));
        assert_int_equal(lethe_curvature_cache_init(&cache, snapshot, &wb->settings, NULL, NULL),
                         LETHE_OK);
        assert_int_equal(cache.samples.count, 1437);
        assert_int_equal(lethe_snapshot_single(&single, snapshot, 17, NULL), LETHE_OK);
        assert_int_equal(
            lethe_curvature_cache_blanket(&part, &cache, single, &selected, NULL, NULL), LETHE_OK);
        assert_int_equal(
            lethe_blanket_curvature_make(&anew, single, &selected, &wb->settings, NULL, NULL),
            LETHE_OK);
        assert_int_equal(part->curvature.samples, 1436);
        assert_true(apart(&part->curvature, &anew->curvature) < 1e-12);
        for (size_t i = 0; i < part->removal.size; i++)
            assert_true(part->removal.pull[i] == anew->removal.pull[i]);
        lethe_blanket_curvature_unref(part);
        lethe_blanket_curvature_unref(anew);
        lethe_snapshot_unref(single);
        lethe_curvature_cache_release(&cache);
        lethe_workbench_free(wb);
    }
}

static void samples_not_drawn_are_not_taken_out(void **state)
{
    (void)state;
    struct lethe_snapshot *snapshot;
    struct lethe_curvature_cache cache = {0};
    struct lethe_blanket_curvature *part = NULL;
    struct lethe_error err;
    struct lethe_workbench *wb = loaded(&snapshot, "ggn", "5");
    assert_int_equal(lethe_curvature_cache_init(&cache, snapshot, &wb->settings, NULL, NULL),
                     LETHE_OK);
    assert_int_equal(cache.samples.count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_true(cache.samples.at[i] != 3 && cache.samples.at[i] != 17);
    assert_int_equal(lethe_curvature_cache_blanket(&part, &cache, snapshot, NULL, NULL, NULL),
                     LETHE_OK);
    assert_int_equal(part->curvature.samples, 5);
    assert_true(apart(&part->curvature, &cache.curvature) == 0);
    lethe_blanket_curvature_unref(part);
    enum lethe_err rc = LETHE_ENOMEM;
    for (long n = 0; rc == LETHE_ENOMEM; n++) {
        lethe_alloc_fail_after(n);
        rc = lethe_curvature_cache_blanket(&part, &cache, snapshot, NULL, NULL, &err);
    }
    lethe_alloc_fail_after(-1);
    assert_int_equal(rc, LETHE_OK);
    lethe_blanket_curvature_unref(part);
    lethe_curvature_cache_release(&cache);
    assert_int_equal(lethe_workbench_set(wb, LETHE_SET_CURVATURE, "kfac", NULL), LETHE_OK);
    assert_false(lethe_curvature_cache_possible(snapshot, &wb->settings));
    lethe_workbench_free(wb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_is_the_curvature_without_the_sample),
        cmocka_unit_test(samples_not_drawn_are_not_taken_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
