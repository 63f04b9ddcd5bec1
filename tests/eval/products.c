/* SPDX-License-Identifier: MIT
 * Curvature products of any network, for an independent implementation to check.
 * usage: products MODEL.onnx X.npy LABELS.npy V.npy OUT.npz
 * X (n, width), LABELS (n), V (parameters) in the order of the file's parameters, which are printed
 * one a line: name, size. OUT has ggn, fisher and hessian times V in double, the same in float
 * (ggn32, hessian32), and the hessian's matrix of at most 4,000 parameters. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/array.h"
#include "lethe/curvature.h"
#include "lethe/dataset.h"
#include "lethe/linearised.h"
#include "lethe/onnx.h"
#include "tests/support/tool.h"

typedef enum lethe_err product(struct lethe_linearised *, double *, const double *,
                               struct lethe_watch *, struct lethe_error *);

static struct lethe_npz_member times(const char *name, product *run, struct lethe_problem *problem,
                                     const double *w, const double *v, enum lethe_dtype dtype)
{
    const struct lethe_linearised_spec spec = {.problem = problem, .w = w, .dtype = dtype};
    const size_t size = lethe_problem_size(problem);
    struct lethe_linearised *l = NULL;
    double *g = malloc((size + 1) * sizeof *g);
    lethe_tool_must(lethe_linearised_new(&l, &spec, &lethe_tool_error));
    lethe_tool_must(run(l, g, v, NULL, &lethe_tool_error));
    lethe_linearised_free(l);
    return lethe_tool_member(name, g, size);
}

/* In the order of the parameters, both triangles. */
static struct lethe_npz_member matrix(struct lethe_problem *problem, const double *w)
{
    struct lethe_graph *graph = lethe_problem_graph(problem);
    const size_t size = lethe_graph_size(graph);
    const struct lethe_curvature_options options = {0};
    const struct lethe_curvature_method *method = NULL;
    struct lethe_blanket all = {0};
    struct lethe_curvature c = {0};
    double *full = malloc(size * size * sizeof *full);
    lethe_tool_must(lethe_curvature_find(&method, "hessian", &lethe_tool_error));
    lethe_tool_must(lethe_blanket_all(&all, graph, &lethe_tool_error));
    lethe_tool_must(
        lethe_curvature_make(&c, method, problem, w, &all, &options, NULL, &lethe_tool_error));
    for (size_t i = 0; i < size; i++)
        for (size_t j = 0; j <= i; j++)
            full[all.index[i] * size + all.index[j]] = full[all.index[j] * size + all.index[i]] =
                c.matrix[i * size + j];
    lethe_curvature_release(&c);
    lethe_blanket_release(&all);
    return (struct lethe_npz_member){"matrix",
                                     {.type = LETHE_DOUBLE,
                                      .ndim = 2,
                                      .dims = {size, size},
                                      .count = size * size,
                                      .data = full}};
}

int main(int argc, char **argv)
{
    struct lethe_graph *graph = NULL;
    struct lethe_dataset *data = NULL;
    struct lethe_problem *problem = NULL;
    double *w = NULL;
    size_t cells, n, size;
    if (argc != 6)
        return 2;
    lethe_tool_must(lethe_onnx_load(&graph, &w, argv[1], &lethe_tool_error));
    double *x = lethe_tool_numbers(argv[2], &cells), *y = lethe_tool_numbers(argv[3], &n),
           *v = lethe_tool_numbers(argv[4], &size);
    int *labels = lethe_tool_labels(y, n);
    for (size_t p = 0; p < lethe_graph_param_count(graph); p++)
        if (lethe_graph_param(graph, p)->trainable)
            printf("%s %zu\n", lethe_graph_param(graph, p)->name,
                   lethe_graph_param(graph, p)->size);
    if (size != lethe_graph_size(graph)) {
        fprintf(stderr, "products: %zu parameters, not %zu\n", lethe_graph_size(graph), size);
        return 3;
    }
    lethe_tool_must(lethe_dataset_from(&data, x, labels, n, cells / n, &lethe_tool_error));
    const struct lethe_problem_spec spec = {
        .graph = graph, .data = data, .count = n, .dtype = LETHE_F64, .batch = 7};
    lethe_tool_must(lethe_problem_new(&problem, &spec, &lethe_tool_error));
    const int small = size <= LETHE_CURVATURE_DENSE;
    struct lethe_npz_member out[6] = {
        times("ggn", lethe_linearised_ggn, problem, w, v, LETHE_F64),
        times("fisher", lethe_linearised_fisher, problem, w, v, LETHE_F64),
        times("hessian", lethe_linearised_hessian, problem, w, v, LETHE_F64),
        times("ggn32", lethe_linearised_ggn, problem, w, v, LETHE_F32),
        times("hessian32", lethe_linearised_hessian, problem, w, v, LETHE_F32)};
    if (small)
        out[5] = matrix(problem, w);
    lethe_tool_must(lethe_npz_write(argv[5], out, small ? 6 : 5, &lethe_tool_error));
    for (int k = 0; k < (small ? 6 : 5); k++)
        free(out[k].array.data);
    lethe_problem_free(problem);
    lethe_dataset_unref(data);
    lethe_graph_unref(graph);
    lethe_free(w);
    free(x);
    free(y);
    free(v);
    free(labels);
    return 0;
}
