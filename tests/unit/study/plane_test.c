/* SPDX-License-Identifier: MIT
 * Planes: principal components against the eigenvectors of the covariance, what the field says
 * against the network asked point by point, and the boundary against where it must run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>
#include "base/alloc.h"
#include "lethe/rng.h"
#include "study/plane.h"
#include "tensor/lapack.h"
#include "tests/support/blobs.h"
#include "tests/support/nets.h"

enum { N = 120, WIDTH = 7, CLASSES = 4 };

static void components_are_those_of_the_covariance(void **state)
{
    (void)state;
    struct lethe_dataset *data = blobs(N, WIDTH, CLASSES, 31);
    struct lethe_graph *graph = blobs_net((const size_t[]){WIDTH, 5, CLASSES, 0});
    struct lethe_plane *plane = NULL;
    double x[N][WIDTH], mean[WIDTH] = {0}, c[WIDTH * WIDTH] = {0}, values[WIDTH], all = 0;
    assert_int_equal(lethe_plane_make(&plane, graph, data, NULL, NULL), LETHE_OK);
    for (size_t i = 0; i < N; i++) {
        lethe_dataset_batch(data, x[i], NULL, &i, 1);
        for (size_t k = 0; k < WIDTH; k++)
            mean[k] += x[i][k] / N;
    }
    for (size_t i = 0; i < N; i++)
        for (size_t a = 0; a < WIDTH; a++)
            for (size_t b = 0; b < WIDTH; b++)
                c[a * WIDTH + b] += (x[i][a] - mean[a]) * (x[i][b] - mean[b]);
    for (size_t a = 0; a < WIDTH; a++)
        all += c[a * WIDTH + a];
    assert_int_equal(lethe_eigen(values, c, WIDTH, NULL), LETHE_OK);
    assert_true(plane->cut && plane->drawn == N && plane->count == N);
    for (size_t d = 0; d < 2; d++) {
        const double *vector = c + (WIDTH - 1 - d) * WIDTH, *axis = plane->axes + d * WIDTH;
        double dot = 0;
        for (size_t k = 0; k < WIDTH; k++)
            dot += vector[k] * axis[k];
        assert_true(fabs(fabs(dot) - 1) < 1e-9);
    }
    assert_true(fabs(plane->share - (values[WIDTH - 1] + values[WIDTH - 2]) / all) < 1e-9);
    for (size_t i = 0; i < N; i++)
        for (size_t d = 0; d < 2; d++) {
            double at = 0;
            for (size_t k = 0; k < WIDTH; k++)
                at += (x[i][k] - mean[k]) * plane->axes[d * WIDTH + k];
            assert_true(fabs(at - plane->at[2 * i + d]) < 1e-9);
            assert_true(at > plane->low[d] && at < plane->high[d]);
        }
    lethe_plane_unref(plane);
    lethe_graph_unref(graph);
    lethe_dataset_unref(data);
}

static void two_inputs_are_the_plane_itself(void **state)
{
    (void)state;
    struct lethe_dataset *data = blobs(N, 2, 2, 5);
    struct lethe_graph *graph = blobs_net((const size_t[]){2, 3, 2, 0});
    struct lethe_plane *plane = NULL;
    assert_int_equal(lethe_plane_make(&plane, graph, data, NULL, NULL), LETHE_OK);
    assert_true(!plane->cut && plane->share == 1);
    for (size_t i = 0; i < N; i++) {
        double x[2], again[2];
        lethe_dataset_batch(data, x, NULL, &i, 1);
        lethe_plane_input(again, plane, plane->at + 2 * i);
        assert_memory_equal(x, plane->at + 2 * i, sizeof x);
        assert_memory_equal(x, again, sizeof x);
        assert_int_equal(lethe_plane_nearest(plane, x[0] + 1e-9, x[1]), i);
    }
    lethe_plane_unref(plane);
    lethe_graph_unref(graph);
    lethe_dataset_unref(data);
}

static void tokens_and_single_inputs_lie_on_none(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    struct lethe_plane *plane = NULL;
    struct net net = net_open(NET_TOKENS, 6, 3);
    assert_int_equal(lethe_plane_make(&plane, net.graph, net.data, NULL, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "tokens"));
    net_close(&net);
    struct lethe_dataset *data = blobs(9, 1, 2, 5);
    struct lethe_graph *graph = blobs_net((const size_t[]){1, 3, 2, 0});
    assert_int_equal(lethe_plane_make(&plane, graph, data, NULL, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "one input"));
    lethe_graph_unref(graph);
    lethe_dataset_unref(data);
}

/* ---- field ------------------------------------------------------------------------------------
 */

