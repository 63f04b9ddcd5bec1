/* SPDX-License-Identifier: MIT
 * The one table of error codes: name in JSON, exit status. */
#include "lethe/error.h"

#include <stdarg.h>
#include <stdio.h>

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

static void one_line(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = ' ';
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
    one_line(err->message);
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
    one_line(err->where);
}

const char *lethe_err_name(enum lethe_err code)
{
    return (unsigned)code < LETHE_ERR_COUNT ? codes[code].name : "bug";
}

int lethe_err_exit(enum lethe_err code)
{
    return (unsigned)code < LETHE_ERR_COUNT ? codes[code].exit_status : 70;
}
