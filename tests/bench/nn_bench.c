/* SPDX-License-Identifier: MIT
 * Forward and backward passes: small networks in milliseconds, convolutional ones in GFLOP/s and
 * as a share of the sgemm that this machine reaches in the same run. One thread, its processor time
 * (others may use the machine, too). Networks are those
 * of ../shared/parity, with random input; tests/bench/torch_bench.py times the same in PyTorch. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "lethe/onnx.h"
#include "lethe/rng.h"
#include "nn/plan.h"
#include "nn/ops.h"
#include "tensor/blas.h"

enum { ROUNDS = 5 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *times, size_t n)
{
    qsort(times, n, sizeof *times, ascending);
    return times[n / 2];
}

static void fill(double *x, size_t n)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, 1, LETHE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < n; i++)
        x[i] = lethe_rng_normal(&rng);
}

static double sgemm_peak(void)
{
    enum { SIDE = 512 };
    static float a[SIDE * SIDE], b[SIDE * SIDE], c[SIDE * SIDE];
    double times[9];
    for (size_t i = 0; i < SIDE * SIDE; i++)
        a[i] = b[i] = 1.0f / (float)(i + 1);
    for (int r = 0; r < 9; r++) {
        double start = now();
        lethe_sgemm(c, a, b, &(struct lethe_gemm){.m = SIDE, .n = SIDE, .k = SIDE, .alpha = 1});
        times[r] = now() - start;
    }
    return 2e-9 * SIDE * SIDE * SIDE / median(times, 9);
}

/* Multiplications and additions of the products and convolutions in one forward pass. */
static double flops(const struct lethe_graph *graph, size_t batch)
{
    struct lethe_plan *plan = lethe_plan_new(graph, batch, NULL);
    double total = 0;
    for (size_t i = 0; plan && i < plan->call_count; i++) {
        const struct lethe_call *call = &plan->calls[i];
        const struct lethe_matmul_args *m = &call->args.matmul;
        double outputs = (double)lethe_shape_size(call->out[0]);
        if (!strcmp(call->op->name, "Conv"))
            total += 2 * outputs * (double)lethe_shape_size(call->in[1]) /
                     (double)call->args.conv.filters;
        else if (!strcmp(call->op->name, "Gemm") || !strcmp(call->op->name, "MatMul"))
            total += 2.0 * (double)m->m * (double)m->n * (double)m->k * (double)m->batches;
    }
    lethe_plan_free(plan);
    return total;
}

static void measure(const char *name, struct lethe_graph *graph, const double *w, size_t batch,
                    enum lethe_dtype dtype, double peak)
{
    struct lethe_exec *exec = lethe_exec_new(graph, dtype, batch, NULL);
    size_t classes = lethe_graph_classes(graph);
    double *z = lethe_alloc(batch * classes, sizeof *z), forward[ROUNDS], backward[ROUNDS];
    double *grad = lethe_alloc_zero(lethe_graph_size(graph), sizeof *grad);
    double *inputs[2] = {0};
    for (size_t k = 0; k < lethe_graph_inputs(graph) && k < 2; k++) {
        size_t width = batch * lethe_graph_input_width(graph, k);
        inputs[k] = lethe_alloc(width, sizeof *inputs[k]);
        fill(inputs[k], width);
        for (size_t i = 0; i < width && !strcmp(name, "distilbert"); i++)
            inputs[k][i] = k ? 1 : (double)(i % 100);
    }
    lethe_exec_weights(exec, w);
    for (int r = 0; r < ROUNDS; r++) {
        double start = now();
        lethe_exec_forward(exec, z, (const double *const *)inputs, batch, NULL);
        double middle = now();
        lethe_exec_backward(exec, grad, z, NULL);
        forward[r] = middle - start;
        backward[r] = now() - middle;
    }
    double f = median(forward, ROUNDS), b = median(backward, ROUNDS), work = flops(graph, batch);
    printf("%-12s batch %4zu %s forward %8.2f ms  backward %8.2f ms", name, batch,
           dtype == LETHE_F32 ? "float " : "double", 1e3 * f, 1e3 * b);
    if (dtype == LETHE_F32)
        printf("  %6.1f and %6.1f GFLOP/s, %2.0f %% and %2.0f %% of sgemm", 1e-9 * work / f,
               2e-9 * work / b, 1e-7 * work / f / peak, 2e-7 * work / b / peak);
    putchar('\n');
    lethe_exec_free(exec);
    lethe_free(z);
    lethe_free(grad);
    lethe_free(inputs[0]);
    lethe_free(inputs[1]);
}

int main(void)
{
    static const struct {
        const char *name;
        size_t batch;
    } nets[] = {{"resnet20", 128}, {"vgg_bn", 128}, {"distilbert", 64}, {"osnet", 32}};
    lethe_blas_threads(1);
    double peak = sgemm_peak();
    printf("nn: sgemm 512 reaches %.1f GFLOP/s on one thread (%s)\n", peak, lethe_blas_core());
    const size_t widths[] = {64, 32, 16, 10};
    struct lethe_graph *graph;
    double *w = lethe_alloc(4096, sizeof *w);
    if (!w || lethe_graph_mlp(&graph, widths, 4, "tanh", NULL))
        return 1;
    lethe_graph_init(graph, 1, w);
    measure("digits-mlp", graph, w, 1437, LETHE_F64, peak);
    lethe_graph_unref(graph);
    lethe_free(w);
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++) {
        char path[128];
        snprintf(path, sizeof path, "../shared/parity/%s/model.onnx", nets[i].name);
        if (access(path, R_OK) || lethe_onnx_load(&graph, &w, path, NULL)) {
            printf("%s: %s is absent\n", nets[i].name, path);
            continue;
        }
        measure(nets[i].name, graph, w, nets[i].batch, LETHE_F32, peak);
        lethe_graph_unref(graph);
        lethe_free(w);
    }
    return 0;
}
