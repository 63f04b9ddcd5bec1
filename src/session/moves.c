/* SPDX-License-Identifier: MIT
 * The words and checks of the journal's lines, which writing and reading have in common. See
 * moves.h. */
#include "session/moves.h"

#include <string.h>

#include "base/hash.h"

static const char *const names[] = {
    [LETHE_MOVE_NONE] = "note", [LETHE_MOVE_COMMIT] = "commit", [LETHE_MOVE_UNDO] = "undo",
    [LETHE_MOVE_REDO] = "redo", [LETHE_MOVE_BRANCH] = "branch", [LETHE_MOVE_CHECKOUT] = "checkout",
};
_Static_assert(sizeof names / sizeof *names == LETHE_MOVE_COUNT, "a move without a name");

const char *lethe_move_name(enum lethe_move_kind kind)
{
    return names[kind];
}

enum lethe_move_kind lethe_move_kind_of(const char *name)
{
    enum lethe_move_kind kind = LETHE_MOVE_NONE;
    while (kind < LETHE_MOVE_COUNT && strcmp(names[kind], name) != 0)
        kind++;
    return kind;
}

void lethe_journal_check(char check[LETHE_HASH_HEX], const char *before, const char *text, size_t n)
{
    struct lethe_hash hash;
    lethe_hash_init(&hash);
    lethe_hash_add(&hash, before, LETHE_HASH_HEX - 1);
    lethe_hash_add(&hash, text, n);
    lethe_hash_text(&hash, check);
}
