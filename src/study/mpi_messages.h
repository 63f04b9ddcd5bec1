/* SPDX-License-Identifier: MIT
 * Cohorts and members as bytes, for other processes of the same kind. */
#ifndef LETHE_STUDY_MPI_MESSAGES_H
#define LETHE_STUDY_MPI_MESSAGES_H

#include "session/pack.h"
#include "study/ensemble.h"

/* An ensemble that arrived owns what it points to. */
struct lethe_ensemble_copy {
    struct lethe_ensemble ensemble;
    struct lethe_training_context training;
};
enum lethe_err lethe_mpi_encode_ensemble(struct lethe_pack *bytes,
                                         const struct lethe_ensemble *ensemble,
                                         struct lethe_error *err);
enum lethe_err lethe_mpi_decode_ensemble(struct lethe_ensemble_copy *copy,
                                         const unsigned char *bytes, size_t size,
                                         struct lethe_error *err);
void lethe_ensemble_copy_release(struct lethe_ensemble_copy *copy); /* zeroed ok */

/* What a member is to be made from. */
void lethe_mpi_encode_member(struct lethe_pack *bytes, size_t item,
                             const struct lethe_member *member);
/* from (size) is filled for a removal, settings for one of kind HEAD: the member borrows them. */
enum lethe_err lethe_mpi_decode_member(size_t *item, struct lethe_member *member, double *from,
                                       struct lethe_settings *settings,
                                       const struct lethe_ensemble *ensemble,
                                       const unsigned char *bytes, size_t size,
                                       struct lethe_error *err);

/* What became of it. */
void lethe_mpi_encode_answer(struct lethe_pack *bytes, size_t item,
                             const struct lethe_member *member, enum lethe_err code,
                             const struct lethe_error *err);
/* Which item an answer is about; then the rest of it. */
size_t lethe_mpi_decode_item(const unsigned char *bytes);
enum lethe_err lethe_mpi_decode_answer(struct lethe_member *member, const unsigned char *bytes,
                                       size_t size, struct lethe_error *err);

#endif
