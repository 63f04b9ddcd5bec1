/* SPDX-License-Identifier: MIT
 * The objective over a set of samples I:
 *     F(w) = mean over I of cross-entropy(w, z) + decay / 2 |w|^2      (trainable entries of w)
 * with its gradient, and the logits. Samples go through the network in batches of fixed size and
 * sums are made in the order of I, so a value is a function of (graph, data, I, w) only.
 *
 * A problem holds an executor and belongs to one thread; make one for each. */
#ifndef LETHE_PROBLEM_H
#define LETHE_PROBLEM_H

#include "lethe/cancel.h"
#include "lethe/dataset.h"
#include "lethe/nn.h"

struct lethe_problem;

struct lethe_problem_spec {
    struct lethe_graph *graph;  /* referenced */
    struct lethe_dataset *data; /* referenced */
    const size_t *ids;          /* (count) copied; NULL: 0 .. count - 1 */
    size_t count;               /* at least 1 */
    double decay;               /* lambda, >= 0 */
    enum lethe_dtype dtype;     /* LETHE_F64 for everything that decides a commit */
    size_t batch;               /* 0: chosen from the width of a sample */
    unsigned threads;           /* of the executor, 0: one for each processor (large networks) */
};

/* *problem is new (lethe_problem_free). LETHE_EARG: ids out of range, a network or data that do not
 * fit each other; LETHE_ENOMEM. */
enum lethe_err lethe_problem_new(struct lethe_problem **problem,
                                 const struct lethe_problem_spec *spec, struct lethe_error *err);
void lethe_problem_free(struct lethe_problem *problem); /* NULL ok */

size_t lethe_problem_count(const struct lethe_problem *problem); /* samples */
size_t lethe_problem_size(const struct lethe_problem *problem);  /* trainable parameters */
/* lambda. */
double lethe_problem_decay(const struct lethe_problem *problem);
struct lethe_graph *lethe_problem_graph(const struct lethe_problem *problem);  /* borrowed */
struct lethe_dataset *lethe_problem_data(const struct lethe_problem *problem); /* borrowed */
/* Type its passes run in. */
enum lethe_dtype lethe_problem_dtype(const struct lethe_problem *problem);
const int *lethe_problem_labels(const struct lethe_problem *problem);       /* (count), borrowed */
const size_t *lethe_problem_ids(const struct lethe_problem *problem);       /* (count), borrowed */
struct lethe_exec *lethe_problem_exec(const struct lethe_problem *problem); /* borrowed */

/* *value = F(w); gradient (size), may be NULL, is overwritten. w is (size + buffers). A value that
 * is not finite is LETHE_ENUM. */
enum lethe_err lethe_problem_value(struct lethe_problem *problem, double *value, double *gradient,
                                   const double *w, struct lethe_watch *watch,
                                   struct lethe_error *err);
/* The same over the samples at `rows` (positions within I) only: mini-batches, which take a watch
 * of NULL where they are steps of their caller. */
enum lethe_err lethe_problem_value_at(struct lethe_problem *problem, double *value,
                                      double *gradient, const double *w, const size_t *rows,
                                      size_t count, struct lethe_watch *watch,
                                      struct lethe_error *err);
/* The samples at `rows` (positions within I): x is (count, width), labels (count). */
void lethe_problem_gather(struct lethe_problem *problem, double *x, int *labels, const size_t *rows,
                          size_t count);
/* logits (count, classes). */
enum lethe_err lethe_problem_logits(struct lethe_problem *problem, double *logits, const double *w,
                                    struct lethe_watch *watch, struct lethe_error *err);

/* Gives back much of what passes over a large network need, until the next one, which must
 * be one forward; a small network keeps it. */
void lethe_problem_rest(struct lethe_problem *problem);

/* Batch by batch, for those who need captures of the executor: set the weights once, then run
 * batch b of lethe_problem_batches. *first is the position of its first sample, *n its samples. */
void lethe_problem_weights(struct lethe_problem *problem, const double *w);
size_t lethe_problem_batches(const struct lethe_problem *problem);
size_t lethe_problem_batch(const struct lethe_problem *problem); /* samples of a full batch */
enum lethe_err lethe_problem_forward(struct lethe_problem *problem, size_t b, double *logits,
                                     size_t *first, size_t *n, struct lethe_error *err);

#endif
