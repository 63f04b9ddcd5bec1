/* SPDX-License-Identifier: MIT
 * Saving and loading to the same bits, and files that are not what they say. */
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

static char path[64];

static int set_up(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "/tmp/lethe-onnx-%ld.onnx", (long)getpid());
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path) * 0;
}

static struct lethe_graph *mlp(double *w)
{
    const size_t widths[] = {3, 5, 2};
    struct lethe_graph *graph = NULL;
    assert_int_equal(lethe_graph_mlp(&graph, widths, 3, "tanh", NULL), LETHE_OK);
    lethe_graph_init(graph, 11, w);
    return graph;
}

static void what_is_saved_is_loaded_to_the_same_bits(void **state)
{
    (void)state;
    for (int dtype = LETHE_F32; dtype <= LETHE_F64; dtype++) {
        double w[64], *loaded = NULL;
        struct lethe_graph *graph = mlp(w), *again = NULL;
        for (size_t i = 0; i < lethe_graph_size(graph) && dtype == LETHE_F32; i++)
            w[i] = (double)(float)w[i];
        assert_int_equal(lethe_onnx_save(graph, w, path, (enum lethe_dtype)dtype, NULL), LETHE_OK);
        assert_int_equal(lethe_onnx_load(&again, &loaded, path, NULL), LETHE_OK);
        assert_int_equal(lethe_graph_dtype(again), dtype);
        assert_int_equal(lethe_graph_size(again), lethe_graph_size(graph));
        assert_memory_equal(loaded, w, lethe_graph_size(graph) * sizeof *w);
        for (size_t p = 0; p < lethe_graph_param_count(graph); p++)
            assert_string_equal(lethe_graph_param(again, p)->name,
                                lethe_graph_param(graph, p)->name);
        assert_string_equal(lethe_graph_layer(again, 1)->name, "fc2");
        lethe_free(loaded);
        lethe_graph_unref(graph);
        lethe_graph_unref(again);
    }
}

/* Loads and expects a refusal that mentions `says`. */
static void refused(enum lethe_err code, const char *says)
{
    struct lethe_graph *graph = NULL;
    double *w = NULL;
    struct lethe_error err = {0};
    assert_int_equal(lethe_onnx_load(&graph, &w, path, &err), code);
    assert_null(graph);
    assert_null(w);
    if (!strstr(err.message, says))
        fail_msg("'%s' does not mention '%s'", err.message, says);
}

static void truncated_and_empty_files_are_refused(void **state)
{
    (void)state;
    double w[64];
    struct lethe_bytes whole = {0};
    struct lethe_graph *graph = mlp(w);
    assert_int_equal(lethe_onnx_save(graph, w, path, LETHE_F32, NULL), LETHE_OK);
    assert_int_equal(lethe_file_read(&whole, path, 1 << 20, NULL), LETHE_OK);
    for (size_t size = 0; size < whole.size; size += 7) {
        struct lethe_graph *none = NULL;
        double *loaded = NULL;
        struct lethe_error err = {0};
        lethe_file_write_plain(path, whole.data, size, NULL);
        assert_int_equal(lethe_onnx_load(&none, &loaded, path, &err), LETHE_EFORMAT);
        assert_null(none);
        assert_non_null(strstr(err.message, path));
    }
    lethe_file_write_plain(path, "not a model at all, only text", 29, NULL);
    refused(LETHE_EFORMAT, "not an ONNX file");
    unlink(path);
    refused(LETHE_EIO, path);
    lethe_free(whole.data);
    lethe_graph_unref(graph);
}

static Onnx__ModelProto *model;

static void open_model(void)
{
    double w[64];
    struct lethe_bytes bytes = {0};
    struct lethe_graph *graph = mlp(w);
    lethe_onnx_save(graph, w, path, LETHE_F32, NULL);
    lethe_file_read(&bytes, path, 1 << 20, NULL);
    model = onnx__model_proto__unpack(NULL, bytes.size, bytes.data);
    lethe_free(bytes.data);
    lethe_graph_unref(graph);
}

static void close_model(void)
{
    size_t size = onnx__model_proto__get_packed_size(model);
    unsigned char *bytes = malloc(size);
    onnx__model_proto__pack(model, bytes);
    lethe_file_write_plain(path, bytes, size, NULL);
    free(bytes);
    onnx__model_proto__free_unpacked(model, NULL);
}

static void rename_to(char **text, const char *name)
{
    free(*text);
    *text = strdup(name);
}

static void every_unsupported_operator_is_listed(void **state)
{
    (void)state;
    open_model();
    rename_to(&model->graph->node[0]->op_type, "Loop");
    rename_to(&model->graph->node[1]->op_type, "Fancy");
    close_model();
    refused(LETHE_EFORMAT, "unsupported operator 'Loop' at node '/fc1/Gemm'");
    refused(LETHE_EFORMAT, "unsupported operator 'Fancy' at node '/act1/Tanh'");
    refused(LETHE_EFORMAT, "(opset 14)");
}

