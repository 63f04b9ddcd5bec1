/* SPDX-License-Identifier: MIT
 * bfloat16 is written where ONNX has it, and refused by the operator's name elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "lethe/onnx.h"
#include "nn/graph.h"
#include "tests/support/nets.h"

static enum lethe_err write_as(enum net_kind kind, int opset, enum lethe_onnx_real type,
                               struct lethe_error *err)
{
    static const char path[] = "brain_test.onnx";
    struct net net = net_open(kind, 4, 1);
    net.graph->opset = opset ? opset : net.graph->opset;
    const enum lethe_err code = lethe_onnx_save_as(net.graph, net.w, path, type, err);
    assert_int_equal(lethe_file_exists(path), code == LETHE_OK);
    unlink(path);
    net_close(&net);
    return code;
}

static void only_where_onnx_has_it(void **state)
{
    (void)state;
    struct lethe_error err;
    assert_int_equal(write_as(NET_PLAIN, 0, LETHE_ONNX_BFLOAT16, &err), LETHE_OK);
    assert_int_equal(write_as(NET_PLAIN, 12, LETHE_ONNX_BFLOAT16, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "from opset 13 on, and the model is of opset 12"));
    assert_int_equal(write_as(NET_CONV, 0, LETHE_ONNX_BFLOAT16, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "ONNX has Conv in bfloat16 from opset 22 on"));
    assert_int_equal(write_as(NET_CONV, 22, LETHE_ONNX_BFLOAT16, &err), LETHE_OK);
    assert_int_equal(write_as(NET_CONV, 0, LETHE_ONNX_FLOAT16, &err), LETHE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_where_onnx_has_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
