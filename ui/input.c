/* SPDX-License-Identifier: MIT
 * Line editing on UTF-8: the cursor moves by code points. */
#include <string.h>

#include "base/alloc.h"
#include "ui/input.h"
#include "ui/term/glyph.h"
#include "ui/term/key.h"

void lethe_input_release(struct lethe_input *input)
{
    for (size_t k = 0; k < input->history_count; k++)
        lethe_free(input->history[k]);
    memset(input, 0, sizeof *input);
}

void lethe_input_set(struct lethe_input *input, const char *text)
{
    input->length = input->cursor = 0;
    input->text[0] = 0;
    lethe_input_replace(input, 0, text);
    input->history_at = input->history_count;
}

void lethe_input_replace(struct lethe_input *input, size_t from, const char *text)
{
    size_t length = strlen(text), rest = input->length - input->cursor;
    if (from > input->cursor || from + length + rest > LETHE_INPUT_ROOM)
        return;
    memmove(input->text + from + length, input->text + input->cursor, rest + 1);
    memcpy(input->text + from, text, length);
    input->cursor = from + length;
    input->length = input->cursor + rest;
}

static size_t before(const struct lethe_input *input, size_t at)
{
    while (at > 0 && ((unsigned char)input->text[--at] & 0xc0) == 0x80)
        ;
    return at;
}

static size_t after(const struct lethe_input *input, size_t at)
{
    const char *next = input->text + at;
    lethe_glyph_next(&next);
    return (size_t)(next - input->text);
}

static size_t word_before(const struct lethe_input *input)
{
    size_t at = input->cursor;
    while (at > 0 && input->text[at - 1] == ' ')
        at--;
    while (at > 0 && input->text[at - 1] != ' ')
        at--;
    return at;
}

static void cut(struct lethe_input *input, size_t from, size_t to)
{
    input->cursor = to;
    lethe_input_replace(input, from, "");
}

static void recall(struct lethe_input *input, int step)
{
    if ((step < 0 && input->history_at == 0) ||
        (step > 0 && input->history_at >= input->history_count))
        return;
    if (input->history_at == input->history_count)
        memcpy(input->draft, input->text, sizeof input->draft);
    size_t at = step < 0 ? input->history_at - 1 : input->history_at + 1;
    char copy[LETHE_INPUT_ROOM + 1];
    const char *text = at == input->history_count ? input->draft : input->history[at];
    memcpy(copy, text, strlen(text) + 1);
    lethe_input_set(input, copy);
    input->history_at = at;
}

int lethe_input_key(struct lethe_input *input, uint32_t code)
{
    switch (code) {
    case LETHE_KEY_LEFT:
    case LETHE_CTRL('b'):
        input->cursor = before(input, input->cursor);
        return 1;
    case LETHE_KEY_RIGHT:
    case LETHE_CTRL('f'):
        input->cursor = after(input, input->cursor);
        return 1;
    case LETHE_KEY_HOME:
    case LETHE_CTRL('a'):
        input->cursor = 0;
        return 1;
    case LETHE_KEY_END:
    case LETHE_CTRL('e'):
        input->cursor = input->length;
        return 1;
    case LETHE_KEY_BACKSPACE:
        cut(input, before(input, input->cursor), input->cursor);
        return 1;
    case LETHE_KEY_DELETE:
    case LETHE_CTRL('d'):
        cut(input, input->cursor, after(input, input->cursor));
        return 1;
    case LETHE_CTRL('w'):
        cut(input, word_before(input), input->cursor);
        return 1;
    case LETHE_CTRL('u'):
        cut(input, 0, input->cursor);
        return 1;
    case LETHE_CTRL('k'):
        cut(input, input->cursor, input->length);
        return 1;
    case LETHE_KEY_UP:
    case LETHE_CTRL('p'):
        recall(input, -1);
        return 1;
    case LETHE_KEY_DOWN:
    case LETHE_CTRL('n'):
        recall(input, 1);
        return 1;
    default:
        break;
    }
    if (code < ' ' || code == 0x7f || code >= LETHE_KEY_FIRST)
        return 0;
    char text[5];
    lethe_glyph_encode(text, code);
    lethe_input_replace(input, input->cursor, text);
    return 1;
}

void lethe_input_remember(struct lethe_input *input)
{
    size_t n = input->history_count;
    if (!input->length || (n && strcmp(input->history[n - 1], input->text) == 0))
        return;
    char *copy = lethe_strdup(input->text);
    if (!copy)
        return; /* history is a comfort, not a promise */
    if (n == LETHE_INPUT_HISTORY) {
        lethe_free(input->history[0]);
        memmove(input->history, input->history + 1, (n - 1) * sizeof *input->history);
        n--;
    }
    input->history[n] = copy;
    input->history_count = n + 1;
    input->history_at = n + 1;
}
