/* SPDX-License-Identifier: MIT
 * What a session is made of; for the files of this room. */
#ifndef LETHE_SESSION_PRIVATE_H
#define LETHE_SESSION_PRIVATE_H

#include "session/history.h"

enum { LETHE_REMARK = 320, LETHE_SESSION_VERSION = 2 };

struct lethe_note {
    char *line;
    char head[LETHE_HASH_HEX];
};

/* How the directory follows what is in memory. */
struct lethe_writing {
    char check[LETHE_HASH_HEX]; /* of head.json, and of all lines of the journal after it */
    char base[LETHE_HASH_HEX];  /* of head.json alone: names the journal */
    int journal;                /* descriptor, -1: not open yet */
    size_t end, waste;          /* bytes of the journal; those of them that are out of date */
    size_t head_bytes;          /* of head.json */
    int afresh;               /* the next write is a new head.json: the journal cannot be trusted */
    int unsynced;             /* lines are not yet safe from a power cut */
    struct lethe_pairs draft; /* as it is on the disk */
    size_t notes;             /* on the disk */
};

struct lethe_session {
    char *dir;                  /* NULL: in memory only */
    int lock;                   /* descriptor of the held lock, -1: none */
    struct lethe_source source; /* texts are owned */
    struct lethe_history history;
    struct lethe_pairs draft;
    struct lethe_note *notes;
    size_t note_count, note_room;
    char *announced; /* the line the next decision comes from; NULL: none */
    struct lethe_writing writing;
    int dirty;                 /* draft or script are newer than the directory */
    int resumed;               /* opened, not begun */
    int reading;               /* opened for reading: the directory is left alone */
    size_t saved;              /* states that were there at the last save to another directory */
    char remark[LETHE_REMARK]; /* what opening had to put right */
};

#endif
