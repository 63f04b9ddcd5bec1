/* SPDX-License-Identifier: MIT
 * Networks node by node. Any mistake here is one of ours: abort. */
#include "tests/support/nets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "nn/graph.h"
#include "tests/support/blobs.h"

enum { CLASSES = 3, SIDE = 6, TOKENS = 5, WORDS = 7, WIDTH = 4 };

struct maker {
    struct lethe_graph *graph;
    struct lethe_rng rng;
};

/* A parameter of random numbers; middle 0: around 0, else above middle. */
static size_t tensor(struct maker *m, const char *name, struct lethe_shape shape, double middle)
{
    const size_t size = lethe_shape_size(&shape);
    double *data = lethe_alloc(size, sizeof *data);
    size_t id;
    for (size_t i = 0; i < size; i++) {
        data[i] = 0.5 * lethe_rng_normal(&m->rng);
        data[i] = middle > 0 ? middle + fabs(data[i]) : data[i];
    }
    struct lethe_tensor_value value = {
        .name = name, .elem = LETHE_ELEM_FLOAT, .shape = shape, .data = data, .initializer = 1};
    if (lethe_graph_add_tensor(m->graph, &id, &value))
        abort();
    lethe_free(data);
    return id;
}

static size_t node(struct maker *m, const char *type, const char *out, const size_t *in, size_t ins,
                   const struct lethe_attr *attrs, size_t attr_count)
{
    size_t id;
    const struct lethe_node spec = {.name = out,
                                    .type = type,
                                    .in = (size_t *)in,
                                    .in_count = ins,
                                    .out_count = 1,
                                    .attrs = attrs,
                                    .attr_count = attr_count};
    if (lethe_graph_add_node(m->graph, &id, &spec, &out))
        abort();
    return id;
}

static size_t one(struct maker *m, const char *type, const char *out, size_t x)
{
    return node(m, type, out, &x, 1, NULL, 0);
}

static size_t two(struct maker *m, const char *type, const char *out, size_t a, size_t b)
{
    const size_t in[] = {a, b};
    return node(m, type, out, in, 2, NULL, 0);
}

#define SHAPE(n, ...) ((struct lethe_shape){.ndim = n, .dims = {__VA_ARGS__}})

static size_t input(struct maker *m, struct lethe_shape shape, int elem)
{
    size_t x;
    if (lethe_graph_add_input(m->graph, &x, "x", elem, &shape))
        abort();
    return x;
}

static void head(struct maker *m, size_t x, size_t width)
{
    const long long yes = 1;
    const struct lethe_attr transposed = {.name = "transB", .single = 1, .count = 1, .ints = &yes};
    const size_t in[] = {x, tensor(m, "head.weight", SHAPE(2, CLASSES, width), 0),
                         tensor(m, "head.bias", SHAPE(1, CLASSES), 0)};
    if (lethe_graph_add_output(m->graph, node(m, "Gemm", "logits", in, 3, &transposed, 1)))
        abort();
}

static size_t convolution(struct maker *m, const char *out, const size_t *in, size_t ins,
                          long long groups)
{
    const long long pads[] = {1, 1, 1, 1};
    const struct lethe_attr attrs[] = {{.name = "pads", .count = 4, .ints = pads},
                                       {.name = "group", .single = 1, .count = 1, .ints = &groups}};
    return node(m, "Conv", out, in, ins, attrs, 2);
}

static void conv_net(struct maker *m)
{
    const long long half[] = {2, 2};
    const struct lethe_attr pool[] = {{.name = "kernel_shape", .count = 2, .ints = half},
                                      {.name = "strides", .count = 2, .ints = half}};
    const size_t first[] = {input(m, SHAPE(4, 0, 2, SIDE, SIDE), LETHE_ELEM_FLOAT),
                            tensor(m, "c1.weight", SHAPE(4, 4, 2, 3, 3), 0),
                            tensor(m, "c1.bias", SHAPE(1, 4), 0)};
    const size_t norm[] = {
        convolution(m, "c1", first, 3, 1), tensor(m, "n1.weight", SHAPE(1, 4), 0.5),
        tensor(m, "n1.bias", SHAPE(1, 4), 0), tensor(m, "n1.running_mean", SHAPE(1, 4), 0),
        tensor(m, "n1.running_var", SHAPE(1, 4), 0.5)};
    size_t v = one(m, "Relu", "r1", node(m, "BatchNormalization", "n1", norm, 5, NULL, 0));
    v = node(m, "MaxPool", "p1", &v, 1, pool, 2);
    const size_t second[] = {v, tensor(m, "c2.weight", SHAPE(4, 6, 2, 3, 3), 0)};
    v = convolution(m, "c2", second, 2, 2);
    v = two(m, "Mul", "scaled", v, tensor(m, "scale", SHAPE(3, 6, 1, 1), 0.5));
    v = two(m, "Add", "shifted", v, tensor(m, "shift", SHAPE(3, 6, 1, 1), 0));
    v = one(m, "GlobalAveragePool", "mean", one(m, "Tanh", "t2", v));
    head(m, one(m, "Flatten", "flat", v), 6);
}

