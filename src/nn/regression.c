/* SPDX-License-Identifier: MIT
 * Softmax regression as a graph: one linear layer with a bias, called as the caller says. */
#include <stdio.h>

#include "base/alloc.h"
#include "nn/graph.h"

enum { NAME = 256 };

/* Weight, bias and the product; *x is the input before and the logits after. */
static enum lethe_err add_layer(struct lethe_graph *graph, size_t *x, const char *name,
                                size_t width, size_t classes)
{
    char weight[NAME + 8], bias[NAME + 8], node[NAME + 8];
    const char *y = "logits";
    const long long one = 1;
    const struct lethe_attr transposed = {
        .name = "transB", .type = LETHE_ATTR_INTS, .single = 1, .count = 1, .ints = &one};
    const struct lethe_shape matrix = {.ndim = 2, .dims = {classes, width}};
    const struct lethe_shape row = {.ndim = 1, .dims = {classes}};
    size_t ends[3] = {*x};
    snprintf(weight, sizeof weight, "%.*s.weight", NAME - 1, name);
    snprintf(bias, sizeof bias, "%.*s.bias", NAME - 1, name);
    snprintf(node, sizeof node, "/%.*s/Gemm", NAME - 1, name);
    const struct lethe_node spec = {.name = node,
                                    .type = "Gemm",
                                    .in = ends,
                                    .in_count = 3,
                                    .out_count = 1,
                                    .attrs = &transposed,
                                    .attr_count = 1};
    enum lethe_err code = lethe_graph_add_zeros(graph, &ends[1], weight, &matrix);
    if (!code)
        code = lethe_graph_add_zeros(graph, &ends[2], bias, &row);
    return code ? code : lethe_graph_add_node(graph, x, &spec, &y);
}

enum lethe_err lethe_graph_regression(struct lethe_graph **graph, const char *name, size_t width,
                                      size_t classes, struct lethe_error *err)
{
    const struct lethe_shape shape = {.ndim = 2, .dims = {0, width}};
    struct lethe_graph *made = lethe_graph_new(LETHE_F64, 14);
    size_t x = 0;
    enum lethe_err code =
        made ? lethe_graph_add_input(made, &x, "input", LETHE_ELEM_DOUBLE, &shape) : LETHE_ENOMEM;
    if (!code)
        code = add_layer(made, &x, name, width, classes);
    if (!code)
        code = lethe_graph_add_output(made, x);
    if (code)
        lethe_fail_memory(err, "a network", width, classes * sizeof(double));
    else
        code = lethe_graph_finish(made, NULL, err);
    if (code)
        lethe_graph_unref(made);
    else
        *graph = made;
    return code;
}