struct asking {
    struct lethe_plane *plane;
    struct lethe_graph *graph;
    const double *w;
    size_t classes;
};

static void ask(double *z, const struct asking *a, const double at[2])
{
    double x[WIDTH];
    const int label = 0;
    struct lethe_dataset *one = NULL;
    lethe_plane_input(x, a->plane, at);
    assert_int_equal(lethe_dataset_from(&one, x, &label, 1, a->plane->width, NULL), LETHE_OK);
    struct lethe_problem *problem = blobs_problem(a->graph, one, NULL, 1, 0);
    assert_int_equal(lethe_problem_logits(problem, z, a->w, NULL, NULL), LETHE_OK);
    lethe_problem_free(problem);
    lethe_dataset_unref(one);
}

static size_t top_of(const double *z, size_t n)
{
    size_t top = 0;
    for (size_t c = 1; c < n; c++)
        top = z[c] > z[top] ? c : top;
    return top;
}

static void check_cells(const struct asking *a, const struct lethe_plane_field *field)
{
    for (size_t k = 0; k < field->rows * field->cols; k += 97) {
        const struct lethe_plane *p = a->plane;
        const double at[2] = {p->low[0] + (p->high[0] - p->low[0]) * (double)(k % field->cols) /
                                              (double)(field->cols - 1),
                              p->low[1] + (p->high[1] - p->low[1]) * (double)(k / field->cols) /
                                              (double)(field->rows - 1)};
        double z[CLASSES], sum = 0;
        ask(z, a, at);
        const size_t top = top_of(z, a->classes);
        for (size_t c = 0; c < a->classes; c++)
            sum += exp(z[c] - z[top]);
        assert_int_equal(field->top[k], top);
        assert_true(fabs(field->sure[k] - 1 / sum) < 1e-9);
    }
}

/* On the line the two largest logits are near each other; the difference is not quite linear along
 * a side, so a step of a side's length in either direction must change the decision at the latest.
 */
static void check_line(const struct asking *a, const struct lethe_plane_field *field)
{
    const struct lethe_plane *p = a->plane;
    const double side[2] = {(p->high[0] - p->low[0]) / (double)(field->cols - 1),
                            (p->high[1] - p->low[1]) / (double)(field->rows - 1)};
    size_t points = 0;
    for (size_t k = 0; k < field->line_count; k += 13) {
        const double *at = field->line + 2 * k;
        double z[CLASSES];
        int changes = 0;
        if (isnan(at[0]))
            continue;
        points++;
        ask(z, a, at);
        const size_t here = top_of(z, a->classes);
        for (int way = 0; way < 4 && !changes; way++) {
            const double step = way % 2 ? -1.0 : 1.0;
            const double there[2] = {at[0] + (way < 2 ? step * side[0] : 0),
                                     at[1] + (way < 2 ? 0 : step * side[1])};
            ask(z, a, there);
            changes = top_of(z, a->classes) != here;
        }
        assert_true(changes);
    }
    assert_true(points > 0);
}

/* Every side of the grid whose ends decide differently is crossed by a line exactly once for two
 * classes, and neighbours on a line are never further apart than a cell. */