static size_t normed(struct maker *m, const char *name, const char *scale, const char *shift,
                     size_t x)
{
    const size_t in[] = {x, tensor(m, scale, SHAPE(1, WIDTH), 0.5),
                         tensor(m, shift, SHAPE(1, WIDTH), 0)};
    return node(m, "LayerNormalization", name, in, 3, NULL, 0);
}

/* Whole numbers that no step changes. */
static size_t whole(struct maker *m, const char *name, const long long *numbers, size_t n)
{
    double data[8];
    size_t id;
    for (size_t i = 0; i < n; i++)
        data[i] = (double)numbers[i];
    struct lethe_tensor_value value = {.name = name,
                                       .elem = LETHE_ELEM_INT64,
                                       .shape = SHAPE(1, n),
                                       .data = data,
                                       .initializer = 1};
    if (lethe_graph_add_tensor(m->graph, &id, &value))
        abort();
    return id;
}

/* (samples, hidden): the state of a GRU after its last step; nobody reads those before. */
static size_t last_state(struct maker *m, const char *name, const size_t in[4],
                         const struct lethe_attr *attr)
{
    char of_steps[32], last[32], flat[32], axis_name[32];
    const char *const names[] = {of_steps, last};
    const long long axis = 0;
    size_t outs[2];
    snprintf(of_steps, sizeof of_steps, "%s.states", name);
    snprintf(last, sizeof last, "%s.last", name);
    snprintf(flat, sizeof flat, "%s.flat", name);
    snprintf(axis_name, sizeof axis_name, "%s.axis", name);
    const struct lethe_node spec = {.name = name,
                                    .type = "GRU",
                                    .in = (size_t *)in,
                                    .in_count = 4,
                                    .out_count = 2,
                                    .attrs = attr,
                                    .attr_count = attr != NULL};
    if (lethe_graph_add_node(m->graph, outs, &spec, names))
        abort();
    return two(m, "Squeeze", flat, outs[1], whole(m, axis_name, &axis, 1));
}

static size_t turned(struct maker *m, const char *name, size_t x)
{
    const long long order[] = {1, 0, 2};
    const struct lethe_attr perm = {.name = "perm", .count = 3, .ints = order};
    return node(m, "Transpose", name, &x, 1, &perm, 1);
}

static void token_net(struct maker *m)
{
    const long long along = 1, no = 0;
    const struct lethe_attr mean[] = {{.name = "axes", .count = 1, .ints = &along},
                                      {.name = "keepdims", .single = 1, .count = 1, .ints = &no}};
    size_t x = input(m, SHAPE(2, 0, TOKENS), LETHE_ELEM_INT64);
    size_t v = two(m, "Gather", "embedded", tensor(m, "words", SHAPE(2, WORDS, WIDTH), 0), x);
    v = two(m, "Add", "placed", v, tensor(m, "positions", SHAPE(2, TOKENS, WIDTH), 0));
    v = two(m, "MatMul", "a", v, tensor(m, "a.weight", SHAPE(2, WIDTH, WIDTH), 0));
    v = two(m, "Add", "a.out", v, tensor(m, "a.bias", SHAPE(1, WIDTH), 0));
    v = normed(m, "na", "na.weight", "na.bias", v);
    v = turned(m, "turned", one(m, "Tanh", "ta", v)); /* tokens first, samples second */
    v = two(m, "MatMul", "b", v, tensor(m, "b.weight", SHAPE(2, WIDTH, WIDTH), 0));
    v = one(m, "Tanh", "tb", v);
    v = normed(m, "nb", "nb.weight", "nb.bias", v);
    v = turned(m, "back", v);
    head(m, node(m, "ReduceMean", "pooled", &v, 1, mean, 2), WIDTH);
}

