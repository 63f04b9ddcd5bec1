/* SPDX-License-Identifier: MIT
 * Samples of a target inside a graph of causes, for looking how well its Markov blanket is found:
 * parents, children and the children's other parents (spouses) form the inner ring, variables that
 * are further away the outer ones, as on a bullseye. */
#ifndef LETHE_STUDY_GRAPH_DATA_H
#define LETHE_STUDY_GRAPH_DATA_H

#include <stddef.h>
#include <stdint.h>
#include "lethe/error.h"

enum lethe_graph_role { LETHE_ROLE_PARENT, LETHE_ROLE_CHILD, LETHE_ROLE_SPOUSE, LETHE_ROLE_FAR };
enum { LETHE_GRAPH_LEAST = 3, LETHE_GRAPH_MOST = 60 }; /* variables beside the target */

struct lethe_graph_spec {
    size_t variables, samples;
    int nonlinear; /* 0: every variable is a weighted sum of its causes and noise */
    uint64_t seed;
};
struct lethe_graph_data {
    double *x, *y;               /* (samples, variables), (samples): of mean 0 and variance 1 */
    enum lethe_graph_role *role; /* (variables) */
    size_t n, variables;
};
/* A third of each kind in the inner ring: one each up to 11 variables, a ninth of them beyond. Each
 * outer variable is a cause or an effect of one that lies nearer (never a cause of a child, which
 * would make it a spouse). Columns come in random order. LETHE_EARG: too few or too many. */
enum lethe_err lethe_graph_data_make(struct lethe_graph_data *data,
                                     const struct lethe_graph_spec *spec, struct lethe_error *err);
void lethe_graph_data_release(struct lethe_graph_data *data);  /* zeroed ok */
const char *lethe_graph_role_name(enum lethe_graph_role role); /* "parent" */
/* FOLDER/x.csv, with a name that tells the role above each column, and FOLDER/y.csv. */
enum lethe_err lethe_graph_data_write(const struct lethe_graph_data *data, const char *folder,
                                      struct lethe_error *err);

/* ---- how well FOCI finds the blanket ---- */

struct lethe_graph_score {
    double precision, recall; /* means over the repeats; of nothing selected the precision is 1 */
    double found[LETHE_ROLE_FAR]; /* share of parents, children, spouses that are selected */
    double seconds;               /* of one selection, mean */
    size_t repeats;
};
struct lethe_watch;
enum lethe_err lethe_graph_score_make(struct lethe_graph_score *score,
                                      const struct lethe_graph_spec *spec, size_t repeats,
                                      struct lethe_watch *watch, struct lethe_error *err);

#endif
