/* SPDX-License-Identifier: MIT
 * What an audit's figures are made from, as arrays for other programs. */
#ifndef LETHE_STUDY_AUDIT_ARRAYS_H
#define LETHE_STUDY_AUDIT_ARRAYS_H

#include "study/audit_measure.h"

/* An NPZ file, in double, with before, now and retrain for the groups of models, and forget, retain
 * and heldout (tune half) for the sets of samples:
 *   SET, SET_label              (count) sample numbers and classes
 *   GROUP_weights               (n, size + buffers)
 *   GROUP_SET_logits            (n, count, classes)
 *   before_trained, retrain_trained  (n, retained samples) 1 where a model was trained on one
 * members[g] (n) as for lethe_audit_records_measure. */
enum lethe_err lethe_audit_arrays_write(const char *path, size_t n,
                                        struct lethe_member *const members[LETHE_GROUPS],
                                        const struct lethe_ensemble *ensemble,
                                        struct lethe_watch *watch, struct lethe_error *err);

#endif
