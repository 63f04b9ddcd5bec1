/* SPDX-License-Identifier: MIT
 * Everything a removal is about, immutable and shared by reference: model and weights
 * at the head, who is to be forgotten, who stays, who was never trained on. Jobs work on a snapshot
 * and never on the workbench. */
#ifndef LETHE_REMOVAL_SNAPSHOT_H
#define LETHE_REMOVAL_SNAPSHOT_H

#include <pthread.h>
#include <stdint.h>
#include "lethe/dataset.h"
#include "lethe/eval.h"
#include "lethe/nn.h"
#include "lethe/retrain.h"
#include "lethe/shared.h"
#include "removal/ids.h"

struct lethe_worker_problems;
struct lethe_evaluation;
struct lethe_removal;
struct lethe_path;
struct lethe_head_store;
struct lethe_head_model;

struct lethe_snapshot {
    int refs; /* changed atomically */
    struct lethe_graph *graph;
    struct lethe_dataset *train, *heldout;
    struct lethe_shared *weights; /* at the head; from: NULL or another block than w: w is copied */
    const double *w;              /* (size + buffers) the same, borrowed from weights */
    double decay;                 /* lambda of the training that made w */
    size_t trained_on;            /* n: samples behind w that are not forgotten yet */
    int whole;                    /* all of them are in `train` */
    uint64_t seed;
    enum lethe_dtype dtype;
    struct lethe_train_options warm;          /* of a warm retraining */
    int head_only;                            /* ... which changes the last layer alone */
    struct lethe_ids forget, retain, removed; /* U, R; forgotten before; S = U + R */
    struct lethe_ids tune, report;            /* halves of the held-out set */
    int sparing;             /* nothing passes over the retained samples that can do without */
    struct lethe_ids glance; /* up to LETHE_SNAPSHOT_GLANCE of the tune half, drawn from the seed */
    struct lethe_worker_problems *workers;     /* one for each thread that works on the snapshot */
    struct lethe_evaluation *before, *glanced; /* what w says, once somebody asked */
    struct lethe_controls *controls;  /* shared with other snapshots; NULL: none are kept */
    struct lethe_ekfac_store *ekfacs; /* likewise */
    struct lethe_head_store *heads;   /* likewise: last layers as models of their own */
    struct lethe_snapshot *head;      /* of the last layer, once somebody asked: head_snapshot.h */
    struct lethe_head_model *of;      /* set in such a one: what it is a snapshot of */
    double frozen;                    /* ... decay / 2 |w|^2 of all that cannot move, a part of F */
    struct lethe_removal *pulls[2]; /* right-hand sides, once somebody asked: of the forget samples
                                       alone; with the residual */
    struct lethe_path *walk;        /* that grows just now; NULL: none does */
    pthread_mutex_t workers_lock;   /* of all that is kept here */
};

/* `from` is copied: ids into new memory, graph and data referenced, weights too where they are
 * shared. */
enum lethe_err lethe_snapshot_new(struct lethe_snapshot **snapshot,
                                  const struct lethe_snapshot *from, struct lethe_error *err);
/* A sparing snapshot, whose first looks see the whole tune half; before anybody shares the
 * snapshot. */
enum lethe_err lethe_snapshot_spare(struct lethe_snapshot *snapshot, struct lethe_error *err);
/* S, forget and retained samples together, but for one (SIZE_MAX: all): new ids. */
enum lethe_err lethe_snapshot_all(struct lethe_ids *ids, const struct lethe_snapshot *snapshot,
                                  size_t except, struct lethe_error *err);
/* S with a mark on the forget samples, as lethe_train_options.left_out has it: both new. */
enum lethe_err lethe_snapshot_marked(struct lethe_ids *ids, unsigned char **left_out,
                                     const struct lethe_snapshot *snapshot,
                                     struct lethe_error *err);
/* What a training of the snapshot's network is computed in: mini-batches in float, as networks that
 * need them were trained. */
enum lethe_dtype lethe_snapshot_precision(const struct lethe_snapshot *snapshot,
                                          const struct lethe_train_options *options);
/* The training's objective over some training samples; ids are borrowed. */
struct lethe_problem_spec lethe_snapshot_spec(const struct lethe_snapshot *snapshot,
                                              const struct lethe_ids *ids, enum lethe_dtype dtype);
/* The same snapshot with one of the forget samples to be forgotten; the others of them stay. */
enum lethe_err lethe_snapshot_single(struct lethe_snapshot **snapshot,
                                     const struct lethe_snapshot *from, size_t id,
                                     struct lethe_error *err);
struct lethe_snapshot *lethe_snapshot_ref(struct lethe_snapshot *snapshot);
void lethe_snapshot_unref(struct lethe_snapshot *snapshot); /* NULL ok */

/* LETHE_EARG where samples the model was trained on are missing: `what` is then not available. */
enum lethe_err lethe_snapshot_whole(const struct lethe_snapshot *snapshot, const char *what,
                                    struct lethe_error *err);

enum lethe_side {
    LETHE_SIDE_FORGET,
    LETHE_SIDE_RETAIN,
    LETHE_SIDE_TUNE,
    LETHE_SIDE_REPORT,
    LETHE_SIDE_GLANCE,
    LETHE_SIDES
};
enum { LETHE_SNAPSHOT_GLANCE = 128, LETHE_SNAPSHOT_GLANCE_LEAST = 32 };
const struct lethe_ids *lethe_snapshot_ids(const struct lethe_snapshot *snapshot,
                                           enum lethe_side set);

/* The calling thread's kit of the snapshot, made at its first use; it goes with the snapshot. */
enum lethe_err lethe_snapshot_worker(struct lethe_worker_problems **worker,
                                     struct lethe_snapshot *snapshot, struct lethe_error *err);

/* What the snapshot's own weights say, on the tune half: measured once, borrowed from the snapshot.
 */
enum lethe_err lethe_snapshot_before(const struct lethe_evaluation **before,
                                     struct lethe_snapshot *snapshot, struct lethe_watch *watch,
                                     struct lethe_error *err);
/* The same as a first look. */
enum lethe_err lethe_snapshot_glance(const struct lethe_evaluation **before,
                                     struct lethe_snapshot *snapshot, struct lethe_watch *watch,
                                     struct lethe_error *err);
/* What pulls at the weights: made once, borrowed from the snapshot. with_residual: where all of R
 * is present, its gradient as well. */
enum lethe_err lethe_snapshot_removal(const struct lethe_removal **removal,
                                      struct lethe_snapshot *snapshot, int with_residual,
                                      struct lethe_watch *watch, struct lethe_error *err);
/* Shows a path that grows, or no longer (NULL), to who asks; a reference of its own is taken. */
void lethe_snapshot_walk(struct lethe_snapshot *snapshot, struct lethe_path *path);
/* A reference to it; NULL: none grows. */
struct lethe_path *lethe_snapshot_walking(struct lethe_snapshot *snapshot);
/* What lethe_snapshot_before measured; NULL: nothing yet. */
const struct lethe_evaluation *lethe_snapshot_known(struct lethe_snapshot *snapshot);

#endif
