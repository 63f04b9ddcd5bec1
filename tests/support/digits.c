/* SPDX-License-Identifier: MIT
 * Reading the digits from where they are. */
#include "tests/support/digits.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lethe/array.h"
#include "lethe/rng.h"

static void stop(const struct lethe_error *err)
{
    fprintf(stderr, "digits: %s\n", err->message);
    abort();
}

static struct lethe_dataset *read_set(const char *folder, const char *name, int *truth,
                                      const struct digits *changed, uint64_t seed)
{
    char path[256];
    struct lethe_error err = {0};
    struct lethe_dataset *data = NULL;
    struct lethe_dataset_parts parts = {.normalize = {.scale = 16}, .classes = DIGITS_CLASSES};
    snprintf(path, sizeof path, "%s/%s-images-idx3-ubyte.gz", folder, name);
    if (lethe_array_read(&parts.x, path, &err))
        stop(&err);
    snprintf(path, sizeof path, "%s/%s-labels-idx1-ubyte.gz", folder, name);
    if (lethe_array_read(&parts.labels, path, &err))
        stop(&err);
    parts.source = path;
    unsigned char *labels = parts.labels.data;
    for (size_t i = 0; truth && i < parts.labels.count; i++)
        truth[i] = labels[i];
    for (size_t k = 0; changed && k < DIGITS_CHANGED; k++) {
        struct lethe_rng rng;
        unsigned char *label = &labels[changed->changed[k]];
        lethe_rng_init(&rng, seed, LETHE_RNG_GENERATE, 1, k);
        *label = (unsigned char)((*label + 1 + lethe_rng_below(&rng, DIGITS_CLASSES - 1)) %
                                 DIGITS_CLASSES);
    }
    if (lethe_dataset_make(&data, &parts, &err))
        stop(&err);
    return data;
}

int digits_open(struct digits *digits, uint64_t mislabelled)
{
    static const char *const folders[] = {"sample_models/digits", "../shared/data/digits"};
    const char *folder = NULL;
    char path[256];
    for (size_t k = 0; k < 2 && !folder; k++) {
        snprintf(path, sizeof path, "%s/train-labels-idx1-ubyte.gz", folders[k]);
        if (access(path, R_OK) == 0)
            folder = folders[k];
    }
    if (!folder)
        return 0;
    size_t order[DIGITS_TRAIN];
    struct lethe_rng rng;
    lethe_rng_init(&rng, mislabelled, LETHE_RNG_GENERATE, 0, 0);
    for (size_t i = 0; i < DIGITS_TRAIN; i++)
        order[i] = i;
    lethe_rng_shuffle(&rng, order, DIGITS_TRAIN);
    for (size_t k = 0; k < DIGITS_CHANGED; k++)
        digits->changed[k] = order[k];
    digits->train =
        read_set(folder, "train", digits->truth, mislabelled ? digits : NULL, mislabelled);
    digits->heldout = read_set(folder, "test", NULL, NULL, 0);
    return 1;
}

void digits_close(struct digits *digits)
{
    lethe_dataset_unref(digits->train);
    lethe_dataset_unref(digits->heldout);
}

void digits_without(size_t *kept, size_t n, const size_t *gone, size_t m)
{
    for (size_t i = 0, left = 0; i < n; i++) {
        int is_gone = 0;
        for (size_t k = 0; k < m; k++)
            is_gone |= gone[k] == i;
        if (!is_gone)
            kept[left++] = i;
    }
}

struct lethe_problem *digits_problem(struct lethe_graph *graph, struct lethe_dataset *data,
                                     const size_t *ids, size_t count, double decay)
{
    const struct lethe_problem_spec spec = {.graph = graph,
                                            .data = data,
                                            .ids = ids,
                                            .count = count,
                                            .decay = decay,
                                            .dtype = LETHE_F64};
    struct lethe_problem *problem = NULL;
    struct lethe_error err = {0};
    if (lethe_problem_new(&problem, &spec, &err))
        stop(&err);
    return problem;
}
