/* SPDX-License-Identifier: MIT
 * The journal of a session as a script: run anew, it ends at the same state. */
#ifndef LETHE_WORKBENCH_SESSION_SCRIPT_H
#define LETHE_WORKBENCH_SESSION_SCRIPT_H

#include "base/hash.h"
#include "base/text.h"
#include "lethe/session.h"

int lethe_is_script(const char *path); /* by its name, FILE.lethe; NULL is none */
/* LETHE_EARG: the session was sealed and has no journal any more. */
enum lethe_err lethe_session_script_save(const struct lethe_session *session, const char *path,
                                         struct lethe_error *err);
/* Adds the journal of the session in a folder to *script; id: of the state it ends at. */
enum lethe_err lethe_session_script_read(struct lethe_text *script, char id[LETHE_HASH_HEX],
                                         const char *path, struct lethe_error *err);

#endif
