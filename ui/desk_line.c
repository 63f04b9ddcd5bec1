/* SPDX-License-Identifier: MIT
 * The typed line of the desk: editing, completion, the filter of the samples. A line that is to be
 * run is handed back, never run here. */
#include <stdio.h>
#include <string.h>

#include "ui/desk.h"

static void close_candidates(struct lethe_desk *desk)
{
    desk->screen.candidates = NULL;
    desk->screen.candidate_count = 0;
    desk->screen.candidate = 0;
}

void lethe_desk_type(struct lethe_desk *desk, const char *text)
{
    desk->typing = LETHE_TYPING_COMMAND;
    lethe_input_set(&desk->line, text);
    close_candidates(desk);
}

/* What all candidates share beyond the word typed so far. */
static size_t common_length(const char *const *words, size_t count)
{
    size_t length = strlen(words[0]);
    for (size_t k = 1; k < count; k++) {
        size_t same = 0;
        while (same < length && words[0][same] == words[k][same])
            same++;
        length = same;
    }
    return length;
}

static void put_candidate(struct lethe_desk *desk)
{
    struct lethe_screen *screen = &desk->screen;
    lethe_input_replace(&desk->line, desk->completing_from, screen->candidates[screen->candidate]);
}

static size_t find_candidates(struct lethe_desk *desk, const char *const **words, size_t *from)
{
    const struct lethe_input *line = &desk->line;
    size_t count = desk->host->complete(desk->host->self, line->text, line->cursor, words, from);
    if (count || memchr(line->text, ' ', line->cursor))
        return count;
    *from = 0;
    return lethe_desk_local_names(words, line->text, line->cursor);
}

static void complete(struct lethe_desk *desk, int back)
{
    struct lethe_screen *screen = &desk->screen;
    if (screen->candidate_count) {
        size_t n = screen->candidate_count;
        screen->candidate = (screen->candidate + (back ? n - 1 : 1)) % n;
        put_candidate(desk);
        return;
    }
    const char *const *words = NULL;
    size_t from = 0, count = find_candidates(desk, &words, &from);
    if (!count)
        return;
    char shared[256];
    size_t length = common_length(words, count), typed = desk->line.cursor - from;
    desk->completing_from = from;
    if (count == 1) {
        snprintf(shared, sizeof shared, "%s%s", words[0],
                 strchr("/=", words[0][strlen(words[0]) - 1]) ? "" : " ");
        lethe_input_replace(&desk->line, from, shared);
        return;
    }
    if (length > typed && length < sizeof shared) {
        memcpy(shared, words[0], length);
        shared[length] = 0;
        lethe_input_replace(&desk->line, from, shared);
        return;
    }
    screen->candidates = words;
    screen->candidate_count = count;
    screen->candidate = 0;
    put_candidate(desk);
}

/* Takes the line without the blanks at its end; 1 when there is something to run. */
static int finish(struct lethe_desk *desk, char line[LETHE_INPUT_ROOM + 1])
{
    memcpy(line, desk->line.text, LETHE_INPUT_ROOM + 1);
    size_t length = strlen(line);
    while (length > 0 && line[length - 1] == ' ')
        line[--length] = 0;
    desk->typing = LETHE_TYPING_NONE;
    lethe_input_remember(&desk->line);
    return line[strspn(line, " ")] != 0;
}

static void filter_key(struct lethe_desk *desk, struct lethe_key key)
{
    if (key.code == LETHE_KEY_ENTER)
        desk->typing = LETHE_TYPING_NONE;
    else if (key.code == LETHE_KEY_ESC || key.code == LETHE_CTRL('c')) {
        lethe_input_set(&desk->filter, "");
        desk->typing = LETHE_TYPING_NONE;
    } else {
        lethe_input_key(&desk->filter, key.code);
    }
    desk->screen.cursor[LETHE_PANE_SAMPLES] = 0;
}

int lethe_desk_line_key(struct lethe_desk *desk, struct lethe_key key,
                        char run[LETHE_INPUT_ROOM + 1])
{
    if (desk->typing == LETHE_TYPING_FILTER) {
        filter_key(desk, key);
        return 0;
    }
    switch (key.code) {
    case LETHE_KEY_TAB:
    case LETHE_KEY_BACKTAB:
        complete(desk, key.code == LETHE_KEY_BACKTAB);
        return 0;
    case LETHE_KEY_ESC:
    case LETHE_CTRL('c'):
        if (desk->screen.candidate_count && key.code == LETHE_KEY_ESC)
            close_candidates(desk);
        else
            desk->typing = LETHE_TYPING_NONE;
        return 0;
    case LETHE_KEY_ENTER:
        close_candidates(desk);
        return finish(desk, run);
    case LETHE_KEY_BACKSPACE:
        if (!desk->line.length)
            desk->typing = LETHE_TYPING_NONE;
        break;
    default:
        break;
    }
    close_candidates(desk);
    lethe_input_key(&desk->line, key.code);
    return 0;
}
