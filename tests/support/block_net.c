/* SPDX-License-Identifier: MIT
 * The network is c1 n1 r1, c2 n2 tanh, c3 n3 + r1, r3, mean of the pixels, fc. */
#include "tests/support/block_net.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "nn/graph.h"

static struct lethe_rng rng;

static void draw(double *x, size_t n, double scale)
{
    for (size_t i = 0; i < n; i++)
        x[i] = scale * lethe_rng_normal(&rng);
}

static size_t tensor(struct lethe_graph *graph, const char *name, struct lethe_shape shape,
                     double middle, double scale)
{
    size_t id, size = lethe_shape_size(&shape);
    double *data = malloc(size * sizeof *data);
    draw(data, size, scale);
    for (size_t i = 0; i < size; i++)
        data[i] = middle ? middle + fabs(data[i]) : data[i];
    struct lethe_tensor_value value = {
        .name = name, .elem = LETHE_ELEM_FLOAT, .shape = shape, .data = data, .initializer = 1};
    assert_int_equal(lethe_graph_add_tensor(graph, &id, &value), 0);
    free(data);
    return id;
}

static size_t add(struct lethe_graph *graph, const char *type, const char *out, const size_t *in,
                  size_t ins, const struct lethe_attr *attrs, size_t attr_count)
{
    size_t id;
    struct lethe_node spec = {.name = out,
                              .type = type,
                              .in = (size_t *)in,
                              .in_count = ins,
                              .out_count = 1,
                              .attrs = attrs,
                              .attr_count = attr_count};
    assert_int_equal(lethe_graph_add_node(graph, &id, &spec, &out), 0);
    return id;
}

static size_t conv(struct lethe_graph *graph, const char *name, size_t x, size_t channels)
{
    char weight[32], bias[32], out[32];
    const long long pads[] = {1, 1, 1, 1};
    const struct lethe_attr attr = {.name = "pads", .count = 4, .ints = pads};
    snprintf(weight, sizeof weight, "%s.weight", name);
    snprintf(bias, sizeof bias, "%s.bias", name);
    snprintf(out, sizeof out, "%s.out", name);
    struct lethe_shape f = {.ndim = 4, .dims = {BLOCK_CHANNELS, channels, 3, 3}};
    struct lethe_shape b = {.ndim = 1, .dims = {BLOCK_CHANNELS}};
    size_t in[3] = {x, tensor(graph, weight, f, 0, 0.1), tensor(graph, bias, b, 0, 0.1)};
    return add(graph, "Conv", out, in, 3, &attr, 1);
}

static size_t norm(struct lethe_graph *graph, const char *name, size_t x)
{
    static const char *const parts[] = {"scale", "shift", "mean", "var"};
    struct lethe_shape c = {.ndim = 1, .dims = {BLOCK_CHANNELS}};
    size_t in[5] = {x};
    char text[32];
    for (size_t k = 0; k < 4; k++) {
        snprintf(text, sizeof text, "%s.%s", name, parts[k]);
        in[k + 1] = tensor(graph, text, c, k % 3 ? 0 : 0.5, 0.3);
    }
    snprintf(text, sizeof text, "%s.out", name);
    return add(graph, "BatchNormalization", text, in, 5, NULL, 0);
}

static struct lethe_graph *block(double **w, enum block_kind kind)
{
    struct lethe_graph *graph = lethe_graph_new(LETHE_F32, 14);
    struct lethe_shape image = {.ndim = 4, .dims = {0, 3, BLOCK_SIDE, BLOCK_SIDE}};
    struct lethe_shape f = {.ndim = 2, .dims = {BLOCK_CLASSES, BLOCK_CHANNELS}};
    struct lethe_shape b = {.ndim = 1, .dims = {BLOCK_CLASSES}};
    const long long one = 1;
    const struct lethe_attr transposed = {.name = "transB", .single = 1, .count = 1, .ints = &one};
    size_t x;
    lethe_graph_add_input(graph, &x, "x", LETHE_ELEM_FLOAT, &image);
    size_t v = norm(graph, "n1", conv(graph, "c1", x, 3));
    size_t skip = add(graph, kind == BLOCK_SMOOTH ? "Softplus" : "Relu", "r1", &v, 1, NULL, 0);
    v = norm(graph, "n2", conv(graph, "c2", skip, BLOCK_CHANNELS));
    v = add(graph, "Tanh", "t2", &v, 1, NULL, 0);
    size_t sum[2] = {norm(graph, "n3", conv(graph, "c3", v, BLOCK_CHANNELS)), skip};
    v = add(graph, "Add", "a3", sum, 2, NULL, 0);
    v = add(graph, kind == BLOCK_SMOOTH ? "Sigmoid" : "Relu", "r3", &v, 1, NULL, 0);
    v = add(graph, kind == BLOCK_MAXIMUM ? "GlobalMaxPool" : "GlobalAveragePool", "pool", &v, 1,
            NULL, 0);
    v = add(graph, "Flatten", "flat", &v, 1, NULL, 0);
    size_t last[3] = {v, tensor(graph, "fc.weight", f, 0, 0.3), tensor(graph, "fc.bias", b, 0, 1)};
    lethe_graph_add_output(graph, add(graph, "Gemm", "logits", last, 3, &transposed, 1));
    struct lethe_error err = {0};
    if (lethe_graph_finish(graph, w, &err))
        fail_msg("%s", err.message);
    return graph;
}

void block_net_init(struct block_net *net, enum block_kind kind)
{
    lethe_rng_init(&rng, 4, LETHE_RNG_TEST, 0, 0);
    net->graph = block(&net->w, kind);
    net->size = lethe_graph_size(net->graph);
    net->x = malloc(BLOCK_BATCH * BLOCK_WIDTH * sizeof(double));
    net->u = malloc(BLOCK_BATCH * BLOCK_CLASSES * sizeof(double));
    net->v = malloc(net->size * sizeof(double));
    draw(net->x, BLOCK_BATCH * BLOCK_WIDTH, 1);
    draw(net->u, BLOCK_BATCH * BLOCK_CLASSES, 1);
    draw(net->v, net->size, 1);
    net->inputs[0] = net->x;
}

void block_net_release(struct block_net *net)
{
    lethe_graph_unref(net->graph);
    lethe_free(net->w);
    free(net->x);
    free(net->u);
    free(net->v);
}
