/* SPDX-License-Identifier: MIT
 * Arguments of commands: what a row of the command table says about them, and the checked values
 * of one call. An argument is either a place ("forget add SPEC") or a key ("max=20").
 *
 * Help, completion, the man page and every message about a wrong value come from these rows. */
#ifndef LETHE_TEXT_ARGS_H
#define LETHE_TEXT_ARGS_H

#include <stddef.h>
#include "lethe/error.h"

enum { LETHE_ARGS_MAX = 18, LETHE_ARG_REPEATS = 16 };

enum lethe_arg_kind {
    LETHE_ARG_INT,     /* whole number within [min, max] */
    LETHE_ARG_REAL,    /* finite number within [min, max] */
    LETHE_ARG_CHOICE,  /* one of choices */
    LETHE_ARG_PATH,    /* file or folder */
    LETHE_ARG_LAYER,   /* name of a layer of the model */
    LETHE_ARG_UNIT,    /* fc1[33] */
    LETHE_ARG_SPEC,    /* samples: 17, 3,9,12-40, class:7 ... */
    LETHE_ARG_SIZE,    /* blanket size: 12, +1, -1, 10%, auto, all */
    LETHE_ARG_COUNT,   /* whole number from 1 on, auto, all */
    LETHE_ARG_STATE,   /* commit, branch, head~1 */
    LETHE_ARG_KEY,     /* name of a setting */
    LETHE_ARG_COMMAND, /* name of a command */
    LETHE_ARG_TEXT     /* anything */
};

enum {
    LETHE_ARG_NEEDED = 1, /* may not be left out */
    LETHE_ARG_KEYED = 2,  /* written name=value */
    LETHE_ARG_OPEN = 4,   /* min itself is not allowed */
    LETHE_ARG_REST = 8,   /* takes all words that are left, with blanks between */
    LETHE_ARG_MANY = 16,  /* keyed, may be given several times */
    LETHE_ARG_AUTO = 32   /* a number, or the word auto: its value is then NAN */
};

struct lethe_arg_spec {
    const char *name; /* key, or the word shown in the usage line: PATH */
    enum lethe_arg_kind kind;
    unsigned flags;
    double min, max;               /* numbers; max 0 with min 0 means no limits */
    const char *choices;           /* CHOICE: "sd|none" */
    const char *(*choice)(size_t); /* CHOICE of a table: the n-th name, NULL after the last */
    const char *help;              /* one line, with the default in it */
};

struct lethe_arg {
    const char *text; /* as given; NULL: not given */
    double real;      /* INT and REAL */
    long long integer;
    size_t choice;                       /* CHOICE: number of the choice */
    const char *more[LETHE_ARG_REPEATS]; /* MANY: all of them, the first one too */
    size_t count;
};

struct lethe_args {
    const struct lethe_arg_spec *specs;
    size_t count;
    struct lethe_arg at[LETHE_ARGS_MAX];
    char *rest; /* joined words of a REST argument */
};

/* Checks words against specs. command is for messages. The values point into words. */
enum lethe_err lethe_args_parse(struct lethe_args *args, const char *command,
                                const struct lethe_arg_spec *specs, size_t count,
                                char *const *words, size_t word_count, struct lethe_error *err);
void lethe_args_release(struct lethe_args *args); /* zeroed ok */

/* The argument called name, which the row must have. */
const struct lethe_arg *lethe_args_get(const struct lethe_args *args, const char *name);
int lethe_args_given(const struct lethe_args *args, const char *name);
const char *lethe_args_text(const struct lethe_args *args, const char *name, const char *fallback);
double lethe_args_real(const struct lethe_args *args, const char *name, double fallback);
size_t lethe_args_count(const struct lethe_args *args, const char *name, size_t fallback);
/* Number of the choice, or fallback. */
size_t lethe_args_choice(const struct lethe_args *args, const char *name, size_t fallback);

/* Checks one value against one row; fills integer, real and choice. */
enum lethe_err lethe_arg_check(struct lethe_arg *arg, const struct lethe_arg_spec *spec,
                               const char *text, struct lethe_error *err);
/* The n-th choice of a row into name; 0 after the last. */
int lethe_arg_choice(const struct lethe_arg_spec *spec, size_t n, char *name, size_t size);
/* "a whole number from 1 to 64", "lfoci, random or gain". */
void lethe_arg_describe(const struct lethe_arg_spec *spec, char *text, size_t size);

#endif
