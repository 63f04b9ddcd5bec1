/* SPDX-License-Identifier: MIT
 * Multilayer perceptrons: Flatten, then Gemm and activation in turn. Layers are fc1, fc2, ... */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/build.h"

static const char *activation_op(const char *name)
{
    static const char *const known[][2] = {
        {"tanh", "Tanh"}, {"relu", "Relu"}, {"sigmoid", "Sigmoid"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(known[i][0], name))
            return known[i][1];
    return NULL;
}

static enum lethe_err add_params(struct lethe_build *build, size_t layer, size_t in, size_t out,
                                 struct lethe_error *err)
{
    char name[32];
    double *zero = lethe_alloc_zero(in * out, sizeof *zero);
    if (!zero)
        return lethe_fail_memory(err, "weights", in * out, sizeof *zero);
    struct lethe_tensor tensor = {.data = zero};
    lethe_tensor_shape(&tensor, 2, (const size_t[]){out, in});
    snprintf(name, sizeof name, "fc%zu.weight", layer);
    enum lethe_err code = lethe_build_param(build, name, &tensor, 1, err);
    lethe_tensor_shape(&tensor, 1, (const size_t[]){out});
    snprintf(name, sizeof name, "fc%zu.bias", layer);
    if (!code)
        code = lethe_build_param(build, name, &tensor, 1, err);
    lethe_free(zero);
    return code;
}

static enum lethe_err add_node(struct lethe_build *build, const char *op, const char *in,
                               const char *out, struct lethe_error *err)
{
    struct lethe_node_spec spec = {.op = op, .name = out, .nin = 1, .nout = 1};
    spec.in = &in;
    spec.out = &out;
    return lethe_build_node(build, &spec, err);
}

static enum lethe_err add_linear(struct lethe_build *build, size_t layer, const char *in,
                                 const char *out, struct lethe_error *err)
{
    char name[32], weight[32], bias[32];
    snprintf(name, sizeof name, "fc%zu", layer);
    snprintf(weight, sizeof weight, "fc%zu.weight", layer);
    snprintf(bias, sizeof bias, "fc%zu.bias", layer);
    struct lethe_attr trans = {.name = "transB", .ints = (int64_t[]){1}, .count = 1};
    const char *const inputs[] = {in, weight, bias};
    struct lethe_node_spec spec = {.op = "Gemm", .name = name, .in = inputs, .nin = 3, .nout = 1};
    spec.out = &out;
    spec.attr = &trans;
    spec.nattr = 1;
    return lethe_build_node(build, &spec, err);
}

static enum lethe_err add_layers(struct lethe_build *build, const size_t *widths, size_t depth,
                                 const char *activation, struct lethe_error *err)
{
    char from[32] = "flat", to[32];
    enum lethe_err code = lethe_build_input(build, "input", 1, widths, err);
    for (size_t k = 1; !code && k < depth; k++)
        code = add_params(build, k, widths[k - 1], widths[k], err);
    if (!code)
        code = add_node(build, "Flatten", "input", from, err);
    for (size_t k = 1; !code && k < depth; k++) {
        snprintf(to, sizeof to, k + 1 == depth ? "logits" : "fc%zu.out", k);
        code = add_linear(build, k, from, to, err);
        memcpy(from, to, sizeof from);
        if (code || k + 1 == depth)
            break;
        snprintf(to, sizeof to, "act%zu", k);
        code = add_node(build, activation, from, to, err);
        memcpy(from, to, sizeof from);
    }
    return code;
}

enum lethe_err lethe_graph_mlp(struct lethe_graph **graph, const size_t *widths, size_t depth,
                               const char *activation, struct lethe_error *err)
{
    const char *op = activation_op(activation);
    if (!op)
        return lethe_fail(err, LETHE_EARG, "no activation '%s': tanh, relu or sigmoid", activation);
    if (depth < 2)
        return lethe_fail(err, LETHE_EARG, "a network needs at least an input and an output width");
    for (size_t k = 0; k < depth; k++)
        if (!widths[k] || widths[k] > 1000000)
            return lethe_fail(err, LETHE_EARG, "width %zu of the network is %zu: 1 to 1000000", k,
                              widths[k]);
    struct lethe_build *build = lethe_build_new(LETHE_F64, err);
    if (!build)
        return LETHE_ENOMEM;
    enum lethe_err code = add_layers(build, widths, depth, op, err);
    if (!code)
        code = lethe_build_done(graph, NULL, build, "logits", err);
    lethe_build_free(build);
    return code;
}
