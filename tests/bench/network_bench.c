/* SPDX-License-Identifier: MIT
 * What a step of the whole network costs, network by network, on random samples: EKFAC, its step at
 * another damping, the step of a tenth of the parameters, and conjugate gradients until the forget
 * sample's predicted logits have settled. Networks are the ONNX files of the command line; without
 * any, those of ../shared that are there, and a 784-100-10 made here. Processor seconds and peak
 * memory of the process so far; nothing is asserted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/alloc.h"
#include "lethe/onnx.h"
#include "lethe/rng.h"
#include "lethe/update.h"
#include "removal/ekfac_store.h"
#include "tensor/blas.h"

enum { SAMPLES = 100 };
static const double decay = 5e-4, settled = 0.01;

static double seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static double megabytes(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_maxrss / 1024;
}

static void stop(const char *what, const struct lethe_error *err)
{
    fprintf(stderr, "%s: %s\n", what, err->message);
    exit(1);
}

/* Random pixels, or words where the network takes words. */
static struct lethe_dataset *samples_for(const struct lethe_graph *graph, size_t count)
{
    struct lethe_dataset *data = NULL;
    struct lethe_error err = {0};
    struct lethe_rng rng;
    size_t width = 0, classes = lethe_graph_classes(graph), at = 0;
    for (size_t k = 0; k < lethe_graph_inputs(graph); k++)
        width += lethe_graph_input_width(graph, k);
    double *x = lethe_alloc(count * width, sizeof *x);
    int *labels = lethe_alloc(count, sizeof *labels);
    lethe_rng_init(&rng, 1, LETHE_RNG_TEST, 9, 0);
    for (size_t i = 0; i < count; i++) {
        labels[i] = (int)lethe_rng_below(&rng, classes);
        for (size_t k = 0; k < lethe_graph_inputs(graph); k++)
            for (size_t j = 0; j < lethe_graph_input_width(graph, k); j++) {
                size_t rows = 0;
                const enum lethe_input_kind kind = lethe_graph_input_kind(graph, k, &rows);
                x[at++] = kind == LETHE_INPUT_REAL     ? lethe_rng_normal(&rng)
                          : kind == LETHE_INPUT_TOKENS ? (double)lethe_rng_below(&rng, rows)
                                                       : 1;
            }
    }
    if (lethe_dataset_from(&data, x, labels, count, width, &err))
        stop("samples", &err);
    lethe_free(x);
    lethe_free(labels);
    return data;
}

static struct lethe_problem *over(struct lethe_graph *graph, struct lethe_dataset *data,
                                  size_t first, size_t count)
{
    struct lethe_problem *problem = NULL;
    struct lethe_error err = {0};
    size_t *ids = lethe_alloc(count, sizeof *ids);
    const size_t fit = lethe_memory_batch(graph, LETHE_F32, (size_t)256 << 20);
    for (size_t i = 0; i < count; i++)
        ids[i] = first + i;
    const struct lethe_problem_spec spec = {.graph = graph,
                                            .data = data,
                                            .ids = ids,
                                            .count = count,
                                            .decay = decay,
                                            .dtype = LETHE_F32,
                                            .batch = fit < count ? fit : count};
    if (lethe_problem_new(&problem, &spec, &err))
        stop("a problem", &err);
    lethe_free(ids);
    return problem;
}

struct bench {
    struct lethe_graph *graph;
    struct lethe_problem *samples, *forget;
    struct lethe_ekfac *ekfac;
    double *w, *pull;
    size_t size, *index;
};

static double solve_by_ekfac(const struct bench *b, size_t count)
{
    struct lethe_mask mask;
    struct lethe_error err = {0};
    double *x = lethe_alloc(count, sizeof *x);
    if (lethe_mask_init(&mask, b->ekfac, b->index, count, &err))
        stop("a blanket", &err);
    const double start = seconds();
    if (lethe_mask_solve(&mask, x, b->pull, decay, NULL, &err))
        stop("EKFAC's step", &err);
    const double took = seconds() - start;
    lethe_mask_release(&mask);
    lethe_free(x);
    return took;
}

