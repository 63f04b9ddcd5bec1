/* SPDX-License-Identifier: MIT
 * Gradients of single samples by the hidden units of LSTM and GRU layers: the node goes backward
 * through time once for every sample, and a unit's entries are picked from its tensors' gradients.
 * Those of the layer asked for last are kept until the next backward pass, because units are asked
 * for one by one. */
#ifndef LETHE_NN_GATED_GRADS_H
#define LETHE_NN_GATED_GRADS_H

#include "nn/exec.h"

struct lethe_gated_grads;

/* *grads is new (free), or NULL when the network has no such layer. LETHE_ENOMEM. */
enum lethe_err lethe_gated_grads_new(struct lethe_gated_grads **grads, struct lethe_exec *exec,
                                     struct lethe_error *err);
void lethe_gated_grads_free(struct lethe_gated_grads *grads); /* NULL ok */

/* lethe_exec_unit_grads and lethe_exec_delta of such a layer. */
enum lethe_err lethe_gated_unit_grads(const struct lethe_exec *exec, double *out, size_t layer,
                                      const size_t *units, size_t count, struct lethe_error *err);
void lethe_gated_delta(double *out, const struct lethe_exec *exec, size_t layer);

#endif
