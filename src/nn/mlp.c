/* SPDX-License-Identifier: MIT
 * Multilayer perceptrons built here, as PyTorch would export them, and fresh weights for any graph.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "nn/graph.h"

static enum lethe_err linear(struct lethe_graph *graph, size_t *x, size_t index, size_t in,
                             size_t out, int last)
{
    char weight[32], bias[32], node[32], y[32];
    snprintf(weight, sizeof weight, "fc%zu.weight", index);
    snprintf(bias, sizeof bias, "fc%zu.bias", index);
    snprintf(node, sizeof node, "/fc%zu/Gemm", index);
    snprintf(y, sizeof y, last ? "logits" : "/fc%zu/Gemm_output_0", index);
    const long long one = 1;
    const struct lethe_attr transposed = {
        .name = "transB", .type = LETHE_ATTR_INTS, .single = 1, .count = 1, .ints = &one};
    size_t ends[3] = {*x};
    struct lethe_shape matrix = {.ndim = 2, .dims = {out, in}};
    struct lethe_shape row = {.ndim = 1, .dims = {out}};
    struct lethe_node spec = {.name = node,
                              .type = "Gemm",
                              .in_count = 3,
                              .out_count = 1,
                              .in = ends,
                              .attr_count = 1,
                              .attrs = &transposed};
    enum lethe_err code = lethe_graph_add_zeros(graph, &ends[1], weight, &matrix);
    if (!code)
        code = lethe_graph_add_zeros(graph, &ends[2], bias, &row);
    const char *name = y;
    return code ? code : lethe_graph_add_node(graph, x, &spec, &name);
}

static enum lethe_err activate(struct lethe_graph *graph, size_t *x, size_t index, const char *type)
{
    char node[48], y[64];
    snprintf(node, sizeof node, "/act%zu/%s", index, type);
    snprintf(y, sizeof y, "/act%zu/%s_output_0", index, type);
    size_t in[1] = {*x};
    struct lethe_node spec = {.name = node, .type = type, .in_count = 1, .out_count = 1, .in = in};
    const char *name = y;
    return lethe_graph_add_node(graph, x, &spec, &name);
}

enum lethe_err lethe_graph_mlp(struct lethe_graph **graph, const size_t *widths, size_t depth,
                               const char *activation, struct lethe_error *err)
{
    static const char *const names[][2] = {
        {"tanh", "Tanh"}, {"relu", "Relu"}, {"sigmoid", "Sigmoid"}};
    const char *type = NULL;
    for (size_t i = 0; i < 3; i++)
        if (!strcmp(activation, names[i][0]))
            type = names[i][1];
    if (!type)
        return lethe_fail(err, LETHE_EARG, "unknown activation '%s': tanh, relu or sigmoid",
                          activation);
    for (size_t i = 0; i < depth; i++)
        if (widths[i] == 0 || widths[i] > 1000000)
            return lethe_fail(err, LETHE_EARG, "a layer of width %zu; 1 to 1000000 are allowed",
                              widths[i]);
    if (depth < 2)
        return lethe_fail(err, LETHE_EARG, "a network needs an input and an output width");
    struct lethe_graph *made = lethe_graph_new(LETHE_F64, 14);
    struct lethe_shape shape = {.ndim = 2, .dims = {0, widths[0]}};
    size_t x = 0;
    enum lethe_err code =
        made ? lethe_graph_add_input(made, &x, "input", LETHE_ELEM_DOUBLE, &shape) : LETHE_ENOMEM;
    for (size_t i = 1; i < depth && !code; i++) {
        code = linear(made, &x, i, widths[i - 1], widths[i], i + 1 == depth);
        if (!code && i + 1 < depth)
            code = activate(made, &x, i, type);
    }
    if (!code)
        code = lethe_graph_add_output(made, x);
    if (code)
        lethe_fail_memory(err, "a network", depth, sizeof x);
    else
        code = lethe_graph_finish(made, NULL, err);
    if (code)
        lethe_graph_unref(made);
    else
        *graph = made;
    return code;
}

/* Whether a node is a rectifier, also one with a round corner, of a value. */
static int rectifies(const struct lethe_graph *graph, const struct lethe_node *node, size_t value)
{
    const int sharp = strstr(node->type, "Relu") != NULL;
    for (size_t k = 0; k < node->in_count; k++)
        if (node->in[k] == value && (sharp || lethe_node_is_corner(graph, node)))
            return 1;
    return 0;
}

/* Whether a layer's output goes to a rectifier (He's variance) or elsewhere (Glorot's). */
static int feeds_relu(const struct lethe_graph *graph, const struct lethe_layer_info *layer)
{
    size_t value = layer->sites[0].preact;
    if (layer->sites[0].norm != LETHE_NONE)
        value = graph->nodes[layer->sites[0].norm].out[0];
    for (size_t i = 0; i < graph->node_count; i++)
        if (rectifies(graph, &graph->nodes[i], value))
            return 1;
    return 0;
}

static void draw(double *to, size_t n, uint64_t seed, uint64_t stream, double limit)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, seed, LETHE_RNG_INIT, stream, 0);
    for (size_t i = 0; i < n; i++)
        to[i] = (2 * lethe_rng_uniform(&rng) - 1) * limit;
}

/* A scale or a variance, by the input of a normalisation or product it serves. */
static int starts_at_one(const struct lethe_graph *graph, size_t param)
{
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct lethe_node *node = &graph->nodes[i];
        for (size_t k = 0; k < node->in_count; k++) {
            size_t origin = lethe_graph_origin(graph, node->in[k]);
            if (origin == graph->param_value[param] &&
                ((strstr(node->type, "Normalization") && (k == 1 || k == 4)) ||
                 !strcmp(node->type, "Mul")))
                return 1;
        }
    }
    return 0;
}

static void draw_weight(double *to, const struct lethe_graph *graph, size_t index, uint64_t seed)
{
    const struct lethe_param *param = &graph->params[index];
    const struct lethe_layer_info *layer = &graph->layers[param->layer];
    double fan_in = (double)layer->pub.fan_in, fan_out = (double)layer->pub.units;
    if (layer->pub.gates) { /* of the state before, too: sums of all gates begin alike */
        draw(to, param->size, seed, index, sqrt((double)layer->directions / fan_out));
        return;
    }
    for (size_t d = 2; d < param->ndim; d++)
        fan_out *= (double)param->dims[d];
    draw(to, param->size, seed, index,
         feeds_relu(graph, layer) ? sqrt(6 / fan_in) : sqrt(6 / (fan_in + fan_out)));
}

/* Scales and variances start at 1, other vectors at 0, tables (embeddings) at small numbers. */
void lethe_graph_init(const struct lethe_graph *graph, uint64_t seed, double *w)
{
    for (size_t p = 0; p < graph->param_count; p++) {
        const struct lethe_param *param = &graph->params[p];
        double *to = w + param->offset;
        if (param->layer >= 0 &&
            (graph->layers[param->layer].weight == p || graph->layers[param->layer].states == p)) {
            draw_weight(to, graph, p, seed);
        } else if (param->trainable && param->ndim > 1) {
            draw(to, param->size, seed, p, 0.02 * sqrt(3.0));
        } else {
            double value = starts_at_one(graph, p);
            for (size_t i = 0; i < param->size; i++)
                to[i] = value;
        }
    }
}
