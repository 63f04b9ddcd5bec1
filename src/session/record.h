/* SPDX-License-Identifier: MIT
 * The parts of a session in memory: making and freeing them. */
#ifndef LETHE_SESSION_RECORD_H
#define LETHE_SESSION_RECORD_H

#include "session/session.h"

/* An empty session in memory; NULL with err filled. */
struct lethe_session *lethe_session_empty(struct lethe_error *err);
void lethe_session_free(struct lethe_session *session); /* all but lock and journal; NULL ok */
enum lethe_err lethe_source_copy(struct lethe_source *to, const struct lethe_source *from,
                                 struct lethe_error *err);
void lethe_source_release(struct lethe_source *source); /* one made by lethe_source_copy, or zero */
enum lethe_err lethe_session_add_note(struct lethe_session *session, const char *line,
                                      const char *head, struct lethe_error *err);
void lethe_session_drop_note(struct lethe_session *session); /* the last one */
/* LETHE_EIO: it was opened for reading. */
enum lethe_err lethe_session_refuse(const struct lethe_session *session, struct lethe_error *err);

#endif
