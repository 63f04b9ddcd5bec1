/* SPDX-License-Identifier: MIT
 * Figures made block by block against those of all samples at once; a file against the same samples
 * in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/text.h"
#include "lethe/rng.h"
#include "study/evaluate_sets.h"
#include "tests/support/blobs.h"
#include "tests/support/folder.h"

enum { N = LETHE_EVALUATE_BLOCK + 137, WIDTH = 3, CLASSES = 3 };

static struct lethe_graph *graph;
static double *w;

static struct lethe_evaluated_model model_of(void)
{
    return (struct lethe_evaluated_model){graph, w, LETHE_F64};
}

static int begin(void **state)
{
    const size_t widths[] = {WIDTH, 5, CLASSES, 0};
    graph = blobs_net(widths);
    w = lethe_alloc_zero(lethe_graph_size(graph), sizeof *w);
    lethe_graph_init(graph, 3, w);
    return make_folder(state);
}

static int end(void **state)
{
    lethe_graph_unref(graph);
    lethe_free(w);
    return remove_folder(state);
}

/* The figures of some samples from logits of all of them, sample by sample. */
static void expect(const struct lethe_evaluated_set *set, struct lethe_dataset *data)
{
    struct lethe_problem *problem = blobs_problem(graph, data, set->ids.at, set->ids.count, 0);
    double *z = lethe_alloc(set->ids.count, CLASSES * sizeof *z), loss[CLASSES + 1] = {0};
    size_t n[CLASSES + 1] = {0}, correct[CLASSES + 1] = {0};
    const int *labels = lethe_problem_labels(problem);
    assert_int_equal(lethe_problem_logits(problem, z, w, NULL, NULL), LETHE_OK);
    for (size_t i = 0; i < set->ids.count; i++) {
        const double *row = z + i * CLASSES;
        double sum = 0;
        size_t best = 0;
        for (size_t c = 0; c < CLASSES; c++) {
            sum += exp(row[c] - row[labels[i]]);
            best = row[c] > row[best] ? c : best;
        }
        for (int k = 0; k < 2; k++) {
            const size_t at = k ? CLASSES : (size_t)labels[i];
            n[at]++;
            correct[at] += best == (size_t)labels[i];
            loss[at] += log(sum);
        }
    }
    for (size_t c = 0; c <= CLASSES; c++) {
        const struct lethe_set_figures *figures = c == CLASSES ? &set->figures : &set->per_class[c];
        assert_int_equal(figures->n, n[c]);
        assert_int_equal(figures->correct, correct[c]);
        if (n[c])
            assert_true(fabs(figures->loss - loss[c] / (double)n[c]) < 1e-9 * (1 + loss[c]));
    }
    lethe_free(z);
    lethe_problem_free(problem);
}

static void blocks_and_parts_add_up(void **state)
{
    (void)state;
    struct lethe_dataset *data = blobs(N, WIDTH, CLASSES, 5);
    struct lethe_evaluated_set sets[3];
    struct lethe_rng rng;
    lethe_rng_init(&rng, 1, LETHE_RNG_TEST, 0, 0);
    for (int s = 0; s < 3; s++) {
        assert_int_equal(lethe_evaluated_set_init(&sets[s], "a set", CLASSES, NULL), LETHE_OK);
        sets[s].ids.at = lethe_alloc(N, sizeof(size_t));
        for (size_t i = 0; i < N; i++)
            if (s == 0 || lethe_rng_below(&rng, s == 1 ? 2 : 500) == 0)
                sets[s].ids.at[sets[s].ids.count++] = i;
    }
    const struct lethe_evaluated_model model = model_of();
    assert_int_equal(lethe_evaluate_sets(sets, 3, &model, data, NULL, NULL), LETHE_OK);
    for (int s = 0; s < 3; s++) {
        expect(&sets[s], data);
        lethe_evaluated_set_release(&sets[s]);
    }
    lethe_dataset_unref(data);
}

static void a_file_is_measured_as_its_samples_are(void **state)
{
    (void)state;
    enum { ROWS = 300 };
    struct lethe_dataset *data = blobs(ROWS, WIDTH, CLASSES, 9), *loaded = NULL;
    struct lethe_text text = {0};
    lethe_text_add(&text, "a,b,c,label\n");
    for (size_t i = 0; i < ROWS; i++) {
        double x[WIDTH];
        lethe_dataset_batch(data, x, NULL, &i, 1);
        lethe_text_addf(&text, "%.17g,%.17g,%.17g,%d\n", x[0], x[1], x[2],
                        lethe_dataset_label(data, i));
    }
    char *path = put_file("samples.csv", lethe_text_get(&text), text.length);
    const struct lethe_data_source source = {.path = path, .classes = CLASSES};
    struct lethe_evaluated_set file, memory;
    struct lethe_stream *stream = NULL;
    const struct lethe_evaluated_model model = model_of();
    lethe_evaluated_set_init(&file, "file", CLASSES, NULL);
    lethe_evaluated_set_init(&memory, "memory", CLASSES, NULL);
    assert_int_equal(lethe_stream_open(&stream, &source, 2000, NULL), LETHE_OK);
    assert_int_equal(lethe_evaluate_stream(&file, &model, stream, NULL, NULL), LETHE_OK);
    assert_int_equal(file.ids.count, ROWS);
    assert_int_equal(lethe_dataset_load(&loaded, &source, NULL), LETHE_OK);
    memory.ids.at = lethe_alloc(ROWS, sizeof(size_t));
    for (memory.ids.count = 0; memory.ids.count < ROWS; memory.ids.count++)
        memory.ids.at[memory.ids.count] = memory.ids.count;
    assert_int_equal(lethe_evaluate_sets(&memory, 1, &model, loaded, NULL, NULL), LETHE_OK);
    assert_int_equal(file.figures.correct, memory.figures.correct);
    assert_true(fabs(file.figures.loss - memory.figures.loss) < 1e-12);
    lethe_stream_free(stream);
    lethe_evaluated_set_release(&file);
    lethe_evaluated_set_release(&memory);
    lethe_dataset_unref(loaded);
    lethe_dataset_unref(data);
    lethe_text_release(&text);
    lethe_free(path);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct lethe_dataset *data = blobs(40, WIDTH, CLASSES, 5);
    const struct lethe_evaluated_model model = model_of();
    enum lethe_err code = LETHE_ENOMEM;
    for (long k = 0; code; k++) {
        struct lethe_evaluated_set set = {0};
        struct lethe_error err = {0};
        size_t *ids = lethe_alloc(40, sizeof *ids);
        for (size_t i = 0; i < 40; i++)
            ids[i] = i;
        lethe_alloc_fail_after(k);
        code = lethe_evaluated_set_init(&set, "a set", CLASSES, &err);
        set.ids = (struct lethe_ids){ids, 40};
        if (!code)
            code = lethe_evaluate_sets(&set, 1, &model, data, NULL, &err);
        lethe_alloc_fail_after(-1);
        assert_true(code == LETHE_OK || (code == LETHE_ENOMEM && err.message[0]));
        lethe_evaluated_set_release(&set);
    }
    lethe_dataset_unref(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_and_parts_add_up),
        cmocka_unit_test(a_file_is_measured_as_its_samples_are),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
