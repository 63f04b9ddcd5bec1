/* SPDX-License-Identifier: MIT
 * The one table of error codes: name in JSON, exit status. */
#include "lethe/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int exit_status;
} codes[] = {
    [LETHE_OK] = {"ok", 0},
    [LETHE_EARG] = {"argument", 1},
    [LETHE_EUSAGE] = {"usage", 2},
    [LETHE_EFORMAT] = {"format", 3},
    [LETHE_EIO] = {"io", 4},
    [LETHE_ENUM] = {"numerical", 5},
    [LETHE_ECANCEL] = {"cancelled", 130},
    [LETHE_ENOMEM] = {"memory", 4},
    [LETHE_EBUG] = {"bug", 70},
};
_Static_assert(sizeof codes / sizeof *codes == LETHE_ERR_COUNT, "a code without a row");

/* Ends of lines and tabs become blanks; every other control character is shown, as far as there is
 * room: names come from files and may hold anything. */
static void one_line(char *text, size_t room)
{
    const char *const end = text + room;
    for (size_t left = strlen(text); *text; text++, left--) {
        const unsigned char c = (unsigned char)*text;
        if (c >= 0x20 && c != 0x7f)
            continue;
        *text = ' ';
        if (strchr("\n\r\t\v\f", c) || left + 3 >= (size_t)(end - text))
            continue;
        memmove(text + 4, text + 1, left); /* with its end */
        snprintf(text, 4, "\\x%x", c >> 4);
        text[3] = "0123456789abcdef"[c & 15];
        text += 3;
    }
}

enum lethe_err(lethe_fail)(struct lethe_error *err, enum lethe_err code, const char *format, ...)
{
    if (!err)
        return code;
    va_list args;
    va_start(args, format);
    err->code = code;
    err->where[0] = '\0';
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    one_line(err->message, sizeof err->message);
    return code;
}

void lethe_error_at(struct lethe_error *err, const char *format, ...)
{
    if (!err)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(err->where, sizeof err->where, format, args);
    va_end(args);
    one_line(err->where, sizeof err->where);
}

const char *lethe_err_name(enum lethe_err code)
{
    return (unsigned)code < LETHE_ERR_COUNT ? codes[code].name : "bug";
}

int lethe_err_exit(enum lethe_err code)
{
    return (unsigned)code < LETHE_ERR_COUNT ? codes[code].exit_status : 70;
}
