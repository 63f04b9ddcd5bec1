/* SPDX-License-Identifier: MIT
 * Logits and the gradient of the mean cross-entropy on plain arrays, to check a model against the
 * framework it came from: double precision, batch normalisation in inference mode. */
#ifndef LETHE_UNLEARN_ARRAY_GRADIENTS_H
#define LETHE_UNLEARN_ARRAY_GRADIENTS_H

#include "lethe/cancel.h"
#include "lethe/nn.h"

enum { LETHE_ARRAY_INPUTS = 16 };

/* What the model is given, read from files; zeroed before the first is read. */
struct lethe_array_batch {
    double *inputs[LETHE_ARRAY_INPUTS]; /* (n, input_width), in the order of the model's inputs */
    int *labels;                        /* (n); NULL: logits only */
    size_t n, input_count;
};

/* Reads the next input of the graph from an array file (LETHE_EFORMAT: it does not fit it). */
enum lethe_err lethe_array_batch_input(struct lethe_array_batch *batch,
                                       const struct lethe_graph *graph, const char *path,
                                       struct lethe_error *err);
/* Reads class numbers 0 to classes - 1, one for each sample; after the inputs. */
enum lethe_err lethe_array_batch_labels(struct lethe_array_batch *batch,
                                        const struct lethe_graph *graph, const char *path,
                                        struct lethe_error *err);
void lethe_array_batch_release(struct lethe_array_batch *batch); /* zeroed ok */

struct lethe_array_gradients {
    double *logits, *gradient; /* (n, classes), (size); owned */
    double loss;               /* mean cross-entropy; 0 without labels, as the gradient */
};

/* w (size + buffers). All inputs of the graph must have been read. */
enum lethe_err lethe_array_gradients(struct lethe_array_gradients *result,
                                     struct lethe_graph *graph, const double *w,
                                     const struct lethe_array_batch *batch,
                                     struct lethe_watch *watch, struct lethe_error *err);
void lethe_array_gradients_release(struct lethe_array_gradients *result); /* zeroed ok */

/* The logits as an array file; the gradient as an archive with one array for each parameter. */
enum lethe_err lethe_array_gradients_write_logits(const struct lethe_array_gradients *result,
                                                  const struct lethe_graph *graph, size_t n,
                                                  const char *path, struct lethe_error *err);
enum lethe_err lethe_array_gradients_write(const struct lethe_array_gradients *result,
                                           const struct lethe_graph *graph, const char *path,
                                           struct lethe_error *err);

#endif
