/* SPDX-License-Identifier: MIT
 * Accuracy and loss of given weights on sets of samples, block by block, so that neither the logits
 * of all samples nor a whole file have to fit into memory. */
#ifndef LETHE_STUDY_EVALUATE_SETS_H
#define LETHE_STUDY_EVALUATE_SETS_H

#include "lethe/eval.h"
#include "lethe/load.h"
#include "lethe/problem.h"
#include "removal/snapshot.h"

enum { LETHE_EVALUATE_BLOCK = 4096 }; /* samples whose logits are held at a time */

struct lethe_evaluated_set {
    const char *name;     /* static text, for messages */
    struct lethe_ids ids; /* owned; of a stream its count alone. count 0: the set is not there */
    struct lethe_set_figures figures, *per_class; /* (classes) */
};

/* Graph, weights (size + buffers) and data are borrowed. */
struct lethe_evaluated_model {
    struct lethe_graph *graph;
    const double *w;
    enum lethe_dtype dtype;
};

/* Zeroes a set and makes room for its figures class by class. */
enum lethe_err lethe_evaluated_set_init(struct lethe_evaluated_set *set, const char *name,
                                        size_t classes, struct lethe_error *err);
void lethe_evaluated_set_release(struct lethe_evaluated_set *set); /* zeroed ok */

/* Measures the samples of sets[0], and of the other sets (count in all), which are parts of it. */
enum lethe_err lethe_evaluate_sets(struct lethe_evaluated_set *sets, size_t count,
                                   const struct lethe_evaluated_model *model,
                                   struct lethe_dataset *data, struct lethe_watch *watch,
                                   struct lethe_error *err);
/* Measures all that is left of a stream; set->ids.count counts its samples. */
enum lethe_err lethe_evaluate_stream(struct lethe_evaluated_set *set,
                                     const struct lethe_evaluated_model *model,
                                     struct lethe_stream *stream, struct lethe_watch *watch,
                                     struct lethe_error *err);

#endif
