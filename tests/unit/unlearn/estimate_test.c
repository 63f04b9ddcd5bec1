/* SPDX-License-Identifier: MIT
 * Exact or marked: above twenty classes Gauss-Newton rows are exact while classes x samples allow
 * it; labels that are drawn, and Hessians made of differences, are unbiased and named; leverages
 * from drawn labels know their error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/curvature.h"
#include "lethe/leverage.h"
#include "lethe/linearised.h"
#include "lethe/product.h"
#include "lethe/rng.h"
#include "nn/graph.h"
#include "tests/support/blobs.h"

enum { CLASSES = 25, SAMPLES = 120, MOST = 512 };

struct fixture {
    struct lethe_graph *graph;
    struct lethe_dataset *data;
    struct lethe_problem *problem;
    struct lethe_blanket all;
    size_t size;
    double w[MOST];
};

static void open_fixture(struct fixture *f, const size_t *widths)
{
    f->graph = blobs_net(widths);
    f->data = blobs(SAMPLES, widths[0], CLASSES, 6);
    f->problem = blobs_problem(f->graph, f->data, NULL, SAMPLES, 0.01);
    f->size = lethe_graph_size(f->graph);
    assert_true(f->size <= MOST);
    lethe_graph_init(f->graph, 3, f->w);
    assert_int_equal(lethe_blanket_all(&f->all, f->graph, NULL), LETHE_OK);
}

static void close_fixture(struct fixture *f)
{
    lethe_blanket_release(&f->all);
    lethe_problem_free(f->problem);
    lethe_dataset_unref(f->data);
    lethe_graph_unref(f->graph);
}

static struct lethe_curvature make(struct fixture *f, const char *name,
                                   struct lethe_problem *problem, size_t labels)
{
    const struct lethe_curvature_method *method = NULL;
    const struct lethe_curvature_options options = {.seed = 1, .labels = labels};
    struct lethe_curvature c;
    assert_int_equal(lethe_curvature_find(&method, name, NULL), LETHE_OK);
    assert_int_equal(lethe_curvature_make(&c, method, problem, f->w, &f->all, &options, NULL, NULL),
                     LETHE_OK);
    return c;
}

static double entry(const struct lethe_curvature *c, size_t i, size_t j)
{
    return i < j ? c->matrix[j * c->size + i] : c->matrix[i * c->size + j];
}

/* The matrix column by column from exact products. */
static void many_classes_are_exact(void **state)
{
    (void)state;
    static const size_t nets[][4] = {{3, CLASSES, 0}, {3, 6, CLASSES, 0}};
    for (size_t k = 0; k < sizeof nets / sizeof *nets; k++) {
        struct fixture f;
        char words[LETHE_CURVATURE_WORDS];
        open_fixture(&f, nets[k]);
        struct lethe_curvature c = make(&f, "ggn", f.problem, 0);
        assert_int_equal(c.drawn, 0);
        assert_false(lethe_curvature_is_estimate(&c));
        assert_string_equal(lethe_curvature_words(words, &c), "ggn");
        const struct lethe_linearised_spec spec = {
            .problem = f.problem, .w = f.w, .dtype = LETHE_F64};
        struct lethe_linearised *l = NULL;
        double v[MOST] = {0}, g[MOST];
        assert_int_equal(lethe_linearised_new(&l, &spec, NULL), LETHE_OK);
        for (size_t j = 0; j < f.size; j++) {
            v[f.all.index[j]] = 1;
            assert_int_equal(lethe_linearised_ggn(l, g, v, NULL, NULL), LETHE_OK);
            v[f.all.index[j]] = 0;
            for (size_t i = 0; i < f.size; i++)
                assert_true(fabs(g[f.all.index[i]] + (i == j ? 0.01 : 0) - entry(&c, i, j)) <
                            1e-13);
        }
        lethe_linearised_free(l);
        lethe_curvature_release(&c);
        close_fixture(&f);
    }
}

/* The bias of class k: mean of p (1 - p), and 0.01 of weight decay. */
static void drawn_labels_are_unbiased_and_said(void **state)
{
    (void)state;
    const size_t widths[] = {3, CLASSES, 0};
    struct fixture f;
    char words[LETHE_CURVATURE_WORDS];
    double p[SAMPLES * CLASSES], logits[SAMPLES * CLASSES];
    open_fixture(&f, widths);
    struct lethe_curvature c = make(&f, "ggn", f.problem, 10);
    assert_int_equal(c.drawn, 10);
    assert_true(lethe_curvature_is_estimate(&c));
    assert_string_equal(lethe_curvature_words(words, &c), "ggn, 10 labels drawn");
    assert_int_equal(lethe_problem_logits(f.problem, logits, f.w, NULL, NULL), LETHE_OK);
    lethe_softmax(p, logits, SAMPLES, CLASSES);
    for (size_t k = 0; k < CLASSES; k++) {
        double want = 0, got = entry(&c, k * 4 + 3, k * 4 + 3) - 0.01;
        for (size_t i = 0; i < SAMPLES; i++)
            want += p[i * CLASSES + k] * (1 - p[i * CLASSES + k]) / SAMPLES;
        assert_true(fabs(got - want) < 5 * sqrt(want / (10 * SAMPLES)));
    }
    lethe_curvature_release(&c);
    close_fixture(&f);
}

