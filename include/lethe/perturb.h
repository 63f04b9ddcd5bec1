/* SPDX-License-Identifier: MIT
 * Perturbation samples of one training sample (Algorithm 1 of Mehta et al., steps 1 and 2): copies
 * of its normalised input, the loss of each, and the pre-activation of every unit averaged over
 * positions. A copy is x + N(0, sigma^2); where an input holds tokens, a few of them are replaced
 * by others drawn from the vocabulary, never padding or unknown ones; masks stay. Copy k of sample
 * i draws from stream (seed, PERTURB, i, k), so neither batch size nor threads change it. */
#ifndef LETHE_PERTURB_H
#define LETHE_PERTURB_H

#include "lethe/cancel.h"
#include "lethe/dataset.h"
#include "lethe/nn.h"

struct lethe_perturb_options {
    size_t count;  /* J copies, at least 2; default 1000 */
    double sigma;  /* on the normalised input, > 0; default 0.1 */
    size_t tokens; /* text: tokens replaced in a copy, at least 1; default 2 */
    uint64_t seed;
    enum lethe_dtype dtype; /* of the executor; default LETHE_F32 */
    unsigned threads;       /* of the executor, 0: one for each processor (large networks) */
    size_t memory;          /* bytes a batch of copies keeps to, 0: 1 GB */
};

struct lethe_perturbation {
    size_t count, units; /* J, lethe_unit_count(graph) */
    float *a;            /* (count, units) pre-activations */
    double *loss;        /* (count) */
    unsigned char *dead; /* (units) 1: the loss never depends on it, or it never moves */
    double loss_clean;   /* loss of the sample as it is */
};

/* 1,000 copies, sd 0.1, two words of a text, passes in float; seed 0. */
struct lethe_perturb_options lethe_perturb_defaults(void);
enum lethe_err lethe_perturb(struct lethe_perturbation *out, struct lethe_graph *graph,
                             struct lethe_dataset *data, const double *w, size_t sample,
                             const struct lethe_perturb_options *options, struct lethe_watch *watch,
                             struct lethe_error *err);
void lethe_perturbation_release(struct lethe_perturbation *out); /* zeroed ok */

#endif
