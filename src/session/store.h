/* SPDX-License-Identifier: MIT
 * The session's directory: lock, blobs, head.json, journal. See lethe/session.h for its layout. */
#ifndef LETHE_SESSION_STORE_H
#define LETHE_SESSION_STORE_H

#include "session/journal.h"

/* Makes the directory with its lock held; refuses one that holds a session. */
enum lethe_err lethe_store_create(int *lock, const char *dir, struct lethe_error *err);
/* Whether this process may write what a session consists of. */
int lethe_store_may_write(const char *dir);
/* Takes the lock of a session that is there. */
enum lethe_err lethe_store_lock(int *lock, const char *dir, struct lethe_error *err);
/* Holds off whoever would write it, as long as others may see the lock at all; *lock may stay -1.
 */
enum lethe_err lethe_store_lock_reading(int *lock, const char *dir, struct lethe_error *err);
/* For a copy: a new directory, an empty one or a session that nobody has open. */
enum lethe_err lethe_store_prepare(int *lock, const char *dir, struct lethe_error *err);
void lethe_store_unlock(int lock); /* -1 ok */

/* A complete head.json: missing blobs first (with `afresh` all of them), it last: a crash leaves
 * the old or the new session. *writing is filled with what a journal after it needs, *renamed is 1
 * from the moment the new session is the one that opens. */
enum lethe_err lethe_store_write(const struct lethe_session *session, const char *dir, int afresh,
                                 struct lethe_writing *writing, int *renamed,
                                 struct lethe_error *err);
/* What changed in the session's own directory: a line of the journal, or a new head.json where one
 * is due. With `sync` it is on the disk before this returns. */
enum lethe_err lethe_store_note(struct lethe_session *session, const struct lethe_change *change,
                                int sync, struct lethe_error *err);
/* A new head.json when much of the journal is out of date; no harm when it cannot be written. */
void lethe_store_compact(struct lethe_session *session);
/* Fills an empty session from session->dir; every hash is checked. */
enum lethe_err lethe_store_read(struct lethe_session *session, struct lethe_error *err);

#endif
