/* SPDX-License-Identifier: MIT
 * Files that fix their batch size. Exporters fold it into constants: the shapes a tensor is given,
 * of which one axis may be the batch alone, heads times batch, or tokens times batch. When taking
 * the constants as they stand fails, the graph is read loosely: the shapes of the file, with the
 * batch where memory order puts it. Where both an axis and its neighbour could hold a batch of 1,
 * matrices are (tokens x batch, width), as linear layers want them. What this yields is checked by
 * running: the first samples of a larger batch must have the logits they have in the file's own. */
#include <math.h>

#include "base/alloc.h"
#include "nn/prepare.h"

int lethe_graph_loosen(struct lethe_graph *graph)
{
    struct lethe_plan *plan = lethe_plan_new(graph, graph->file_batch, NULL);
    graph->file_shapes =
        lethe_arena_alloc(&graph->arena, graph->value_count, sizeof *graph->file_shapes);
    graph->loose = plan && graph->file_shapes;
    for (size_t v = 0; graph->loose && v < graph->value_count; v++)
        graph->file_shapes[v] = plan->values[v].shape;
    lethe_plan_free(plan);
    return graph->loose;
}

enum lethe_err lethe_graph_check_loose(struct lethe_graph *graph, const double *w,
                                       struct lethe_error *err)
{
    size_t n = graph->file_batch, width = graph->classes;
    double *file = lethe_alloc(n, width * sizeof *file);
    double *more = lethe_alloc(n + 1, width * sizeof *more), worst = 0, scale = 0;
    size_t *samples = lethe_alloc(n + 1, sizeof *samples);
    enum lethe_err code =
        file && more && samples ? LETHE_OK : lethe_fail_memory(err, "logits", n + 1, width);
    for (size_t s = 0; s <= n && !code; s++)
        samples[s] = s;
    if (!code)
        code = lethe_graph_try(file, graph, w, samples, n, err);
    if (!code)
        code = lethe_graph_try(more, graph, w, samples, n + 1, err);
    for (size_t i = 0; i < n * width && !code; i++) {
        worst = fmax(worst, fabs(file[i] - more[i]));
        scale = fmax(scale, fabs(file[i]));
        if (!(worst <= 1e-6 * scale + 1e-9))
            code = lethe_fail(err, LETHE_EFORMAT,
                              "the file fixes the batch size at %zu in a way that cannot be "
                              "undone; export it with a free batch dimension (dynamic_axes)",
                              n);
    }
    lethe_free(file);
    lethe_free(more);
    lethe_free(samples);
    return code;
}
