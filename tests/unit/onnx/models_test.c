/* SPDX-License-Identifier: MIT
 * Published networks against the outputs that come with them; files that fix their batch at 1 must
 * take other batches, too: two copies of a sample give the same two rows. */
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
#include "base/file.h"
#include "lethe/onnx.h"
#include "onnx/model.h"
#include "tensor/blas.h"

#define ROOT "../shared/models/"

static double *read_pb(size_t *count, const char *folder, const char *name, const char *file)
{
    char path[512];
    struct lethe_bytes bytes = {0};
    struct lethe_onnx_tensor tensor = {0};
    snprintf(path, sizeof path, ROOT "%s/test_data_%s/%s", folder, name, file);
    assert_int_equal(lethe_file_read(&bytes, path, 1 << 28, NULL), LETHE_OK);
    Onnx__TensorProto *proto = onnx__tensor_proto__unpack(NULL, bytes.size, bytes.data);
    assert_int_equal(lethe_onnx_tensor_read(&tensor, proto, NULL, NULL), LETHE_OK);
    onnx__tensor_proto__free_unpacked(proto, NULL);
    lethe_free(bytes.data);
    *count = lethe_shape_size(&tensor.shape);
    return tensor.data;
}

static void agrees(const char *name, const double *got, const double *want, size_t n)
{
    double worst = 0, scale = 1e-30;
    for (size_t i = 0; i < n; i++) {
        double d = fabs(got[i] - want[i]);
        worst = d > worst || isnan(d) ? d : worst;
        scale = fabs(want[i]) > scale ? fabs(want[i]) : scale;
    }
    if (!(worst < 1e-4 * scale))
        fail_msg("%s: outputs are off by %g of %g", name, worst, scale);
}

static void check_model(const char *folder, const char *name)
{
    char path[512];
    struct lethe_error err = {0};
    struct lethe_graph *graph = NULL;
    double *w = NULL;
    size_t inputs, outputs;
    snprintf(path, sizeof path, ROOT "%s/%s.onnx", folder, name);
    if (lethe_onnx_load(&graph, &w, path, &err))
        fail_msg("%s", err.message);
    double *x = read_pb(&inputs, folder, name, "input_0.pb");
    double *want = read_pb(&outputs, folder, name, "output_0.pb");
    size_t width = lethe_graph_input_width(graph, 0), classes = lethe_graph_classes(graph);
    size_t n = inputs / width;
    assert_int_equal(outputs, n * classes);
    double *twice = malloc(2 * inputs * sizeof *twice), *got = malloc(2 * outputs * sizeof *got);
    memcpy(twice, x, inputs * sizeof *x);
    memcpy(twice + inputs, x, inputs * sizeof *x);
    const double *in[] = {twice};
    struct lethe_exec *exec = lethe_exec_new(graph, LETHE_F32, 2 * n, &err);
    if (!exec)
        fail_msg("%s: %s", name, err.message);
    lethe_exec_weights(exec, w);
    assert_int_equal(lethe_exec_forward(exec, got, in, n, &err), LETHE_OK);
    agrees(name, got, want, outputs);
    assert_int_equal(lethe_exec_forward(exec, got, in, 2 * n, &err), LETHE_OK);
    agrees(name, got, want, outputs);
    agrees(name, got + outputs, want, outputs);
    printf("%s: %zu parameters, %zu layers, first %s, last %s\n", name, lethe_graph_size(graph),
           lethe_graph_layer_count(graph), lethe_graph_layer(graph, 0)->name,
           lethe_graph_layer(graph, lethe_graph_layer_count(graph) - 1)->name);
    lethe_exec_free(exec);
    lethe_graph_unref(graph);
    lethe_free(w);
    lethe_free(x);
    lethe_free(want);
    free(twice);
    free(got);
}

static void models_give_their_outputs(void **state)
{
    (void)state;
    static const char *const models[][2] = {
        {"cifar10-resnet", "cifar10-resnet20"},
        {"cifar10-resnet", "cifar10-resnet20-folded"},
        {"cifar10-resnet", "cifar10-resnet32"},
        {"cifar10-resnet", "cifar10-resnet56"},
        {"mnist-cnn-cntk", "mnist-8-simplified"},
        {"osnet-x0_25", "osnet_x0_25_msmt17"},
        {"face-recognition", "face-recognition-128d"},
        {"text-transformer", "banking77-transformer"},
    };
    if (access(ROOT "README.md", R_OK)) {
        puts("skipped: ../shared/models is absent");
        return;
    }
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        check_model(models[i][0], models[i][1]);
}

int main(void)
{
    lethe_blas_threads(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_give_their_outputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
