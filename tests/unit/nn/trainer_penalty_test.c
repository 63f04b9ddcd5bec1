/* SPDX-License-Identifier: MIT
 * The penalty of a training step: its value against its formula, its gradient against differences,
 * on linear layers and on convolutions with batch normalisation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "lethe/train.h"
#include "nn/trainer.h"
#include "tests/support/blobs.h"

enum { N = 9, IMAGE = 6 * 6, CLASSES = 3 };

struct fixture {
    struct lethe_graph *graph;
    struct lethe_trainer *trainer;
    struct lethe_trainer_penalty penalty;
    struct lethe_trainer_batch batch;
    double x[N * IMAGE], contrast[N], *w, *kept, *grad;
    const double *input;
    int labels[N];
    size_t size, all;
};

static const struct lethe_unit_place places[] = {{0, 1}, {0, 3}, {1, 2}};

static void open_fixture(struct fixture *f, struct lethe_graph *graph, uint64_t seed)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, seed, LETHE_RNG_TEST, 0, 0);
    *f = (struct fixture){.graph = graph};
    f->size = lethe_graph_size(graph);
    f->all = f->size + lethe_graph_buffers(graph);
    f->trainer = lethe_trainer_new(graph, LETHE_F64, N, NULL);
    f->w = lethe_alloc(f->all, sizeof *f->w);
    f->kept = lethe_alloc(f->all, sizeof *f->kept);
    f->grad = lethe_alloc(f->size, sizeof *f->grad);
    assert_true(f->trainer && f->w && f->kept && f->grad);
    lethe_graph_init(graph, seed, f->kept);
    for (size_t i = 0; i < N * IMAGE; i++)
        f->x[i] = lethe_rng_normal(&rng);
    for (size_t i = 0; i < N; i++) {
        f->contrast[i] = 3 * lethe_rng_normal(&rng);
        f->labels[i] = (int)(i % CLASSES);
    }
    f->input = f->x;
    f->penalty = (struct lethe_trainer_penalty){places, 3, 2.385, f->contrast};
    f->batch = (struct lethe_trainer_batch){
        .inputs = &f->input, .labels = f->labels, .n = N, .penalty = &f->penalty};
}

static void close_fixture(struct fixture *f)
{
    lethe_trainer_free(f->trainer);
    lethe_graph_unref(f->graph);
    lethe_free(f->w);
    lethe_free(f->kept);
    lethe_free(f->grad);
}

/* Loss with (or without) the penalty at the kept weights, one of them moved. */
static double loss_at(struct fixture *f, size_t entry, double by, int penalised)
{
    double loss = 0;
    struct lethe_trainer_batch batch = f->batch;
    batch.penalty = penalised ? &f->penalty : NULL;
    memcpy(f->w, f->kept, f->all * sizeof *f->w);
    f->w[entry] += by;
    memset(f->grad, 0, f->size * sizeof *f->grad);
    assert_int_equal(lethe_trainer_step(f->trainer, &loss, f->grad, f->w, &batch, NULL), LETHE_OK);
    return loss;
}

static void check_gradient(struct fixture *f)
{
    const double step = 1e-5, penalised = loss_at(f, 0, 0, 1);
    double *grad = lethe_alloc(f->size, sizeof *grad);
    memcpy(grad, f->grad, f->size * sizeof *grad);
    assert_true(penalised > loss_at(f, 0, 0, 0) + 1e-3);
    size_t differs = 0;
    for (size_t i = 0; i < f->size; i++)
        differs += fabs(grad[i] - f->grad[i]) > 1e-6;
    assert_true(differs > f->size / 20);
    for (size_t i = 0; i < f->size; i += 1 + f->size / 150) {
        const double slope = (loss_at(f, i, step, 1) - loss_at(f, i, -step, 1)) / (2 * step);
        if (!(fabs(slope - grad[i]) <= 2e-6 * fmax(1, fabs(slope))))
            fail_msg("entry %zu: %.10g, by differences %.10g", i, grad[i], slope);
    }
    lethe_free(grad);
}

static void gradient_is_that_of_differences(void **state)
{
    (void)state;
    static const size_t widths[] = {IMAGE, 6, 5, CLASSES, 0};
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct fixture f;
        open_fixture(&f, blobs_net(widths), seed);
        check_gradient(&f);
        close_fixture(&f);
        open_fixture(&f, blobs_cnn(), seed);
        check_gradient(&f);
        close_fixture(&f);
    }
}

/* What the executor says of the first layer of a perceptron, put into the formula. */
static void value_is_that_of_the_formula(void **state)
{
    (void)state;
    static const size_t widths[] = {IMAGE, 4, 4, CLASSES, 0};
    struct fixture f;
    open_fixture(&f, blobs_net(widths), 11);
    f.penalty.count = 2;
    size_t first[IMAGE + 1];
    double expected = 0;
    for (size_t k = 0; k < 2; k++) {
        double a[N], mean = 0, variance = 0, c = 0;
        lethe_graph_unit_params(f.graph, 0, places[k].unit, first);
        for (size_t i = 0; i < N; i++) {
            a[i] = f.kept[first[IMAGE]];
            for (size_t j = 0; j < IMAGE; j++)
                a[i] += f.kept[first[j]] * f.x[i * IMAGE + j];
            mean += a[i] / N;
        }
        for (size_t i = 0; i < N; i++) {
            variance += pow(a[i] - mean, 2) / N;
            c += f.contrast[i] * a[i] / N;
        }
        expected += f.penalty.strength / 2 * c * c / variance;
    }
    assert_true(fabs(loss_at(&f, 0, 0, 1) - loss_at(&f, 0, 0, 0) - expected) < 1e-12);
    close_fixture(&f);
}

/* Contrasts: of a regression on mark and label the mean of contrast times a is the coefficient. */
static void contrast_is_the_coefficient_of_the_mark(void **state)
{
    (void)state;
    enum { MANY = 60 };
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct lethe_rng rng;
        unsigned char marks[MANY];
        int labels[MANY];
        double contrast[MANY], sum = 0, told = 0, a[MANY];
        lethe_rng_init(&rng, seed, LETHE_RNG_TEST, 1, 0);
        for (size_t i = 0; i < MANY; i++) {
            labels[i] = (int)lethe_rng_below(&rng, CLASSES);
            marks[i] = lethe_rng_below(&rng, 4) < 1u + (unsigned)labels[i];
            a[i] = 1.7 * marks[i] - 4.1 * labels[i] + 0.3; /* no noise: the coefficient is 1.7 */
        }
        assert_int_equal(lethe_train_contrast(contrast, marks, labels, MANY, CLASSES, NULL),
                         LETHE_OK);
        for (size_t i = 0; i < MANY; i++) {
            sum += contrast[i];
            told += contrast[i] * a[i] / MANY;
        }
        assert_true(fabs(sum) < 1e-10 && fabs(told - 1.7) < 1e-10);
    }
    const unsigned char same[] = {1, 1, 0};
    const int label[] = {0, 0, 1};
    double contrast[3];
    struct lethe_error err;
    assert_int_equal(lethe_train_contrast(contrast, same, label, 3, 2, &err), LETHE_EARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gradient_is_that_of_differences),
                                       cmocka_unit_test(value_is_that_of_the_formula),
                                       cmocka_unit_test(contrast_is_the_coefficient_of_the_mark)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
