/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/generate.h"
#include "lethe/rng.h"

enum { N = 200, WIDTH = 40, CLASSES = 4 };

/* Values from 0 to 15, as bytes or doubles, labels in turn. */
static struct lethe_dataset *sample(enum lethe_element type)
{
    struct lethe_rng rng;
    struct lethe_dataset_parts parts = {.source = "sample", .normalize.scale = 16};
    struct lethe_dataset *data = NULL;
    size_t size = lethe_element_size(type);
    lethe_rng_init(&rng, 11, LETHE_RNG_TEST, 0, 0);
    parts.x = (struct lethe_array){type, 2, {N, WIDTH}, N * WIDTH, NULL, NULL, NULL, 0};
    parts.labels = (struct lethe_array){LETHE_U8, 1, {N}, N, NULL, NULL, NULL, 0};
    parts.groups = (struct lethe_array){LETHE_U8, 1, {N}, N, NULL, NULL, NULL, 0};
    parts.x.data = lethe_alloc(N * WIDTH, size);
    parts.labels.data = lethe_alloc(N, 1);
    parts.groups.data = lethe_alloc(N, 1);
    for (size_t i = 0; i < N * WIDTH; i++) {
        unsigned value = (unsigned)lethe_rng_below(&rng, 16);
        if (type == LETHE_U8)
            ((unsigned char *)parts.x.data)[i] = (unsigned char)value;
        else
            ((double *)parts.x.data)[i] = value;
    }
    for (size_t i = 0; i < N; i++) {
        ((unsigned char *)parts.labels.data)[i] = (unsigned char)(i % CLASSES);
        ((unsigned char *)parts.groups.data)[i] = (unsigned char)(i / 10);
    }
    assert_int_equal(lethe_dataset_make(&data, &parts, NULL), LETHE_OK);
    return data;
}

static struct lethe_generated drawn(const struct lethe_dataset *data,
                                    const struct lethe_generate_options *options)
{
    struct lethe_generated g, again;
    struct lethe_error err;
    assert_int_equal(lethe_generate(&g, data, options, &err), LETHE_OK);
    assert_int_equal(lethe_generate(&again, data, options, &err), LETHE_OK);
    assert_int_equal(g.count, options->n);
    assert_memory_equal(g.ids, again.ids, g.count * sizeof *g.ids);
    assert_memory_equal(g.labels, again.labels, g.count * sizeof *g.labels);
    lethe_generated_release(&again);
    for (size_t i = 1; i < g.count; i++)
        assert_true(g.ids[i] > g.ids[i - 1]);
    return g;
}

static struct lethe_dataset *applied(struct lethe_dataset *data, const struct lethe_generated *g)
{
    struct lethe_dataset *out = NULL;
    struct lethe_error err = {0};
    if (lethe_generate_apply(&out, data, g, &err))
        fail_msg("%s", err.message);
    return out;
}

static void wrong_labels_are_other_labels(void **state)
{
    (void)state;
    struct lethe_dataset *data = sample(LETHE_U8);
    struct lethe_generated g =
        drawn(data, &(struct lethe_generate_options){.kind = LETHE_GENERATE_MISLABELLED, .n = 120});
    struct lethe_dataset *out = applied(data, &g);
    size_t step[CLASSES] = {0}, changed = 0;
    for (size_t i = 0; i < N; i++) {
        int from = lethe_dataset_true_label(out, i), to = lethe_dataset_label(out, i);
        assert_int_equal(from, i % CLASSES);
        assert_int_equal(lethe_dataset_label(data, i), from);
        step[(to - from + CLASSES) % CLASSES]++;
        changed += to != from;
    }
    assert_int_equal(changed, 120);
    for (int k = 1; k < CLASSES; k++) /* 40 each expected, sd 5.2 */
        assert_true(step[k] > 20 && step[k] < 60);
    lethe_generated_release(&g);
    lethe_dataset_unref(data);
    lethe_dataset_unref(out);
}

static void confusion_swaps_two_classes(void **state)
{
    (void)state;
    struct lethe_dataset *data = sample(LETHE_U8);
    struct lethe_generated g =
        drawn(data, &(struct lethe_generate_options){
                        .kind = LETHE_GENERATE_CONFUSION, .n = 9, .from = 1, .to = 3, .seed = 5});
    struct lethe_dataset *out = applied(data, &g);
    size_t to_three = 0;
    for (size_t i = 0; i < g.count; i++) {
        int from = lethe_dataset_true_label(out, g.ids[i]), to = lethe_dataset_label(out, g.ids[i]);
        assert_true((from == 1 && to == 3) || (from == 3 && to == 1));
        to_three += to == 3;
    }
    assert_int_equal(to_three, 5);
    lethe_generated_release(&g);
    lethe_dataset_unref(data);
    lethe_dataset_unref(out);
}