static void lying_tensors_are_refused(void **state)
{
    (void)state;
    open_model();
    model->graph->initializer[0]->dims[0] = 6;
    close_model();
    refused(LETHE_EFORMAT, "tensor 'fc1.weight' of shape 6x3 needs 18 numbers and holds 15");
    open_model();
    model->graph->initializer[0]->dims[0] = INT64_MAX;
    close_model();
    refused(LETHE_EFORMAT, "larger than memory");
    open_model();
    model->graph->initializer[0]->dims[0] = -5;
    close_model();
    refused(LETHE_EFORMAT, "negative dimension");
    open_model();
    model->graph->initializer[0]->data_type = 8;
    close_model();
    refused(LETHE_EFORMAT, "holds 0 texts");
}

static void weights_must_be_finite(void **state)
{
    (void)state;
    open_model();
    float nan = NAN;
    memcpy(model->graph->initializer[0]->raw_data.data + 8, &nan, sizeof nan);
    close_model();
    refused(LETHE_EFORMAT, "weights 'fc1.weight' hold NaN at entry 2");
}

static void shapes_that_do_not_fit_are_named(void **state)
{
    (void)state;
    open_model();
    model->graph->initializer[0]->dims[0] = 3;
    model->graph->initializer[0]->dims[1] = 5;
    close_model();
    refused(LETHE_EFORMAT, "matrices 2x3 and 3x5 do not fit");
}

static void missing_values_are_named(void **state)
{
    (void)state;
    open_model();
    rename_to(&model->graph->node[0]->input[0], "elsewhere");
    close_model();
    refused(LETHE_EFORMAT, "node '/fc1/Gemm' reads 'elsewhere'");
    open_model();
    rename_to(&model->graph->output[0]->name, "nothing");
    close_model();
    refused(LETHE_EFORMAT, "output 'nothing' is not computed");
    open_model();
    rename_to(&model->graph->node[1]->output[0], "input");
    close_model();
    refused(LETHE_EFORMAT, "'input' is defined twice");
}

static void external(const char *location)
{
    static Onnx__StringStringEntryProto entry = ONNX__STRING_STRING_ENTRY_PROTO__INIT;
    static Onnx__StringStringEntryProto *list = &entry;
    open_model();
    Onnx__TensorProto *t = model->graph->initializer[0];
    entry.key = "location";
    entry.value = (char *)location;
    t->has_raw_data = 0;
    t->has_data_location = 1;
    t->data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
    t->n_external_data = 1;
    t->external_data = &list;
    size_t size = onnx__model_proto__get_packed_size(model);
    unsigned char *bytes = malloc(size);
    onnx__model_proto__pack(model, bytes);
    lethe_file_write_plain(path, bytes, size, NULL);
    free(bytes);
    t->n_external_data = 0;
    t->external_data = NULL;
    onnx__model_proto__free_unpacked(model, NULL);
}

static void external_data_are_read_or_missed(void **state)
{
    (void)state;
    external("lethe-missing.bin");
    refused(LETHE_EIO, "lethe-missing.bin");
    external("../secret.bin");
    refused(LETHE_EFORMAT, "only a path below the model's folder");
    char beside[80];
    snprintf(beside, sizeof beside, "%s.bin", path);
    float numbers[15];
    for (int i = 0; i < 15; i++)
        numbers[i] = (float)i;
    lethe_file_write_plain(beside, numbers, 40, NULL);
    external(strrchr(beside, '/') + 1);
    refused(LETHE_EFORMAT, "has 40 bytes");
    lethe_file_write_plain(beside, numbers, sizeof numbers, NULL);
    struct lethe_graph *graph = NULL;
    double *w = NULL;
    assert_int_equal(lethe_onnx_load(&graph, &w, path, NULL), LETHE_OK);
    assert_true(w[7] == 7);
    lethe_free(w);
    lethe_graph_unref(graph);
    unlink(beside);
}

static void layers_have_readable_names(void **state)
{
    (void)state;
    static const char *const cases[][4] = {
        {"fc1.weight", "/fc1/Gemm", "Gemm", "fc1"},
        {"onnx::MatMul_312", "/enc.0/q/MatMul", "MatMul", "enc.0.q"},
        {"onnx::Conv_7", "/layer1/layer1.0/conv1/Conv", "Conv", "layer1.0.conv1"},
        {"12", "", "Conv", "Conv"},
        {"Parameter5", "Convolution28", "Conv", "Convolution28"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[256];
        lethe_layer_name(name, cases[i][0], cases[i][1], cases[i][2]);
        assert_string_equal(name, cases[i][3]);
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(what_is_saved_is_loaded_to_the_same_bits),
        CASE(truncated_and_empty_files_are_refused),
        CASE(every_unsupported_operator_is_listed),
        CASE(lying_tensors_are_refused),
        CASE(weights_must_be_finite),
        CASE(shapes_that_do_not_fit_are_named),
        CASE(missing_values_are_named),
        CASE(external_data_are_read_or_missed),
        CASE(layers_have_readable_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
