/* SPDX-License-Identifier: MIT
 * The tokenizer: one pass, words copied into one store as long as the text at most. */
#include "text/line.h"

#include <string.h>
#include "base/alloc.h"

static int blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static int ends_command(char c)
{
    return c == '\0' || c == '\n' || c == ';';
}

void lethe_line_release(struct lethe_line *line)
{
    lethe_free(line->store);
    lethe_free(line->source);
    *line = (struct lethe_line){0};
}

static const char *skip_to(const char *at, char stop)
{
    while (*at && *at != stop)
        at++;
    return at;
}

/* Copies one word from *at to *out; quotes are taken off. 0: a quote is not closed. */
static int take_word(char **out, const char **at)
{
    const char *in = *at;
    while (!blank(*in) && !ends_command(*in)) {
        char quote = *in;
        if (quote == '&' && (blank(in[1]) || ends_command(in[1])))
            break;
        if (quote != '\'' && quote != '"') {
            *(*out)++ = *in++;
            continue;
        }
        for (in++; *in != quote; in++) {
            if (*in == '\0' || *in == '\n') {
                *(*out)++ = '\0';
                *at = in;
                return 0;
            }
            if (quote == '"' && *in == '\\' && (in[1] == '"' || in[1] == '\\'))
                in++;
            *(*out)++ = *in;
        }
        in++;
    }
    *(*out)++ = '\0';
    *at = in;
    return 1;
}

/* *end is where the last word ends. */
static enum lethe_err take_words(struct lethe_line *line, const char **cursor, const char **end,
                                 struct lethe_error *err)
{
    char *out = line->store;
    const char *at = *cursor;
    enum lethe_err code = LETHE_OK;
    for (;;) {
        while (blank(*at))
            at++;
        if (*at == '#')
            at = skip_to(at, '\n');
        if (ends_command(*at))
            break;
        if (*at == '&' && (blank(at[1]) || ends_command(at[1]))) {
            line->background = 1;
            at++;
            continue;
        }
        if (line->background) {
            code = lethe_fail(err, LETHE_EARG, "'&' must be the last word of a command");
            break;
        }
        if (line->count == LETHE_LINE_WORDS) {
            code = lethe_fail(err, LETHE_EARG, "more than %d words in one command",
                              (int)LETHE_LINE_WORDS);
            break;
        }
        line->words[line->count] = out;
        if (!take_word(&out, &at)) {
            *out = '\0';
            code = lethe_fail(err, LETHE_EARG, "a quote is not closed: %.60s",
                              line->words[line->count]);
            break;
        }
        line->count++;
        *end = at;
    }
    if (code)
        at = skip_to(at, '\n');
    *cursor = at;
    return code;
}

static enum lethe_err keep_source(struct lethe_line *line, const char *from, const char *to,
                                  struct lethe_error *err)
{
    size_t length = (size_t)(to - from);
    line->source = lethe_alloc(length + 1, 1);
    if (!line->source)
        return lethe_fail_memory(err, "command", length, 1);
    memcpy(line->source, from, length);
    line->source[length] = '\0';
    return LETHE_OK;
}

enum lethe_err lethe_line_next(struct lethe_line *line, const char **cursor,
                               struct lethe_error *err)
{
    *line = (struct lethe_line){0};
    const char *at = *cursor;
    for (;;) {
        while (blank(*at) || *at == ';' || *at == '\n')
            at++;
        if (*at != '#')
            break;
        at = skip_to(at, '\n');
    }
    *cursor = at;
    if (!*at)
        return LETHE_OK;
    size_t length = strlen(at);
    line->store = lethe_alloc(length + 2, 1);
    if (!line->store)
        return lethe_fail_memory(err, "command", length, 1);
    const char *end = at;
    enum lethe_err code = take_words(line, cursor, &end, err);
    if (!code && !line->count)
        code = lethe_fail(err, LETHE_EARG, "'&' without a command before it");
    if (!code)
        code = keep_source(line, at, end, err);
    if (code)
        lethe_line_release(line);
    return code;
}

const char *lethe_line_last(const char *text)
{
    const char *start = text;
    char quote = '\0';
    for (const char *at = text; *at; at++) {
        if (quote)
            quote = *at == quote ? '\0' : quote;
        else if (*at == '\'' || *at == '"')
            quote = *at;
        else if (*at == ';' || *at == '\n')
            start = at + 1;
    }
    while (blank(*start))
        start++;
    return start;
}
