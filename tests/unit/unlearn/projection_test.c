/* SPDX-License-Identifier: MIT
 * The projection of a whole step on the parameters of a blanket, against dense references; and on
 * digits-mlp-mislabelled the values of an independent study. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/projection.h"
#include "lethe/rng.h"
#include "tests/support/blobs.h"

enum { SAMPLES = 31, CLASSES = 3, GONE = 4, SIZE = 39 };
static const size_t widths[] = {5, 4, CLASSES, 0};
static const size_t gone[GONE] = {2, 9, 17, 30};

struct fixture {
    struct lethe_graph *graph;
    struct lethe_dataset *data;
    struct lethe_problem *retain, *forget;
    struct lethe_removal removal;
    double w[SIZE];
    double probs;                       /* share of KL in the metric of probabilities; 0: KL */
    double h[SIZE * SIZE];              /* (H_R + mu I) by entry of w */
    double metric[SIZE * SIZE];         /* what stands for it in M */
    double rows[GONE * CLASSES * SIZE]; /* J_u by entry of w */
    double step[SIZE], rhs[SIZE], m[SIZE * SIZE], target[SIZE];
};

/* x = a^-1 x by elimination with pivoting; a (n, n) is spoilt. */
static void eliminate(double *a, double *x, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        size_t top = k;
        for (size_t i = k + 1; i < n; i++)
            top = fabs(a[i * n + k]) > fabs(a[top * n + k]) ? i : top;
        for (size_t j = 0; j < n; j++) {
            const double kept = a[k * n + j];
            a[k * n + j] = a[top * n + j];
            a[top * n + j] = kept;
        }
        const double kept = x[k];
        x[k] = x[top];
        x[top] = kept;
        for (size_t i = 0; i < n; i++) {
            const double share = a[i * n + k] / a[k * n + k];
            if (i == k)
                continue;
            for (size_t j = k; j < n; j++)
                a[i * n + j] -= share * a[k * n + j];
            x[i] -= share * x[k];
        }
    }
    for (size_t k = 0; k < n; k++)
        x[k] /= a[k * n + k];
}

static void whole_curvature(struct fixture *f, double *h, double probs, double mu)
{
    const struct lethe_curvature_options options = {.probs = probs};
    const double share = probs > 0 ? probs : 1;
    const struct lethe_curvature_method *ggn = NULL;
    struct lethe_blanket all;
    struct lethe_curvature c;
    assert_int_equal(lethe_curvature_find(&ggn, "ggn", NULL), LETHE_OK);
    assert_int_equal(lethe_blanket_all(&all, f->graph, NULL), LETHE_OK);
    assert_int_equal(lethe_curvature_make(&c, ggn, f->retain, f->w, &all, &options, NULL, NULL),
                     LETHE_OK);
    for (size_t i = 0; i < SIZE; i++)
        for (size_t j = 0; j <= i; j++) {
            const size_t a = all.index[i], b = all.index[j];
            h[a * SIZE + b] = h[b * SIZE + a] =
                c.matrix[i * SIZE + j] +
                (i == j ? share * mu - (1 - share) * lethe_problem_decay(f->retain) : 0);
        }
    lethe_curvature_release(&c);
    lethe_blanket_release(&all);
}

/* J_u column by column. */
static void jacobians(struct fixture *f)
{
    double logits[GONE * CLASSES], column[GONE * CLASSES], v[SIZE] = {0};
    size_t first, n;
    lethe_problem_weights(f->forget, f->w);
    assert_int_equal(lethe_problem_forward(f->forget, 0, logits, &first, &n, NULL), LETHE_OK);
    assert_int_equal(n, GONE);
    for (size_t j = 0; j < SIZE; j++) {
        v[j] = 1;
        assert_int_equal(lethe_exec_jvp(lethe_problem_exec(f->forget), column, v, NULL), LETHE_OK);
        v[j] = 0;
        for (size_t k = 0; k < GONE * CLASSES; k++)
            f->rows[k * SIZE + j] = column[k];
    }
}

/* Entry (a, b) of A = diag p - p p', of A^2 + probs A where that is not 0. */
static double weight_of(const double *p, size_t a, size_t b, double probs)
{
    double sum = 0;
    for (size_t c = 0; c < CLASSES; c++)
        sum += (p[a] * ((a == c) - p[c])) * (p[c] * ((b == c) - p[b]));
    const double plain = p[a] * ((a == b) - p[b]);
    return probs > 0 ? sum + probs * plain : plain;
}

