/* SPDX-License-Identifier: MIT
 * Training mode: a mini-batch through the network with the batch's own statistics in every
 * BatchNormalization, and with dropout on the input of the last layer. The batch runs layer by
 * layer as a whole, which is what batch statistics mean; for everything else there is the executor.
 * A trainer belongs to one thread. */
#ifndef LETHE_NN_TRAINER_H
#define LETHE_NN_TRAINER_H

#include "lethe/cancel.h"
#include "lethe/nn.h"
#include "tensor/shape.h"

struct lethe_trainer;

/* For batches of at most `batch` samples. NULL with err filled when out of memory. */
struct lethe_trainer *lethe_trainer_new(struct lethe_graph *graph, enum lethe_dtype dtype,
                                        size_t batch, struct lethe_error *err);
/* One that also knows derivatives by its inputs, where these are real numbers. */
struct lethe_trainer *lethe_trainer_with_inputs(struct lethe_graph *graph, enum lethe_dtype dtype,
                                                size_t batch, struct lethe_error *err);
void lethe_trainer_free(struct lethe_trainer *trainer); /* NULL ok */
/* Has the graph a normalisation that a batch's statistics change? */
int lethe_trainer_wanted(const struct lethe_graph *graph);

/* strength / 2 times the sum over units of the square of their shift: the mean over the batch of
 * contrast_i a_ij, in standard deviations of a_ij over the batch, where a_ij is what unit j makes
 * of sample i (behind its normalisation, the mean over positions). */
struct lethe_trainer_penalty {
    const struct lethe_unit_place {
        size_t layer, unit;
    } * units; /* (count) */
    size_t count;
    double strength;
    const double *contrast; /* (n) of the batch's samples */
};

struct lethe_trainer_batch {
    const double *const *inputs; /* as lethe_exec_forward */
    const int *labels;           /* (n) */
    size_t n;
    double dropout; /* share of the last layer's inputs set to 0, the rest scaled up; 0: none */
    uint64_t seed, step; /* of the stream the mask is drawn from */
    int inference;       /* normalise by the running statistics, which stay what they are */
    const struct lethe_trainer_penalty *penalty; /* NULL: none */
    struct lethe_watch *watch;                   /* asked before each layer; NULL ok */
};

/* logits (n, C) of the batch; the running statistics in w move as in lethe_trainer_step. Here and
 * below LETHE_ECANCEL within a layer of being cancelled; then some of them have moved. */
enum lethe_err lethe_trainer_forward(struct lethe_trainer *trainer, double *logits, double *w,
                                     const struct lethe_trainer_batch *batch,
                                     struct lethe_error *err);
/* After forward on the same batch: dlogits (n, C) is the derivative of a scalar by each logit; its
 * gradient, and that of the batch's penalty, is *added* to grad (size; NULL: not wanted). A
 * cancelled one adds nothing. */
enum lethe_err lethe_trainer_backward(struct lethe_trainer *trainer, double *grad,
                                      const double *dlogits,
                                      const struct lethe_trainer_batch *batch,
                                      struct lethe_error *err);
/* After backward of a trainer with inputs: dx (n, input_width) of one of them. */
void lethe_trainer_input_gradient(const struct lethe_trainer *trainer, double *dx, size_t input);

/* *loss: mean cross-entropy of the batch, and its penalty; its gradient is *added* to grad (size).
 * The running statistics in w (size + buffers) move towards the batch's: running = m running + (1 -
 * m) batch with the node's momentum m (0.9 unless it says otherwise) and the unbiased variance, as
 * in PyTorch. */
enum lethe_err lethe_trainer_step(struct lethe_trainer *trainer, double *loss, double *grad,
                                  double *w, const struct lethe_trainer_batch *batch,
                                  struct lethe_error *err);

/* ---- a look ---------------------------------------------------------------------------------- */

/* logits (n, C) of samples under w, with running statistics and no dropout, and the derivative of
 * the sum of slope (n, C) times logits by every value. w stays as it is. */
enum lethe_err lethe_trainer_look(struct lethe_trainer *trainer, double *logits, double *w,
                                  const double *const *inputs, const double *slope, size_t n,
                                  struct lethe_error *err);
/* After a look: shape of a value of the graph, its numbers, and the derivative by it; 0 where no
 * parameter lies before the value. */
const struct lethe_shape *lethe_trainer_shape(const struct lethe_trainer *trainer, size_t value);
void lethe_trainer_value(const struct lethe_trainer *trainer, double *out, size_t value);
int lethe_trainer_adjoint(const struct lethe_trainer *trainer, double *out, size_t value);

#endif
