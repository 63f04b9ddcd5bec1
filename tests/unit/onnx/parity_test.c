/* SPDX-License-Identifier: MIT
 * Networks written by PyTorch, with what PyTorch computed: logits, loss and every gradient, in
 * float as in double; the same after a saved copy was loaded again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "lethe/array.h"
#include "lethe/onnx.h"
#include "tensor/blas.h"

#define ROOT "../shared/parity/"

static void path_of(char path[256], const char *folder, const char *file)
{
    snprintf(path, 256, ROOT "%s/%s", folder, file);
}

static double *numbers(size_t *count, const char *folder, const char *file)
{
    char path[256];
    struct lethe_array array = {0};
    struct lethe_error err = {0};
    path_of(path, folder, file);
    if (lethe_array_read(&array, path, &err))
        return NULL;
    double *list = malloc((array.count + 1) * sizeof *list);
    for (size_t i = 0; i < array.count; i++)
        list[i] = lethe_array_get(&array, i);
    *count = array.count;
    lethe_array_release(&array);
    return list;
}

/* Largest difference in units of the largest magnitude of `want`, or of `floor`. */
static double gap(const double *got, const double *want, size_t n, double floor)
{
    double worst = 0, scale = floor;
    for (size_t i = 0; i < n; i++) {
        double d = fabs(got[i] - want[i]);
        worst = d > worst || isnan(d) ? d : worst;
        scale = fabs(want[i]) > scale ? fabs(want[i]) : scale;
    }
    return worst / scale;
}

static double loss_of(const char *folder)
{
    char path[256];
    double loss = NAN;
    path_of(path, folder, "loss.json");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "{\"loss\": %lf", &loss), 1);
    fclose(file);
    return loss;
}

/* Every tensor of grads.npz has a parameter of its name, and the other way round. */
static void compare_gradients(const char *folder, const struct lethe_graph *graph,
                              const double *grad, enum lethe_dtype dtype)
{
    /* The bias of attention's keys has gradient 0 (softmax ignores what all scores share): what is
     * written for it, here as in PyTorch, is rounding, 1e-16 of the largest gradient in double.
     * Such a tensor is judged by what cancelled, in double by next to nothing. */
    double tolerance = dtype == LETHE_F32 ? 1e-3 : 1e-6, floor = 1e-30;
    double share = dtype == LETHE_F32 ? 1e-3 : 1e-10;
    for (size_t i = 0; i < lethe_graph_size(graph); i++)
        floor = fabs(grad[i]) * share > floor ? fabs(grad[i]) * share : floor;
    char path[256];
    struct lethe_npz npz = {0};
    size_t trainable = 0;
    path_of(path, folder, "grads.npz");
    assert_int_equal(lethe_npz_read(&npz, path, NULL), LETHE_OK);
    for (size_t p = 0; p < lethe_graph_param_count(graph); p++) {
        const struct lethe_param *param = lethe_graph_param(graph, p);
        if (!param->trainable)
            continue;
        trainable++;
        size_t k = 0;
        while (k < npz.count && strcmp(npz.names[k], param->name))
            k++;
        if (k == npz.count)
            fail_msg("%s: no gradient for '%s'", folder, param->name);
        assert_int_equal(npz.arrays[k].count, param->size);
        double *want = malloc(param->size * sizeof *want);
        for (size_t i = 0; i < param->size; i++)
            want[i] = lethe_array_get(&npz.arrays[k], i);
        double worst = gap(grad + param->offset, want, param->size, floor);
        if (!(worst < tolerance))
            fail_msg("%s: gradient of '%s' is off by %g", folder, param->name, worst);
        free(want);
    }
    assert_int_equal(trainable, npz.count);
    lethe_npz_release(&npz);
}

/* Gradients of single units, summed over samples, are the gradient; for every layer. */
static void compare_units(const char *folder, const struct lethe_graph *graph,
                          const struct lethe_exec *exec, const double *grad, size_t n)
{
    double scale = 0;
    for (size_t i = 0; i < lethe_graph_size(graph); i++)
        scale = fabs(grad[i]) > scale ? fabs(grad[i]) : scale;
    for (size_t l = 0; l < lethe_graph_layer_count(graph); l++) {
        const struct lethe_layer *layer = lethe_graph_layer(graph, l);
        const size_t units[3] = {layer->units - 1, 0, layer->units / 2};
        size_t width = layer->unit_params, *at = malloc(width * sizeof *at);
        double *grads = malloc(n * 3 * width * sizeof *grads);
        assert_int_equal(lethe_exec_unit_grads(exec, grads, l, units, 3, NULL), LETHE_OK);
        for (size_t u = 0; u < 3; u++) {
            lethe_graph_unit_params(graph, l, units[u], at);
            for (size_t k = 0; k < width; k++) {
                double sum = 0;
                for (size_t i = 0; i < n; i++)
                    sum += grads[(i * 3 + u) * width + k];
                if (!(fabs(sum - grad[at[k]]) < 1e-9 * scale))
                    fail_msg("%s: entry %zu of %s[%zu] adds up to %g, its gradient is %g", folder,
                             k, layer->name, units[u], sum, grad[at[k]]);
            }
        }
        free(at);
        free(grads);
    }
}

