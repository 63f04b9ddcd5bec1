/* SPDX-License-Identifier: MIT
 * Networks: an immutable graph of operators, and executors that run it on whole batches.
 *
 * All trainable parameters of a graph live in one flat vector w of size() doubles, in the order of
 * the graph's parameters; the running statistics of normalisations (buffers() doubles) follow them
 * in the same allocation, so w is (size + buffers). Gradients, updates and curvature are indexed
 * by the first size() entries. An executor works in float or double whatever its caller holds.
 *
 * A graph is shared between threads (reference-counted); an executor belongs to one thread. */
#ifndef LETHE_NN_H
#define LETHE_NN_H

#include <stddef.h>
#include <stdint.h>
#include "lethe/error.h"

enum { LETHE_MAX_DIMS = 8 };
enum lethe_dtype { LETHE_F32, LETHE_F64 };

struct lethe_graph;

/* One tensor of w. Its gradient has the same layout. */
struct lethe_param {
    const char *name; /* as in the file: "fc1.weight" */
    size_t offset;    /* first entry in w */
    size_t size;      /* product of dims */
    size_t ndim, dims[LETHE_MAX_DIMS];
    int trainable; /* 0: a running statistic, offset >= size() */
    int layer;     /* index of the layer whose units own it, -1: it is a group of its own */
};

/* A parameterised layer that has units: one output of a linear layer with its weights and bias, one
 * filter of a convolution or channel that a transposed one writes with its bias, and the scale and
 * shift of a normalisation directly after it; one hidden unit of an LSTM or GRU with its rows in
 * all gates (of the input, of the state before, biases, peepholes), those of a second direction
 * after those of the first. Written layer[index], e.g. fc1[33]. */
struct lethe_layer {
    const char *name;   /* "fc1", "layer2.0.conv1" */
    const char *op;     /* "Gemm", "MatMul", "Conv", "ConvTranspose", "LSTM", "GRU" */
    size_t units;       /* outputs */
    size_t unit_params; /* parameters of one unit, all tensors together */
    size_t fan_in;      /* inputs of one unit: weights without bias; of one gate */
    size_t positions;   /* pixels, tokens or steps one unit is shared over; 1 for a plain linear
                           layer */
    size_t gates;       /* 4 of an LSTM, 3 of a GRU, otherwise 0 */
    size_t hidden;      /* of an LSTM or GRU: units of one direction, the last inputs of fan_in */
    int single;         /* one position, and a sample's input there is fan_in numbers in order */
    int has_bias;
};

/* Another reference; returns graph. */
struct lethe_graph *lethe_graph_ref(struct lethe_graph *graph);
void lethe_graph_unref(struct lethe_graph *graph); /* NULL ok */

size_t lethe_graph_size(const struct lethe_graph *graph);    /* P, trainable parameters */
size_t lethe_graph_buffers(const struct lethe_graph *graph); /* running statistics after them */
/* Inputs it takes; most have one. */
size_t lethe_graph_inputs(const struct lethe_graph *graph);
size_t lethe_graph_input_width(const struct lethe_graph *graph, size_t input); /* per sample */
/* What an input holds: real numbers; tokens, numbers of the rows of an embedding (*rows of them,
 * may be NULL); or other whole numbers, such as a mask. */
enum lethe_input_kind { LETHE_INPUT_REAL, LETHE_INPUT_TOKENS, LETHE_INPUT_WHOLE };
enum lethe_input_kind lethe_graph_input_kind(const struct lethe_graph *graph, size_t input,
                                             size_t *rows);
size_t lethe_graph_classes(const struct lethe_graph *graph);         /* logits per sample, C */
enum lethe_dtype lethe_graph_dtype(const struct lethe_graph *graph); /* the file's own precision */

/* What the file's output holds. The logits are what it is computed from; a network with one output
 * gets a second class whose logit is 0. */
