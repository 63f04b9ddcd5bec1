/* SPDX-License-Identifier: MIT
 * ONNX and safetensors files cut at every length and with every single bit turned: an answer or a
 * message, never a crash. Buffers are as long as the file, so that a sanitizer sees every step
 * outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "lethe/onnx.h"
#include "onnx/model.h"

static char path[64];
static double w[64];

static int set_up(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "/tmp/lethe-damage-%ld", (long)getpid());
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path) * 0;
}

static struct lethe_graph *mlp(void)
{
    const size_t widths[] = {3, 4, 2};
    struct lethe_graph *graph = NULL;
    assert_int_equal(lethe_graph_mlp(&graph, widths, 3, "relu", NULL), LETHE_OK);
    lethe_graph_init(graph, 11, w);
    return graph;
}

/* 1 when it was accepted. */
static int parse(const unsigned char *bytes, size_t size)
{
    struct lethe_graph *graph = NULL;
    double *weights = NULL;
    struct lethe_error err = {0};
    unsigned char *exact = malloc(size + !size);
    memcpy(exact, bytes, size);
    enum lethe_err code = lethe_onnx_parse(&graph, &weights, exact, size, NULL, &err);
    free(exact);
    if (code)
        assert_true(err.message[0] != '\0' && !graph && !weights);
    lethe_graph_unref(graph);
    lethe_free(weights);
    return code == LETHE_OK;
}

static void models_are_read_or_refused(void **state)
{
    (void)state;
    struct lethe_bytes whole = {0};
    struct lethe_graph *graph = mlp();
    assert_int_equal(lethe_onnx_save(graph, w, path, LETHE_F32, NULL), LETHE_OK);
    assert_int_equal(lethe_file_read(&whole, path, 1 << 20, NULL), LETHE_OK);
    assert_true(parse(whole.data, whole.size));
    size_t cut = 0, turned = 0;
    for (size_t size = 0; size < whole.size; size++)
        cut += (size_t)parse(whole.data, size);
    for (size_t bit = 0; bit < 8 * whole.size; bit++) {
        whole.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
        turned += (size_t)parse(whole.data, whole.size);
        whole.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    /* without its last message, the opset, it is no model; bits of weights may turn unseen */
    assert_int_equal(cut, 0);
    assert_true(turned > 500 && turned < 8 * whole.size / 2);
    lethe_free(whole.data);
    lethe_graph_unref(graph);
}

static int load(const struct lethe_graph *graph, const unsigned char *bytes, size_t size)
{
    double loaded[64];
    struct lethe_error err = {0};
    FILE *file = fopen(path, "wb");
    fwrite(bytes, 1, size, file);
    fclose(file);
    memcpy(loaded, w, sizeof loaded);
    enum lethe_err code = lethe_safetensors_load(loaded, graph, path, &err);
    if (code) {
        assert_true(err.message[0] != '\0');
        assert_memory_equal(loaded, w, sizeof loaded); /* all of them or none */
    }
    return code == LETHE_OK;
}

static void state_dicts_are_read_or_refused(void **state)
{
    (void)state;
    struct lethe_bytes whole = {0};
    struct lethe_graph *graph = mlp();
    assert_int_equal(lethe_safetensors_save(graph, w, path, LETHE_F32, NULL), LETHE_OK);
    assert_int_equal(lethe_file_read(&whole, path, 1 << 20, NULL), LETHE_OK);
    assert_true(load(graph, whole.data, whole.size));
    for (size_t size = 0; size < whole.size; size++)
        assert_false(load(graph, whole.data, size));
    size_t turned = 0;
    for (size_t bit = 0; bit < 8 * whole.size; bit++) {
        whole.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
        turned += (size_t)load(graph, whole.data, whole.size);
        whole.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    assert_true(turned > 0 && turned < 8 * whole.size / 2);
    lethe_free(whole.data);
    lethe_graph_unref(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(models_are_read_or_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(state_dicts_are_read_or_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
