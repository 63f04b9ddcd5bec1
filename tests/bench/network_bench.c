/* SPDX-License-Identifier: MIT
 * What a removal costs on a network, on random samples: loading its file, L-FOCI for one sample
 * with a thousand copies, EKFAC and its step (the first figure), the same step at another damping
 * and for a tenth of the parameters, conjugate gradients until the forget sample's predicted logits
 * have settled (the refined figure), and that at another damping. Networks are the ONNX files and
 * the generated networks that the command line names; without any, all of these and those of
 * ../shared that are there.
 *
 * Processor seconds and peak memory, each network in a process of its own that is ended after
 * LETHE_BENCH_SECONDS (300) of them. What is repeated stands at its 95 % point. Nothing is
 * asserted.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "lethe/onnx.h"
#include "lethe/rng.h"
#include "lethe/select.h"
#include "lethe/update.h"
#include "removal/ekfac_store.h"
#include "tensor/blas.h"
#include "tests/support/promise.h"

enum { SAMPLES = 100, REPEATS = 9 };
static const double long_enough = 4; /* seconds after which nothing is repeated any more */
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

struct estimated {
    double first, damping; /* seconds of the first step; of another at its 95 % point */
};

/* The step of the first `count` parameters by EKFAC. */
static struct estimated solve_by_ekfac(const struct bench *b, size_t count)
{
    size_t ends[2] = {0, count};
    struct lethe_blanket blanket = {.count = 1, .offset = ends, .index = b->index};
    struct lethe_removal removal = {.size = b->size, .n = SAMPLES + 1, .m = 1, .pull = b->pull};
    const struct lethe_factor_products how = {.name = "ggn",
                                              .ekfac = b->ekfac,
                                              .removal = &removal,
                                              .blanket = &blanket,
                                              .units = 1,
                                              .decay = decay};
    struct lethe_factor *factor = NULL;
    struct lethe_error err = {0};
    struct estimated made = {0};
    double times[REPEATS], start = seconds();
    if (lethe_factor_by_ekfac(&factor, &how, &err))
        stop("EKFAC's factor", &err);
    size_t k = 0;
    for (double sum = 0; k < REPEATS && sum < long_enough; sum += times[k++]) {
        struct lethe_update update = {0};
        const double begun = seconds();
        if (lethe_update_make(&update, factor, &removal, &blanket, 1, decay * (double)k,
                              LETHE_FORM_INFLUENCE, &err))
            stop("EKFAC's step", &err);
        times[k] = seconds() - begun;
        made.first = k ? made.first : seconds() - start;
        lethe_update_release(&update);
    }
    lethe_factor_unref(factor);
    made.damping = promise_point(times, k, 0.95);
    return made;
}

struct refined {
    double seconds, damping; /* made; a step at another damping */
    size_t products;
};

