/* SPDX-License-Identifier: MIT
 * Checking of arguments. A wrong value is answered by what is allowed, an unknown key by the
 * nearest known one. */
#include "text/args.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/alloc.h"
#include "base/text.h"
#include "text/nearest.h"

/* ---- rows ------------------------------------------------------------------------------------ */

int lethe_arg_choice(const struct lethe_arg_spec *spec, size_t n, char *name, size_t size)
{
    const char *word = spec->choice ? spec->choice(n) : NULL;
    if (spec->choice) {
        if (word)
            snprintf(name, size, "%s", word);
        return word != NULL;
    }
    const char *at = spec->choices;
    for (; at && n; n--) {
        at = strchr(at, '|');
        at = at ? at + 1 : NULL;
    }
    if (!at)
        return 0;
    snprintf(name, size, "%.*s", (int)strcspn(at, "|"), at);
    return 1;
}

static int has_limits(const struct lethe_arg_spec *spec)
{
    return spec->min != 0 || spec->max != 0;
}

static void describe_number(const struct lethe_arg_spec *spec, char *text, size_t size)
{
    const char *noun = spec->kind == LETHE_ARG_INT ? "whole number" : "number";
    char min[32], max[32];
    snprintf(min, sizeof min, spec->kind == LETHE_ARG_INT ? "%.0f" : "%g", spec->min);
    snprintf(max, sizeof max, spec->kind == LETHE_ARG_INT ? "%.0f" : "%g", spec->max);
    if (!has_limits(spec))
        snprintf(text, size, "a %s", noun);
    else if (isinf(spec->max))
        snprintf(text, size, "a %s %s %s", noun, spec->flags & LETHE_ARG_OPEN ? ">" : ">=", min);
    else if (spec->flags & LETHE_ARG_OPEN)
        snprintf(text, size, "a %s above %s, up to %s", noun, min, max);
    else
        snprintf(text, size, "a %s from %s to %s", noun, min, max);
    if (spec->flags & LETHE_ARG_AUTO)
        snprintf(text + strlen(text), size - strlen(text), ", or auto");
}

static void describe_choices(const struct lethe_arg_spec *spec, char *text, size_t size)
{
    struct lethe_text list = {0};
    char name[64], next[64];
    for (size_t n = 0; lethe_arg_choice(spec, n, name, sizeof name); n++) {
        int last = !lethe_arg_choice(spec, n + 1, next, sizeof next);
        lethe_text_addf(&list, "%s%s", !n ? "" : last ? " or " : ", ", name);
    }
    snprintf(text, size, "%s", lethe_text_get(&list));
    lethe_text_release(&list);
}

void lethe_arg_describe(const struct lethe_arg_spec *spec, char *text, size_t size)
{
    static const char *const words[] = {
        [LETHE_ARG_INT] = "",
        [LETHE_ARG_REAL] = "",
        [LETHE_ARG_CHOICE] = "",
        [LETHE_ARG_PATH] = "a path",
        [LETHE_ARG_LAYER] = "a layer of the model",
        [LETHE_ARG_UNIT] = "a unit, written layer[index]",
        [LETHE_ARG_SPEC] =
            ("samples: 17, 3,9,12-40, class:7, group:NAME, misclassified, top-loss:20, random:20, "
             "generated"),
        [LETHE_ARG_SIZE] = "a number, +N, -N, P%, auto or all",
        [LETHE_ARG_COUNT] = "a whole number from 1 on, auto or all",
        [LETHE_ARG_STATE] = "a commit, a branch, head or head~1",
        [LETHE_ARG_KEY] = "a setting",
        [LETHE_ARG_COMMAND] = "a command",
        [LETHE_ARG_TEXT] = "text",
    };
    if (spec->kind == LETHE_ARG_CHOICE)
        describe_choices(spec, text, size);
    else if (spec->kind == LETHE_ARG_INT || spec->kind == LETHE_ARG_REAL)
        describe_number(spec, text, size);
    else
        snprintf(text, size, "%s", words[spec->kind]);
}

