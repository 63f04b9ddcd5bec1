/* SPDX-License-Identifier: MIT */
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

static char path[64];

static struct lethe_graph *mlp(double *w)
{
    const size_t widths[] = {3, 5, 2};
    struct lethe_graph *graph = NULL;
    assert_int_equal(lethe_graph_mlp(&graph, widths, 3, "tanh", NULL), LETHE_OK);
    lethe_graph_init(graph, 11, w);
    snprintf(path, sizeof path, "/tmp/lethe-%ld.safetensors", (long)getpid());
    return graph;
}

static void what_is_saved_is_loaded(void **state)
{
    (void)state;
    for (int dtype = LETHE_F32; dtype <= LETHE_F64; dtype++) {
        double w[64], loaded[64] = {0};
        struct lethe_graph *graph = mlp(w);
        size_t size = lethe_graph_size(graph);
        for (size_t i = 0; i < size && dtype == LETHE_F32; i++)
            w[i] = (double)(float)w[i];
        assert_int_equal(lethe_safetensors_save(graph, w, path, (enum lethe_dtype)dtype, NULL), 0);
        assert_int_equal(lethe_safetensors_load(loaded, graph, path, NULL), LETHE_OK);
        assert_memory_equal(loaded, w, size * sizeof *w);
        lethe_graph_unref(graph);
    }
    unlink(path);
}

static void refused(const struct lethe_graph *graph, const char *header, size_t bytes,
                    const char *says)
{
    unsigned char file[512] = {0};
    uint64_t length = strlen(header);
    double w[64] = {7};
    struct lethe_error err = {0};
    memcpy(file, &length, sizeof length);
    memcpy(file + 8, header, length);
    lethe_file_write_plain(path, file, 8 + length + bytes, NULL);
    assert_int_equal(lethe_safetensors_load(w, graph, path, &err), LETHE_EFORMAT);
    if (!strstr(err.message, says))
        fail_msg("'%s' does not mention '%s'", err.message, says);
    assert_true(w[0] == 7);
}

static void damaged_files_change_nothing(void **state)
{
    (void)state;
    double w[64];
    struct lethe_graph *graph = mlp(w);
#define FIRST "{\"fc1.weight\":{\"dtype\":"
    refused(graph, "{}", 0, "no tensor 'fc1.weight'");
    refused(graph, "[]", 0, "no object");
    refused(graph, "{", 0, path);
    refused(graph, FIRST "\"F32\",\"shape\":[3,5],\"data_offsets\":[0,60]}}", 60, "the shape of");
    refused(graph, FIRST "\"I8\",\"shape\":[5,3],\"data_offsets\":[0,15]}}", 15, "type I8");
    refused(graph, FIRST "\"F32\",\"shape\":[5,3],\"data_offsets\":[0,60]}}", 59,
            "outside the file");
    refused(graph, FIRST "\"F32\",\"shape\":[5,3],\"data_offsets\":[-4,56]}}", 60, "outside");
    refused(graph, FIRST "\"F32\",\"shape\":[5,3],\"data_offsets\":[0,56]}}", 60, "holds 14");
    lethe_file_write_plain(path, "\xff\xff\xff\xff\xff\xff\xff\xff{}", 10, NULL);
    struct lethe_error err = {0};
    assert_int_equal(lethe_safetensors_load(w, graph, path, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "cut short"));
    unlink(path);
    assert_int_equal(lethe_safetensors_load(w, graph, path, &err), LETHE_EIO);
    lethe_graph_unref(graph);
}

static void a_state_dict_fits_the_exported_network(void **state)
{
    (void)state;
    const char *folder = "../shared/models/cifar10-resnet/";
    char file[128];
    struct lethe_graph *graph = NULL;
    struct lethe_error err = {0};
    double *w = NULL;
    snprintf(file, sizeof file, "%scifar10-resnet20.onnx", folder);
    if (access(file, R_OK)) {
        puts("skipped: ../shared/models is absent");
        return;
    }
    assert_int_equal(lethe_onnx_load(&graph, &w, file, NULL), LETHE_OK);
    size_t size = lethe_graph_size(graph) + lethe_graph_buffers(graph);
    double *loaded = calloc(size, sizeof *loaded);
    snprintf(file, sizeof file, "%scifar10-resnet20.safetensors", folder);
    if (lethe_safetensors_load(loaded, graph, file, &err))
        fail_msg("%s", err.message);
    assert_memory_equal(loaded, w, size * sizeof *w);
    free(loaded);
    lethe_free(w);
    lethe_graph_unref(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_saved_is_loaded),
        cmocka_unit_test(damaged_files_change_nothing),
        cmocka_unit_test(a_state_dict_fits_the_exported_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
