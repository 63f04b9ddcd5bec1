/* SPDX-License-Identifier: MIT
 * What is kept of a preview beside a retraining is what measuring gives, whoever asks in whatever
 * order, and nothing is held that was let go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "lethe/rng.h"
#include "workbench/beside.h"

enum { MODELS = 4, ROWS = 7, CLASSES = 3, OWN = 1000 };

static double logits[3][MODELS][LETHE_SIDES][ROWS * CLASSES];
static struct lethe_preview previews[MODELS];
static struct lethe_retrained warms[MODELS];

static void draw(struct lethe_rng *rng, struct lethe_evaluation *evaluation,
                 double (*z)[ROWS * CLASSES])
{
    evaluation->classes = CLASSES;
    evaluation->heldout = LETHE_SIDE_TUNE;
    for (int side = 0; side < LETHE_SIDES; side++) {
        for (size_t i = 0; i < ROWS * CLASSES; i++)
            z[side][i] = 4 * lethe_rng_uniform(rng) - 2;
        evaluation->logits[side] = z[side];
        evaluation->count[side] = ROWS;
    }
}

static int begin(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 11, LETHE_RNG_TEST, 0, 0);
    for (size_t m = 0; m < MODELS; m++) {
        draw(&rng, &previews[m].before, logits[0][0]);
        draw(&rng, &previews[m].now, logits[1][m]);
        draw(&rng, &warms[m].outcome, logits[2][m]);
        warms[m].control = warms[0].outcome;
        previews[m].refs = warms[m].refs = OWN;
    }
    return 0;
}

static void same(const struct lethe_compared *a, const struct lethe_compared *b)
{
    assert_memory_equal(a->before, b->before, sizeof a->before);
    assert_memory_equal(a->now, b->now, sizeof a->now);
    assert_memory_equal(&a->recovery.probs, &b->recovery.probs, sizeof(double));
    assert_memory_equal(&a->trained.value, &b->trained.value, sizeof(double));
    assert_memory_equal(&a->fold, &b->fold, sizeof(double));
    assert_memory_equal(&a->tow, &b->tow, sizeof(double));
}

static void it_is_what_measuring_gives(void **state)
{
    (void)state;
    struct lethe_rng rng;
    struct lethe_beside *beside = lethe_beside_new();
    lethe_rng_init(&rng, 12, LETHE_RNG_TEST, 0, 0);
    for (int round = 0; round < 3000; round++) {
        const size_t p = lethe_rng_below(&rng, MODELS), w = lethe_rng_below(&rng, MODELS);
        struct lethe_compared kept, made;
        if (round % 7 == 0)
            lethe_beside_forget(beside);
        lethe_beside_measure(round % 5 ? beside : NULL, &kept, &previews[p], &warms[w]);
        lethe_compared_make(&made, &previews[p], &warms[w]);
        same(&kept, &made);
    }
    lethe_beside_free(beside);
}

static size_t held(void)
{
    size_t refs = 0;
    for (size_t m = 0; m < MODELS; m++)
        refs += (size_t)(previews[m].refs - OWN) + (size_t)(warms[m].refs - OWN);
    return refs;
}

static void two_models_are_held_and_let_go(void **state)
{
    (void)state;
    struct lethe_compared compared;
    struct lethe_beside *beside = lethe_beside_new();
    for (size_t m = 0; m < MODELS; m++) {
        lethe_beside_measure(beside, &compared, &previews[m], &warms[m]);
        lethe_beside_measure(beside, &compared, &previews[m], &warms[m]);
        assert_int_equal(held(), 2);
        assert_int_equal(previews[m].refs, OWN + 1);
    }
    lethe_beside_forget(beside);
    assert_int_equal(held(), 0);
    lethe_beside_measure(beside, &compared, &previews[0], &warms[1]);
    lethe_beside_free(beside);
    assert_int_equal(held(), 0);
    lethe_beside_forget(NULL);
    lethe_beside_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(it_is_what_measuring_gives, begin),
        cmocka_unit_test_setup(two_models_are_held_and_let_go, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