static size_t spread(struct maker *m, const char *out, const size_t *in, size_t ins,
                     long long groups, long long before)
{
    const long long two[] = {2, 2}, pads[] = {before, 0, 0, before};
    const struct lethe_attr attrs[] = {{.name = "strides", .count = 2, .ints = two},
                                       {.name = "pads", .count = 4, .ints = pads},
                                       {.name = "group", .single = 1, .count = 1, .ints = &groups}};
    return node(m, "ConvTranspose", out, in, ins, attrs, 3);
}

static void transposed_net(struct maker *m)
{
    const size_t first[] = {input(m, SHAPE(4, 0, 4, 2, 2), LETHE_ELEM_FLOAT),
                            tensor(m, "u1.weight", SHAPE(4, 4, 3, 3, 2), 0),
                            tensor(m, "u1.bias", SHAPE(1, 6), 0)};
    const size_t norm[] = {spread(m, "u1", first, 3, 2, 1),
                           tensor(m, "n1.weight", SHAPE(1, 6), 0.5),
                           tensor(m, "n1.bias", SHAPE(1, 6), 0)};
    size_t v = one(m, "Tanh", "t1", node(m, "InstanceNormalization", "n1", norm, 3, NULL, 0));
    const size_t again = tensor(m, "u2.weight", SHAPE(4, 6, 6, 1, 2), 0);
    for (int k = 0; k < 2; k++) { /* the second time on a larger image */
        const size_t in[] = {v, again};
        v = one(m, "Tanh", k ? "t3" : "t2", spread(m, k ? "u3" : "u2", in, 2, 1, 0));
    }
    const size_t last[] = {v, tensor(m, "c.weight", SHAPE(4, 5, 6, 3, 3), 0),
                           tensor(m, "c.bias", SHAPE(1, 5), 0)};
    const long long away[] = {20, 20};
    const struct lethe_attr far = {.name = "strides", .count = 2, .ints = away};
    head(m, one(m, "Flatten", "flat", node(m, "Conv", "c", last, 3, &far, 1)), 5);
}

/* (samples, steps, WIDTH) to the last state of one direction, by way of every state of two. */
static void gated_net(struct maker *m)
{
    enum { STEPS = 4, FIRST = 3, SECOND = 4 };
    const struct lethe_attr both = {
        .name = "direction", .text = "bidirectional", .type = LETHE_ATTR_TEXT};
    const long long one_way = 1, order[] = {0, 2, 1, 3}, flat[] = {STEPS, -1, 2 * FIRST};
    const struct lethe_attr inside = {
        .name = "linear_before_reset", .single = 1, .count = 1, .ints = &one_way};
    const struct lethe_attr perm = {.name = "perm", .count = 4, .ints = order};
    const size_t x = turned(m, "steps", input(m, SHAPE(3, 0, STEPS, WIDTH), LETHE_ELEM_FLOAT));
    const size_t lstm[] = {x,
                           tensor(m, "lstm.W", SHAPE(3, 2, 4 * FIRST, WIDTH), 0),
                           tensor(m, "lstm.R", SHAPE(3, 2, 4 * FIRST, FIRST), 0),
                           tensor(m, "lstm.B", SHAPE(2, 2, 8 * FIRST), 0),
                           LETHE_NONE,
                           LETHE_NONE,
                           LETHE_NONE,
                           tensor(m, "lstm.P", SHAPE(2, 2, 3 * FIRST), 0)};
    size_t v = node(m, "LSTM", "lstm", lstm, 8, &both, 1);
    v = node(m, "Transpose", "side by side", &v, 1, &perm, 1); /* (steps, samples, ways, hidden) */
    v = two(m, "Reshape", "rows", v, whole(m, "rows.shape", flat, 3));
    const size_t gru[] = {v, tensor(m, "gru.W", SHAPE(3, 1, 3 * SECOND, 2 * FIRST), 0),
                          tensor(m, "gru.R", SHAPE(3, 1, 3 * SECOND, SECOND), 0),
                          tensor(m, "gru.B", SHAPE(2, 1, 6 * SECOND), 0)};
    head(m, last_state(m, "gru", gru, &inside), SECOND);
}

static size_t dense(struct maker *m, const char *name, size_t x, size_t weight, size_t bias)
{
    const size_t in[] = {x, weight, bias};
    return node(m, "Gemm", name, in, 3, NULL, 0);
}

/* Three GRUs, of which two have the same recurrent weights and one has one tensor for both; two
 * linear layers with one bias. */
