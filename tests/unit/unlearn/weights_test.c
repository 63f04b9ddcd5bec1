/* SPDX-License-Identifier: MIT
 * Single weights: names, owners, blankets of them, and curvature over such a blanket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/curvature.h"
#include "lethe/onnx.h"
#include "lethe/rng.h"
#include "tests/support/blobs.h"

enum { SAMPLES = 29, CLASSES = 3 };
static const size_t widths[] = {5, 4, CLASSES, 0};

static void names_lead_back_to_their_weights(void **state)
{
    (void)state;
    struct lethe_graph *graph = blobs_net(widths);
    const size_t size = lethe_graph_size(graph), total = lethe_unit_total(graph);
    char name[LETHE_UNIT_NAME];
    for (size_t i = 0; i < size; i++) {
        size_t number = 0;
        assert_int_equal(lethe_unit_of_weight(graph, i), total + i);
        lethe_unit_name(name, sizeof name, graph, total + i);
        assert_int_equal(lethe_unit_find(&number, graph, name, NULL), LETHE_OK);
        assert_int_equal(number, total + i);
        snprintf(name, sizeof name, "w[%zu]", i);
        assert_int_equal(lethe_unit_find(&number, graph, name, NULL), LETHE_OK);
        assert_int_equal(number, total + i);
        const struct lethe_unit unit = lethe_unit_at(graph, number);
        assert_true(unit.weight && !unit.group && unit.index == i && unit.params == 1);
    }
    lethe_unit_name(name, sizeof name, graph, total + 7);
    assert_string_equal(name, "fc1.weight[1,2]");
    lethe_unit_name(name, sizeof name, graph, total + 22);
    assert_string_equal(name, "fc1.bias[2]");
    static const char *const none[] = {"fc1.weight[4,0]",
                                       "fc1.weight[1]",
                                       "fc1.weight[1,2,3]",
                                       "fc1.weight[1,2",
                                       "fc1.weight[,2]",
                                       "fc1.bias[-1]",
                                       "w[39]",
                                       "w[]",
                                       "x[1]",
                                       "fc1.weight[1 ,2]"};
    for (size_t k = 0; k < sizeof none / sizeof *none; k++) {
        size_t number;
        struct lethe_error err = {0};
        assert_int_equal(lethe_unit_find(&number, graph, none[k], &err), LETHE_EARG);
    }
    assert_int_equal(size, 39);
    lethe_graph_unref(graph);
}

/* unit_indices of the owner at the place is the weight again; also where some tensors are groups.
 */
static void check_owners(const struct lethe_graph *graph)
{
    struct lethe_weight_owners owners;
    const size_t size = lethe_graph_size(graph);
    assert_int_equal(lethe_weight_owners_init(&owners, graph, NULL), LETHE_OK);
    for (size_t i = 0; i < size; i++) {
        assert_true(owners.unit[i] < lethe_unit_total(graph));
        const struct lethe_unit unit = lethe_unit_at(graph, owners.unit[i]);
        size_t *index = lethe_alloc(unit.params, sizeof *index);
        lethe_unit_indices(graph, owners.unit[i], index);
        assert_true(owners.place[i] < unit.params && index[owners.place[i]] == i);
        lethe_free(index);
    }
    lethe_weight_owners_release(&owners);
}

static void every_weight_has_an_owner(void **state)
{
    (void)state;
    struct lethe_graph *graph = blobs_net(widths), *cnn = NULL;
    double *w = NULL;
    check_owners(graph);
    assert_int_equal(lethe_onnx_load(&cnn, &w, "tests/fuzz/seeds/onnx/cnn.onnx", NULL), LETHE_OK);
    check_owners(cnn);
    lethe_free(w);
    lethe_graph_unref(cnn);
    lethe_graph_unref(graph);
}

static void a_weight_beside_its_unit_is_refused(void **state)
{
    (void)state;
    struct lethe_graph *graph = blobs_net(widths);
    struct lethe_blanket blanket;
    struct lethe_error err = {0};
    const size_t total = lethe_unit_total(graph);
    const size_t fine[] = {0, total + 7}, twice[] = {1, total + 7}, same[] = {total, total},
                 beyond[] = {total + lethe_graph_size(graph)};
    assert_int_equal(lethe_blanket_init(&blanket, graph, fine, 2, &err), LETHE_OK);
    assert_true(blanket.offset[2] == 7 && blanket.index[6] == 7);
    lethe_blanket_release(&blanket);
    assert_int_equal(lethe_blanket_init(&blanket, graph, twice, 2, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "fc1.weight[1,2]"));
    assert_int_equal(lethe_blanket_init(&blanket, graph, same, 2, &err), LETHE_EARG);
    assert_int_equal(lethe_blanket_init(&blanket, graph, beyond, 1, &err), LETHE_EARG);
    lethe_graph_unref(graph);
}