/* ---- values ---------------------------------------------------------------------------------- */

static enum lethe_err wrong(const struct lethe_arg_spec *spec, const char *text,
                            struct lethe_error *err)
{
    char allowed[300];
    lethe_arg_describe(spec, allowed, sizeof allowed);
    return lethe_fail(err, LETHE_EARG, "%s must be %s, not '%s'", spec->name, allowed, text);
}

static int within(const struct lethe_arg_spec *spec, double value)
{
    if (!has_limits(spec))
        return 1;
    return value <= spec->max &&
           (spec->flags & LETHE_ARG_OPEN ? value > spec->min : value >= spec->min);
}

static enum lethe_err check_number(struct lethe_arg *arg, const struct lethe_arg_spec *spec,
                                   const char *text, struct lethe_error *err)
{
    char *end = NULL;
    errno = 0;
    if (spec->flags & LETHE_ARG_AUTO && !strcmp(text, "auto")) {
        arg->real = NAN;
        return LETHE_OK;
    }
    if (spec->kind == LETHE_ARG_INT) {
        arg->integer = strtoll(text, &end, 10);
        arg->real = (double)arg->integer;
    } else {
        arg->real = strtod(text, &end);
    }
    if (errno || end == text || *end || !isfinite(arg->real) || !within(spec, arg->real))
        return wrong(spec, text, err);
    return LETHE_OK;
}

static enum lethe_err check_choice(struct lethe_arg *arg, const struct lethe_arg_spec *spec,
                                   const char *text, struct lethe_error *err)
{
    char names[32][64], allowed[300];
    struct lethe_nearest guess;
    lethe_nearest_init(&guess, text);
    size_t n = 0;
    for (; n < 32 && lethe_arg_choice(spec, n, names[n], sizeof names[n]); n++) {
        if (strcmp(names[n], text) == 0) {
            arg->choice = n;
            return LETHE_OK;
        }
        lethe_nearest_offer(&guess, names[n]);
    }
    if (!guess.best)
        return wrong(spec, text, err);
    lethe_arg_describe(spec, allowed, sizeof allowed);
    return lethe_fail(err, LETHE_EARG, "%s must be %s, not '%s': did you mean '%s'?", spec->name,
                      allowed, text, guess.best);
}

/* K, +N, -N, P%, auto or all: checked here, understood by the command. */
static enum lethe_err check_size(struct lethe_arg *arg, const struct lethe_arg_spec *spec,
                                 const char *text, struct lethe_error *err)
{
    if (strcmp(text, "auto") == 0 || strcmp(text, "all") == 0)
        return LETHE_OK;
    char *end = NULL;
    errno = 0;
    arg->integer = strtoll(text, &end, 10);
    if (spec->kind == LETHE_ARG_SIZE && end != text && *end == '%' && !end[1] &&
        isdigit((unsigned char)*text))
        return strtod(text, NULL) <= 100 ? LETHE_OK : wrong(spec, text, err);
    if (errno || end == text || *end || arg->integer > 1000000000 || arg->integer < -1000000000 ||
        (spec->kind == LETHE_ARG_COUNT && (arg->integer < 1 || *text == '+')))
        return wrong(spec, text, err);
    return LETHE_OK;
}

enum lethe_err lethe_arg_check(struct lethe_arg *arg, const struct lethe_arg_spec *spec,
                               const char *text, struct lethe_error *err)
{
    switch (spec->kind) {
    case LETHE_ARG_INT:
    case LETHE_ARG_REAL:
        return check_number(arg, spec, text, err);
    case LETHE_ARG_CHOICE:
        return check_choice(arg, spec, text, err);
    case LETHE_ARG_SIZE:
    case LETHE_ARG_COUNT:
        return check_size(arg, spec, text, err);
    default:
        if (!*text)
            return lethe_fail(err, LETHE_EARG, "%s is empty", spec->name);
        return LETHE_OK;
    }
}

