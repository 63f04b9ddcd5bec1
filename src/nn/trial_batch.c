/* SPDX-License-Identifier: MIT
 * Runs a network on made-up samples: what a reading of its shapes promises is seen to hold. */
#include <math.h>

#include "base/alloc.h"
#include "nn/exec.h"

/* Numbers that differ between samples and are also tokens: 0, 1 or 2 where whole ones are wanted.
 */
static void fill(double *x, const struct lethe_graph *graph, size_t input, const size_t *samples,
                 size_t n)
{
    size_t width = lethe_graph_input_width(graph, input);
    int real = lethe_elem_is_real(graph->values[graph->inputs[input]].elem);
    for (size_t s = 0; s < n; s++)
        for (size_t d = 0; d < width; d++) {
            size_t i = samples[s] * width + d;
            x[s * width + d] =
                real ? sin(1 + 0.7 * (double)i) : (double)((i / 3 + i / width) % 3 % 2);
        }
}

enum lethe_err lethe_graph_try(double *logits, struct lethe_graph *graph, const double *w,
                               const size_t *samples, size_t n, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    size_t count = graph->input_count;
    double **inputs = lethe_alloc_zero(count, sizeof *inputs);
    struct lethe_exec *exec = inputs ? lethe_exec_new(graph, LETHE_F64, n, err) : NULL;
    for (size_t k = 0; exec && k < count && !code; k++) {
        inputs[k] = lethe_alloc(n * lethe_graph_input_width(graph, k) + 1, sizeof **inputs);
        if (inputs[k])
            fill(inputs[k], graph, k, samples, n);
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