static struct refined solve_by_products(const struct bench *b)
{
    size_t ends[2] = {0, b->size};
    struct lethe_blanket all = {.count = 1, .offset = ends, .index = b->index};
    struct lethe_removal removal = {.size = b->size, .n = SAMPLES + 1, .m = 1, .pull = b->pull};
    struct lethe_product_spec spec = {
        .problem = b->samples, .w = b->w, .blanket = &all, .units = 1, .dtype = LETHE_F32};
    struct lethe_product *product = NULL;
    struct lethe_factor *factor = NULL;
    struct lethe_error err = {0};
    struct refined made = {0};
    double start = seconds(), times[REPEATS];
    const double rows = SAMPLES * 9.0;
    if (lethe_curvature_find(&spec.method, "ggn", &err) || lethe_product_new(&product, &spec, &err))
        stop("a product", &err);
    const struct lethe_factor_products how = {.name = "ggn",
                                              .h = lethe_product_operator(product),
                                              .all = lethe_product_operator_all(product),
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
    if (lethe_factor_by_products(&factor, &how, NULL, &err))
        stop("the step", &err);
    size_t k = 0;
    for (double sum = 0; k < REPEATS && sum < long_enough; sum += times[k++]) {
        struct lethe_update update = {0};
        const double begun = seconds(),
                     mu = lethe_factor_serves(factor, b->size, 1e-3) ? 1e-3 * (double)k : 0;
        if (lethe_update_make(&update, factor, &removal, &all, 1, mu, LETHE_FORM_INFLUENCE, &err))
            stop("the step", &err);
        made.products = update.products;
        made.seconds = k ? made.seconds : seconds() - start;
        times[k] = seconds() - begun;
        lethe_update_release(&update);
    }
    made.damping = promise_point(times, k, 0.95);
    lethe_factor_unref(factor);
    lethe_product_free(product);
    return made;
}

/* L-FOCI of sample 0 with a thousand copies; NAN where it has no pixels or words to change. */
static double select_units(const struct bench *b, struct lethe_dataset *data)
{
    const struct lethe_select_method *method = NULL;
    struct lethe_select_options options = lethe_select_defaults();
    struct lethe_selection selection = {0};
    struct lethe_error err = {0};
    const size_t forget = 0;
    const struct lethe_select_input input = {
        .graph = b->graph, .data = data, .w = b->w, .forget = &forget, .m = 1};
    options.perturb.memory = (size_t)512 << 20;
    const double start = seconds();
    if (lethe_select_find(&method, "lfoci", &err) ||
        lethe_select(&selection, method, &input, &options, NULL, &err)) {
        fprintf(stderr, "select: %s\n", err.message);
        return NAN;
    }
    lethe_selection_release(&selection);
    return seconds() - start;
}

static void run(const char *name, struct lethe_graph *graph, double *w, double load)
{
    const size_t count = lethe_ekfac_samples(graph, 2000);
    struct lethe_dataset *data = samples_for(graph, (count > SAMPLES ? count : SAMPLES) + 1);
    struct bench b = {.graph = graph, .w = w, .size = lethe_graph_size(graph)};
    struct lethe_error err = {0};
    double value;
    printf("%-24s %10zu %6.2f ", name, b.size, load);
    printf("%7.2f ", select_units(&b, data));
    struct lethe_problem *problem = over(graph, data, 1, count);
    const struct lethe_ekfac_spec spec = {.problem = problem, .w = w, .draws = 1, .positions = 64};
    const double start = seconds();
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
    const struct estimated whole = solve_by_ekfac(&b, b.size);
    printf("%6zu %7.2f %7.3f %7.3f ", count, made + whole.first, whole.damping,
           solve_by_ekfac(&b, b.size / 10).first);
    const struct refined refined = solve_by_products(&b);
    printf("%5zu %8.2f %7.3f %7.0f\n", refined.products, refined.seconds, refined.damping,
           megabytes());
    lethe_problem_free(b.samples);
    lethe_problem_free(b.forget);
    lethe_ekfac_unref(b.ekfac);
    lethe_dataset_unref(data);
    lethe_free(b.pull);
    lethe_free(b.index);
}

static void run_file(const char *path)
{
    struct lethe_graph *graph = NULL;
    struct lethe_error err = {0};
    double *w = NULL;
    const char *name = strrchr(path, '/');
    const double start = seconds();
    if (lethe_onnx_load(&graph, &w, path, &err))
        stop(path, &err);
    run(name ? name + 1 : path, graph, w, seconds() - start);
    lethe_graph_unref(graph);
    lethe_free(w);
}

/* ---- networks made here ---------------------------------------------------------------------- */

static const struct lethe_cnn_layer small[] = {{16, 0, 1}, {32, 0, 1}, {64, 0, 0}},
                                    resnet20[] = {{16, 3, 0}, {32, 3, 0}, {64, 3, 0}},
                                    resnet18[] = {{64, 2, 0},
                                                  {128, 2, 0},
                                                  {256, 2, 0},
                                                  {512, 2, 0}},
                                    vgg[] = {{64, 0, 0},  {64, 0, 1},  {128, 0, 0}, {128, 0, 1},
                                             {256, 0, 0}, {256, 0, 0}, {256, 0, 1}, {512, 0, 0},
                                             {512, 0, 0}, {512, 0, 1}, {512, 0, 0}, {512, 0, 0},
                                             {512, 0, 1}};
static const size_t mlp[] = {784, 100, 10};

#define CNN(channels, side, list)                                                                  \
    {                                                                                              \
        channels, side, side, 10, sizeof list / sizeof *list, list, LETHE_CNN_PLAIN                \
    }
static const struct {
    const char *name;
    struct lethe_cnn cnn;
    struct lethe_text_net text;
} generated[] = {{"784-100-10", {0}, {0}},
                 {"CNN, 28 x 28", CNN(1, 28, small), {0}},
                 {"like ResNet-20", CNN(3, 32, resnet20), {0}},
                 {"transformer, 2 layers", {0}, {5000, 64, 64, 4, 2, 77}},
                 {"like ResNet-18", CNN(3, 32, resnet18), {0}},
                 {"like VGG-16", CNN(3, 32, vgg), {0}},
                 {"like DistilBERT", {0}, {30522, 64, 768, 12, 6, 10}}};

static void run_generated(size_t k)
{
    struct lethe_graph *graph = NULL;
    struct lethe_error err = {0};
    enum lethe_err code = generated[k].cnn.depth ? lethe_graph_cnn(&graph, &generated[k].cnn, &err)
                          : generated[k].text.layers
                              ? lethe_graph_text(&graph, &generated[k].text, &err)
                              : lethe_graph_mlp(&graph, mlp, 3, "relu", &err);
    if (code)
        stop(generated[k].name, &err);
    const size_t entries = lethe_graph_size(graph) + lethe_graph_buffers(graph);
    double *w = lethe_alloc(entries, sizeof *w);
    lethe_graph_init(graph, 1, w);
    run(generated[k].name, graph, w, NAN);
    lethe_graph_unref(graph);
    lethe_free(w);
}

/* ---- one process a network ------------------------------------------------------------------- */

/* path NULL: number k of those made here. */
static void run_apart(const char *path, size_t k)
{
    const char *most = getenv("LETHE_BENCH_SECONDS");
    const struct rlimit limit = {most ? (rlim_t)strtoul(most, NULL, 10) : 300, RLIM_INFINITY};
    int status = 0;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        setvbuf(stdout, NULL, _IONBF, 0);
        setrlimit(RLIMIT_CPU, &limit);
        if (path)
            run_file(path);
        else
            run_generated(k);
        exit(0);
    }
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status))
        printf(" ... ended after %lu s of processor time\n", (unsigned long)limit.rlim_cur);
}