/* A sample draws the same labels whoever is with it: parts add up, as when one is taken out. */
static void drawn_samples_can_be_taken_out(void **state)
{
    (void)state;
    const size_t widths[] = {3, 5, CLASSES, 0};
    size_t ids[SAMPLES];
    struct fixture f;
    open_fixture(&f, widths);
    for (size_t i = 0; i < SAMPLES; i++)
        ids[i] = i;
    struct lethe_problem *some = blobs_problem(f.graph, f.data, ids, 20, 0.01);
    struct lethe_problem *rest = blobs_problem(f.graph, f.data, ids + 20, SAMPLES - 20, 0.01);
    struct lethe_curvature whole = make(&f, "ggn", f.problem, 10);
    struct lethe_curvature a = make(&f, "ggn", some, 10), b = make(&f, "ggn", rest, 10);
    for (size_t i = 0; i < f.size; i++)
        for (size_t j = 0; j <= i; j++)
            assert_true(fabs((20 * entry(&a, i, j) + (SAMPLES - 20) * entry(&b, i, j)) / SAMPLES -
                             entry(&whole, i, j)) < 1e-13);
    lethe_curvature_release(&whole);
    lethe_curvature_release(&a);
    lethe_curvature_release(&b);
    lethe_problem_free(some);
    lethe_problem_free(rest);
    close_fixture(&f);
}

static void labels_are_drawn_only_where_rows_are_too_many(void **state)
{
    (void)state;
    assert_int_equal(lethe_curvature_labels(20, 100000000, 0), 0);
    assert_int_equal(lethe_curvature_labels(26, 2000, 0), 0);
    assert_int_equal(lethe_curvature_labels(100, 2000, 0), 0);
    assert_int_equal(lethe_curvature_labels(26, 16000, 1), 0);
    assert_int_equal(lethe_curvature_labels(77, 60000, 1), 0);
    assert_int_equal(lethe_curvature_labels(26, 16000, 0), 12);
    assert_int_equal(lethe_curvature_labels(1000, 2000, 0), 100);
    assert_int_equal(lethe_curvature_labels(1000, 200, 0), 0);
    assert_int_equal(lethe_curvature_labels(1000, 1000000, 0), 10);
}

/* Errors cover what is missed, and shrink as more labels are drawn. */
static void leverages_of_drawn_labels_know_their_error(void **state)
{
    (void)state;
    const size_t widths[] = {3, 6, CLASSES, 0};
    struct fixture f;
    double exact[SAMPLES], h[SAMPLES], errors[SAMPLES], typical[2];
    open_fixture(&f, widths);
    struct lethe_curvature c = make(&f, "ggn", f.problem, 0);
    struct lethe_factor *factor = NULL;
    assert_int_equal(lethe_factor_cholesky(&factor, &c, 0, NULL), LETHE_OK);
    struct lethe_leverage_spec spec = {
        .factor = factor, .blanket = &f.all, .units = f.all.count, .n = SAMPLES, .seed = 3};
    struct lethe_leverages out = {.h = exact, .errors = errors};
    assert_int_equal(lethe_leverage_measure(&out, f.problem, f.w, &spec, NULL, NULL), LETHE_OK);
    assert_int_equal(out.drawn, 0);
    for (size_t i = 0; i < SAMPLES; i++)
        assert_true(errors[i] == 0);
    out.h = h;
    for (int more = 0; more < 2; more++) {
        size_t covered = 0;
        typical[more] = 0;
        spec.labels = more ? 400 : 25;
        assert_int_equal(lethe_leverage_measure(&out, f.problem, f.w, &spec, NULL, NULL), LETHE_OK);
        assert_int_equal(out.drawn, spec.labels);
        for (size_t i = 0; i < SAMPLES; i++) {
            covered += fabs(h[i] - exact[i]) <= 3 * errors[i];
            typical[more] += fabs(h[i] - exact[i]) / SAMPLES;
        }
        assert_true(covered > SAMPLES * 8 / 10);
    }
    assert_true(typical[1] < typical[0] / 2);
    lethe_factor_unref(factor);
    lethe_curvature_release(&c);
    close_fixture(&f);
}

/* ---- an operator without second derivatives -------------------------------------------------- */

