/* SPDX-License-Identifier: MIT
 * Kronecker factors of the Gauss-Newton matrix of plain linear layers, blocks between layers left
 * out. With the directions of outer.h, delta = d(a'logits)/d(pre-activations) and x = (input, 1),
 * the block of a layer is about S (x) A, S = mean sum_q delta delta', A = mean x x'. */
#ifndef LETHE_UNLEARN_KRON_H
#define LETHE_UNLEARN_KRON_H

#include "unlearn/outer.h"
#include "unlearn/pairs.h"

struct lethe_kron_layer {
    size_t units, params;
    double *s, *a;           /* (units, units), (params, params); turned: eigenvectors in rows */
    double *values;          /* (units, params) turned: measured eigenvalues */
    double *delta;           /* (batch, units) */
    double *turned, *inputs; /* (batch, units), (batch, params) squares in the eigenbases */
};

struct lethe_kron {
    struct lethe_outer outer;
    struct lethe_unit_pairs pairs;   /* places of the layers' units in the blanket */
    struct lethe_kron_layer *layers; /* (pairs.layer_count) */
    size_t stride, samples;          /* every so many batches are looked at; samples in them */
    int turned;
};

struct lethe_kron_spec {
    struct lethe_problem *problem;
    const double *w;
    const struct lethe_blanket *blanket; /* borrowed */
    uint64_t seed;                       /* labels drawn from the model, above 20 classes */
    size_t most;                         /* samples to look at, about; 0: all */
    int turn;                            /* eigenvectors with measured eigenvalues as well: the mean
                                            of sum_q (u_s'delta)^2 (v_a'x)^2 for a pair (s, a) */
};
/* Can it be done for this blanket? */
int lethe_kron_possible(const struct lethe_graph *graph, const struct lethe_blanket *blanket);
enum lethe_err lethe_kron_init(struct lethe_kron *kron, const struct lethe_kron_spec *spec,
                               struct lethe_watch *watch, struct lethe_error *err);
void lethe_kron_release(struct lethe_kron *kron); /* zeroed ok */
/* x = (G + shift I)^-1 x, x (|P|) in blanket order, G the turned factors; shift > 0. The blanket
 * holds whole layers. work is (2, largest units * params of a layer). */
void lethe_kron_solve(const struct lethe_kron *kron, double *x, double shift, double *work);
size_t lethe_kron_work(const struct lethe_kron *kron); /* doubles of work */

#endif