/* ---- one call -------------------------------------------------------------------------------- */

void lethe_args_release(struct lethe_args *args)
{
    lethe_free(args->rest);
    *args = (struct lethe_args){0};
}

static size_t find_key(const struct lethe_args *args, const char *word)
{
    size_t length = strcspn(word, "=");
    for (size_t i = 0; i < args->count; i++)
        if (args->specs[i].flags & LETHE_ARG_KEYED && strlen(args->specs[i].name) == length &&
            strncmp(args->specs[i].name, word, length) == 0)
            return i;
    return args->count;
}

static enum lethe_err unknown_key(const struct lethe_args *args, const char *command,
                                  const char *word, struct lethe_error *err)
{
    char key[64];
    struct lethe_nearest guess;
    snprintf(key, sizeof key, "%.*s", (int)strcspn(word, "="), word);
    lethe_nearest_init(&guess, key);
    struct lethe_text known = {0};
    for (size_t i = 0; i < args->count; i++) {
        if (!(args->specs[i].flags & LETHE_ARG_KEYED))
            continue;
        lethe_nearest_offer(&guess, args->specs[i].name);
        lethe_text_addf(&known, "%s%s=", known.length ? ", " : "", args->specs[i].name);
    }
    enum lethe_err code;
    if (guess.best)
        code = lethe_fail(err, LETHE_EARG, "'%s' has no '%s=': did you mean '%s='?", command, key,
                          guess.best);
    else if (known.length)
        code = lethe_fail(err, LETHE_EARG, "'%s' has no '%s=': it knows %s", command, key,
                          lethe_text_get(&known));
    else
        code = lethe_fail(err, LETHE_EARG, "'%s' takes no '%s=': see 'help %s'", command, key,
                          command);
    lethe_text_release(&known);
    return code;
}

/* What an argument is called in messages: its key, or for one by place the command ("damping must
 * be ..."), of several "kind of 'generate'". Placeholders are for usage lines only. */
static void name_argument(char name[96], const struct lethe_args *args,
                          const struct lethe_arg_spec *spec, const char *command)
{
    size_t places = 0, i = 0;
    for (size_t k = 0; k < args->count; k++)
        places += !(args->specs[k].flags & LETHE_ARG_KEYED);
    if (spec->flags & LETHE_ARG_KEYED) {
        snprintf(name, 96, "%s", spec->name);
    } else if (places == 1) {
        snprintf(name, 96, "%s", command);
    } else {
        for (; i < 31 && spec->name[i]; i++)
            name[i] = (char)tolower((unsigned char)spec->name[i]);
        snprintf(name + i, 96 - i, " of '%s'", command);
    }
}

static enum lethe_err take(struct lethe_args *args, size_t which, const char *command,
                           const char *text, struct lethe_error *err)
{
    char name[96];
    struct lethe_arg *arg = &args->at[which];
    struct lethe_arg_spec named = args->specs[which], *spec = &named;
    name_argument(name, args, &args->specs[which], command);
    named.name = name;
    if (arg->text && !(spec->flags & LETHE_ARG_MANY))
        return lethe_fail(err, LETHE_EARG, "%s is given twice", spec->name);
    if (arg->count == LETHE_ARG_REPEATS)
        return lethe_fail(err, LETHE_EARG, "%s is given more than %d times", spec->name,
                          (int)LETHE_ARG_REPEATS);
    enum lethe_err code = lethe_arg_check(arg, spec, text, err);
    if (code)
        return code;
    arg->text = arg->text ? arg->text : text;
    arg->more[arg->count++] = text;
    return LETHE_OK;
}

/* name= with letters, digits, '.', '-' and '_' before the '='. */
static int looks_keyed(const char *word)
{
    size_t length = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_.-");
    return length && word[length] == '=';
}

/* The row for the next word without a key; count when there is none. */
static size_t find_place(const struct lethe_args *args)
{
    for (size_t i = 0; i < args->count; i++)
        if (!(args->specs[i].flags & LETHE_ARG_KEYED) && !args->at[i].text)
            return i;
    return args->count;
}

