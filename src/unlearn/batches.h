/* SPDX-License-Identifier: MIT
 * Mini-batches in training mode: gathered, flipped and cropped, and run through a trainer. */
#ifndef LETHE_UNLEARN_BATCHES_H
#define LETHE_UNLEARN_BATCHES_H

#include "lethe/train.h"

struct lethe_batches;

/* Does this training need them? A network with batch statistics, dropout, or changed images; what
 * does not goes through lethe_problem_value_at. */
int lethe_batches_wanted(const struct lethe_problem *problem,
                         const struct lethe_train_options *options);
/* LETHE_EARG where samples are to be flipped or cropped and are no images. watch (borrowed, NULL
 * ok) can cancel a step before each layer. */
enum lethe_err lethe_batches_new(struct lethe_batches **batches, struct lethe_problem *problem,
                                 const struct lethe_train_options *options,
                                 struct lethe_watch *watch, struct lethe_error *err);
void lethe_batches_free(struct lethe_batches *batches); /* NULL ok */
/* As lethe_problem_value_at, and the running statistics in w move. step counts from 0: with the
 * seed it decides every random choice. */
enum lethe_err lethe_batches_step(struct lethe_batches *batches, double *value, double *gradient,
                                  double *w, const size_t *rows, size_t count, size_t step,
                                  struct lethe_error *err);

#endif
