/* SPDX-License-Identifier: MIT
 * Curvatures against their definitions, entry by entry: Jacobians from directional derivatives,
 * second derivatives from differences of gradients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/support/blobs.h"
#include "lethe/curvature.h"
#include "lethe/rng.h"
#include "unlearn/kron.h"

static const size_t widths[] = {5, 4, 3, 3, 0};
enum { SAMPLES = 23 };

struct fixture {
    struct lethe_graph *graph;
    struct lethe_dataset *data;
    struct lethe_problem *problem;
    double *w;
    size_t size;
};

static void open_fixture(struct fixture *f, double decay)
{
    f->graph = blobs_net(widths);
    f->data = blobs(SAMPLES, 5, 3, 4);
    f->problem = blobs_problem(f->graph, f->data, NULL, SAMPLES, decay);
    f->size = lethe_graph_size(f->graph);
    f->w = lethe_alloc(f->size, sizeof *f->w);
    lethe_graph_init(f->graph, 3, f->w);
    for (size_t i = 0; i < f->size; i++) /* biases too */
        f->w[i] += 0.1 * sin(2.385 * (double)i);
}

static void close_fixture(struct fixture *f)
{
    lethe_free(f->w);
    lethe_problem_free(f->problem);
    lethe_dataset_unref(f->data);
    lethe_graph_unref(f->graph);
}

static struct lethe_curvature make(struct fixture *f, const char *name,
                                   const struct lethe_blanket *blanket)
{
    const struct lethe_curvature_method *method = NULL;
    const struct lethe_curvature_options options = {.seed = 1};
    struct lethe_curvature c;
    assert_int_equal(lethe_curvature_find(&method, name, NULL), LETHE_OK);
    assert_int_equal(
        lethe_curvature_make(&c, method, f->problem, f->w, blanket, &options, NULL, NULL),
        LETHE_OK);
    return c;
}

/* J (SAMPLES * 3, size) column by column, and the probabilities. */
static void jacobian(struct fixture *f, double *j, double *p)
{
    double logits[SAMPLES * 3], column[SAMPLES * 3], *v = lethe_alloc_zero(f->size, sizeof *v);
    size_t first, n;
    lethe_problem_weights(f->problem, f->w);
    assert_int_equal(lethe_problem_forward(f->problem, 0, logits, &first, &n, NULL), LETHE_OK);
    assert_int_equal(n, SAMPLES);
    lethe_softmax(p, logits, n, 3);
    for (size_t k = 0; k < f->size; k++) {
        v[k] = 1;
        assert_int_equal(lethe_exec_jvp(lethe_problem_exec(f->problem), column, v, NULL), LETHE_OK);
        v[k] = 0;
        for (size_t r = 0; r < SAMPLES * 3; r++)
            j[r * f->size + k] = column[r];
    }
    lethe_free(v);
}

/* sum_i J_i' A_i J_i / n, with A_i = diag p - p p' or (p - e_y)(p - e_y)'. */
static double outer_entry(const struct fixture *f, const double *j, const double *p, size_t r,
                          size_t s, int own_label)
{
    const int *labels = lethe_problem_labels(f->problem);
    double sum = 0;
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t a = 0; a < 3; a++)
            for (size_t b = 0; b < 3; b++) {
                double pa = p[i * 3 + a], pb = p[i * 3 + b];
                double weight = (a == b ? pa : 0) - pa * pb;
                if (own_label)
                    weight = (pa - (labels[i] == (int)a)) * (pb - (labels[i] == (int)b));
                sum += weight * j[(i * 3 + a) * f->size + r] * j[(i * 3 + b) * f->size + s];
            }
    return sum / SAMPLES;
}

static void outer_products_meet_their_definition(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f, 0.01);
    const size_t units[] = {8, 1, 4, 0, 7}; /* mixed layers, not in order */
    struct lethe_blanket blanket;
    assert_int_equal(lethe_blanket_init(&blanket, f.graph, units, 5, NULL), LETHE_OK);
    double *j = lethe_alloc(SAMPLES * 3 * f.size, sizeof *j), p[SAMPLES * 3];
    jacobian(&f, j, p);
    for (int own_label = 0; own_label < 2; own_label++) {
        struct lethe_curvature c = make(&f, own_label ? "fisher" : "ggn", &blanket);
        assert_int_equal(c.size, blanket.offset[5]);
        for (size_t r = 0; r < c.size; r++)
            for (size_t s = 0; s <= r; s++) {
                double want = outer_entry(&f, j, p, blanket.index[r], blanket.index[s], own_label) +
                              (r == s ? 0.01 : 0);
                assert_true(fabs(c.matrix[r * c.size + s] - want) < 1e-12);
            }
        lethe_curvature_release(&c);
    }
    lethe_free(j);
    lethe_blanket_release(&blanket);
    close_fixture(&f);
}