static void run_named(const char *name)
{
    for (size_t k = 0; k < sizeof generated / sizeof *generated; k++)
        if (strcmp(name, generated[k].name) == 0) {
            run_apart(NULL, k);
            return;
        }
    run_apart(name, 0);
}

int main(int argc, char **argv)
{
    static const char *const usual[] = {
        "../shared/models/fashion-cnn/model.onnx",
        "../shared/models/text-transformer/banking77-transformer.onnx",
        "../shared/models/cifar10-resnet/cifar10-resnet20.onnx",
        "../shared/models/osnet-x0_25/osnet_x0_25_msmt17.onnx"};
    lethe_blas_threads(1);
    printf("processor seconds; |C| of EKFAC, products with %d samples\n", SAMPLES);
    printf("%-24s %10s %6s %7s %6s %7s %7s %7s %5s %8s %7s %7s\n", "network", "parameters", "load",
           "select", "|C|", "first ~", "damping", "tenth", "prod", "refined", "damping", "peak MB");
    for (int i = 1; i < argc; i++)
        run_named(argv[i]);
    for (size_t i = 0; argc < 2 && i < sizeof generated / sizeof *generated; i++)
        run_apart(NULL, i);
    for (size_t i = 0; argc < 2 && i < sizeof usual / sizeof *usual; i++)
        if (access(usual[i], R_OK) == 0)
            run_apart(usual[i], 0);
        else
            printf("%s: not here\n", usual[i]);
    return 0;
}
