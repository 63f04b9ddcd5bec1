/* SPDX-License-Identifier: MIT
 * The other ranks as workers: rank 0 tells them what a cohort is about, gives them members one at
 * a time and collects what they made. They need no files: everything travels. Only one cohort at a
 * time has the crew. */
#ifndef LETHE_STUDY_MPI_POOL_H
#define LETHE_STUDY_MPI_POOL_H

#include "study/ensemble.h"

struct lethe_crew;

/* *crew is NULL when there are no other ranks, or another cohort has them. */
enum lethe_err lethe_crew_begin(struct lethe_crew **crew, const struct lethe_cohort *cohort,
                                struct lethe_error *err);
void lethe_crew_end(struct lethe_crew *crew); /* NULL ok; nobody may be busy */

size_t lethe_crew_free(const struct lethe_crew *crew); /* how many could take a member */
size_t lethe_crew_busy(const struct lethe_crew *crew);
/* To one that is free. The member is filled when it is collected. */
void lethe_crew_give(struct lethe_crew *crew, size_t item, struct lethe_member *member);
/* Tells the busy ones to stop; they answer with LETHE_ECANCEL, or with what they had just done. */
void lethe_crew_cancel(struct lethe_crew *crew);
/* 1: one has answered, *item is over with *code. Does not wait. */
int lethe_crew_collect(struct lethe_crew *crew, size_t *item, enum lethe_err *code,
                       struct lethe_error *err);

/* What a rank other than 0 does all its life; returns its exit status. */
int lethe_crew_serve(void);
/* Rank 0 at its end: sends the others home. */
void lethe_crew_dismiss(void);

#endif