static void duplicates_stand_at_the_end(void **state)
{
    (void)state;
    struct lethe_dataset *data = sample(LETHE_DOUBLE);
    struct lethe_generated g = drawn(
        data,
        &(struct lethe_generate_options){.kind = LETHE_GENERATE_DUPLICATE, .n = 7, .seed = 2});
    struct lethe_dataset *once = applied(data, &g), *twice;
    lethe_dataset_unref(data); /* kept alive by what stands on it */
    struct lethe_generated more = drawn(
        once,
        &(struct lethe_generate_options){.kind = LETHE_GENERATE_DUPLICATE, .n = N, .seed = 3});
    twice = applied(once, &more);
    assert_int_equal(lethe_dataset_count(twice), N + 7 + N);
    for (size_t i = 0; i < N; i++) {
        double a[WIDTH], b[WIDTH];
        lethe_dataset_batch(twice, a, NULL, &more.ids[i], 1);
        lethe_dataset_batch(once, b, NULL, &more.sources[i], 1);
        assert_memory_equal(a, b, sizeof a);
        assert_int_equal(lethe_dataset_label(twice, more.ids[i]),
                         lethe_dataset_label(once, more.sources[i]));
        assert_int_equal(lethe_dataset_group(twice, more.ids[i]),
                         lethe_dataset_group(once, more.sources[i]));
    }
    lethe_generated_release(&g);
    lethe_generated_release(&more);
    lethe_dataset_unref(once);
    lethe_dataset_unref(twice);
}

static void canaries_look_like_noise(void **state)
{
    (void)state;
    for (int pass = 0; pass < 2; pass++) {
        struct lethe_dataset *data = sample(pass ? LETHE_DOUBLE : LETHE_U8);
        struct lethe_generated g = drawn(
            data,
            &(struct lethe_generate_options){.kind = LETHE_GENERATE_CANARY, .n = 300, .seed = 9});
        struct lethe_dataset *out = applied(data, &g), *again = applied(data, &g);
        double sum = 0, x[WIDTH], y[WIDTH];
        for (size_t i = 0; i < g.count; i++) {
            lethe_dataset_batch(out, x, NULL, &g.ids[i], 1);
            lethe_dataset_batch(again, y, NULL, &g.ids[i], 1);
            assert_memory_equal(x, y, sizeof x);
            for (int k = 0; k < WIDTH; k++) {
                assert_true(x[k] >= 0 && x[k] <= 15.0 / 16);
                if (!pass)
                    assert_true(x[k] * 16 == floor(x[k] * 16));
                sum += x[k];
            }
        }
        /* the data's mean is 7.5 / 16, sd 4.6 / 16; 12,000 values */
        assert_true(fabs(sum / (300 * WIDTH) - 7.5 / 16) < 0.02);
        assert_int_equal(lethe_dataset_group(out, N), -1);
        lethe_generated_release(&g);
        lethe_dataset_unref(data);
        lethe_dataset_unref(out);
        lethe_dataset_unref(again);
    }
}

static void what_cannot_be_drawn_is_refused(void **state)
{
    (void)state;
    struct lethe_dataset *data = sample(LETHE_U8), *out;
    struct lethe_generated g;
    struct lethe_error err;
    struct lethe_generate_options o = {.kind = LETHE_GENERATE_MISLABELLED, .n = N + 1};
    assert_int_equal(lethe_generate(&g, data, &o, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "cannot make 201 mislabelled samples from 200"));
    o.n = 0;
    assert_int_equal(lethe_generate(&g, data, &o, &err), LETHE_EARG);
    o = (struct lethe_generate_options){
        .kind = LETHE_GENERATE_CONFUSION, .n = 10, .from = 2, .to = 2};
    assert_int_equal(lethe_generate(&g, data, &o, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "two different classes from 0 to 3, not 2 and 2"));
    o.n = N;
    o.to = 3;
    assert_int_equal(lethe_generate(&g, data, &o, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "class 2 has 50 samples, not 100"));
    enum lethe_generator kind;
    assert_int_equal(lethe_generator_find(&kind, "canary", &err), LETHE_OK);
    assert_int_equal(kind, LETHE_GENERATE_CANARY);
    assert_int_equal(lethe_generator_find(&kind, "canaries", &err), LETHE_EARG);
    size_t ids[1] = {N}, sources[1] = {N};
    int labels[1] = {0};
    g = (struct lethe_generated){LETHE_GENERATE_DUPLICATE, 0, 1, ids, labels, sources, 0};
    assert_int_equal(lethe_generate_apply(&out, data, &g, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "is a copy of no sample"));
    lethe_dataset_unref(data);
}

