/* SPDX-License-Identifier: MIT
 * Making many members of an ensemble, here and on other ranks. */
#ifndef LETHE_STUDY_ENSEMBLE_RUN_H
#define LETHE_STUDY_ENSEMBLE_RUN_H

#include "study/ensemble.h"

/* Makes or reads those of members (count) that are not made, on threads and on the other ranks, if
 * there are any. On failure some may have been made, and are kept. */
enum lethe_err lethe_ensemble_make(struct lethe_member *members, size_t count,
                                   const struct lethe_ensemble *ensemble, const char *stage,
                                   struct lethe_watch *watch, struct lethe_error *err);

#endif
