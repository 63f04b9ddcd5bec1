/* SPDX-License-Identifier: MIT
 * Reading the journal: what its lines say is done again. See journal.h. */
#include "session/journal.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "session/moves.h"

enum { CHECK = LETHE_HASH_HEX - 1 };

/* ---- lines ----------------------------------------------------------------------------------- */

struct line {
    const char *check, *text; /* text (length) without the newline */
    size_t length, bytes;     /* bytes: of the whole line; 0: it is not one */
};

static struct line line_at(const char *at, size_t size)
{
    const char *end = memchr(at, '\n', size);
    struct line line = {at, at + CHECK + 1, 0, 0};
    if (!end || (size_t)(end - at) < CHECK + 1 || at[CHECK] != ' ')
        return line;
    line.bytes = (size_t)(end - at) + 1;
    line.length = line.bytes - CHECK - 2;
    return line;
}

static int follows(const struct line *line, const char *before)
{
    char check[LETHE_HASH_HEX];
    if (!line->bytes)
        return 0;
    lethe_journal_check(check, before, line->text, line->length);
    return !memcmp(check, line->check, CHECK);
}

/* Draft and script alone, which are not synced when they are written. */
static int is_note(const struct line *line)
{
    static const char beginning[] = "{\"do\":\"note\"";
    return line->length >= sizeof beginning && !memcmp(line->text, beginning, sizeof beginning - 1);
}

/* Is there, after a line that does not follow, one that does? Then something in the middle was
 * changed; otherwise the rest is what a crash left of the end. Of notes a power cut may have kept
 * the later one. `before` is the last good check. */
static int goes_on(const char *at, size_t size, const char *before)
{
    char computed[LETHE_HASH_HEX], said[LETHE_HASH_HEX] = "";
    int notes = 1; /* so far */
    memcpy(computed, before, sizeof computed);
    while (size) {
        const char *end = memchr(at, '\n', size);
        size_t bytes = end ? (size_t)(end - at) + 1 : size;
        struct line line = line_at(at, bytes);
        if (line.bytes) {
            notes &= is_note(&line);
            if (!notes && ((*said && follows(&line, said)) || follows(&line, computed)))
                return 1;
            lethe_journal_check(computed, computed, line.text, line.length);
            memcpy(said, line.check, CHECK);
        }
        at += bytes;
        size -= bytes;
    }
    return 0;
}

/* ---- doing it again -------------------------------------------------------------------------- */

static enum lethe_err take_move(struct lethe_move *move, const struct lethe_json *line,
                                struct lethe_session_reader *r)
{
    struct lethe_history *history = &r->session->history;
    const struct lethe_json *state = lethe_json_get(line, "state");
    const char *name = lethe_json_as_string(lethe_json_get(line, "do"));
    const char *to = lethe_json_as_string(lethe_json_get(line, "to"));
    enum lethe_err code = LETHE_OK;
    *move = (struct lethe_move){.kind = name ? lethe_move_kind_of(name) : LETHE_MOVE_COUNT,
                                .name = lethe_json_as_string(lethe_json_get(line, "name"))};
    if (state && !(code = lethe_state_take(state, r)))
        move->to = history->states[history->count - 1];
    else if (!code && to)
        move->to = lethe_history_with_id(history, to);
    return code;
}

static enum lethe_err do_move(const struct lethe_json *line, struct lethe_session_reader *r)
{
    struct lethe_move move;
    struct lethe_act *act = NULL;
    struct lethe_place place, *now = &r->session->history.place;
    const struct lethe_json *said = lethe_json_get(line, "act");
    enum lethe_err code = take_move(&move, line, r);
    if (code)
        return code;
    if (!lethe_place_allows(now, &move))
        return lethe_reader_damaged(r, "a line of the journal leads nowhere");
    if (said && move.to && (code = lethe_act_take(&act, said, r)))
        return code;
    if (act)
        lethe_act_push(&move.to->acts, act);
    if (move.kind != LETHE_MOVE_NONE) {
        if ((code = lethe_place_copy(&place, now, r->err)))
            return code;
        lethe_place_move(&place, &move);
        lethe_place_release(now);
        *now = place;
    }
    const char *head = lethe_json_as_string(lethe_json_get(line, "head"));
    return head && !strcmp(head, now->head->id)
               ? LETHE_OK
               : lethe_reader_damaged(r, "a line of the journal ends at another state");
}

static enum lethe_err do_line(const struct line *line, struct lethe_session_reader *r)
{
    struct lethe_session *session = r->session;
    struct lethe_json *json = NULL;
    int fresh = 0;
    enum lethe_err code = lethe_json_parse(&json, line->text, line->length, r->file, r->err);
    if (!code)
        code = do_move(json, r);
    if (!code && lethe_json_as_bool(lethe_json_get(json, "fresh"), &fresh) && fresh)
        lethe_pairs_release(&session->draft);
    if (!code)
        code = lethe_pairs_take(&session->draft, lethe_json_get(json, "draft"), r);
    if (!code)
        code = lethe_notes_take(lethe_json_get(json, "notes"), r);
    if (!code && !lethe_json_get(json, "state") && !lethe_json_get(json, "act"))
        session->writing.waste += line->bytes;
    lethe_json_free(json);
    return code;
}

enum lethe_err lethe_journal_read(struct lethe_session_reader *r, const unsigned char *bytes,
                                  size_t size, size_t *whole)
{
    const char *text = (const char *)bytes;
    struct lethe_writing *writing = &r->session->writing;
    enum lethe_err code = LETHE_OK;
    size_t at = 0;
    while (!code && at < size) {
        struct line line = line_at(text + at, size - at);
        if (!follows(&line, writing->check))
            break;
        code = do_line(&line, r);
        memcpy(writing->check, line.check, CHECK);
        at += line.bytes;
    }
    if (code)
        return code;
    if (at < size && goes_on(text + at, size - at, writing->check))
        return lethe_reader_damaged(r, "a line in its middle does not meet its check");
    if (at < size)
        snprintf(r->session->remark, sizeof r->session->remark,
                 "the last %zu bytes of this session's journal were not whole, as after a crash, "
                 "and were cut off",
                 size - at);
    *whole = at;
    return LETHE_OK;
}
