/* SPDX-License-Identifier: MIT
 * Float convolutions by oneDNN, for the shapes it has generated code for; ops/conv.c does the rest
 * and everything in double. One of these belongs to one convolution at one number of samples; once
 * made it may be used by several threads, each with scratch of its own. */
#ifndef LETHE_NN_ONEDNN_H
#define LETHE_NN_ONEDNN_H

#include "nn/ops.h"

struct lethe_onednn;

/* NULL: not for this convolution (or no memory). A call without a third input has no bias. */
struct lethe_onednn *lethe_onednn_new(const struct lethe_op_call *call);
void lethe_onednn_free(struct lethe_onednn *made); /* NULL ok */
/* Adds what backward needs; 0: forward only. Not while others use it. */
int lethe_onednn_backward_too(struct lethe_onednn *made);
/* Keeps filters w in oneDNN's own order for calls whose data say "packed"; without memory for them
 * each call puts them in order. Not while others use it. */
void lethe_onednn_pack(struct lethe_onednn *made, const float *w);
void lethe_onednn_unpack(struct lethe_onednn *made);          /* gives their memory back */
size_t lethe_onednn_packed(const struct lethe_onednn *made);  /* bytes they take */
size_t lethe_onednn_scratch(const struct lethe_onednn *made); /* floats */

/* What a kernel of a convolution does (nn/ops.h). 0: nothing done, use the other kernel. */
int lethe_onednn_forward(const struct lethe_op_call *call, const struct lethe_data *data);
int lethe_onednn_jvp(const struct lethe_op_call *call, const struct lethe_data *data);
int lethe_onednn_backward(const struct lethe_op_call *call, const struct lethe_data *data);

#endif
