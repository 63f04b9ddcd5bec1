/* SPDX-License-Identifier: MIT
 * A copy of a graph with a linear classifier on top. */
#include <string.h>

#include "base/alloc.h"
#include "nn/copy.h"

static enum lethe_err add_head(struct lethe_graph *copy, size_t features, size_t width,
                               size_t classes)
{
    const char *names[2] = {"head_input", "head_logits"};
    const long long one = 1;
    const struct lethe_attr transposed = {
        .name = "transB", .type = LETHE_ATTR_INTS, .single = 1, .count = 1, .ints = &one};
    struct lethe_shape matrix = {.ndim = 2, .dims = {classes, width}};
    struct lethe_shape row = {.ndim = 1, .dims = {classes}};
    size_t ends[3], flat, logits;
    struct lethe_node flatten = {
        .name = "/head/Flatten", .type = "Flatten", .in = &features, .in_count = 1, .out_count = 1};
    struct lethe_node gemm = {.name = "/head/Gemm",
                              .type = "Gemm",
                              .in = ends,
                              .in_count = 3,
                              .out_count = 1,
                              .attrs = &transposed,
                              .attr_count = 1};
    enum lethe_err code = lethe_graph_add_node(copy, &flat, &flatten, names);
    ends[0] = flat;
    copy->end = LETHE_END_UNKNOWN; /* and no longer the file's outputs */
    copy->file_output_count = 0;
    if (!code)
        code = lethe_graph_add_zeros(copy, &ends[1], "head.weight", &matrix);
    if (!code)
        code = lethe_graph_add_zeros(copy, &ends[2], "head.bias", &row);
    if (!code)
        code = lethe_graph_add_node(copy, &logits, &gemm, names + 1);
    return code ? code : lethe_graph_add_output(copy, logits);
}

/* The head's own entries of a fresh initialisation. */
static enum lethe_err draw_head(const struct lethe_graph *copy, double *w, uint64_t seed)
{
    double *fresh = lethe_alloc(copy->size + copy->buffers + 1, sizeof *fresh);
    if (!fresh)
        return LETHE_ENOMEM;
    lethe_graph_init(copy, seed, fresh);
    for (size_t p = 0; p < copy->param_count; p++)
        if (!strcmp(copy->params[p].name, "head.weight"))
            memcpy(w + copy->params[p].offset, fresh + copy->params[p].offset,
                   copy->params[p].size * sizeof *w);
    lethe_free(fresh);
    return LETHE_OK;
}

enum lethe_err lethe_graph_head(struct lethe_graph **made, double **made_w,
                                const struct lethe_graph *graph, const double *w, size_t classes,
                                uint64_t seed, struct lethe_error *err)
{
    if (classes < 2 || classes > 1000000)
        return lethe_fail(err, LETHE_EARG, "a head of %zu classes; 2 to 1000000 are allowed",
                          classes);
    for (size_t v = 0; v < graph->value_count; v++)
        if (!strncmp(graph->values[v].name, "head.", 5) ||
            !strncmp(graph->values[v].name, "head_", 5))
            return lethe_fail(err, LETHE_EARG, "the network has a 'head' already");
    struct lethe_copy made_from = {.from = graph, .w = w};
    double *all = NULL;
    enum lethe_err code = lethe_copy_make(&made_from);
    struct lethe_graph *copy = made_from.to;
    if (!code)
        code = add_head(copy, made_from.now[graph->outputs[0]], graph->classes, classes);
    lethe_copy_release(&made_from);
    if (code)
        lethe_fail_memory(err, "a head", classes, graph->classes * sizeof *w);
    else
        code = lethe_graph_finish(copy, &all, err);
    if (!code && draw_head(copy, all, seed))
        code = lethe_fail_memory(err, "a head", classes, graph->classes * sizeof *w);
    if (code) {
        lethe_graph_unref(copy);
        lethe_free(all);
        return code;
    }
    *made = copy;
    *made_w = all;
    return LETHE_OK;
}
