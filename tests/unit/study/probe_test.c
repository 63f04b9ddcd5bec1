/* SPDX-License-Identifier: MIT
 * The questions about single units against what the layers below say to the same copies, and the
 * two orders against sorting by definition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/alloc.h"
#include "lethe/blanket.h"
#include "lethe/rng.h"
#include "study/probe.h"
#include "tests/support/blobs.h"

enum { MOST = 40, SAMPLE = 4 };

static struct lethe_probe probe;

static int begin(void **state)
{
    (void)state;
    const size_t widths[] = {4, 6, 3, 0};
    struct lethe_settings settings;
    struct lethe_graph *graph = blobs_net(widths);
    struct lethe_dataset *data = blobs(20, 4, 3, 5);
    double *w = lethe_alloc_zero(lethe_graph_size(graph), sizeof *w);
    lethe_graph_init(graph, 3, w);
    lethe_settings_init(&settings);
    assert_int_equal(lethe_settings_put(&settings, LETHE_SET_PERTURB_COUNT, "200", NULL), 0);
    assert_int_equal(lethe_settings_put(&settings, LETHE_SET_SELECT_MAX, "3", NULL), 0);
    assert_int_equal(lethe_probe_init(&probe, graph, data, w, SAMPLE, &settings, NULL), 0);
    lethe_graph_unref(graph);
    lethe_dataset_unref(data);
    lethe_free(w);
    return 0;
}

static int end(void **state)
{
    (void)state;
    lethe_probe_release(&probe);
    return 0;
}

/* The copies of the sample, made here. */
static void make_copies(struct lethe_perturbation *noisy, struct lethe_codec_input *input)
{
    struct lethe_perturb_options options = lethe_perturb_defaults();
    options.count = 200;
    assert_int_equal(
        lethe_perturb(noisy, probe.graph, probe.data, probe.w, SAMPLE, &options, NULL, NULL),
        LETHE_OK);
    *input = (struct lethe_codec_input){.n = noisy->count,
                                        .p = noisy->units,
                                        .x32 = noisy->a,
                                        .y = noisy->loss,
                                        .dead = noisy->dead};
}

static void why_is_the_score_of_the_same_copies(void **state)
{
    (void)state;
    struct lethe_perturbation noisy;
    struct lethe_codec_input input;
    make_copies(&noisy, &input);
    for (size_t unit = 0; unit < 6; unit++) {
        const size_t given[] = {(unit + 1) % 6, (unit + 3) % 6};
        struct lethe_codec_pairs pairs;
        struct lethe_codec_value value;
        const struct lethe_codec_sets sets = {
            .given = given, .given_count = 2, .added = &unit, .added_count = 1};
        assert_int_equal(lethe_probe_why(&pairs, &probe, unit, given, 2, NULL, NULL), LETHE_OK);
        assert_int_equal(lethe_codec(&value, &input, &sets, &probe.foci.codec, NULL), LETHE_OK);
        int64_t sum = 0;
        for (size_t i = 0; i < pairs.n; i++)
            sum += pairs.pair[i].gain;
        assert_true(pairs.value.numerator == value.numerator && sum == value.numerator);
        assert_true(pairs.value.denominator == value.denominator);
        lethe_codec_pairs_release(&pairs);
    }
    lethe_perturbation_release(&noisy);
}

static void null_and_stability_ask_the_same_copies(void **state)
{
    (void)state;
    struct lethe_perturbation noisy;
    struct lethe_codec_input input;
    struct lethe_foci_result once;
    double band = 0, expected = 0, *marginal = NULL;
    size_t *times = NULL, counted[9] = {0};
    make_copies(&noisy, &input);
    struct lethe_foci_options options = probe.foci;
    assert_int_equal(lethe_probe_null(&band, &marginal, &probe, 30, NULL, NULL), LETHE_OK);
    assert_int_equal(lethe_codec_null(&expected, NULL, &input, 30, &options.codec, NULL, NULL),
                     LETHE_OK);
    assert_true(band == expected);
    assert_int_equal(lethe_foci_run(&once, &input, &options, NULL, NULL), LETHE_OK);
    for (size_t u = 0; u < noisy.units; u++)
        assert_true(marginal[u] == once.marginal[u]);
    assert_int_equal(lethe_probe_stability(&times, &probe, 5, NULL, NULL), LETHE_OK);
    assert_int_equal(noisy.units, 9);
    assert_int_equal(lethe_foci_stability(counted, &input, 5, &options, NULL, NULL), LETHE_OK);
    assert_memory_equal(times, counted, sizeof counted);
    lethe_foci_result_release(&once);
    lethe_perturbation_release(&noisy);
    lethe_free(marginal);
    lethe_free(times);
}

static void the_loudest_are_those_of_a_sorted_list(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 7, LETHE_RNG_TEST, 0, 0);
    for (int round = 0; round < 3000; round++) {
        struct lethe_codec_pair pair[MOST];
        struct lethe_codec_pairs pairs = {.n = lethe_rng_below(&rng, MOST + 1), .pair = pair};
        size_t found[MOST], room = 1 + lethe_rng_below(&rng, MOST);
        unsigned char taken[MOST] = {0};
        for (size_t i = 0; i < pairs.n; i++)
            pair[i].gain = (int64_t)lethe_rng_below(&rng, 7) - 3;
        const size_t count = lethe_probe_loudest(found, room, &pairs);
        assert_int_equal(count, room < pairs.n ? room : pairs.n);
        for (size_t k = 0; k < count; k++) {
            size_t best = SIZE_MAX;
            for (size_t i = 0; i < pairs.n; i++)
                if (!taken[i] && (best == SIZE_MAX || pair[i].gain > pair[best].gain))
                    best = i;
            assert_int_equal(found[k], best);
            taken[best] = 1;
        }
    }
}

static void units_are_ordered_by_how_often_they_were_selected(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 8, LETHE_RNG_TEST, 0, 0);
    for (int round = 0; round < 2000; round++) {
        size_t times[MOST], units = lethe_rng_below(&rng, MOST + 1), count = 0, selected = 0;
        for (size_t u = 0; u < units; u++) {
            times[u] = lethe_rng_below(&rng, 4);
            selected += times[u] > 0;
        }
        size_t *order = lethe_probe_order(&count, times, units, NULL);
        assert_int_equal(count, selected);
        for (size_t i = 0; i < count; i++) {
            assert_true(times[order[i]] > 0);
            assert_true(!i || times[order[i - 1]] > times[order[i]] ||
                        (times[order[i - 1]] == times[order[i]] && order[i - 1] < order[i]));
        }
        lethe_free(order);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(why_is_the_score_of_the_same_copies),
        cmocka_unit_test(null_and_stability_ask_the_same_copies),
        cmocka_unit_test(the_loudest_are_those_of_a_sorted_list),
        cmocka_unit_test(units_are_ordered_by_how_often_they_were_selected),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
