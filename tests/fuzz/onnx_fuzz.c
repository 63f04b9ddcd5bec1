/* SPDX-License-Identifier: MIT
 * ONNX models from any bytes, taken as a network and, as the cases of single operators are, by the
 * shapes they state. What is accepted must run (a network backward, too) when it is small enough to
 * be worth it, and be written. */
#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "lethe/onnx.h"
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
    size_t n = graph->literal ? 1 : 2;
    struct lethe_exec *exec = lethe_exec_new(graph, LETHE_F32, n, NULL);
    if (!exec)
        return;
    lethe_exec_weights(exec, w);
    if (!lethe_exec_forward(exec, logits, inputs, n, NULL) && !graph->literal) {
        lethe_exec_backward(exec, grad, logits, NULL);
        lethe_exec_jvp(exec, logits, grad, NULL);
    }
    lethe_exec_free(exec);
}

/* What loads can be written and is read again. */
static void write(const struct lethe_graph *graph, const double *w)
{
    unsigned char *bytes = NULL;
    size_t size = 0;
    struct lethe_graph *again = NULL;
    double *other = NULL;
    if (graph->literal || graph->size > SMALL || !is_small(graph) ||
        lethe_onnx_encode(&bytes, &size, graph, w, LETHE_F32, NULL))
        return;
    if (!lethe_onnx_decode(&again, &other, bytes, size, NULL) && again->classes != graph->classes)
        abort();
    lethe_graph_unref(again);
    lethe_free(other);
    lethe_free(bytes);
}

/* Every refusal has a message. */
static void finish(enum lethe_err code, struct lethe_graph *graph, double *w,
                   const struct lethe_error *err)
{
    if (code && !*err->message)
        abort();
    if (!code) {
        run(graph, w);
        write(graph, w);
    }
    lethe_graph_unref(graph);
    lethe_free(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    Onnx__ModelProto *model = NULL;
    struct lethe_error err = {0};
    lethe_blas_threads(1);
    enum lethe_err code = lethe_onnx_unpack(&model, bytes, size, &err);
    if (code)
        finish(code, NULL, NULL, &err);
    for (int literal = 0; model && literal < 2; literal++) {
        struct lethe_graph *graph = NULL;
        double *w = NULL;
        err = (struct lethe_error){0};
        code = lethe_onnx_build(&graph, &w, model, NULL, literal ? LETHE_ONNX_LITERAL : 0, &err);
        finish(code, graph, w, &err);
    }
    if (model)
        onnx__model_proto__free_unpacked(model, NULL);
    return 0;
}