static void diagonal_is_that_of_ggn(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f, 0.01);
    struct lethe_blanket blanket;
    assert_int_equal(lethe_blanket_all(&blanket, f.graph, NULL), LETHE_OK);
    struct lethe_curvature ggn = make(&f, "ggn", &blanket), diag = make(&f, "diag", &blanket);
    for (size_t r = 0; r < ggn.size; r++)
        for (size_t s = 0; s <= r; s++) {
            double want = r == s ? ggn.matrix[r * ggn.size + r] : 0;
            assert_true(fabs(diag.matrix[r * ggn.size + s] - want) < 1e-12);
        }
    lethe_curvature_release(&ggn);
    lethe_curvature_release(&diag);
    lethe_blanket_release(&blanket);
    close_fixture(&f);
}

/* Of softmax regression on one sample both are ggn itself; of a deep net on many samples kfac is
 * S (x) A from its definition, and ekfac has the diagonal in the eigenbasis that fits ggn best, so
 * it is never further from ggn's block than kfac. */
static void kronecker_factors_meet_their_definition(void **state)
{
    (void)state;
    const size_t flat[] = {5, 3, 0}, one[] = {7};
    struct fixture f;
    struct lethe_blanket blanket;
    open_fixture(&f, 0.01);
    struct lethe_graph *graph = blobs_net(flat);
    struct lethe_problem *single = blobs_problem(graph, f.data, one, 1, 0.01), *kept = f.problem;
    f.problem = single;
    assert_int_equal(lethe_blanket_all(&blanket, graph, NULL), LETHE_OK);
    struct lethe_curvature want = make(&f, "ggn", &blanket);
    for (int k = 0; k < 2; k++) {
        struct lethe_curvature got = make(&f, k ? "ekfac" : "kfac", &blanket);
        for (size_t r = 0; r < want.size; r++)
            for (size_t s = 0; s <= r; s++)
                assert_true(fabs(got.matrix[r * want.size + s] - want.matrix[r * want.size + s]) <
                            1e-12);
        lethe_curvature_release(&got);
    }
    lethe_curvature_release(&want);
    lethe_blanket_release(&blanket);
    lethe_problem_free(single);
    lethe_graph_unref(graph);
    f.problem = kept;
    const size_t units[] = {6, 4, 5}; /* the whole second layer, in another order */
    assert_int_equal(lethe_blanket_init(&blanket, f.graph, units, 3, NULL), LETHE_OK);
    struct lethe_curvature ggn = make(&f, "ggn", &blanket), kfac = make(&f, "kfac", &blanket);
    struct lethe_curvature ekfac = make(&f, "ekfac", &blanket);
    double far = 0, near = 0, trace[3] = {0};
    for (size_t r = 0; r < ggn.size; r++)
        for (size_t s = 0; s <= r; s++) {
            size_t at = r * ggn.size + s;
            double weight = r == s ? 1 : 2, a = kfac.matrix[at] - ggn.matrix[at];
            double b = ekfac.matrix[at] - ggn.matrix[at];
            far += weight * a * a;
            near += weight * b * b;
            if (r == s) {
                trace[0] += ggn.matrix[at];
                trace[1] += ekfac.matrix[at];
                trace[2] += kfac.matrix[at];
            }
        }
    assert_true(near < far && far > 0);
    assert_true(fabs(trace[0] - trace[1]) < 1e-12 && fabs(trace[0] - trace[2]) < 0.2 * trace[0]);
    lethe_curvature_release(&ggn);
    lethe_curvature_release(&kfac);
    lethe_curvature_release(&ekfac);
    lethe_blanket_release(&blanket);
    close_fixture(&f);
}

static void hessian_meets_differences_of_gradients(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f, 0.02);
    struct lethe_blanket blanket;
    assert_int_equal(lethe_blanket_all(&blanket, f.graph, NULL), LETHE_OK);
    struct lethe_curvature c = make(&f, "hessian", &blanket);
    assert_int_equal(c.size, f.size);
    double *high = lethe_alloc(f.size, sizeof *high), *low = lethe_alloc(f.size, sizeof *low);
    for (size_t s = 0; s < c.size; s++) {
        const double step = 1e-5;
        double value, kept = f.w[blanket.index[s]];
        f.w[blanket.index[s]] = kept + step;
        assert_int_equal(lethe_problem_value(f.problem, &value, high, f.w, NULL, NULL), LETHE_OK);
        f.w[blanket.index[s]] = kept - step;
        assert_int_equal(lethe_problem_value(f.problem, &value, low, f.w, NULL, NULL), LETHE_OK);
        f.w[blanket.index[s]] = kept;
        for (size_t r = s; r < c.size; r++) {
            size_t at = blanket.index[r];
            assert_true(fabs(c.matrix[r * c.size + s] - (high[at] - low[at]) / (2 * step)) < 1e-8);
        }
    }
    lethe_free(high);
    lethe_free(low);
    lethe_curvature_release(&c);
    lethe_blanket_release(&blanket);
    close_fixture(&f);
}

