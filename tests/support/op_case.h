/* SPDX-License-Identifier: MIT
 * One operator with its inputs and attributes, as the tests of operators write it down: backward
 * against central differences, tangents against backward (u' J v both ways), float against double.
 * An operator's inputs are made trainable, its output y is added to the network's input, so that
 * the logits are x + y. */
#ifndef LETHE_TESTS_OP_CASE_H
#define LETHE_TESTS_OP_CASE_H

#include "lethe/nn.h"
#include "lethe/rng.h"

/* An input is a shape "2x3", drawn from [low, high], a list of known numbers "=1,-1" or of known
 * numbers that are no integers "~0.5,2", or "-", absent. Attributes are "axis=1 pads=0,1 alpha=.5
 * mode=edge". */
struct op_case {
    const char *op, *inputs[8], *attrs;
    double low, high;
    int opset;     /* 0: 17 */
    size_t output; /* which of its outputs */
};

/* Draws all numbers; a test begins it. */
extern struct lethe_rng op_case_rng;

/* logits(n, size of y) = x(n, 1) + y as a row; NULL with err filled where the case is refused. */
struct lethe_graph *op_case_build(double **w, const struct op_case *c, struct lethe_error *err);
/* Fails, naming the case, where a derivative is wrong. */
void op_case_check(const struct op_case *c);

#endif
