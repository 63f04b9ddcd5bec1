/* SPDX-License-Identifier: MIT
 * Gaussian clouds with overlap, so that minima are finite and losses differ. */
#include "tests/support/blobs.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "lethe/rng.h"

struct lethe_dataset *blobs(size_t n, size_t width, size_t classes, uint64_t seed)
{
    double *x = lethe_alloc(n * width, sizeof *x);
    int *labels = lethe_alloc(n, sizeof *labels);
    struct lethe_dataset *data = NULL;
    for (size_t i = 0; i < n; i++) {
        struct lethe_rng centre, noise;
        size_t c = i % classes;
        lethe_rng_init(&centre, seed, LETHE_RNG_TEST, 1, c);
        lethe_rng_init(&noise, seed, LETHE_RNG_TEST, 2, i);
        labels[i] = (int)c;
        for (size_t k = 0; k < width; k++)
            x[i * width + k] = lethe_rng_normal(&centre) + 0.8 * lethe_rng_normal(&noise);
    }
    if (lethe_dataset_from(&data, x, labels, n, width, NULL))
        abort();
    lethe_free(x);
    lethe_free(labels);
    return data;
}

struct lethe_graph *blobs_net(const size_t *widths)
{
    size_t depth = 0;
    struct lethe_graph *graph = NULL;
    while (widths[depth])
        depth++;
    if (lethe_graph_mlp(&graph, widths, depth, "tanh", NULL))
        abort();
    return graph;
}

struct lethe_graph *blobs_cnn(void)
{
    static const struct lethe_cnn_layer layers[] = {{4, 0, 1}, {5, 0, 0}};
    static const struct lethe_cnn cnn = {1, 6, 6, 3, 2, layers, LETHE_CNN_PLAIN};
    struct lethe_graph *graph = NULL;
    if (lethe_graph_cnn(&graph, &cnn, NULL))
        abort();
    return graph;
}

struct lethe_problem *blobs_problem(struct lethe_graph *graph, struct lethe_dataset *data,
                                    const size_t *ids, size_t count, double decay)
{
    const struct lethe_problem_spec spec = {.graph = graph,
                                            .data = data,
                                            .ids = ids,
                                            .count = count,
                                            .decay = decay,
                                            .dtype = LETHE_F64};
    struct lethe_problem *problem = NULL;
    if (lethe_problem_new(&problem, &spec, NULL))
        abort();
    return problem;
}
