/* SPDX-License-Identifier: MIT
 * Files in a session's directory that the session does not name: found, removed, counted. */
#ifndef LETHE_SESSION_SWEEP_H
#define LETHE_SESSION_SWEEP_H

#include "session/session.h"

struct lethe_strays {
    char **paths; /* (count) */
    size_t count, room;
};

/* Blobs of no state, journals of another head.json, temporary files; with `past` also what a seal
 * must not leave: models that are not the session's beginning, and retrained models that are older
 * than `past` (seconds since 1970). Files that are not lethe's are never among them. `base` is the
 * check of the directory's head.json. */
#define LETHE_NO_PAST INT64_MIN
enum lethe_err lethe_strays_find(struct lethe_strays *strays, const struct lethe_session *session,
                                 const char *dir, const char *base, int64_t past,
                                 struct lethe_error *err);
void lethe_strays_release(struct lethe_strays *strays);
/* Removes what can be removed; the first failure is told, after all were tried. */
enum lethe_err lethe_strays_remove(const struct lethe_strays *strays, struct lethe_error *err);

/* Finds the usual ones and removes them; what cannot be removed stays. */
void lethe_sweep(const struct lethe_session *session, const char *dir, const char *base);
/* Takes others' rights away from a session that was made before that was a rule. A folder that also
 * holds what is not lethe's stays as it is. */
void lethe_sweep_rights(const char *dir);

#endif