enum lethe_graph_end {
    LETHE_END_UNKNOWN,
    LETHE_END_LOGITS,
    LETHE_END_SOFTMAX,       /* probabilities */
    LETHE_END_LOG_SOFTMAX,   /* their logarithms */
    LETHE_END_ONE_LOGIT,     /* of the second of two classes */
    LETHE_END_ONE_SIGMOID,   /* probability of the second of two classes */
    LETHE_END_ONE_VS_REST,   /* a sigmoid for each class, the largest counts */
    LETHE_END_PROBABILITIES, /* numbers that were divided by their sum */
    LETHE_END_MULTI_LABEL,   /* a sigmoid for each output: several may hold at once */
    LETHE_END_REGRESSION,    /* one number that is no logit */
    LETHE_END_GROUPS,        /* a softmax, not of all outputs of a sample */
    LETHE_END_PLACES         /* a row of numbers for each of several places of a sample */
};
/* What the file's output holds. */
enum lethe_graph_end lethe_graph_end(const struct lethe_graph *graph);
const char *lethe_graph_end_text(enum lethe_graph_end end); /* "probabilities (Softmax)", static */
/* LETHE_EFORMAT with the word for it when the network chooses no class. */
enum lethe_err lethe_graph_check_end(const struct lethe_graph *graph, struct lethe_error *err);
/* What was left out of the file or read in another way, borrowed; NULL after the last. */
const char *lethe_graph_note(const struct lethe_graph *graph, size_t index);
/* Type of the weights in the file, static text: "float32", "float64", "float16", "bfloat16". */
const char *lethe_graph_stored(const struct lethe_graph *graph);

/* Of one sample, forward: multiply-adds of all layers; numbers of all values together, 0 when the
 * network takes no single sample. */
double lethe_graph_work(const struct lethe_graph *graph);
/* Precision belongs to a purpose. Training to a minimum, where differences of the last digits
 * decide, is in double up to LETHE_DOUBLE_UP_TO parameters; passes over the samples are so only
 * where every weight is used about once a sample (linear layers). Convolutions and layers over
 * tokens pass in float, with sums in double. */
enum { LETHE_DOUBLE_UP_TO = 100000 };
enum lethe_dtype lethe_graph_passes(const struct lethe_graph *graph);
enum lethe_dtype lethe_graph_minimising(const struct lethe_graph *graph);
size_t lethe_graph_footprint(const struct lethe_graph *graph);

/* Tensors of w, running statistics included. */
size_t lethe_graph_param_count(const struct lethe_graph *graph);
/* Tensor `index` (below count), borrowed from the graph. */
const struct lethe_param *lethe_graph_param(const struct lethe_graph *graph, size_t index);
/* Layers that have units. */
size_t lethe_graph_layer_count(const struct lethe_graph *graph);
/* Layer `index` (below count), borrowed from the graph. */
const struct lethe_layer *lethe_graph_layer(const struct lethe_graph *graph, size_t index);
/* Entries of w that belong to a unit: fan_in weights (in the order of the unit's inputs), then the
 * bias, then scale and shift. With gates: those of the input gate by gate, those of the state
 * before gate by gate, the biases of both, the peepholes. indices has room for layer->unit_params.
 */
void lethe_graph_unit_params(const struct lethe_graph *graph, size_t layer, size_t unit,
                             size_t *indices);

/* *graph is new (unref): a multilayer perceptron widths[0]-...-widths[depth-1] ending in logits;
 * layers are called fc1, fc2,
 * ... Depth 2 is softmax regression. activation: "tanh", "relu" or "sigmoid". */
enum lethe_err lethe_graph_mlp(struct lethe_graph **graph, const size_t *widths, size_t depth,
                               const char *activation, struct lethe_error *err);
/* *graph is new (unref): softmax regression in double, its one layer called `name`. */
enum lethe_err lethe_graph_regression(struct lethe_graph **graph, const char *name, size_t width,
                                      size_t classes, struct lethe_error *err);
/* Convolutional network on images (channels, rows, columns), float. A layer is `filters` 3 x 3
 * convolutions with batch normalisation and Relu, then, with `pools`, the maximum over 2 x 2; with
 * `blocks` it is a stage of so many residual blocks of two such convolutions each (the first of a
 * later stage halves the image; one convolution stands before the first stage). INVERTED: stages of
 * MobileNetV2's blocks, which widen by 1 in the first stage and by 6 after it; `pools` halves the
 * image in the stage's first block; the convolution before has 2 x the first stage's filters, the
 * one after 4 x the last one's. DENSE: blocks of DenseNet-BC, `filters` the growth and `blocks` the
 * layers; the convolution before has 2 x the growth, between blocks channels and image are halved.
 * The means of the last filters go to one linear layer "fc". LETHE_EARG: a layer that cannot be. */