static void curvature_samples_are_an_ordered_subset(void **state)
{
    (void)state;
    size_t all[100], chosen[100];
    for (size_t i = 0; i < 100; i++)
        all[i] = 3 * i;
    assert_int_equal(lethe_curvature_samples(chosen, all, 100, 100, 5), 100);
    assert_memory_equal(chosen, all, sizeof all);
    assert_int_equal(lethe_curvature_samples(chosen, all, 100, 30, 5), 30);
    for (size_t i = 0; i < 30; i++) {
        assert_true(chosen[i] % 3 == 0 && chosen[i] < 300);
        assert_true(i == 0 || chosen[i] > chosen[i - 1]);
    }
}

/* The two gradients, and what is between them, as the head of curvature_paper.c has it. */
static void the_rank_one_curvature_meets_its_secant(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f, 0.01);
    const size_t units[] = {8, 1, 4, 0, 7};
    struct lethe_blanket blanket;
    assert_int_equal(lethe_blanket_init(&blanket, f.graph, units, 5, NULL), LETHE_OK);
    struct lethe_curvature c = make(&f, "paper", &blanket);
    double *g = lethe_alloc(f.size, sizeof *g), *h = lethe_alloc(f.size, sizeof *h), value;
    double *w = lethe_alloc(f.size, sizeof *w), norm = 0, along = 0, y[64], s[64];
    assert_true(c.size <= 64);
    assert_int_equal(lethe_problem_value(f.problem, &value, g, f.w, NULL, NULL), LETHE_OK);
    for (size_t i = 0; i < f.size; i++)
        norm += g[i] * g[i];
    for (size_t i = 0; i < f.size; i++)
        w[i] = f.w[i] - 1e-4 / sqrt(norm) * g[i];
    assert_int_equal(lethe_problem_value(f.problem, &value, h, w, NULL, NULL), LETHE_OK);
    for (size_t i = 0; i < c.size; i++) {
        const size_t at = blanket.index[i];
        s[i] = w[at] - f.w[at];
        y[i] = h[at] - g[at] - 0.01 * s[i];
        along += s[i] * y[i];
    }
    for (size_t r = 0; r < c.size; r++) {
        double secant = 0;
        for (size_t q = 0; q < c.size; q++) {
            const double entry = c.matrix[(r > q ? r : q) * c.size + (r > q ? q : r)];
            const double data = entry - (r == q ? 0.01 : 0);
            assert_true(fabs(data - y[r] * y[q] / along) < 1e-7);
            secant += data * s[q];
        }
        assert_true(fabs(secant - y[r]) < 1e-11);
    }
    lethe_free(g);
    lethe_free(h);
    lethe_free(w);
    lethe_curvature_release(&c);
    lethe_blanket_release(&blanket);
    close_fixture(&f);
}

static void the_emulation_has_the_faults_it_names(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f, 0.01);
    const struct lethe_curvature_method *method = NULL;
    struct lethe_curvature_options options = {0};
    struct lethe_curvature c;
    struct lethe_error err = {0};
    struct lethe_blanket blanket;
    const size_t units[] = {3, 5}, n = 50, m = 2;
    assert_int_equal(lethe_blanket_init(&blanket, f.graph, units, 2, NULL), LETHE_OK);
    assert_int_equal(lethe_curvature_find(&method, "released", NULL), LETHE_OK);
    assert_true(method->emulation && strstr(method->summary, "emulates"));
    assert_int_equal(
        lethe_curvature_make(&c, method, f.problem, f.w, &blanket, &options, NULL, &err),
        LETHE_EARG);
    double *pull = lethe_alloc(f.size, sizeof *pull);
    for (size_t i = 0; i < f.size; i++)
        pull[i] = sin(2.385 * (double)i);
    options = (struct lethe_curvature_options){.pull = pull, .n = n, .m = m};
    assert_int_equal(
        lethe_curvature_make(&c, method, f.problem, f.w, &blanket, &options, NULL, &err), LETHE_OK);
    for (size_t r = 0; r < c.size; r++)
        for (size_t q = 0; q <= r; q++) {
            const size_t i = blanket.index[r], j = blanket.index[q];
            const double gi = pull[i] * 24 - 0.01 * f.w[i], gj = pull[j] * 24 - 0.01 * f.w[j];
            const double scale = 49999.0 * 2 / 48;
            double want = -scale * gi * gj / (49999.0 * (double)c.size * 1e-6);
            want += r == q ? scale * 0.01 : 0;
            assert_true(fabs(c.matrix[r * c.size + q] - want) < 1e-9 * fmax(1, fabs(want)));
        }
    lethe_free(pull);
    lethe_curvature_release(&c);
    lethe_blanket_release(&blanket);
    close_fixture(&f);
}

