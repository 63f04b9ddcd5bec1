/* SPDX-License-Identifier: MIT
 * A line being typed: text, cursor, history. Editing keys are those of Readline. */
#ifndef LETHE_UI_INPUT_H
#define LETHE_UI_INPUT_H

#include <stddef.h>
#include <stdint.h>

enum { LETHE_INPUT_ROOM = 1000, LETHE_INPUT_HISTORY = 100 };

struct lethe_input {
    char text[LETHE_INPUT_ROOM + 1];
    size_t length, cursor; /* bytes; the cursor stands between characters */
    char *history[LETHE_INPUT_HISTORY];
    size_t history_count, history_at; /* at == count: the line being typed */
    char draft[LETHE_INPUT_ROOM + 1]; /* what was typed before the history was entered */
};

void lethe_input_release(struct lethe_input *input);
void lethe_input_set(struct lethe_input *input, const char *text); /* cursor at the end */
/* Replaces the bytes from `from` to the cursor. */
void lethe_input_replace(struct lethe_input *input, size_t from, const char *text);
/* 1 when the key was an editing key or a character. */
int lethe_input_key(struct lethe_input *input, uint32_t code);
/* Remembers the line for the arrow keys; repeated lines are kept once. */
void lethe_input_remember(struct lethe_input *input);

#endif