static void shared_net(struct maker *m)
{
    enum { STEPS = 3 };
    const struct lethe_shape gates = SHAPE(3, 1, 3 * WIDTH, WIDTH), square = SHAPE(2, WIDTH, WIDTH);
    const size_t x = turned(m, "steps", input(m, SHAPE(3, 0, STEPS, WIDTH), LETHE_ELEM_FLOAT));
    const size_t common = tensor(m, "common.R", gates, 0), both = tensor(m, "both", gates, 0);
    const size_t first[] = {x, tensor(m, "a.W", gates, 0), common, LETHE_NONE};
    const size_t second[] = {x, tensor(m, "b.W", gates, 0), common, LETHE_NONE};
    const size_t third[] = {x, both, both, LETHE_NONE};
    size_t v =
        two(m, "Add", "ab", last_state(m, "a", first, NULL), last_state(m, "b", second, NULL));
    v = two(m, "Add", "abc", v, last_state(m, "c", third, NULL));
    const size_t bias = tensor(m, "bias", SHAPE(1, WIDTH), 0);
    v = one(m, "Tanh", "t", dense(m, "p", v, tensor(m, "p.weight", square, 0), bias));
    v = one(m, "Tanh", "u", dense(m, "q", v, tensor(m, "q.weight", square, 0), bias));
    head(m, v, WIDTH);
}

static void behind_net(struct maker *m)
{
    size_t x = input(m, SHAPE(2, 0, WIDTH), LETHE_ELEM_FLOAT);
    size_t weight = two(m, "Mul", "weight", tensor(m, "direction", SHAPE(2, WIDTH, 5), 0),
                        tensor(m, "size", SHAPE(2, 1, 5), 0.5));
    head(m, one(m, "Tanh", "t", two(m, "MatMul", "product", x, weight)), 5);
}

static struct lethe_dataset *sentences(size_t n, uint64_t seed)
{
    double *x = lethe_alloc(n * TOKENS, sizeof *x);
    int *labels = lethe_alloc(n, sizeof *labels);
    struct lethe_dataset *data = NULL;
    struct lethe_rng rng;
    lethe_rng_init(&rng, seed, LETHE_RNG_TEST, 3, 0);
    for (size_t i = 0; i < n * TOKENS; i++)
        x[i] = (double)lethe_rng_below(&rng, WORDS);
    for (size_t i = 0; i < n; i++)
        labels[i] = (int)lethe_rng_below(&rng, CLASSES);
    if (lethe_dataset_from(&data, x, labels, n, TOKENS, NULL))
        abort();
    lethe_free(x);
    lethe_free(labels);
    return data;
}

static void random_weights(struct net *net, uint64_t seed)
{
    struct lethe_rng rng;
    const size_t size = lethe_graph_size(net->graph);
    lethe_rng_init(&rng, seed, LETHE_RNG_TEST, 4, 0);
    net->w = lethe_alloc(size + lethe_graph_buffers(net->graph), sizeof *net->w);
    for (size_t i = 0; i < size; i++)
        net->w[i] = 0.7 * lethe_rng_normal(&rng);
}

struct net net_open(enum net_kind kind, size_t samples, uint64_t seed)
{
    static void (*const make[])(struct maker *) = {
        [NET_CONV] = conv_net,     [NET_TOKENS] = token_net, [NET_TRANSPOSED] = transposed_net,
        [NET_SHARED] = shared_net, [NET_GATED] = gated_net,  [NET_BEHIND] = behind_net};
    struct maker m = {0};
    struct net net = {0};
    if (kind == NET_PLAIN) {
        const size_t widths[] = {5, 6, 4, CLASSES, 0};
        net.graph = blobs_net(widths);
        net.data = blobs(samples, 5, CLASSES, seed);
        random_weights(&net, seed);
        return net;
    }
    lethe_rng_init(&m.rng, seed, LETHE_RNG_TEST, 5, 0);
    m.graph = net.graph = lethe_graph_new(LETHE_F64, 17);
    make[kind](&m);
    if (lethe_graph_finish(net.graph, &net.w, NULL))
        abort();
    net.data = kind == NET_TOKENS
                   ? sentences(samples, seed)
                   : blobs(samples, lethe_graph_input_width(net.graph, 0), CLASSES, seed);
    return net;
}

void net_close(struct net *net)
{
    lethe_graph_unref(net->graph);
    lethe_dataset_unref(net->data);
    lethe_free(net->w);
}

const char *net_name(enum net_kind kind)
{
    static const char *const names[] = {"plain",      "conv",   "tokens", "behind",
                                        "transposed", "shared", "gated"};
    return names[kind];
}
