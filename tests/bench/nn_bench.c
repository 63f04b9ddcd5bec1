/* SPDX-License-Identifier: MIT
 * Forward and backward passes: time, share of the sgemm that one thread of this machine reaches in
 * the same run, peak memory of a process that does nothing else. Networks are those of
 * ../shared/parity, with random input.
 *
 *     nn_bench                        all of them, on one thread (processor time: others may use
 *                                     the machine) and on all (wall clock); a preview's passes
 *     nn_bench NAME MODE THREADS CLOCK    one line "forward backward megabytes" for
 *                                     torch_bench.py; MODE: train, or infer (nothing is kept);
 *                                     CLOCK: wall, or cpu (processor time / threads)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "lethe/onnx.h"
#include "lethe/rng.h"
#include "nn/ops.h"
#include "nn/plan.h"
#include "tensor/blas.h"

enum { ROUNDS = 7 };

static const struct net {
    const char *name;
    size_t batch;
} nets[] = {{"resnet20", 128}, {"vgg_bn", 128}, {"distilbert", 64}, {"osnet", 32}};

/* A network with what a pass over one batch needs. */
struct world {
    struct lethe_graph *graph;
    struct lethe_exec *exec;
    size_t batch;
    double *w, *z, *grad, *inputs[2];
};

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
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
        double start = seconds(CLOCK_PROCESS_CPUTIME_ID);
        lethe_sgemm(c, a, b, &(struct lethe_gemm){.m = SIDE, .n = SIDE, .k = SIDE, .alpha = 1});
        times[r] = seconds(CLOCK_PROCESS_CPUTIME_ID) - start;
    }
    return 2e-9 * SIDE * SIDE * SIDE / median(times, 9);
}

/* Multiplications and additions of the products and convolutions in one forward pass. */
static double flops(const struct lethe_graph *graph, size_t batch)
{
    struct lethe_plan *plan = lethe_plan_new(graph, batch, NULL);
    double total = 0;
    for (size_t i = 0; plan && i < plan->call_count; i++) {
        const struct lethe_op_call *call = &plan->calls[i];
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

/* Takes graph and w. */
static int open_world(struct world *world, struct lethe_graph *graph, double *w, size_t batch,
                      enum lethe_dtype dtype, unsigned threads)
{
    *world = (struct world){.graph = graph, .w = w, .batch = batch};
    world->exec = lethe_exec_new(graph, dtype, batch, NULL);
    world->z = lethe_alloc(batch * lethe_graph_classes(graph), sizeof *world->z);
    world->grad = lethe_alloc_zero(lethe_graph_size(graph), sizeof *world->grad);
    if (!world->exec || !world->z || !world->grad || lethe_exec_threads(world->exec, threads, NULL))
        return 0;
    int words = lethe_graph_inputs(graph) == 2; /* token numbers and their mask */
    for (size_t k = 0; k < lethe_graph_inputs(graph) && k < 2; k++) {
        size_t width = batch * lethe_graph_input_width(graph, k);
        world->inputs[k] = lethe_alloc(width, sizeof *world->inputs[k]);
        if (!world->inputs[k])
            return 0;
        fill(world->inputs[k], width);
        for (size_t i = 0; i < width && words; i++)
            world->inputs[k][i] = k ? 1 : (double)(i % 100);
    }
    lethe_exec_weights(world->exec, w);
    return 1;
}

static void close_world(struct world *world)
{
    lethe_exec_free(world->exec);
    lethe_graph_unref(world->graph);
    lethe_free(world->w);
    lethe_free(world->z);
    lethe_free(world->grad);
    lethe_free(world->inputs[0]);
    lethe_free(world->inputs[1]);
}

static int open_net(struct world *world, const struct net *net, unsigned threads)
{
    char path[128];
    struct lethe_graph *graph = NULL;
    double *w = NULL;
    snprintf(path, sizeof path, "../shared/parity/%s/model.onnx", net->name);
    if (access(path, R_OK) || lethe_onnx_load(&graph, &w, path, NULL)) {
        printf("%s: %s is absent\n", net->name, path);
        return 0;
    }
    return open_world(world, graph, w, net->batch, LETHE_F32, threads);
}

struct times {
    double forward, backward;
};

static struct times time_passes(struct world *world, int train, clockid_t clock)
{
    double forward[ROUNDS], backward[ROUNDS];
    const double *const *inputs = (const double *const *)world->inputs;
    for (int r = 0; r < ROUNDS; r++) {
        double start = seconds(clock);
        if (train)
            lethe_exec_forward(world->exec, world->z, inputs, world->batch, NULL);
        else
            lethe_exec_logits(world->exec, world->z, inputs, world->batch, NULL);
        double middle = seconds(clock);
        if (train)
            lethe_exec_gradient(world->exec, world->grad, world->z, NULL);
        forward[r] = middle - start;
        backward[r] = seconds(clock) - middle;
    }
    return (struct times){median(forward, ROUNDS), median(backward, ROUNDS)};
}

/* Peak of this process, in megabytes; getrusage would count what came before exec. */
static double peak_memory(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[128];
    long kilobytes = 0;
    while (file && fgets(line, sizeof line, file) && !sscanf(line, "VmHWM: %ld", &kilobytes))
        ;
    if (file)
        fclose(file);
    return (double)kilobytes / 1024;
}

/* Runs `body` in a process of its own, so that one network's memory is not another's. */
static void in_child(void (*body)(const struct net *net), const struct net *net)
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        body(net);
        fflush(stdout);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0 || status)
        printf("%s: failed\n", net->name);
}

