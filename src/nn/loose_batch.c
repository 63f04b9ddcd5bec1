/* SPDX-License-Identifier: MIT
 * Files that fix their batch size. Exporters fold it into constants: the shapes a tensor is given,
 * of which one axis may be the batch alone, heads times batch, or tokens times batch. When taking
 * the constants as they stand fails, the graph is read loosely: the shapes of the file, with the
 * batch where memory order puts it. Where both an axis and its neighbour could hold a batch of 1,
 * matrices are (tokens x batch, width), as linear layers want them. What this yields is checked by
 * running: the first samples of a larger batch must have the logits they have in the file's own. */
#include <math.h>

#include "base/alloc.h"
#include "nn/exec.h"
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

/* Numbers that differ between samples and are also tokens: 0, 1 or 2 where whole ones are wanted.
 */
static void fill(double *x, const struct lethe_graph *graph, size_t input, size_t n)
{
    size_t width = lethe_graph_input_width(graph, input);
    int real = lethe_elem_is_real(graph->values[graph->inputs[input]].elem);
    for (size_t i = 0; i < n * width; i++)
        x[i] = real ? sin(1 + 0.7 * (double)i) : (double)((i / 3 + i / width) % 3 % 2);
}

static enum lethe_err run(double *logits, struct lethe_graph *graph, const double *w, size_t n,
                          struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    size_t count = graph->input_count;
    double **inputs = lethe_alloc_zero(count, sizeof *inputs);
    struct lethe_exec *exec = inputs ? lethe_exec_new(graph, LETHE_F64, n, err) : NULL;
    for (size_t k = 0; exec && k < count && !code; k++) {
        inputs[k] = lethe_alloc(n * lethe_graph_input_width(graph, k) + 1, sizeof **inputs);
        if (inputs[k])
            fill(inputs[k], graph, k, n);
        else
            code = lethe_fail_memory(err, "a batch", n, lethe_graph_input_width(graph, k));
    }
    if (!exec)
        code = LETHE_ENOMEM;
    if (!code) {
        lethe_exec_weights(exec, w);
        code = lethe_exec_forward(exec, logits, (const double *const *)inputs, n, err);
    }
    for (size_t k = 0; inputs && k < count; k++)
        lethe_free(inputs[k]);
    lethe_free(inputs);
    lethe_exec_free(exec);
    return code;
}

enum lethe_err lethe_graph_check_loose(struct lethe_graph *graph, const double *w,
                                       struct lethe_error *err)
{
    size_t n = graph->file_batch, width = graph->classes;
    double *file = lethe_alloc(n, width * sizeof *file);
    double *more = lethe_alloc(n + 1, width * sizeof *more), worst = 0, scale = 0;
    enum lethe_err code = file && more ? LETHE_OK : lethe_fail_memory(err, "logits", n + 1, width);
    if (!code)
        code = run(file, graph, w, n, err);
    if (!code)
        code = run(more, graph, w, n + 1, err);
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
    return code;
}
