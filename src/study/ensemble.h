/* SPDX-License-Identifier: MIT
 * An ensemble: many models of one snapshot, for figures that need more than one. A model is trained
 * by the recipe from fresh weights, with the forget samples (an original) or without them (a
 * retrain); an original put through the removal that the settings describe is a removal. Each is a
 * pure function of the snapshot, the settings and its own numbers, and is kept on disk under the
 * hash of all that: a run that was killed repeats only what was not finished. */
#ifndef LETHE_STUDY_ENSEMBLE_H
#define LETHE_STUDY_ENSEMBLE_H

#include "removal/stages.h"
#include "study/training_context.h"
#include "study/weights_cache.h"

enum lethe_member_kind {
    LETHE_MEMBER_RETRAIN,
    LETHE_MEMBER_ORIGINAL,
    LETHE_MEMBER_REMOVAL,
    LETHE_MEMBER_HEAD /* a removal from the snapshot's own weights, by settings of its own */
};

struct lethe_ensemble {
    struct lethe_snapshot *snapshot;
    struct lethe_settings settings; /* of removals */
    const struct lethe_training_context *training;
    double share; /* of the retained samples each model is trained on; 1: all */
};

struct lethe_member {
    enum lethe_member_kind kind;
    uint64_t draw;      /* which share of the retained samples; nothing when the share is 1 */
    const double *from; /* removal: the original's weights, borrowed */
    const struct lethe_settings *settings; /* HEAD: in the place of the ensemble's, borrowed */
    int made;                              /* 1: kept.w is filled */
    struct lethe_kept kept;                /* seed: of the training; a removal has its original's */
    double seconds;                        /* removal: curvature, factor, step */
};

/* An ensemble of what may move: `own` is `ensemble`, or, where only the last layer may move, one of
 * that layer's models, trained as a warm retraining of it is. own borrows, training too (a copy
 * with another recipe; never released). */
enum lethe_err lethe_ensemble_movable(struct lethe_ensemble *own,
                                      struct lethe_training_context *training,
                                      const struct lethe_ensemble *ensemble,
                                      struct lethe_watch *watch, struct lethe_error *err);
/* Room for the weights of a member that is to be made. */
enum lethe_err lethe_member_init(struct lethe_member *member, const struct lethe_ensemble *ensemble,
                                 enum lethe_member_kind kind, uint64_t draw, uint64_t seed,
                                 struct lethe_error *err);
void lethe_member_release(struct lethe_member *member); /* zeroed ok */
/* What a member is called on disk: a hash of everything that decides its weights. */
enum lethe_err lethe_member_name(char name[LETHE_HASH_TEXT], const struct lethe_member *member,
                                 const struct lethe_ensemble *ensemble, struct lethe_error *err);

/* Makes one, wherever it is called. One of kind HEAD that runs away, or is not for this network,
 * has weights that are NAN. */
enum lethe_err lethe_ensemble_one(struct lethe_member *member,
                                  const struct lethe_ensemble *ensemble, struct lethe_watch *watch,
                                  struct lethe_error *err);
/* The samples a member is trained on, increasing: all of the forget set or none, and its share of
 * the retained ones. ids is empty before; lethe_free(ids->at). */
enum lethe_err lethe_ensemble_ids(struct lethe_ids *ids, const struct lethe_ensemble *ensemble,
                                  uint64_t draw, int with_forget, struct lethe_error *err);

#endif