enum lethe_cnn_kind { LETHE_CNN_PLAIN, LETHE_CNN_INVERTED, LETHE_CNN_DENSE };
struct lethe_cnn_layer {
    size_t filters, blocks; /* blocks 0: a plain layer */
    int pools;
};
struct lethe_cnn {
    size_t channels, rows, columns, classes, depth;
    const struct lethe_cnn_layer *layers; /* (depth) */
    enum lethe_cnn_kind kind;
};
/* *graph is new (unref). */
enum lethe_err lethe_graph_cnn(struct lethe_graph **graph, const struct lethe_cnn *cnn,
                               struct lethe_error *err);
/* Encoder of texts of `length` tokens (0 is padding) of a vocabulary of `tokens`, float: embedding
 * of tokens and places, `layers` layers of attention in `heads` heads with two linear layers each,
 * the mean over the tokens that are no padding, one linear layer "fc". width is a multiple of
 * heads. LETHE_EARG otherwise. */
struct lethe_text_net {
    size_t tokens, length, width, heads, layers, classes;
};
/* *graph is new (unref). */
enum lethe_err lethe_graph_text(struct lethe_graph **graph, const struct lethe_text_net *net,
                                struct lethe_error *err);
/* The same network with a linear classifier "head" on its (flattened) output, for networks that end
 * in features. *made_w (lethe_free) holds w and the head's fresh weights, drawn from the seed. */
enum lethe_err lethe_graph_head(struct lethe_graph **made, double **made_w,
                                const struct lethe_graph *graph, const double *w, size_t classes,
                                uint64_t seed, struct lethe_error *err);
/* The same network with a round corner of half width `width` on every Relu: its slope goes from 0
 * to 1 in a straight line over (-width, width), its value lies at most width/4 higher. The
 * objective then has a gradient that is 0 at its minimum; with sharp corners the minimum lies on
 * them. Corners that are round get the new width. *made_w (lethe_free) is w. LETHE_EARG: no Relu,
 * width <= 0. */
enum lethe_err lethe_graph_smooth(struct lethe_graph **made, double **made_w,
                                  const struct lethe_graph *graph, const double *w, double width,
                                  struct lethe_error *err);
/* Half width of its corners: 0 when they are sharp, NAN when the network has no Relu. */
double lethe_graph_corner(const struct lethe_graph *graph);
/* Fresh weights by layer type (Glorot uniform for tanh and sigmoid, He for relu, biases 0), the
 * same for every thread count. w is (size + buffers). */
void lethe_graph_init(const struct lethe_graph *graph, uint64_t seed, double *w);

/* ---- executor -------------------------------------------------------------------------------- */

struct lethe_exec;

/* A new executor (free) for batches of at most `batch` samples; it holds on to the graph. NULL with
 * err filled when out of memory. */
struct lethe_exec *lethe_exec_new(struct lethe_graph *graph, enum lethe_dtype dtype, size_t batch,
                                  struct lethe_error *err);
void lethe_exec_free(struct lethe_exec *exec); /* NULL ok */
size_t lethe_exec_batch(const struct lethe_exec *exec);
/* Threads that share the work on a batch, 0: one for each processor; at the start it is one. Small
 * networks stay on one thread. No bit of a result depends on it. */
enum lethe_err lethe_exec_threads(struct lethe_exec *exec, unsigned threads,
                                  struct lethe_error *err);

/* w is (size + buffers); copied. Invalidates what forward computed. */
void lethe_exec_weights(struct lethe_exec *exec, const double *w);

/* inputs[k] is (n, input_width(k)) row-major; logits is (n, C). 1 <= n <= batch. */
enum lethe_err lethe_exec_forward(struct lethe_exec *exec, double *logits,
                                  const double *const *inputs, size_t n, struct lethe_error *err);
/* The same logits in little memory: nothing is kept, so none of the calls below may follow. */
enum lethe_err lethe_exec_logits(struct lethe_exec *exec, double *logits,
                                 const double *const *inputs, size_t n, struct lethe_error *err);
/* For many batches under weights that differ in few parameters: a cut divides the calls into those
 * that a changed parameter reaches (changed: by parameter) and those above. *bytes is what a sample
 * needs in the store between them, 0 when nothing is above. */
