/* SPDX-License-Identifier: MIT
 * The sets of samples that `evaluate` measures, with the weights as they stand. */
#ifndef LETHE_WORKBENCH_MEASURED_SETS_H
#define LETHE_WORKBENCH_MEASURED_SETS_H

#include "study/evaluate_sets.h"
#include "workbench/project.h"

enum lethe_measured_set {
    LETHE_MEASURED_TRAIN,
    LETHE_MEASURED_FORGET,
    LETHE_MEASURED_RETAIN,
    LETHE_MEASURED_HELDOUT,
    LETHE_MEASURED_TUNE,
    LETHE_MEASURED_REPORT,
    LETHE_MEASURED_STREAM, /* a file of its own */
    LETHE_MEASURED_SETS
};
/* "train", "file" ... */
const char *lethe_measured_set_name(int set);

struct lethe_measured_sets {
    struct lethe_graph *graph;
    double *w; /* (size + buffers) */
    enum lethe_dtype dtype;
    struct lethe_dataset *train, *heldout; /* NULL: not there */
    struct lethe_evaluated_set sets[LETHE_MEASURED_SETS];
    struct lethe_stream *stream; /* NULL: the sets of the project */
    char *paths[2];              /* of the stream's samples and labels */
    const char **names;          /* its classes', borrowed from the training samples; NULL: none */
    struct lethe_dataset *named;
    size_t classes;
};

/* A copy of the project's weights, with no samples yet. */
enum lethe_err lethe_measured_sets_new(struct lethe_measured_sets **out,
                                       const struct lethe_project *project,
                                       struct lethe_error *err);
/* The samples of the project, which has training samples. */
enum lethe_err lethe_measured_sets_take(struct lethe_measured_sets *m,
                                        const struct lethe_project *project,
                                        struct lethe_error *err);
struct lethe_measured_file {
    const char *path, *labels, *format; /* labels NULL: a column of the file; format NULL: told from
                                           the content */
    size_t megabytes;                   /* a block of it may take */
};
/* A file instead: normalised, classed and cut into tokens like the samples of the project. */
enum lethe_err lethe_measured_sets_open(struct lethe_measured_sets *m,
                                        const struct lethe_project *project,
                                        const struct lethe_measured_file *file,
                                        struct lethe_error *err);
/* Fills the figures; as a task: arg is the sets. */
enum lethe_err lethe_measured_sets_run(void *arg, struct lethe_watch *watch,
                                       struct lethe_error *err);
void lethe_measured_sets_free(void *arg); /* not NULL */

#endif