static void one_thread(const struct net *net)
{
    struct world world;
    double peak = sgemm_peak();
    if (!open_net(&world, net, 1))
        exit(1);
    struct times t = time_passes(&world, 1, CLOCK_PROCESS_CPUTIME_ID);
    double work = flops(world.graph, net->batch);
    printf("%-10s batch %3zu  forward %7.2f ms %5.1f GFLOP/s %3.0f %%  backward %7.2f ms %5.1f "
           "GFLOP/s %3.0f %%  %3.0f MB",
           net->name, net->batch, 1e3 * t.forward, 1e-9 * work / t.forward,
           1e-7 * work / t.forward / peak, 1e3 * t.backward, 2e-9 * work / t.backward,
           2e-7 * work / t.backward / peak, peak_memory());
    close_world(&world);
}

static void all_threads(const struct net *net)
{
    struct world world;
    if (!open_net(&world, net, 0))
        exit(1);
    struct times t = time_passes(&world, 1, CLOCK_MONOTONIC);
    printf("%-10s batch %3zu  forward %7.2f ms  backward %7.2f ms  %3.0f MB\n", net->name,
           net->batch, 1e3 * t.forward, 1e3 * t.backward, peak_memory());
    close_world(&world);
}

static void logits_only(const struct net *net)
{
    struct world world;
    if (!open_net(&world, net, 1))
        exit(1);
    struct times t = time_passes(&world, 0, CLOCK_PROCESS_CPUTIME_ID);
    printf("  logits alone %7.2f ms  %3.0f MB\n", 1e3 * t.forward, peak_memory());
    close_world(&world);
}

/* Changes one weight of a parameter and lets what follows run again. */
static void time_again(struct world *world, const char *what, const char *name, double whole)
{
    double times[ROUNDS];
    for (size_t p = 0; p < lethe_graph_param_count(world->graph); p++) {
        const struct lethe_param *param = lethe_graph_param(world->graph, p);
        if (strcmp(param->name, name))
            continue;
        for (int r = 0; r < ROUNDS; r++) {
            world->w[param->offset] += 0.01;
            double start = seconds(CLOCK_PROCESS_CPUTIME_ID);
            lethe_exec_reforward(world->exec, world->z, world->w, NULL);
            times[r] = seconds(CLOCK_PROCESS_CPUTIME_ID) - start;
        }
        double t = median(times, ROUNDS);
        printf("  from %-12s %7.2f ms  %4.1f %% of the whole\n", what, 1e3 * t, 100 * t / whole);
        return;
    }
    printf("  from %-12s: no parameter '%s'\n", what, name);
}

static void previews(const struct net *net)
{
    struct world world;
    if (!open_net(&world, net, 1))
        exit(1);
    double whole = time_passes(&world, 1, CLOCK_PROCESS_CPUTIME_ID).forward;
    printf("preview of %zu images on resnet20: the whole %.2f ms; what a blanket changes:\n",
           net->batch, 1e3 * whole);
    time_again(&world, "layer3", "blocks.6.c1.weight", whole);
    time_again(&world, "last block", "blocks.8.c1.weight", whole);
    time_again(&world, "linear", "fc.weight", whole);
    close_world(&world);
}

static int small_net(void)
{
    const size_t widths[] = {64, 32, 16, 10};
    struct lethe_graph *graph;
    struct world world;
    double *w = lethe_alloc(4096, sizeof *w);
    if (!w || lethe_graph_mlp(&graph, widths, 4, "tanh", NULL))
        return 0;
    lethe_graph_init(graph, 1, w);
    if (!open_world(&world, graph, w, 1437, LETHE_F64, 1))
        return 0;
    struct times t = time_passes(&world, 1, CLOCK_PROCESS_CPUTIME_ID);
    printf("digits-mlp batch 1437 in double  forward %.2f ms  backward %.2f ms\n", 1e3 * t.forward,
           1e3 * t.backward);
    close_world(&world);
    return 1;
}

/* For torch_bench.py. */
static int one_net(char **argv)
{
    const struct net *net = nets;
    const struct net *end = nets + sizeof nets / sizeof *nets;
    struct world world;
    while (net < end && strcmp(net->name, argv[1]))
        net++;
    if (net == end || !open_net(&world, net, (unsigned)atoi(argv[3])))
        return 1;
    int wall = !strcmp(argv[4], "wall");
    double scale = wall ? 1e3 : 1e3 / atoi(argv[3]);
    struct times t = time_passes(&world, !strcmp(argv[2], "train"),
                                 wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID);
    printf("%.6f %.6f %.1f\n", scale * t.forward, scale * t.backward, peak_memory());
    close_world(&world);
    return 0;
}

int main(int argc, char **argv)
{
    lethe_blas_threads(1);
    if (argc == 5)
        return one_net(argv);
    printf("nn: sgemm 512 reaches %.1f GFLOP/s on one thread (%s)\n", sgemm_peak(),
           lethe_blas_core());
    if (!small_net())
        return 1;
    printf("one thread, share of sgemm, peak memory of the process:\n");
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++) {
        in_child(one_thread, &nets[i]);
        in_child(logits_only, &nets[i]);
    }
    printf("one thread for each processor, wall clock:\n");
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++)
        in_child(all_threads, &nets[i]);
    in_child(previews, &nets[0]);
    return 0;
}