static double solve_by_products(const struct bench *b, size_t *products)
{
    size_t ends[2] = {0, b->size};
    struct lethe_blanket all = {.count = 1, .offset = ends, .index = b->index};
    struct lethe_removal removal = {.size = b->size, .n = SAMPLES + 1, .m = 1, .pull = b->pull};
    struct lethe_product_spec spec = {
        .problem = b->samples, .w = b->w, .blanket = &all, .units = 1, .dtype = LETHE_F32};
    struct lethe_product *product = NULL;
    struct lethe_factor *factor = NULL;
    struct lethe_update update = {0};
    struct lethe_error err = {0};
    const double start = seconds(), rows = SAMPLES * 9.0;
    if (lethe_curvature_find(&spec.method, "ggn", &err) || lethe_product_new(&product, &spec, &err))
        stop("a product", &err);
    const struct lethe_factor_products how = {.name = "ggn",
                                              .h = lethe_product_operator(product),
                                              .ekfac = b->ekfac,
                                              .removal = &removal,
                                              .blanket = &all,
                                              .units = 1,
                                              .w = b->w,
                                              .forget = b->forget,
                                              .shrink = (double)b->size / ((double)b->size + rows),
                                              .settled = settled,
                                              .tolerance = 1e-6,
                                              .decay = decay,
                                              .most = 160};
    if (lethe_factor_by_products(&factor, &how, NULL, &err) ||
        lethe_update_make(&update, factor, &removal, &all, 1, 0, LETHE_FORM_INFLUENCE, &err))
        stop("the step", &err);
    *products = update.products;
    lethe_update_release(&update);
    lethe_factor_unref(factor);
    lethe_product_free(product);
    return seconds() - start;
}

static void run(const char *name, struct lethe_graph *graph, double *w)
{
    const size_t count = lethe_ekfac_samples(graph, 2000);
    struct lethe_dataset *data = samples_for(graph, (count > SAMPLES ? count : SAMPLES) + 1);
    struct lethe_problem *problem = over(graph, data, 1, count);
    struct bench b = {.graph = graph, .w = w, .size = lethe_graph_size(graph)};
    const struct lethe_ekfac_spec spec = {.problem = problem, .w = w, .draws = 1, .positions = 64};
    struct lethe_error err = {0};
    size_t products = 0;
    double value, start = seconds();
    if (lethe_ekfac_new(&b.ekfac, &spec, NULL, &err))
        stop("EKFAC", &err);
    const double made = seconds() - start;
    lethe_problem_free(problem);
    b.samples = over(graph, data, 1, SAMPLES);
    b.forget = over(graph, data, 0, 1);
    b.pull = lethe_alloc(b.size, sizeof *b.pull);
    b.index = lethe_alloc(b.size, sizeof *b.index);
    for (size_t i = 0; i < b.size; i++)
        b.index[i] = i;
    if (lethe_problem_value(b.forget, &value, b.pull, w, NULL, &err))
        stop("a gradient", &err);
    const double whole = solve_by_ekfac(&b, b.size), part = solve_by_ekfac(&b, b.size / 10);
    const double refined = solve_by_products(&b, &products);
    printf("%-24s %10zu %6zu %8.2f %9.3f %9.3f %5zu %8.2f %7.0f\n", name, b.size, count, made,
           whole, part, products, refined, megabytes());
    lethe_problem_free(b.samples);
    lethe_problem_free(b.forget);
    lethe_ekfac_unref(b.ekfac);
    lethe_dataset_unref(data);
    lethe_free(b.pull);
    lethe_free(b.index);
}

static void run_file(const char *path, int needed)
{
    struct lethe_graph *graph = NULL;
    struct lethe_error err = {0};
    double *w = NULL;
    const char *name = strrchr(path, '/');
    if (lethe_onnx_load(&graph, &w, path, &err)) {
        if (needed)
            stop(path, &err);
        printf("%s: not here\n", path);
        return;
    }
    run(name ? name + 1 : path, graph, w);
    lethe_graph_unref(graph);
    lethe_free(w);
}

int main(int argc, char **argv)
{
    static const char *const usual[] = {
        "../shared/models/fashion-cnn/model.onnx",
        "../shared/models/text-transformer/banking77-transformer.onnx",
        "../shared/models/cifar10-resnet/cifar10-resnet20.onnx",
        "../shared/models/osnet-x0_25/osnet_x0_25_msmt17.onnx"};
    const size_t widths[] = {784, 100, 10};
    struct lethe_graph *graph = NULL;
    setvbuf(stdout, NULL, _IOLBF, 0);
    lethe_blas_threads(1);
    printf("%-24s %10s %6s %8s %9s %9s %5s %8s %7s\n", "network", "parameters", "|C|", "EKFAC s",
           "damping s", "tenth s", "prod", "PCG s", "peak MB");
    for (int i = 1; i < argc; i++)
        run_file(argv[i], 1);
    if (argc > 1)
        return 0;
    if (!lethe_graph_mlp(&graph, widths, 3, "relu", NULL)) {
        double *w = lethe_alloc(lethe_graph_size(graph), sizeof *w);
        lethe_graph_init(graph, 1, w);
        run("784-100-10", graph, w);
        lethe_graph_unref(graph);
        lethe_free(w);
    }
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        run_file(usual[i], 0);
    return 0;
}