static void failures_are_errors(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f, 0.01);
    const struct lethe_curvature_method *table, *method = NULL;
    double *pull = lethe_alloc_zero(f.size, sizeof *pull);
    const struct lethe_curvature_options options = {.seed = 1, .pull = pull, .n = 30, .m = 2};
    struct lethe_curvature c = {0};
    struct lethe_error err = {0};
    size_t count;
    struct lethe_blanket blanket, none = {.offset = &(size_t){0}};
    assert_int_equal(lethe_blanket_all(&blanket, f.graph, NULL), LETHE_OK);
    assert_int_equal(lethe_curvature_find(&method, "ggm", &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "ggn, hessian"));
    table = lethe_curvature_methods(&count);
    for (size_t k = 0; k < count; k++) {
        struct lethe_watch watch;
        assert_int_equal(
            lethe_curvature_make(&c, &table[k], f.problem, f.w, &none, &options, NULL, &err),
            LETHE_EARG);
        lethe_watch_init(&watch);
        lethe_watch_cancel(&watch);
        assert_int_equal(
            lethe_curvature_make(&c, &table[k], f.problem, f.w, &blanket, &options, &watch, &err),
            LETHE_ECANCEL);
        enum lethe_err rc = LETHE_ENOMEM;
        for (long n = 0; rc == LETHE_ENOMEM; n++) {
            lethe_alloc_fail_after(n);
            rc =
                lethe_curvature_make(&c, &table[k], f.problem, f.w, &blanket, &options, NULL, &err);
        }
        lethe_alloc_fail_after(-1);
        assert_int_equal(rc, LETHE_OK);
        lethe_curvature_release(&c);
    }
    lethe_free(pull);
    lethe_blanket_release(&blanket);
    close_fixture(&f);
}

/* Solving with the factors is solving with the matrix; strided batches count their samples. */
static void factors_solve_as_their_matrix_does(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_blanket all;
    struct lethe_kron kron;
    open_fixture(&f, 0.02);
    assert_int_equal(lethe_blanket_all(&all, f.graph, NULL), LETHE_OK);
    struct lethe_curvature ekfac = make(&f, "ekfac", &all);
    const struct lethe_kron_spec spec = {
        .problem = f.problem, .w = f.w, .blanket = &all, .seed = 1, .turn = 1};
    assert_true(lethe_kron_possible(f.graph, &all));
    assert_int_equal(lethe_kron_init(&kron, &spec, NULL, NULL), LETHE_OK);
    assert_int_equal(kron.samples, SAMPLES);
    double *x = lethe_alloc(f.size, sizeof *x), *b = lethe_alloc(f.size, sizeof *b);
    double *work = lethe_alloc(lethe_kron_work(&kron), sizeof *work);
    for (size_t i = 0; i < f.size; i++)
        x[i] = b[i] = cos(2.385 * (double)i);
    lethe_kron_solve(&kron, x, 0.02, work); /* the decay is in the matrix */
    for (size_t i = 0; i < f.size; i++) {
        double sum = 0;
        for (size_t j = 0; j < f.size; j++)
            sum += ekfac.matrix[i > j ? i * f.size + j : j * f.size + i] * x[j];
        assert_true(fabs(sum - b[i]) < 1e-9);
    }
    lethe_kron_release(&kron);
    enum lethe_err rc = LETHE_ENOMEM;
    for (long n = 0; rc == LETHE_ENOMEM; n++) {
        struct lethe_error err;
        lethe_alloc_fail_after(n);
        rc = lethe_kron_init(&kron, &spec, NULL, &err);
    }
    lethe_alloc_fail_after(-1);
    assert_int_equal(rc, LETHE_OK);
    lethe_kron_release(&kron);
    lethe_free(x);
    lethe_free(b);
    lethe_free(work);
    lethe_curvature_release(&ekfac);
    lethe_blanket_release(&all);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outer_products_meet_their_definition),
        cmocka_unit_test(diagonal_is_that_of_ggn),
        cmocka_unit_test(kronecker_factors_meet_their_definition),
        cmocka_unit_test(hessian_meets_differences_of_gradients),
        cmocka_unit_test(curvature_samples_are_an_ordered_subset),
        cmocka_unit_test(the_rank_one_curvature_meets_its_secant),
        cmocka_unit_test(the_emulation_has_the_faults_it_names),
        cmocka_unit_test(failures_are_errors),
        cmocka_unit_test(factors_solve_as_their_matrix_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