enum lethe_err lethe_exec_cut(struct lethe_exec *exec, size_t *bytes, const unsigned char *changed,
                              struct lethe_error *err);
/* As lethe_exec_logits; store gets n times those bytes. */
enum lethe_err lethe_exec_above(struct lethe_exec *exec, double *logits, void *store,
                                const double *const *inputs, size_t n, struct lethe_error *err);
/* The logits of the n samples of a store, made by lethe_exec_above since the cut, under weights
 * that may differ from those of then in the changed parameters only. Bit for bit the same as
 * lethe_exec_logits. */
enum lethe_err lethe_exec_below(struct lethe_exec *exec, double *logits, const void *store,
                                size_t n, struct lethe_error *err);
/* After forward: the logits of the same inputs under other weights. Only what depends on a changed
 * parameter is computed again; bit for bit the same as weights() and forward(). */
enum lethe_err lethe_exec_reforward(struct lethe_exec *exec, double *logits, const double *w,
                                    struct lethe_error *err);
/* After forward: dlogits is (n, C), the derivative of a scalar by each logit. The gradient by the
 * parameters is *added* to grad (size(), may be NULL when only the captures below are wanted). */
enum lethe_err lethe_exec_backward(struct lethe_exec *exec, double *grad, const double *dlogits,
                                   struct lethe_error *err);
/* The same in less memory: no captures of derivatives may follow. grad is not NULL. */
enum lethe_err lethe_exec_gradient(struct lethe_exec *exec, double *grad, const double *dlogits,
                                   struct lethe_error *err);
/* After forward: dlogits(n, C) = J v, the directional derivative of the logits; v is (size). */
enum lethe_err lethe_exec_jvp(struct lethe_exec *exec, double *dlogits, const double *v,
                              struct lethe_error *err);

/* Gives back what passes need, values kept among it, where that is more than `room` bytes: for who
 * keeps an executor that nobody asks for a while. The weights stay; the next pass must be a forward
 * pass, and finds the same bits. */
void lethe_exec_rest(struct lethe_exec *exec, size_t room);

/* After forward: pre-activation of every unit of a layer, of an LSTM or GRU the state it puts out,
 * averaged over positions: (n, units). */
void lethe_exec_preact(const struct lethe_exec *exec, size_t layer, double *out);
/* After backward: derivative by the pre-activation, summed over positions: (n, units). For layers
 * that are `single` this and lethe_exec_input factor the per-sample gradient of a unit:
 * d/d(weights of unit j, bias) = delta_j * (input, 1). With gates, where a unit has several sums
 * that reach each other through time: the sum of the magnitudes of its parameters' derivatives. */
void lethe_exec_delta(const struct lethe_exec *exec, size_t layer, double *out);
/* After forward, layers that are `single` only: the layer's input, (n, fan_in). */
void lethe_exec_input(const struct lethe_exec *exec, size_t layer, double *out);
/* After backward: per-sample gradients by the parameters of `count` units of one layer, in the
 * order of lethe_graph_unit_params: out is (n, count * unit_params). */
enum lethe_err lethe_exec_unit_grads(const struct lethe_exec *exec, double *out, size_t layer,
                                     const size_t *units, size_t count, struct lethe_error *err);

/* ---- loss -------------------------------------------------------------------------------------
 */

/* Cross-entropy of each row: losses(n) = logsumexp(z) - z_y; dlogits (n, C, may be NULL) gets
 * (softmax(z) - onehot(y)) * weight. Returns the sum of the losses. */
double lethe_cross_entropy(double *losses, double *dlogits, const double *logits, const int *labels,
                           size_t n, size_t classes, double weight);
/* probabilities(n, C) = softmax(logits), row by row, stable. */
void lethe_softmax(double *probabilities, const double *logits, size_t n, size_t classes);

/* ---- self check -------------------------------------------------------------------------------
 */

/* Largest relative difference between backward and central differences over up to `checks`
 * parameters of the mean cross-entropy on the batch given (double precision). */
enum lethe_err lethe_gradient_check(double *worst, struct lethe_graph *graph, const double *w,
                                    const double *const *inputs, const int *labels, size_t n,
                                    size_t checks, struct lethe_error *err);

#endif
