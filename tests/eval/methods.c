/* SPDX-License-Identifier: MIT
 * An unlearning method on any network, for an independent implementation to check.
 * usage: methods MODEL.onnx X.npy LABELS.npy FORGET.npy METHOD VALUES DECAY STEPS float|double
 * OUT.npz [MASK.npy]
 * X (n, width), LABELS (n), FORGET: ids; all others are retained, and stand for the held-out ones,
 * too. VALUES: key=value,... ; STEPS: optimiser steps at most, 0: all. MASK (parameters): not 0 for
 * those that may change. Prints the parameters (name, size) one a line; OUT has w before and after,
 * running statistics behind the parameters. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/array.h"
#include "lethe/methods.h"
#include "lethe/onnx.h"
#include "tests/support/tool.h"

/* ids (n): first those to be forgotten, then the others. */
static size_t *divide(const double *forget, size_t count, size_t n)
{
    size_t *ids = malloc((n + 1) * sizeof *ids), at = count;
    unsigned char *gone = calloc(n + 1, 1);
    for (size_t i = 0; i < count; i++) {
        ids[i] = (size_t)forget[i];
        gone[ids[i]] = 1;
    }
    for (size_t i = 0; i < n; i++)
        if (!gone[i])
            ids[at++] = i;
    free(gone);
    return ids;
}

int main(int argc, char **argv)
{
    struct lethe_graph *graph = NULL;
    struct lethe_dataset *data = NULL;
    const struct lethe_unlearn_method *method = NULL;
    struct lethe_unlearn_report report;
    double *w = NULL;
    size_t cells, n, gone;
    unsigned char *may = NULL;
    if (argc != 11 && argc != 12)
        return 2;
    lethe_tool_must(lethe_onnx_load(&graph, &w, argv[1], &lethe_tool_error));
    double *x = lethe_tool_numbers(argv[2], &cells), *y = lethe_tool_numbers(argv[3], &n),
           *u = lethe_tool_numbers(argv[4], &gone);
    int *labels = lethe_tool_labels(y, n);
    for (size_t p = 0; p < lethe_graph_param_count(graph); p++)
        printf("%s %zu\n", lethe_graph_param(graph, p)->name, lethe_graph_param(graph, p)->size);
    lethe_tool_must(lethe_dataset_from(&data, x, labels, n, cells / n, &lethe_tool_error));
    size_t *ids = divide(u, gone, n);
    struct lethe_unlearn_input input = {.graph = graph,
                                        .data = data,
                                        .heldout = data,
                                        .forget = ids,
                                        .forget_count = gone,
                                        .retain = ids + gone,
                                        .retain_count = n - gone,
                                        .tune = ids + gone,
                                        .tune_count = n - gone,
                                        .decay = strtod(argv[7], NULL),
                                        .dtype = strcmp(argv[9], "float") ? LETHE_F64 : LETHE_F32,
                                        .seed = 7,
                                        .most = strtoul(argv[8], NULL, 10)};
    if (argc == 12) {
        size_t count;
        double *mask = lethe_tool_numbers(argv[11], &count);
        may = calloc(count + 1, 1);
        for (size_t i = 0; i < count && i < lethe_graph_size(graph); i++)
            may[i] = mask[i] != 0;
        free(mask);
        input.may = may;
    }
    lethe_tool_must(lethe_unlearn_find(&method, argv[5], &lethe_tool_error));
    lethe_tool_must(lethe_unlearn_read(&input.values, method, argv[6], &lethe_tool_error));
    const size_t size = lethe_graph_size(graph) + lethe_graph_buffers(graph);
    double *before = malloc((size + 1) * sizeof *before);
    memcpy(before, w, size * sizeof *w);
    lethe_tool_must(lethe_unlearn(w, &report, method, &input, NULL, &lethe_tool_error));
    double *fresh = malloc((size + 1) * sizeof *fresh);
    memcpy(fresh, before, size * sizeof *fresh);
    lethe_graph_init(graph, input.seed, fresh);
    const struct lethe_npz_member out[] = {lethe_tool_member("before", before, size),
                                           lethe_tool_member("after", w, size),
                                           lethe_tool_member("fresh", fresh, size)};
    lethe_tool_must(lethe_npz_write(argv[10], out, 3, &lethe_tool_error));
    free(fresh);
    lethe_dataset_unref(data);
    lethe_graph_unref(graph);
    lethe_free(w);
    free(before);
    free(x);
    free(y);
    free(u);
    free(ids);
    free(labels);
    free(may);
    return 0;
}
