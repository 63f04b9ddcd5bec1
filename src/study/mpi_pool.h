/* SPDX-License-Identifier: MIT
 * The other ranks as workers: rank 0 tells them what an ensemble is about, gives them members one
 * at a time and collects what they made. They need no files: everything travels. Only one ensemble
 * at a time has the ranks. */
#ifndef LETHE_STUDY_MPI_POOL_H
#define LETHE_STUDY_MPI_POOL_H

#include "study/ensemble.h"

struct lethe_mpi_pool;

/* *pool is NULL when there are no other ranks, or another ensemble has them. */
enum lethe_err lethe_mpi_pool_begin(struct lethe_mpi_pool **pool,
                                    const struct lethe_ensemble *ensemble, struct lethe_error *err);
void lethe_mpi_pool_end(struct lethe_mpi_pool *pool); /* NULL ok; nobody may be busy */

size_t lethe_mpi_pool_free(const struct lethe_mpi_pool *pool); /* how many could take a member */
size_t lethe_mpi_pool_busy(const struct lethe_mpi_pool *pool);
/* To one that is free. The member is filled when it is collected. */
void lethe_mpi_pool_give(struct lethe_mpi_pool *pool, size_t item, struct lethe_member *member);
/* Tells the busy ones to stop; they answer with LETHE_ECANCEL, or with what they had just done. */
void lethe_mpi_pool_cancel(struct lethe_mpi_pool *pool);
/* 1: one has answered, *item is over with *code. Does not wait. */
int lethe_mpi_pool_collect(struct lethe_mpi_pool *pool, size_t *item, enum lethe_err *code,
                           struct lethe_error *err);

/* What a rank other than 0 does all its life; returns its exit status. */
int lethe_mpi_pool_serve(void);
/* Rank 0 at its end: sends the others home. */
void lethe_mpi_pool_dismiss(void);

#endif
