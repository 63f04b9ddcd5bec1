/* SPDX-License-Identifier: MIT
 * The session's directory: lock, blobs, head.json. See lethe/session.h for its layout. */
#ifndef LETHE_SESSION_STORE_H
#define LETHE_SESSION_STORE_H

#include "session/session.h"

enum { LETHE_SESSION_VERSION = 1 };

/* Makes the directory with its lock held; refuses one that holds a session. */
enum lethe_err lethe_store_create(int *lock, const char *dir, struct lethe_error *err);
/* Takes the lock of a session that is there. */
enum lethe_err lethe_store_lock(int *lock, const char *dir, struct lethe_error *err);
/* For a copy: a new directory, an empty one or a session that nobody has open. */
enum lethe_err lethe_store_prepare(int *lock, const char *dir, struct lethe_error *err);
void lethe_store_unlock(int lock); /* -1 ok */

/* Missing blobs first, head.json last: a crash leaves the old or the new session. With `afresh`
 * blobs that are there are written again. */
enum lethe_err lethe_store_write(const struct lethe_session *session, const char *dir, int afresh,
                                 struct lethe_error *err);
/* Fills an empty session; every hash is checked. */
enum lethe_err lethe_store_read(struct lethe_session *session, const char *dir,
                                struct lethe_error *err);
/* Removes blobs that no state refers to and temporary files; what cannot be removed stays. */
void lethe_store_sweep(const struct lethe_session *session, const char *dir);

#endif
