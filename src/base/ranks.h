/* SPDX-License-Identifier: MIT
 * Processes that were started together by mpirun. Rank 0 owns terminal and session, the others do
 * what it sends them. In a program built without MPI, or started alone, there is one rank and
 * nothing else here does anything. A rank that dies takes the whole run with it, as MPI does. */
#ifndef LETHE_BASE_RANKS_H
#define LETHE_BASE_RANKS_H

#include <stddef.h>
#include "lethe/error.h"

/* Before anything else in main; 1 when mpirun started this process. Threads may call the functions
 * below one at a time. */
int lethe_ranks_start(int *argc, char ***argv);
/* Every rank calls it at its end, rank 0 after it has sent the others home. */
void lethe_ranks_stop(void);
int lethe_ranks_count(void); /* 1 when alone */
int lethe_ranks_own(void);   /* 0 when alone */

/* Returns when the bytes may be reused. Messages between two ranks arrive in order. */
void lethe_ranks_send(int to, int kind, const void *data, size_t size);
/* 1 when a message is there: from whom, of which kind and how long. Does not wait. */
int lethe_ranks_waiting(int *from, int *kind, size_t *size);
/* Takes the message that lethe_ranks_waiting told of; data has room for it. */
void lethe_ranks_receive(int from, int kind, void *data, size_t size);

#endif
