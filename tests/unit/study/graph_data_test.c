/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "study/graph_data.h"

static double correlation(const struct lethe_graph_data *data, size_t column)
{
    double sum = 0;
    for (size_t i = 0; i < data->n; i++)
        sum += data->x[i * data->variables + column] * data->y[i];
    return sum / (double)data->n;
}

static void rings_are_as_large_as_said(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{3, 1}, {11, 1}, {12, 1}, {18, 2}, {30, 3}, {60, 6}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (uint64_t seed = 0; seed < 40; seed++) {
            struct lethe_graph_data data;
            const struct lethe_graph_spec spec = {sizes[s][0], 20, (int)(seed % 2), seed};
            size_t count[LETHE_ROLE_FAR + 1] = {0};
            assert_int_equal(lethe_graph_data_make(&data, &spec, NULL), 0);
            for (size_t c = 0; c < data.variables; c++)
                count[data.role[c]]++;
            for (size_t r = 0; r < LETHE_ROLE_FAR; r++)
                assert_int_equal(count[r], sizes[s][1]);
            for (size_t i = 0; i < data.n * data.variables; i++)
                assert_true(isfinite(data.x[i]));
            lethe_graph_data_release(&data);
        }
}

/* In linear graphs the target goes with parents and children, and not with spouses, who meet it
 * only in the child. */
static void causes_act(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct lethe_graph_data data, again;
        const struct lethe_graph_spec spec = {3, 4000, 0, seed};
        assert_int_equal(lethe_graph_data_make(&data, &spec, NULL), 0);
        assert_int_equal(lethe_graph_data_make(&again, &spec, NULL), 0);
        assert_memory_equal(data.x, again.x, data.n * data.variables * sizeof *data.x);
        for (size_t c = 0; c < 3; c++) {
            const double r = fabs(correlation(&data, c));
            if (data.role[c] == LETHE_ROLE_SPOUSE)
                assert_true(r < 0.08);
            else
                assert_true(r > 0.3);
        }
        double mean = 0, square = 0;
        for (size_t i = 0; i < data.n; i++) {
            mean += data.y[i] / (double)data.n;
            square += data.y[i] * data.y[i] / (double)data.n;
        }
        assert_true(fabs(mean) < 1e-9 && fabs(square - 1) < 1e-9);
        lethe_graph_data_release(&data);
        lethe_graph_data_release(&again);
    }
}

static void found_shares_add_up(void **state)
{
    (void)state;
    struct lethe_graph_score score;
    const struct lethe_graph_spec spec = {18, 300, 1, 5};
    assert_int_equal(lethe_graph_score_make(&score, &spec, 4, NULL, NULL), 0);
    assert_int_equal(score.repeats, 4);
    const double mean = (score.found[0] + score.found[1] + score.found[2]) / 3;
    assert_true(fabs(score.recall - mean) < 1e-12); /* two of each kind */
    struct lethe_error err;
    const struct lethe_graph_spec wrong = {2, 300, 1, 5};
    assert_int_equal(lethe_graph_score_make(&score, &wrong, 1, NULL, &err), LETHE_EARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rings_are_as_large_as_said),
        cmocka_unit_test(causes_act),
        cmocka_unit_test(found_shares_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
