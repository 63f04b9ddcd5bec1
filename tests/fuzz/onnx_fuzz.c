/* SPDX-License-Identifier: MIT
 * ONNX models from any bytes. What is accepted must run forward and backward on two samples, when
 * it is small enough to be worth it. */
#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "nn/plan.h"
#include "onnx/model.h"
#include "tensor/blas.h"

enum { SMALL = 1 << 16, CALLS = 200 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int is_small(const struct lethe_graph *graph)
{
    struct lethe_plan *plan = lethe_plan_new(graph, 2, NULL);
    size_t total = 0;
    for (size_t v = 0; plan && v < graph->value_count; v++) {
        size_t here = lethe_shape_size(&plan->values[v].shape);
        total += here < SMALL ? here : SMALL;
    }
    int small = plan && total < SMALL && plan->scratch < SMALL && plan->call_count < CALLS;
    lethe_plan_free(plan);
    return small;
}

static void run(struct lethe_graph *graph, const double *w)
{
    static double zeros[SMALL], logits[SMALL], grad[SMALL];
    const double *inputs[64];
    if (graph->input_count > 64 || graph->size > SMALL || !is_small(graph))
        return;
    for (size_t k = 0; k < graph->input_count; k++)
        inputs[k] = zeros;
    struct lethe_exec *exec = lethe_exec_new(graph, LETHE_F32, 2, NULL);
    if (!exec)
        return;
    lethe_exec_weights(exec, w);
    if (!lethe_exec_forward(exec, logits, inputs, 2, NULL)) {
        lethe_exec_backward(exec, grad, logits, NULL);
        lethe_exec_jvp(exec, logits, grad, NULL);
    }
    lethe_exec_free(exec);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct lethe_graph *graph = NULL;
    double *w = NULL;
    struct lethe_error err = {0};
    lethe_blas_threads(1);
    if (!lethe_onnx_parse(&graph, &w, bytes, size, NULL, &err)) {
        run(graph, w);
        lethe_graph_unref(graph);
        lethe_free(w);
    } else if (!*err.message) {
        abort();
    }
    return 0;
}
