/* SPDX-License-Identifier: MIT
 * The words and checks of the journal's lines, which writing and reading have in common. */
#ifndef LETHE_SESSION_MOVES_H
#define LETHE_SESSION_MOVES_H

#include "session/history.h"

const char *lethe_move_name(enum lethe_move_kind kind);
/* LETHE_MOVE_COUNT when there is no such move. */
enum lethe_move_kind lethe_move_kind_of(const char *name);
/* The check of a line after one with the check `before`; text (n). */
void lethe_journal_check(char check[LETHE_HASH_HEX], const char *before, const char *text,
                         size_t n);

#endif