/* A blanket of weights drawn from the seed, in any order, with a unit now and then. */
static void draw_blanket(struct lethe_blanket *blanket, const struct lethe_graph *graph,
                         uint64_t seed)
{
    struct lethe_rng rng;
    const size_t size = lethe_graph_size(graph), total = lethe_unit_total(graph);
    size_t *order = lethe_alloc(size + 1, sizeof *order), count = 0;
    struct lethe_weight_owners owners;
    lethe_rng_init(&rng, seed, LETHE_RNG_SUBSET, 0, 0);
    assert_int_equal(lethe_weight_owners_init(&owners, graph, NULL), LETHE_OK);
    for (size_t i = 0; i < size; i++)
        order[i] = i;
    lethe_rng_shuffle(&rng, order, size);
    const size_t unit = seed % 3 ? total : lethe_rng_below(&rng, lethe_unit_count(graph));
    const size_t wanted = 1 + lethe_rng_below(&rng, size);
    for (size_t i = 0; i < wanted; i++)
        if (owners.unit[order[i]] != unit)
            order[count++] = total + order[i];
    if (unit < total)
        order[count++] = unit;
    assert_int_equal(lethe_blanket_init(blanket, graph, order, count, NULL), LETHE_OK);
    lethe_weight_owners_release(&owners);
    lethe_free(order);
}

static void check_curvature(struct lethe_problem *problem, const double *w, const char *name,
                            double tolerance, uint64_t seed)
{
    const struct lethe_curvature_options options = {0};
    const struct lethe_curvature_method *method = NULL;
    struct lethe_graph *graph = lethe_problem_graph(problem);
    struct lethe_blanket all, some;
    struct lethe_curvature whole, part;
    assert_int_equal(lethe_curvature_find(&method, name, NULL), LETHE_OK);
    assert_int_equal(lethe_blanket_all(&all, graph, NULL), LETHE_OK);
    draw_blanket(&some, graph, seed);
    assert_int_equal(lethe_curvature_make(&whole, method, problem, w, &all, &options, NULL, NULL),
                     LETHE_OK);
    assert_int_equal(lethe_curvature_make(&part, method, problem, w, &some, &options, NULL, NULL),
                     LETHE_OK);
    size_t *place = lethe_alloc(whole.size, sizeof *place);
    for (size_t i = 0; i < whole.size; i++)
        place[all.index[i]] = i;
    for (size_t i = 0; i < part.size; i++)
        for (size_t j = 0; j <= i; j++) {
            const size_t a = place[some.index[i]], b = place[some.index[j]];
            const double want = whole.matrix[(a > b ? a : b) * whole.size + (a > b ? b : a)];
            const double got = part.matrix[i * part.size + j];
            assert_true(fabs(got - want) <= tolerance * (1e-3 + fabs(want)));
        }
    lethe_free(place);
    lethe_curvature_release(&whole);
    lethe_curvature_release(&part);
    lethe_blanket_release(&all);
    lethe_blanket_release(&some);
}

static void curvature_of_weights_is_part_of_the_whole(void **state)
{
    (void)state;
    struct lethe_graph *graph = blobs_net(widths);
    struct lethe_dataset *data = blobs(SAMPLES, 5, CLASSES, 4);
    struct lethe_problem *problem = blobs_problem(graph, data, NULL, SAMPLES, 0.01);
    double *w = lethe_alloc(lethe_graph_size(graph), sizeof *w);
    lethe_graph_init(graph, 3, w);
    for (uint64_t seed = 0; seed < 60; seed++) {
        check_curvature(problem, w, seed % 2 ? "ggn" : "fisher", 1e-9, seed);
        check_curvature(problem, w, "hessian", 1e-5, seed); /* by differences */
    }
    lethe_free(w);
    lethe_problem_free(problem);
    lethe_dataset_unref(data);
    lethe_graph_unref(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_lead_back_to_their_weights),
        cmocka_unit_test(every_weight_has_an_owner),
        cmocka_unit_test(a_weight_beside_its_unit_is_refused),
        cmocka_unit_test(curvature_of_weights_is_part_of_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