/* m = metric + (1/n) sum J'FJ and target = m step, from q at w + step. */
static void reference(struct fixture *f)
{
    double moved[SIZE], q[GONE * CLASSES];
    for (size_t i = 0; i < SIZE; i++)
        moved[i] = f->w[i] + f->step[i];
    assert_int_equal(lethe_problem_logits(f->forget, q, moved, NULL, NULL), LETHE_OK);
    lethe_softmax(q, q, GONE, CLASSES);
    memcpy(f->m, f->metric, sizeof f->m);
    for (size_t u = 0; u < GONE; u++)
        for (size_t a = 0; a < CLASSES; a++)
            for (size_t b = 0; b < CLASSES; b++) {
                const double *p = q + u * CLASSES, *ja = f->rows + (u * CLASSES + a) * SIZE;
                const double *jb = f->rows + (u * CLASSES + b) * SIZE;
                const double weight = weight_of(p, a, b, f->probs) / SAMPLES;
                for (size_t i = 0; i < SIZE; i++)
                    for (size_t j = 0; j < SIZE; j++)
                        f->m[i * SIZE + j] += weight * ja[i] * jb[j];
            }
    for (size_t i = 0; i < SIZE; i++) {
        f->target[i] = 0;
        for (size_t j = 0; j < SIZE; j++)
            f->target[i] += f->m[i * SIZE + j] * f->step[j];
    }
}

static void open_fixture(struct fixture *f, double mu, double probs, uint64_t seed)
{
    size_t kept[SAMPLES], count = 0;
    double a[SIZE * SIZE];
    *f = (struct fixture){
        .graph = blobs_net(widths), .data = blobs(SAMPLES, 5, CLASSES, seed), .probs = probs};
    for (size_t i = 0; i < SAMPLES; i++)
        if (i != gone[0] && i != gone[1] && i != gone[2] && i != gone[3])
            kept[count++] = i;
    f->retain = blobs_problem(f->graph, f->data, kept, count, 0.02);
    f->forget = blobs_problem(f->graph, f->data, gone, GONE, 0.02);
    assert_int_equal(lethe_graph_size(f->graph), SIZE);
    lethe_graph_init(f->graph, seed, f->w);
    assert_int_equal(
        lethe_removal_init(&f->removal, f->forget, f->retain, f->w, SAMPLES, NULL, NULL), LETHE_OK);
    whole_curvature(f, f->h, 0, mu);
    whole_curvature(f, f->metric, probs, mu);
    jacobians(f);
    memcpy(f->rhs, f->removal.residual, sizeof f->rhs);
    memcpy(f->step, f->rhs, sizeof f->step);
    memcpy(a, f->h, sizeof a);
    eliminate(a, f->step, SIZE);
    reference(f);
}

static void close_fixture(struct fixture *f)
{
    lethe_removal_release(&f->removal);
    lethe_problem_free(f->retain);
    lethe_problem_free(f->forget);
    lethe_dataset_unref(f->data);
    lethe_graph_unref(f->graph);
}

static void make(struct lethe_projection **projection, struct fixture *f, double mu)
{
    double reached[SIZE] = {0};
    const struct lethe_projection_spec spec = {.forget = f->forget,
                                               .w = f->w,
                                               .step = f->step,
                                               .reached = reached,
                                               .n = SAMPLES,
                                               .mu = mu,
                                               .probs = f->probs};
    for (size_t i = 0; i < SIZE; i++)
        for (size_t j = 0; j < SIZE; j++)
            reached[i] += f->metric[i * SIZE + j] * f->step[j];
    assert_int_equal(lethe_projection_new(projection, &spec, NULL, NULL), LETHE_OK);
}

static double distance(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(sum);
}

static void the_target_is_m_d(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 40; seed++) {
        struct fixture f;
        struct lethe_projection *p = NULL;
        double v[SIZE], out[SIZE], want[SIZE];
        open_fixture(&f, 0.01, seed % 2 ? 0 : 0.2, seed);
        make(&p, &f, 0.01);
        assert_true(distance(p->target, f.target, SIZE) <= 1e-11);
        for (size_t i = 0; i < SIZE; i++) {
            v[i] = sin((double)(i * seed));
            out[i] = want[i] = 0;
        }
        for (size_t i = 0; i < SIZE; i++)
            for (size_t j = 0; j < SIZE; j++)
                want[i] += (f.m[i * SIZE + j] - f.metric[i * SIZE + j]) * v[j];
        assert_int_equal(lethe_projection_times(out, p, f.forget, f.w, v, NULL), LETHE_OK);
        assert_true(distance(out, want, SIZE) <= 1e-11);
        lethe_projection_unref(p);
        close_fixture(&f);
    }
}

