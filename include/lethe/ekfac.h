/* SPDX-License-Identifier: MIT
 * EKFAC: the Gauss-Newton matrix of a whole network as one Kronecker-factored block a layer, with
 * eigenvalues measured in the factors' eigenbases (George et al., 2018; Grosse et al., 2023).
 *
 *   linear layers, convolutions   units x (fan-in and bias): eigenvectors of the inputs' and of the
 *                                 derivatives' second moments, over all positions a unit is shared
 *                                 over; a measured value is the mean of the squared entry of a
 *                                 sample's whole gradient in those bases
 *   embeddings, wide tensors      one row a token: unit vectors x eigenvectors along the row
 *   other tensors                 scale and shift of a normalisation together, biases, ...: the
 *                                 matrix itself, its eigenvectors and values
 *   what no sample's gradient is  parameters behind other parameters (weight normalisation): the
 *   known of                      diagonal, estimated from sums over batches with random signs
 *
 * A factor wider than `widest` keeps the eigenvectors that hold 99.9 % of its trace, and one value
 * for each vector of the other side for all that lies outside. Blocks between layers are left out.
 * Immutable once made, reference-counted, shared between threads. */
#ifndef LETHE_EKFAC_H
#define LETHE_EKFAC_H

#include "lethe/problem.h"

struct lethe_ekfac;

struct lethe_ekfac_spec {
    struct lethe_problem *problem; /* over C, borrowed while it is made; may be float. Its executor
                                      keeps more derivatives from then on */
    const double *w;               /* (size + buffers) */
    uint64_t seed;
    size_t draws;     /* labels drawn from the model for a sample; 0: every class, exactly */
    size_t widest;    /* factors up to this width are decomposed whole; 0: LETHE_EKFAC_WIDEST */
    size_t positions; /* of a sample at most that a factor is made from, evenly spaced; 0: all. The
                         measured values always take all */
    unsigned threads; /* share out blocks; 0: one for each processor. No bit depends on it */
};
enum { LETHE_EKFAC_WIDEST = 1024 };

/* *ekfac is new (unref). LETHE_ENOMEM; LETHE_ECANCEL; LETHE_ENUM: derivatives that are not finite.
 */
enum lethe_err lethe_ekfac_new(struct lethe_ekfac **ekfac, const struct lethe_ekfac_spec *spec,
                               struct lethe_watch *watch, struct lethe_error *err);
/* *less is new (unref): the same with the share of some samples taken out of the values; the bases
 * stay. removed runs
 * over samples that were in C, and the labels drawn for them are the same again. Removing all of C
 * is LETHE_EARG. */
enum lethe_err lethe_ekfac_without(struct lethe_ekfac **less, struct lethe_ekfac *ekfac,
                                   struct lethe_problem *removed, const double *w,
                                   struct lethe_watch *watch, struct lethe_error *err);
/* Another reference; returns ekfac. */
struct lethe_ekfac *lethe_ekfac_ref(struct lethe_ekfac *ekfac);
void lethe_ekfac_unref(struct lethe_ekfac *ekfac); /* NULL ok */

/* x (parameters) = (E + shift I)^-1 x, shift > 0: weight decay and damping together. */
enum lethe_err lethe_ekfac_solve(const struct lethe_ekfac *ekfac, double *x, double shift,
                                 struct lethe_error *err);
/* x = (E + shift I) x. */
enum lethe_err lethe_ekfac_times(const struct lethe_ekfac *ekfac, double *x, double shift,
                                 struct lethe_error *err);

struct lethe_ekfac_figures {
    size_t samples, draws; /* that it was made from; draws 0: every class */
    size_t blocks;
    size_t estimated; /* parameters of which only a diagonal is known */
    double mean;      /* mean eigenvalue: trace / parameters */
    double largest;   /* measured value */
    double kept;      /* smallest share of a factor's trace that its eigenvectors hold */
    size_t bytes;     /* of memory */
};
/* Fills figures; nothing in them is borrowed. */
void lethe_ekfac_read(const struct lethe_ekfac *ekfac, struct lethe_ekfac_figures *figures);

#endif