static size_t tensor(struct lethe_graph *graph, const char *name, int elem, size_t rows,
                     size_t columns, const double *data, int initializer)
{
    size_t id;
    const struct lethe_tensor_value value = {
        .name = name,
        .elem = elem,
        .shape = {.ndim = rows ? 2 : 1, .dims = {rows ? rows : columns, columns}},
        .data = data,
        .initializer = initializer};
    assert_int_equal(lethe_graph_add_tensor(graph, &id, &value), 0);
    return id;
}

static size_t node(struct lethe_graph *graph, const char *type, size_t *in, size_t ins,
                   const struct lethe_attr *attrs, size_t count)
{
    size_t id;
    const char *out = type;
    const struct lethe_node spec = {.name = type,
                                    .type = type,
                                    .in = in,
                                    .in_count = ins,
                                    .out_count = 1,
                                    .attrs = attrs,
                                    .attr_count = count};
    assert_int_equal(lethe_graph_add_node(graph, &id, &spec, &out), 0);
    return id;
}

/* Logits are products of pairs: z_c = y_2c y_2c+1 of y = x W + b. */
static struct lethe_graph *pairs_of_products(double **w)
{
    struct lethe_graph *graph = lethe_graph_new(LETHE_F64, 14);
    const struct lethe_shape row = {.ndim = 2, .dims = {0, 3}};
    const double shape[] = {-1, 3, 2};
    double data[24];
    const long long last = 2, none = 0;
    const struct lethe_attr attrs[] = {
        {.name = "axes", .count = 1, .ints = &last},
        {.name = "keepdims", .single = 1, .count = 1, .ints = &none}};
    for (size_t i = 0; i < 24; i++)
        data[i] = sin(2.385 * (double)(i + 1));
    size_t x;
    lethe_graph_add_input(graph, &x, "x", LETHE_ELEM_DOUBLE, &row);
    size_t linear[3] = {x, tensor(graph, "w", LETHE_ELEM_DOUBLE, 3, 6, data, 1),
                        tensor(graph, "b", LETHE_ELEM_DOUBLE, 0, 6, data + 18, 1)};
    size_t pairs[2] = {node(graph, "Gemm", linear, 3, NULL, 0),
                       tensor(graph, "to", LETHE_ELEM_INT64, 0, 3, shape, 0)};
    size_t y = node(graph, "Reshape", pairs, 2, NULL, 0);
    lethe_graph_add_output(graph, node(graph, "ReduceProd", &y, 1, attrs, 2));
    struct lethe_error err = {0};
    if (lethe_graph_finish(graph, w, &err))
        fail_msg("%s", err.message);
    return graph;
}

static void differences_are_said(void **state)
{
    (void)state;
    double *w = NULL, out[24], v[24];
    char words[LETHE_CURVATURE_WORDS];
    struct fixture f = {.graph = pairs_of_products(&w), .data = blobs(40, 3, 3, 2)};
    f.problem = blobs_problem(f.graph, f.data, NULL, 40, 0.01);
    f.size = lethe_graph_size(f.graph);
    memcpy(f.w, w, f.size * sizeof *w);
    assert_int_equal(f.size, 24);
    assert_int_equal(lethe_blanket_all(&f.all, f.graph, NULL), LETHE_OK);
    struct lethe_curvature c = make(&f, "hessian", f.problem, 0);
    assert_string_equal(lethe_curvature_words(words, &c), "hessian, by differences (ReduceProd)");
    assert_true(lethe_curvature_is_estimate(&c));
    struct lethe_product *product = NULL;
    const struct lethe_product_spec spec = {.method = c.method,
                                            .problem = f.problem,
                                            .w = f.w,
                                            .blanket = &f.all,
                                            .units = f.all.count,
                                            .dtype = LETHE_F64};
    assert_int_equal(lethe_product_new(&product, &spec, NULL), LETHE_OK);
    assert_string_equal(lethe_product_rough(product), "ReduceProd");
    for (size_t i = 0; i < 24; i++)
        v[i] = cos(1.7 * (double)i);
    assert_int_equal(lethe_product_apply(product, out, v, NULL, NULL), LETHE_OK);
    for (size_t i = 0; i < 24; i++) {
        double want = 0;
        for (size_t j = 0; j < 24; j++)
            want += entry(&c, i, j) * v[j];
        assert_true(fabs(out[i] - want) < 1e-5);
    }
    lethe_product_free(product);
    lethe_curvature_release(&c);
    lethe_free(w);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_classes_are_exact),
        cmocka_unit_test(drawn_labels_are_unbiased_and_said),
        cmocka_unit_test(drawn_samples_can_be_taken_out),
        cmocka_unit_test(labels_are_drawn_only_where_rows_are_too_many),
        cmocka_unit_test(leverages_of_drawn_labels_know_their_error),
        cmocka_unit_test(differences_are_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
