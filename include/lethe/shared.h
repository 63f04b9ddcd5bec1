/* SPDX-License-Identifier: MIT
 * Weights that several own and nobody changes: a project, the snapshots that jobs work on and the
 * states of a session hold the same numbers, which are in memory once. */
#ifndef LETHE_SHARED_H
#define LETHE_SHARED_H

struct lethe_shared;

/* Takes w over, memory that the library returned (lethe_free); it may be changed no more. The
 * result is new (unref). NULL: memory ran out, and w is still the caller's. */
struct lethe_shared *lethe_shared_new(double *w);
/* Another reference; returns shared. From any thread. */
struct lethe_shared *lethe_shared_ref(struct lethe_shared *shared);
void lethe_shared_unref(struct lethe_shared *shared); /* NULL ok */
/* The weights, borrowed; NULL of NULL. */
const double *lethe_shared_read(const struct lethe_shared *shared);

#endif
