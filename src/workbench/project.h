/* SPDX-License-Identifier: MIT
 * The project: the model that is worked on, its data, and where it stands: weights at the head,
 * what was forgotten before, what is chosen to be forgotten next. Changing any of these makes a new
 * snapshot; see removal/snapshot.h. */
#ifndef LETHE_WORKBENCH_PROJECT_H
#define LETHE_WORKBENCH_PROJECT_H

#include "lethe/bundle.h"
#include "lethe/session.h"
#include "lethe/train.h"
#include "removal/snapshot.h"

/* Where the layers below a network's last come from. */
enum lethe_feature_origin {
    LETHE_FEATURES_OWN,     /* from a training on these samples */
    LETHE_FEATURES_UNKNOWN, /* a bare model: nobody said */
    LETHE_FEATURES_GIVEN    /* from elsewhere: only the last layer was trained on these samples */
};

struct lethe_project {
    char *path, *name;                     /* as given; for people. NULL: nothing is loaded */
    struct lethe_bundle *bundle;           /* NULL: a bare model */
    struct lethe_graph *graph;             /* NULL: no model yet */
    enum lethe_feature_origin features;    /* of the model the history begins with */
    int made_here;                         /* it is not the one at path */
    struct lethe_shared *weights;          /* at the head, shared with session and snapshots */
    const double *w;                       /* (size + buffers) the same, borrowed from weights */
    struct lethe_dataset *train, *heldout; /* NULL: no data yet */
    size_t trained_on;                     /* n of the training that made the root's weights */
    char model_hash[LETHE_HASH_HEX], data_hash[LETHE_HASH_HEX];
    struct lethe_ids forget, removed; /* to be forgotten next; forgotten up to the head */
    struct lethe_ids tune, report;    /* halves of the held-out set */
    uint64_t split_seed;              /* they were drawn with */
};

void lethe_project_release(struct lethe_project *project); /* zeroed ok */
/* A bundle (folder or file) or a bare .onnx model; replaces everything. */
enum lethe_err lethe_project_load(struct lethe_project *project, const char *path,
                                  struct lethe_error *err);
/* A project of data alone, as `data PATH` reads them without further words: zeroed before. */
enum lethe_err lethe_project_read(struct lethe_project *project, const char *path,
                                  struct lethe_error *err);
/* Data or model on their own; they must fit what is there. References are added, w is copied. */
enum lethe_err lethe_project_data(struct lethe_project *project, struct lethe_dataset *train,
                                  struct lethe_dataset *heldout, struct lethe_error *err);
enum lethe_err lethe_project_model(struct lethe_project *project, struct lethe_graph *graph,
                                   const double *w, struct lethe_error *err);
/* The project's weights are these from now on; takes the reference over. */
void lethe_project_weights(struct lethe_project *project, struct lethe_shared *weights);
/* Fills the hashes of model (weights, and the width of round corners) and data. */
enum lethe_err lethe_project_identify(struct lethe_project *project, struct lethe_error *err);
/* Splits the held-out set into tune and report, half and half per class. */
enum lethe_err lethe_project_split(struct lethe_project *project, uint64_t seed,
                                   struct lethe_error *err);
/* Training by the bundle's recipe, or the defaults. Weight decay: NAN when it is not known. */
enum lethe_err lethe_project_recipe(struct lethe_train_options *options, double *weight_decay,
                                    const struct lethe_project *project, struct lethe_error *err);

/* The only samples a forget set may hold: in range, once, not forgotten before, not all. */
enum lethe_err lethe_project_check(const struct lethe_project *project, const size_t *ids,
                                   size_t count, struct lethe_error *err);
/* A snapshot of the project as it stands; warm: options of its warm retraining. */
enum lethe_err lethe_project_snapshot(struct lethe_snapshot **snapshot,
                                      const struct lethe_project *project, double weight_decay,
                                      uint64_t seed, const struct lethe_train_options *warm,
                                      struct lethe_error *err);

#endif