static enum lethe_err take_rest(struct lethe_args *args, size_t i, const char *command,
                                char *const *words, size_t word_count, struct lethe_error *err)
{
    struct lethe_text rest = {0};
    for (size_t k = 0; k < word_count; k++)
        lethe_text_addf(&rest, "%s%s", k ? " " : "", words[k]);
    enum lethe_err code = lethe_text_ok(&rest, err);
    args->rest = rest.at;
    return code ? code : take(args, i, command, lethe_text_get(&rest), err);
}

static enum lethe_err take_all(struct lethe_args *args, const char *command, char *const *words,
                               size_t word_count, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    for (size_t k = 0; k < word_count && !code; k++) {
        size_t place = find_place(args);
        size_t key = looks_keyed(words[k]) ? find_key(args, words[k]) : args->count;
        int rest = place < args->count && args->specs[place].flags & LETHE_ARG_REST;
        if (key < args->count)
            code = take(args, key, command, strchr(words[k], '=') + 1, err);
        else if (rest)
            return take_rest(args, place, command, words + k, word_count - k, err);
        else if (looks_keyed(words[k]) &&
                 (place == args->count || args->specs[place].kind != LETHE_ARG_TEXT))
            code = unknown_key(args, command, words[k], err);
        else if (place == args->count)
            code = lethe_fail(err, LETHE_EARG, "'%s' does not take '%s': see 'help %s'", command,
                              words[k], command);
        else
            code = take(args, place, command, words[k], err);
    }
    return code;
}

enum lethe_err lethe_args_parse(struct lethe_args *args, const char *command,
                                const struct lethe_arg_spec *specs, size_t count,
                                char *const *words, size_t word_count, struct lethe_error *err)
{
    assert(count <= LETHE_ARGS_MAX);
    *args = (struct lethe_args){.specs = specs, .count = count};
    enum lethe_err code = take_all(args, command, words, word_count, err);
    for (size_t i = 0; i < count && !code; i++) {
        char allowed[300];
        if (args->at[i].text || !(specs[i].flags & LETHE_ARG_NEEDED))
            continue;
        lethe_arg_describe(&specs[i], allowed, sizeof allowed);
        int keyed = (specs[i].flags & LETHE_ARG_KEYED) != 0;
        code = lethe_fail(err, LETHE_EARG, "'%s' needs %s%s%s", command, keyed ? specs[i].name : "",
                          keyed ? "=: " : "", allowed);
    }
    if (code)
        lethe_args_release(args);
    return code;
}

const struct lethe_arg *lethe_args_get(const struct lethe_args *args, const char *name)
{
    for (size_t i = 0; i < args->count; i++)
        if (strcmp(args->specs[i].name, name) == 0)
            return &args->at[i];
    assert(!"a command asks for an argument its row does not have");
    return &args->at[0];
}

int lethe_args_given(const struct lethe_args *args, const char *name)
{
    return lethe_args_get(args, name)->text != NULL;
}

const char *lethe_args_text(const struct lethe_args *args, const char *name, const char *fallback)
{
    const struct lethe_arg *arg = lethe_args_get(args, name);
    return arg->text ? arg->text : fallback;
}

double lethe_args_real(const struct lethe_args *args, const char *name, double fallback)
{
    const struct lethe_arg *arg = lethe_args_get(args, name);
    return arg->text ? arg->real : fallback;
}

size_t lethe_args_count(const struct lethe_args *args, const char *name, size_t fallback)
{
    const struct lethe_arg *arg = lethe_args_get(args, name);
    return arg->text ? (size_t)arg->integer : fallback;
}

size_t lethe_args_choice(const struct lethe_args *args, const char *name, size_t fallback)
{
    const struct lethe_arg *arg = lethe_args_get(args, name);
    return arg->text ? arg->choice : fallback;
}
