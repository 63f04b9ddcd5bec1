/* SPDX-License-Identifier: MIT
 * The journal beside head.json: what was decided since that was written, one line a decision:
 *     CHECK {"do": "commit", "head": ID, ...}
 * CHECK is the SHA-256 of the check before (head.json's for the first line) and the JSON text, so
 * that lines can be neither changed nor left out; only the end can be missing. */
#ifndef LETHE_SESSION_JOURNAL_H
#define LETHE_SESSION_JOURNAL_H

#include "session/head.h"

/* What one line says. */
struct lethe_change {
    struct lethe_move move;
    const struct lethe_state *made; /* a new state, the one moved to; NULL: it was there */
    const struct lethe_act *act;    /* added to the state moved to; NULL: none */
};

#define LETHE_JOURNAL_PREFIX "journal-"
enum { LETHE_JOURNAL_NAME = 32 };
/* The name of the journal of a head.json with this check. */
void lethe_journal_name(char name[LETHE_JOURNAL_NAME], const char *base);

/* Appends a line with the change, what differs in the draft, and new lines of the script. A failed
 * write is cut off again, and the next one must be a new head.json. */
enum lethe_err lethe_journal_append(struct lethe_session *session,
                                    const struct lethe_change *change, int sync,
                                    struct lethe_error *err);
/* Remembers that the directory holds draft and script as they are in memory. */
void lethe_journal_settled(struct lethe_session *session);
/* Does again what the lines say; the reader has read head.json. A torn tail is cut off (*whole is
 * the length of what is left) and remarked; anything else that is wrong is refused. */
enum lethe_err lethe_journal_read(struct lethe_session_reader *r, const unsigned char *bytes,
                                  size_t size, size_t *whole);
void lethe_journal_close(struct lethe_session *session); /* syncs what is not yet synced */

#endif