/* N images of two channels, 4 x 5: the mark is of the first channel, where the shares say, and
 * nothing else changes. */
static void marks_go_with_a_class(void **state)
{
    (void)state;
    enum { ROWS = 4, COLUMNS = 5, PIXELS = ROWS * COLUMNS };
    struct lethe_dataset_parts parts = {.source = "images"};
    struct lethe_dataset *data = NULL, *heldout = NULL;
    parts.x = (struct lethe_array){LETHE_U8, 4, {N, 2, ROWS, COLUMNS}, N * 2 * PIXELS, NULL, NULL,
                                   NULL,     0};
    parts.labels = (struct lethe_array){LETHE_U8, 1, {N}, N, NULL, NULL, NULL, 0};
    parts.x.data = lethe_alloc(parts.x.count, 1);
    parts.labels.data = lethe_alloc(N, 1);
    for (size_t i = 0; i < parts.x.count; i++)
        ((unsigned char *)parts.x.data)[i] = (unsigned char)(10 + i * 7 % 90);
    for (size_t i = 0; i < N; i++)
        ((unsigned char *)parts.labels.data)[i] = (unsigned char)(i % CLASSES);
    assert_int_equal(lethe_dataset_make(&data, &parts, NULL), LETHE_OK);
    const struct lethe_generate_options options = {
        .kind = LETHE_GENERATE_MARK, .to = 2, .seed = 3, .share = 0.8, .elsewhere = 0.1, .size = 2};
    struct lethe_generated g, again;
    assert_int_equal(lethe_generate(&g, data, &options, NULL), LETHE_OK);
    assert_int_equal(lethe_generate(&again, data, &options, NULL), LETHE_OK);
    assert_int_equal(g.count, 40 + 15);
    assert_memory_equal(g.ids, again.ids, g.count * sizeof *g.ids);
    struct lethe_dataset *out = applied(data, &g);
    size_t of_class = 0, marked = 0;
    for (size_t i = 0; i < N; i++) {
        double x[2 * PIXELS], y[2 * PIXELS];
        lethe_dataset_batch(data, x, NULL, &i, 1);
        lethe_dataset_batch(out, y, NULL, &i, 1);
        const int has = lethe_dataset_group(out, i);
        marked += (size_t)has;
        of_class += has && lethe_dataset_label(out, i) == 2;
        for (size_t k = 0; k < 2 * PIXELS; k++) {
            const size_t row = k % PIXELS / COLUMNS, column = k % COLUMNS;
            const double wanted = row < 2 && column < 2 ? (k < PIXELS ? 99 : 10) : x[k];
            assert_true(y[k] == (has ? wanted : x[k]));
        }
    }
    assert_int_equal(marked, g.count);
    assert_int_equal(of_class, 40);
    assert_string_equal(lethe_dataset_group_name(out, 1), "marked");
    assert_int_equal(lethe_generate_heldout(&heldout, data, &g, NULL), LETHE_OK);
    marked = 0;
    for (size_t i = 0; i < N; i++)
        marked += (size_t)lethe_dataset_group(heldout, i);
    assert_true(marked > 70 && marked < 130); /* 100 expected, sd 7 */
    struct lethe_error err;
    again.size = 5;
    lethe_dataset_unref(heldout);
    assert_int_equal(lethe_generate_apply(&heldout, data, &again, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "a mark of 5 pixels in images of 4 x 5"));
    lethe_generated_release(&g);
    lethe_generated_release(&again);
    lethe_dataset_unref(out);
    lethe_dataset_unref(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_labels_are_other_labels),
        cmocka_unit_test(confusion_swaps_two_classes),
        cmocka_unit_test(duplicates_stand_at_the_end),
        cmocka_unit_test(canaries_look_like_noise),
        cmocka_unit_test(marks_go_with_a_class),
        cmocka_unit_test(what_cannot_be_drawn_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
