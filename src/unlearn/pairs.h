/* SPDX-License-Identifier: MIT
 * Second-order sums over pairs of units of plain linear layers (one position, no parameters but
 * weights and bias). There a sample's gradient by unit k is delta_k (x_k, 1), so the block of two
 * units is
 *     sum over samples i of  (x_k, 1)_i [ s_ij (x_j, 1)_i + e_ij (t_i, 0) ]'
 * with numbers s (and, for exact Hessians, e and t) that cost little: about n |P|^2 operations in
 * all, where summing the outer products of n C rows of a Jacobian costs C times as many. */
#ifndef LETHE_UNLEARN_PAIRS_H
#define LETHE_UNLEARN_PAIRS_H

#include "lethe/curvature.h"

/* The units of a blanket that belong to one layer, in blanket order. */
struct lethe_unit_pairs_layer {
    size_t layer, units, fan_in, params; /* params: fan_in, and 1 when there is a bias */
    size_t count;
    size_t *unit, *offset; /* (count) number within the layer; first entry of P */
    double *x;             /* (batch, params) inputs, and 1 for the bias */
};

struct lethe_unit_pairs {
    struct lethe_unit_pairs_layer *layers; /* (layer_count) only layers with units in the blanket */
    size_t layer_count, batch;
    double *scaled; /* (batch, widest) what one unit's x is multiplied with */
    double *block;  /* (params, widest) */
};

/* s of unit k against the units of `other`: s (n, other->units), row-major over all its units. e
 * (n, other->units) and t (n, other->fan_in) may be NULL. */
struct lethe_unit_pairs_sums {
    const double *s, *e, *t;
    size_t n;
};

/* Can every unit of the blanket be handled? Hessians need every layer of it to have a bias. */
int lethe_unit_pairs_possible(const struct lethe_graph *graph, const struct lethe_blanket *blanket,
                              int need_bias);
enum lethe_err lethe_unit_pairs_init(struct lethe_unit_pairs *pairs,
                                     const struct lethe_graph *graph,
                                     const struct lethe_blanket *blanket, size_t batch,
                                     struct lethe_error *err);
void lethe_unit_pairs_release(struct lethe_unit_pairs *pairs); /* zeroed ok */
/* Takes the layers' inputs of the batch just run. */
void lethe_unit_pairs_inputs(struct lethe_unit_pairs *pairs, const struct lethe_exec *exec,
                             size_t n);
/* Adds the blocks of unit k of `own` with every unit of `other`, a later layer, or, when they are
 * the same layer, with itself and the units after it. Goes to the lower triangle of matrix (size,
 * size). `other` may not come earlier: there the derivative of e also depends on the weights of k
 * through the backward pass. */
void lethe_unit_pairs_add(struct lethe_unit_pairs *pairs, double *matrix, size_t size,
                          const struct lethe_unit_pairs_layer *own, size_t k,
                          const struct lethe_unit_pairs_layer *other,
                          const struct lethe_unit_pairs_sums *sums);

#endif
