/* SPDX-License-Identifier: MIT
 * EKFAC influence of one sample, for tests/bench/ekfac_torch.py: what the first sample of a file
 * does to the others by (E + shift I)^-1, E from all of them with every class of their labels.
 * Prints one line of JSON: processor seconds of E and of the solve, and the scores g_i'x. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/alloc.h"
#include "lethe/array.h"
#include "lethe/ekfac.h"
#include "lethe/onnx.h"
#include "tensor/blas.h"

static double seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void stop(const char *what, const struct lethe_error *err)
{
    fprintf(stderr, "%s: %s\n", what, err->message);
    exit(1);
}

static struct lethe_dataset *read_samples(const char *samples, const char *labels)
{
    struct lethe_array x = {0}, y = {0};
    struct lethe_error err = {0};
    struct lethe_dataset *data = NULL;
    if (lethe_array_read(&x, samples, &err) || lethe_array_read(&y, labels, &err))
        stop("samples", &err);
    double *values = lethe_alloc(x.count, sizeof *values);
    int *classes = lethe_alloc(y.count, sizeof *classes);
    for (size_t i = 0; i < x.count; i++)
        values[i] = lethe_array_get(&x, i);
    for (size_t i = 0; i < y.count; i++)
        classes[i] = (int)lethe_array_get(&y, i);
    if (lethe_dataset_from(&data, values, classes, y.count, x.count / y.count, &err))
        stop("samples", &err);
    lethe_free(values);
    lethe_free(classes);
    lethe_array_release(&x);
    lethe_array_release(&y);
    return data;
}

static struct lethe_problem *over(struct lethe_graph *graph, struct lethe_dataset *data,
                                  const size_t *ids, size_t count, enum lethe_dtype dtype)
{
    struct lethe_problem *problem = NULL;
    struct lethe_error err = {0};
    const struct lethe_problem_spec spec = {.graph = graph,
                                            .data = data,
                                            .ids = ids,
                                            .count = count,
                                            .dtype = dtype,
                                            .batch = count < 64 ? count : 64};
    if (lethe_problem_new(&problem, &spec, &err))
        stop("a problem", &err);
    return problem;
}

/* g = gradient of one sample's loss. */
static void gradient(double *g, struct lethe_graph *graph, struct lethe_dataset *data, size_t id,
                     const double *w)
{
    double value;
    struct lethe_error err = {0};
    struct lethe_problem *one = over(graph, data, &id, 1, LETHE_F64);
    if (lethe_problem_value(one, &value, g, w, NULL, &err))
        stop("a gradient", &err);
    lethe_problem_free(one);
}

int main(int argc, char **argv)
{
    struct lethe_graph *graph = NULL;
    struct lethe_ekfac *ekfac = NULL;
    struct lethe_error err = {0};
    double *w = NULL;
    if (argc != 6) {
        fprintf(stderr,
                "usage: ekfac_bench MODEL.onnx SAMPLES.npy LABELS.npy SHIFT float|double\n");
        return 2;
    }
    lethe_blas_threads(1);
    if (lethe_onnx_load(&graph, &w, argv[1], &err))
        stop(argv[1], &err);
    struct lethe_dataset *data = read_samples(argv[2], argv[3]);
    const size_t count = lethe_dataset_count(data), size = lethe_graph_size(graph);
    const enum lethe_dtype dtype = strcmp(argv[5], "float") == 0 ? LETHE_F32 : LETHE_F64;
    struct lethe_problem *problem = over(graph, data, NULL, count, dtype);
    const struct lethe_ekfac_spec spec = {
        .problem = problem, .w = w, .threads = 1, .widest = SIZE_MAX}; /* as the other side does */
    double *x = lethe_alloc(size, sizeof *x), *g = lethe_alloc(size, sizeof *g);
    const double start = seconds();
    gradient(x, graph, data, 0, w);
    if (lethe_ekfac_new(&ekfac, &spec, NULL, &err) ||
        lethe_ekfac_solve(ekfac, x, strtod(argv[4], NULL), &err))
        stop("EKFAC", &err);
    printf("{\"seconds\":%.6f,\"scores\":[", seconds() - start);
    for (size_t i = 0; i < count && i < 20; i++) {
        gradient(g, graph, data, i, w);
        printf("%s%.12g", i ? "," : "", lethe_ddot(g, x, size));
    }
    printf("]}\n");
    lethe_problem_free(problem);
    lethe_ekfac_unref(ekfac);
    lethe_dataset_unref(data);
    lethe_graph_unref(graph);
    lethe_free(w);
    lethe_free(x);
    lethe_free(g);
    return 0;
}
