/* SPDX-License-Identifier: MIT
 * What a person chooses: the forget set against sets of marks, the size of the blanket as it is
 * written, the sets that are measured. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "workbench/blanket_setting.h"
#include "workbench/forget_set.h"
#include "workbench/measured_sets.h"
#include "workbench/workbench.h"

static struct lethe_workbench *wb;

static int begin(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    if (lethe_workbench_new(&wb, &err) ||
        lethe_workbench_load(wb, "sample_models/digits-mlp", &err)) {
        print_error("%s\n", err.message);
        return -1;
    }
    return 0;
}

static int end(void **state)
{
    (void)state;
    lethe_workbench_free(wb);
    return 0;
}

static void samples_are_added_and_taken_out_whole_or_not_at_all(void **state)
{
    (void)state;
    enum { MOST = 40 };
    struct lethe_rng rng;
    unsigned char in[MOST] = {0};
    lethe_rng_init(&rng, 3, LETHE_RNG_TEST, 0, 0);
    for (int round = 0; round < 600; round++) {
        size_t at[MOST], there = 0;
        struct lethe_ids given = {at, 0};
        struct lethe_error err = {0};
        const int less = round % 2;
        const uint64_t one_in = 2 + lethe_rng_below(&rng, 9);
        for (size_t i = 0; i < MOST; i++)
            if (lethe_rng_below(&rng, one_in) == 0 && (round % 5 == 0 || in[i] == less)) {
                at[given.count++] = i;
                there += in[i];
            }
        const int fits = less ? there == given.count : there == 0;
        const enum lethe_err code = less ? lethe_workbench_forget_less(wb, &given, &err)
                                         : lethe_workbench_forget_more(wb, &given, &err);
        assert_int_equal(code, fits ? LETHE_OK : LETHE_EARG);
        for (size_t k = 0; fits && k < given.count; k++)
            in[at[k]] = !less;
        size_t count = 0;
        for (size_t i = 0; i < MOST; i++) {
            assert_int_equal(lethe_ids_has(&wb->project.forget, i), in[i]);
            count += in[i];
        }
        assert_int_equal(wb->project.forget.count, count);
    }
}

static void the_size_of_a_blanket_as_it_is_written(void **state)
{
    (void)state;
    int known = 0;
    const size_t units = lethe_unit_count(wb->project.graph);
    assert_int_equal(lethe_workbench_weights(wb), 0);
    assert_int_equal(lethe_workbench_set_blanket(wb, "3", NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_blanket_size(&known, wb), 3);
    assert_int_equal(lethe_workbench_set_blanket(wb, "+2", NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_blanket_size(&known, wb), 5);
    assert_int_equal(lethe_workbench_set_blanket(wb, "-4", NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_blanket_size(&known, wb), 1);
    assert_true(known);
    assert_int_equal(lethe_workbench_set_blanket(wb, "-2", NULL), LETHE_EARG);
    char text[32];
    snprintf(text, sizeof text, "%zu", units + 1);
    assert_int_equal(lethe_workbench_set_blanket(wb, text, NULL), LETHE_EARG);
    assert_int_equal(lethe_workbench_blanket_size(&known, wb), 1);
    assert_int_equal(lethe_workbench_set_blanket(wb, "all", NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_blanket_size(&known, wb), lethe_unit_total(wb->project.graph));
    assert_int_equal(lethe_workbench_set_blanket(wb, "auto", NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_blanket_size(&known, wb), 0);
    assert_false(known);
    assert_int_equal(lethe_workbench_set_blanket(wb, "+1", NULL), LETHE_EARG);
}

static void units_are_ranked_by_score_then_number(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 6, LETHE_RNG_TEST, 0, 0);
    for (int round = 0; round < 1000; round++) {
        struct lethe_ranked_unit at[30];
        const size_t n = lethe_rng_below(&rng, 31);
        for (size_t i = 0; i < n; i++)
            at[i] = (struct lethe_ranked_unit){i, (double)lethe_rng_below(&rng, 5)};
        lethe_rank_units(at, n);
        for (size_t i = 1; i < n; i++)
            assert_true(at[i - 1].score > at[i].score ||
                        (at[i - 1].score == at[i].score && at[i - 1].unit < at[i].unit));
    }
}

static void the_sets_that_are_measured_hold_the_right_samples(void **state)
{
    (void)state;
    const struct lethe_project *project = &wb->project;
    const size_t forget[] = {3, 17, 40};
    struct lethe_measured_sets *m = NULL;
    assert_int_equal(lethe_workbench_forget(wb, forget, 3, NULL), LETHE_OK);
    assert_int_equal(lethe_measured_sets_new(&m, project, NULL), LETHE_OK);
    assert_int_equal(lethe_measured_sets_take(m, project, NULL), LETHE_OK);
    const size_t n = lethe_dataset_count(project->train);
    assert_int_equal(m->sets[LETHE_MEASURED_TRAIN].ids.count, n);
    assert_int_equal(m->sets[LETHE_MEASURED_FORGET].ids.count, 3);
    assert_int_equal(m->sets[LETHE_MEASURED_RETAIN].ids.count, n - 3);
    assert_int_equal(m->sets[LETHE_MEASURED_HELDOUT].ids.count,
                     m->sets[LETHE_MEASURED_TUNE].ids.count +
                         m->sets[LETHE_MEASURED_REPORT].ids.count);
    assert_int_equal(lethe_measured_sets_run(m, NULL, NULL), LETHE_OK);
    const struct lethe_set_figures *all = &m->sets[LETHE_MEASURED_TRAIN].figures;
    const struct lethe_set_figures *a = &m->sets[LETHE_MEASURED_FORGET].figures;
    const struct lethe_set_figures *b = &m->sets[LETHE_MEASURED_RETAIN].figures;
    assert_int_equal(all->correct, a->correct + b->correct);
    assert_true(fabs(all->loss * (double)all->n - a->loss * 3 - b->loss * (double)b->n) < 1e-6);
    lethe_measured_sets_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_added_and_taken_out_whole_or_not_at_all),
        cmocka_unit_test(the_size_of_a_blanket_as_it_is_written),
        cmocka_unit_test(units_are_ranked_by_score_then_number),
        cmocka_unit_test(the_sets_that_are_measured_hold_the_right_samples),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