static void check_complete(const struct asking *a, const struct lethe_plane_field *field)
{
    const struct lethe_plane *p = a->plane;
    size_t sides = 0, points = 0, closed = 0, first = 0;
    for (size_t row = 0; row < field->rows; row++)
        for (size_t col = 0; col < field->cols; col++) {
            const int *t = field->top + row * field->cols + col;
            sides += col + 1 < field->cols && t[0] != t[1];
            sides += row + 1 < field->rows && t[0] != t[field->cols];
        }
    for (size_t k = 0; k <= field->line_count; k++) {
        const double *at = field->line + 2 * k;
        if (k == field->line_count || isnan(at[0])) {
            closed += k > first && !memcmp(at - 2, field->line + 2 * first, 2 * sizeof *at);
            first = k + 1;
            continue;
        }
        points++;
        if (k > first) {
            assert_true(fabs(at[0] - at[-2]) <
                        1.001 * (p->high[0] - p->low[0]) / (double)(field->cols - 1));
            assert_true(fabs(at[1] - at[-1]) <
                        1.001 * (p->high[1] - p->low[1]) / (double)(field->rows - 1));
        }
    }
    assert_int_equal(points - closed, sides);
}

static void fields_say_what_the_network_says(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        const size_t width = seed % 2 ? 2 : WIDTH, classes = seed % 3 ? 2 : CLASSES;
        const size_t widths[] = {width, 9, 6, classes, 0};
        struct lethe_dataset *data = blobs(N, width, classes, seed);
        struct lethe_graph *graph = blobs_net(widths);
        struct lethe_plane *plane = NULL;
        struct lethe_plane_field *field = NULL;
        struct lethe_rng rng;
        double *w = lethe_alloc(lethe_graph_size(graph), sizeof *w);
        lethe_rng_init(&rng, seed, LETHE_RNG_TEST, 0, 0);
        for (size_t k = 0; k < lethe_graph_size(graph); k++)
            w[k] = 1.7 * lethe_rng_normal(&rng);
        assert_int_equal(lethe_plane_make(&plane, graph, data, NULL, NULL), LETHE_OK);
        assert_int_equal(lethe_plane_field_make(&field, plane, graph, w, NULL, NULL), LETHE_OK);
        const struct asking a = {plane, graph, w, classes};
        check_cells(&a, field);
        check_line(&a, field);
        if (classes == 2)
            check_complete(&a, field);
        lethe_plane_field_unref(field);
        lethe_plane_unref(plane);
        lethe_free(w);
        lethe_graph_unref(graph);
        lethe_dataset_unref(data);
    }
}

static void no_memory_is_an_error_at_every_step(void **state)
{
    (void)state;
    struct lethe_dataset *data = blobs(20, 3, 3, 2);
    struct lethe_graph *graph = blobs_net((const size_t[]){3, 3, 0});
    double *w = lethe_alloc_zero(lethe_graph_size(graph), sizeof *w);
    enum lethe_err code = LETHE_ENOMEM;
    w[1] = 1.3;
    w[5] = -0.7;
    for (long steps = 0; code; steps++) {
        struct lethe_plane *plane = NULL;
        struct lethe_plane_field *field = NULL;
        struct lethe_error err = {0};
        lethe_alloc_fail_after(steps);
        code = lethe_plane_make(&plane, graph, data, NULL, &err);
        if (!code)
            code = lethe_plane_field_make(&field, plane, graph, w, NULL, &err);
        lethe_alloc_fail_after(-1);
        assert_true(code == LETHE_OK || code == LETHE_ENOMEM);
        assert_true(!code == (field != NULL));
        lethe_plane_field_unref(field);
        lethe_plane_unref(plane);
        assert_true(steps < 500);
    }
    lethe_free(w);
    lethe_graph_unref(graph);
    lethe_dataset_unref(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(components_are_those_of_the_covariance),
        cmocka_unit_test(two_inputs_are_the_plane_itself),
        cmocka_unit_test(tokens_and_single_inputs_lie_on_none),
        cmocka_unit_test(fields_say_what_the_network_says),
        cmocka_unit_test(no_memory_is_an_error_at_every_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