/* A blanket of units or weights in an order drawn from the seed. */
static void draw_blanket(struct lethe_blanket *blanket, const struct lethe_graph *graph,
                         uint64_t seed)
{
    struct lethe_rng rng;
    const size_t units = lethe_unit_count(graph), total = lethe_unit_total(graph);
    const size_t n = seed % 2 ? SIZE : units, first = seed % 2 ? total : 0;
    size_t order[SIZE];
    lethe_rng_init(&rng, seed, LETHE_RNG_SUBSET, 0, 0);
    for (size_t i = 0; i < n; i++)
        order[i] = first + i;
    lethe_rng_shuffle(&rng, order, n);
    assert_int_equal(lethe_blanket_init(blanket, graph, order, n, NULL), LETHE_OK);
}

/* The factor of M over the blanket, and the curvature over it. */
static void factorise(struct lethe_factor **factor, struct lethe_curvature *c, struct fixture *f,
                      struct lethe_projection *p, const struct lethe_blanket *blanket)
{
    const struct lethe_curvature_options options = {0};
    const struct lethe_curvature_method *ggn = NULL;
    assert_int_equal(lethe_curvature_find(&ggn, "ggn", NULL), LETHE_OK);
    assert_int_equal(lethe_curvature_make(c, ggn, f->retain, f->w, blanket, &options, NULL, NULL),
                     LETHE_OK);
    double metric[SIZE * SIZE]; /* without what damping adds, as the curvature is */
    for (size_t i = 0; i < c->size; i++)
        for (size_t j = 0; j <= i; j++)
            metric[i * c->size + j] = f->metric[blanket->index[i] * SIZE + blanket->index[j]] -
                                      (i == j ? lethe_projection_ridge(p) : 0);
    assert_int_equal(lethe_factor_outcome(factor, c, f->probs > 0 ? metric : NULL, blanket, p,
                                          f->forget, f->w, NULL, NULL),
                     LETHE_OK);
    assert_ptr_equal(lethe_factor_projection(*factor), p);
}

/* The change of F_R's quadratic model, whose matrix has no damping. */
static double model(const struct fixture *f, const struct lethe_update *u,
                    const struct lethe_blanket *blanket, double mu)
{
    double sum = 0;
    for (size_t i = 0; i < u->size; i++) {
        const size_t a = blanket->index[i];
        sum -= f->removal.residual[a] * u->step[i] + mu * u->step[i] * u->step[i] / 2;
        for (size_t j = 0; j < u->size; j++)
            sum += u->step[i] * f->h[a * SIZE + blanket->index[j]] * u->step[j] / 2;
    }
    return sum;
}

static void check_step(struct fixture *f, struct lethe_projection *p,
                       const struct lethe_blanket *blanket, size_t units, double mu)
{
    struct lethe_factor *factor = NULL;
    struct lethe_curvature c;
    struct lethe_update u;
    double a[SIZE * SIZE], x[SIZE];
    const size_t size = blanket->offset[units];
    factorise(&factor, &c, f, p, blanket);
    assert_int_equal(
        lethe_update_make(&u, factor, &f->removal, blanket, units, mu, LETHE_FORM_AUTO, NULL),
        LETHE_OK);
    for (size_t i = 0; i < size; i++) {
        x[i] = f->target[blanket->index[i]];
        for (size_t j = 0; j < size; j++)
            a[i * size + j] = f->m[blanket->index[i] * SIZE + blanket->index[j]];
    }
    eliminate(a, x, size);
    assert_true(u.size == size && u.units == units && u.form == LETHE_FORM_OUTCOME);
    assert_true(distance(u.step, x, size) <= 1e-8 * (1e-3 + u.norm));
    assert_true(fabs(u.predicted - model(f, &u, blanket, mu)) <= 1e-9 * (1 + fabs(u.predicted)));
    if (size == SIZE) /* P = all gives d */
        for (size_t i = 0; i < size; i++)
            assert_true(fabs(u.step[i] - f->step[blanket->index[i]]) <= 1e-8);
    lethe_update_release(&u);
    lethe_factor_unref(factor);
    lethe_curvature_release(&c);
}

static void steps_solve_the_restricted_system(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 40; seed++) {
        const double mu = seed % 3 ? 0 : 0.03, probs = seed % 4 < 2 ? 0 : 0.01;
        struct fixture f;
        struct lethe_projection *p = NULL;
        struct lethe_blanket blanket;
        open_fixture(&f, mu, probs, seed);
        make(&p, &f, mu);
        draw_blanket(&blanket, f.graph, seed);
        for (size_t units = 1; units <= blanket.count; units += 1 + seed % 4)
            check_step(&f, p, &blanket, units, mu);
        check_step(&f, p, &blanket, blanket.count, mu);
        lethe_blanket_release(&blanket);
        lethe_projection_unref(p);
        close_fixture(&f);
    }
}

/* The curvature in the metric of probabilities is (1/|C|) sum J'(A^2 + s A)J, weight decay beside
 * it. */
