/* SPDX-License-Identifier: MIT
 * How long the figures take: tier 0 as on every key press (1,437 + 360 samples of 10 classes), the
 * distance to a retrained model, an AUC of many scores, and the scores of 64 against 64 models. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lethe/audit.h"
#include "lethe/rng.h"
#include "tests/support/promise.h"

enum {
    TRAIN = 1437,
    HELDOUT = 360,
    CLASSES = 10,
    FORGET = 20,
    MANY = 20000,
    MODELS = 64,
    SAMPLES = 100
};

static double z[2][(TRAIN + HELDOUT) * CLASSES], scores[2 * MANY], phi[2 * MODELS * SAMPLES];
static int labels[TRAIN + HELDOUT];

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static enum lethe_err tier_0(void)
{
    const size_t held = (size_t)TRAIN * CLASSES, kept = (size_t)FORGET * CLASSES;
    const struct lethe_figures_input input = {
        {z[0], labels, FORGET, CLASSES},
        {z[0] + kept, labels + FORGET, TRAIN - FORGET, CLASSES},
        {z[0] + held, labels + TRAIN, HELDOUT, CLASSES},
        1};
    struct lethe_figures figures;
    return lethe_figures_measure(&figures, &input, NULL);
}

static enum lethe_err distances(void)
{
    struct lethe_distance distance;
    lethe_distance_measure(&distance, z[0], z[1], TRAIN + HELDOUT, CLASSES);
    return isfinite(distance.kl) ? LETHE_OK : LETHE_ENUM;
}

static enum lethe_err many_scores(void)
{
    struct lethe_measure auc;
    return lethe_auc(&auc, &(struct lethe_pool){scores, scores + MANY, MANY, MANY}, NULL);
}

static struct lethe_ensembles ensembles(void)
{
    return (struct lethe_ensembles){{phi, MODELS, SAMPLES},
                                    {phi + MODELS * SAMPLES, MODELS, SAMPLES}};
}

static enum lethe_err ulira(void)
{
    struct lethe_ulira result;
    struct lethe_ensembles models = ensembles();
    return lethe_ulira_measure(&result, &models, NULL);
}

static enum lethe_err forgetting(void)
{
    struct lethe_forgetting result;
    struct lethe_ensembles models = ensembles();
    return lethe_forgetting_measure(&result, NULL, &models, NULL);
}

/* aim in ms; 0: nothing is promised. */
static void measure(const char *name, enum lethe_err (*run)(void), double aim)
{
    enum { RUNS = 41 };
    double times[RUNS];
    for (int k = 0; k < RUNS; k++) {
        double start = now_ms();
        if (run()) {
            fprintf(stderr, "eval_bench: %s failed\n", name);
            exit(1);
        }
        times[k] = now_ms() - start;
    }
    promise_print(name, times, RUNS, aim);
}

int main(void)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, 1, LETHE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < sizeof z / sizeof **z; i++)
        z[i % 2][i / 2] = 4 * lethe_rng_normal(&rng);
    for (size_t i = 0; i < TRAIN + HELDOUT; i++)
        labels[i] = (int)lethe_rng_below(&rng, CLASSES);
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++)
        scores[i] = lethe_rng_normal(&rng);
    for (size_t i = 0; i < sizeof phi / sizeof *phi; i++)
        phi[i] = lethe_rng_normal(&rng);
    measure("tier 0, 20 + 1417 + 360 samples", tier_0, 2);
    measure("distances to a retrained model, 1797 samples", distances, 0);
    measure("AUC with interval, 20000 + 20000 scores", many_scores, 0);
    measure("U-LiRA, 64 + 64 models, 100 samples", ulira, 0);
    measure("NeurIPS score, 64 + 64 models, 100 samples", forgetting, 0);
    return 0;
}