/* u' (J v) = (J' u)' v for the whole network; grad is J' u. */
static void compare_tangents(const char *folder, struct lethe_exec *exec, const double *grad,
                             const double *u, size_t outputs, size_t size)
{
    double *v = malloc(size * sizeof *v), *t = malloc(outputs * sizeof *t), left = 0, right = 0;
    double scale = 0;
    for (size_t i = 0; i < size; i++) {
        v[i] = sin((double)i);
        right += grad[i] * v[i];
        scale += fabs(grad[i] * v[i]);
    }
    assert_int_equal(lethe_exec_jvp(exec, t, v, NULL), LETHE_OK);
    for (size_t i = 0; i < outputs; i++)
        left += u[i] * t[i];
    if (!(fabs(left - right) < 1e-9 * scale))
        fail_msg("%s: tangents give %g, gradients %g", folder, left, right);
    free(v);
    free(t);
}

static void compare(const char *folder, const char *model, const char *const *files,
                    enum lethe_dtype dtype, int gradients)
{
    struct lethe_error err = {0};
    struct lethe_graph *graph = NULL;
    double *w = NULL, *inputs[2] = {0};
    size_t n, count, classes;
    if (lethe_onnx_load(&graph, &w, model, &err))
        fail_msg("%s", err.message);
    double *labels = numbers(&n, folder, "labels.npy"),
           *want = numbers(&count, folder, "logits.npy");
    for (size_t k = 0; k < lethe_graph_inputs(graph); k++) {
        inputs[k] = numbers(&count, folder, files[k]);
        assert_int_equal(count, n * lethe_graph_input_width(graph, k));
    }
    classes = lethe_graph_classes(graph);
    double *logits = malloc(2 * n * classes * sizeof *logits), *d = logits + n * classes;
    double *grad = calloc(lethe_graph_size(graph), sizeof *grad);
    int *y = malloc(n * sizeof *y);
    for (size_t i = 0; i < n; i++)
        y[i] = (int)labels[i];
    struct lethe_exec *exec = lethe_exec_new(graph, dtype, n + 1, &err);
    if (!exec)
        fail_msg("%s: %s", folder, err.message);
    lethe_exec_weights(exec, w);
    assert_int_equal(lethe_exec_forward(exec, logits, (const double *const *)inputs, n, &err), 0);
    double worst = gap(logits, want, n * classes, 1e-30);
    if (!(worst < 1e-4))
        fail_msg("%s: logits are off by %g", model, worst);
    if (gradients) {
        double loss =
            lethe_cross_entropy(NULL, d, logits, y, n, classes, 1 / (double)n) / (double)n;
        assert_true(fabs(loss - loss_of(folder)) < 1e-4 * fabs(loss));
        assert_int_equal(lethe_exec_backward(exec, grad, d, &err), 0);
        compare_gradients(folder, graph, grad, dtype);
        if (dtype == LETHE_F64) {
            compare_units(folder, graph, exec, grad, n);
            compare_tangents(folder, exec, grad, d, n * classes, lethe_graph_size(graph));
        }
    }
    lethe_exec_free(exec);
    lethe_graph_unref(graph);
    lethe_free(w);
    free(labels);
    free(want);
    free(inputs[0]);
    free(inputs[1]);
    free(logits);
    free(grad);
    free(y);
}

static void save_copy(const char *folder, char copy[256], enum lethe_dtype dtype)
{
    char path[256];
    struct lethe_graph *graph = NULL;
    double *w = NULL;
    path_of(path, folder, "model.onnx");
    snprintf(copy, 256, "/tmp/lethe-parity-%ld.onnx", (long)getpid());
    assert_int_equal(lethe_onnx_load(&graph, &w, path, NULL), 0);
    assert_int_equal(lethe_onnx_save(graph, w, copy, dtype, NULL), 0);
    lethe_graph_unref(graph);
    lethe_free(w);
}

static void networks_agree_with_pytorch(void **state)
{
    (void)state;
    static const struct {
        const char *folder, *inputs[2];
        int fused;
    } cases[] = {
        {"lr", {"input.npy"}, 0},
        {"mlp", {"input.npy"}, 0},
        {"cnn", {"input.npy"}, 1},
        {"resnet20", {"input.npy"}, 1},
        {"vgg_bn", {"input.npy"}, 0},
        {"osnet", {"input.npy"}, 0},
        {"distilbert", {"input_ids.npy", "attention_mask.npy"}, 0},
        {"vit", {"input.npy"}, 0},
    };
    if (access(ROOT "README.md", R_OK)) {
        puts("skipped: ../shared/parity is absent");
        return;
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[256], copy[256];
        path_of(path, cases[i].folder, "model.onnx");
        compare(cases[i].folder, path, cases[i].inputs, LETHE_F32, 1);
        compare(cases[i].folder, path, cases[i].inputs, LETHE_F64, 1);
        save_copy(cases[i].folder, copy, i % 2 ? LETHE_F32 : LETHE_F64);
        compare(cases[i].folder, copy, cases[i].inputs, LETHE_F32, 1);
        unlink(copy);
        path_of(path, cases[i].folder, "model_fused.onnx");
        if (cases[i].fused)
            compare(cases[i].folder, path, cases[i].inputs, LETHE_F32, 0);
    }
}

int main(void)
{
    lethe_blas_threads(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_agree_with_pytorch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