static void the_metric_is_that_of_probabilities(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 20; seed++) {
        const struct lethe_curvature_options options = {.probs = 0.05 * (double)seed};
        const struct lethe_curvature_method *ggn = NULL;
        struct fixture f;
        struct lethe_blanket all;
        struct lethe_curvature c;
        double q[GONE * CLASSES];
        open_fixture(&f, 0, 0, seed);
        assert_int_equal(lethe_problem_logits(f.forget, q, f.w, NULL, NULL), LETHE_OK);
        lethe_softmax(q, q, GONE, CLASSES);
        draw_blanket(&all, f.graph, seed);
        assert_int_equal(lethe_curvature_find(&ggn, "ggn", NULL), LETHE_OK);
        assert_int_equal(lethe_curvature_make(&c, ggn, f.forget, f.w, &all, &options, NULL, NULL),
                         LETHE_OK);
        for (size_t i = 0; i < SIZE; i++)
            for (size_t j = 0; j <= i; j++) {
                double want = i == j ? c.decay : 0;
                for (size_t u = 0; u < GONE; u++)
                    for (size_t a = 0; a < CLASSES; a++)
                        for (size_t b = 0; b < CLASSES; b++)
                            want += weight_of(q + u * CLASSES, a, b, options.probs) / GONE *
                                    f.rows[(u * CLASSES + a) * SIZE + all.index[i]] *
                                    f.rows[(u * CLASSES + b) * SIZE + all.index[j]];
                assert_true(fabs(c.matrix[i * SIZE + j] - want) <= 1e-11);
            }
        lethe_curvature_release(&c);
        lethe_blanket_release(&all);
        close_fixture(&f);
    }
}

/* Certain outcomes have F_u = 0: M is H_R, and the step today's. */
static void without_an_outcome_it_is_the_restricted_step(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 20; seed++) {
        const double mu = 0.01;
        struct fixture f;
        struct lethe_projection *p = NULL;
        struct lethe_blanket blanket;
        struct lethe_factor *factor = NULL, *plain = NULL;
        struct lethe_curvature c;
        struct lethe_update u, today;
        open_fixture(&f, mu, 0, seed);
        make(&p, &f, mu);
        for (size_t k = 0; k < GONE * CLASSES; k++)
            p->weight[k] = k % CLASSES == 0;
        memcpy(p->target, f.rhs, sizeof f.rhs);
        assert_int_equal(lethe_projection_times(p->target, p, f.forget, f.w, p->step, NULL),
                         LETHE_OK);
        draw_blanket(&blanket, f.graph, seed);
        factorise(&factor, &c, &f, p, &blanket);
        const size_t units = 1 + seed % blanket.count;
        assert_int_equal(
            lethe_update_make(&u, factor, &f.removal, &blanket, units, mu, LETHE_FORM_AUTO, NULL),
            LETHE_OK);
        assert_int_equal(lethe_factor_cholesky(&plain, &c, mu, NULL), LETHE_OK);
        assert_int_equal(lethe_update_make(&today, plain, &f.removal, &blanket, units, mu,
                                           LETHE_FORM_RESIDUAL, NULL),
                         LETHE_OK);
        assert_true(distance(u.step, today.step, u.size) <= 1e-12);
        assert_true(fabs(u.predicted - today.predicted) <= 1e-12);
        assert_true(fabs(u.predicted_forget - today.predicted_forget) <= 1e-12);
        lethe_update_release(&u);
        lethe_update_release(&today);
        lethe_factor_unref(factor);
        lethe_factor_unref(plain);
        lethe_curvature_release(&c);
        lethe_blanket_release(&blanket);
        lethe_projection_unref(p);
        close_fixture(&f);
    }
}

static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_projection *p = NULL;
    double matrix[SIZE * SIZE] = {0};
    size_t index[SIZE];
    int ended = 0;
    for (size_t i = 0; i < SIZE; i++)
        index[i] = i;
    open_fixture(&f, 0, 0, 5);
    const struct lethe_projection_spec spec = {
        .forget = f.forget, .w = f.w, .step = f.step, .reached = f.rhs, .n = SAMPLES};
    for (long n = 0; n < 40 && !ended; n++) {
        lethe_alloc_fail_after(n);
        enum lethe_err rc = lethe_projection_new(&p, &spec, NULL, NULL);
        if (!rc)
            rc = lethe_projection_add(matrix, SIZE, index, p, f.forget, f.w, NULL, NULL);
        lethe_alloc_fail_after(-1);
        assert_true(rc == LETHE_ENOMEM || rc == LETHE_OK);
        ended = rc == LETHE_OK;
        lethe_projection_unref(p);
    }
    assert_true(ended);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_target_is_m_d),
        cmocka_unit_test(the_metric_is_that_of_probabilities),
        cmocka_unit_test(steps_solve_the_restricted_system),
        cmocka_unit_test(without_an_outcome_it_is_the_restricted_step),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
