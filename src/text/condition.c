/* SPDX-License-Identifier: MIT
 * Clauses stand in a list; one that begins after `or` opens the next alternative. */
#include "text/condition.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { NAME = 64, WORD = 64, CLAUSES = 12 };

enum relation { IS_THERE, LESS, AT_MOST, MORE, AT_LEAST, EQUAL, UNEQUAL, HAS };
static const struct {
    const char *sign;
    enum relation relation;
} signs[] = {{"<=", AT_MOST}, {">=", AT_LEAST}, {"==", EQUAL}, {"!=", UNEQUAL},
             {"<", LESS},     {">", MORE},      {"has", HAS}};
enum { SIGNS = sizeof signs / sizeof *signs };

struct clause {
    char name[NAME];
    enum relation relation;
    double number; /* NAN: it is a word */
    char word[WORD];
    int negated;
    int opens; /* the first of an alternative */
};

struct lethe_condition {
    size_t count;
    struct clause at[CLAUSES];
};

/* ---- reading --------------------------------------------------------------------------------- */

/* The next word into out: a name, a sign, a number or a quoted text; 0 at the end. */
static size_t next_word(char *out, size_t room, const char **text, int *quoted)
{
    const char *at = *text + strspn(*text, " \t\n");
    size_t length;
    *quoted = *at == '\'';
    if (*quoted) {
        at++;
        length = strcspn(at, "'");
        *text = at + length + (at[length] == '\'');
    } else if (*at && strchr("<>=!", *at)) {
        length = 1 + (at[1] == '=');
        *text = at + length;
    } else {
        length = strcspn(at, " \t\n<>=!");
        *text = at + length;
    }
    if (length >= room)
        length = room - 1;
    memcpy(out, at, length);
    out[length] = '\0';
    return *quoted ? 1 : length;
}

static int is_name(const char *word)
{
    return *word >= 'a' && *word <= 'z' &&
           strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_.") == strlen(word);
}

static enum lethe_err refuse(struct lethe_error *err, const char *wanted, const char *word)
{
    return lethe_fail(err, LETHE_EFORMAT,
                      *word ? "%s is wanted, not '%s'" : "%s is wanted at the end of a condition%s",
                      wanted, word);
}

static enum lethe_err read_value(struct clause *clause, const char **text, struct lethe_error *err)
{
    char *end;
    int quoted;
    if (!next_word(clause->word, sizeof clause->word, text, &quoted))
        return refuse(err, "a number or a word", "");
    clause->number = strtod(clause->word, &end);
    if (quoted || *end || end == clause->word)
        clause->number = NAN;
    return LETHE_OK;
}

static enum lethe_err read_clause(struct clause *clause, const char **text, struct lethe_error *err)
{
    char word[WORD];
    int quoted;
    next_word(word, sizeof word, text, &quoted);
    clause->relation = IS_THERE;
    clause->negated = strcmp(word, "not") == 0;
    if (clause->negated)
        next_word(word, sizeof word, text, &quoted);
    if (!is_name(word) || strcmp(word, "and") == 0 || strcmp(word, "or") == 0)
        return refuse(err, "a name", word);
    memcpy(clause->name, word, sizeof clause->name);
    const char *ahead = *text;
    if (!next_word(word, sizeof word, &ahead, &quoted))
        return LETHE_OK;
    for (size_t k = 0; k < SIGNS; k++)
        if (strcmp(signs[k].sign, word) == 0) {
            *text = ahead;
            clause->relation = signs[k].relation;
            return read_value(clause, text, err);
        }
    return LETHE_OK;
}

enum lethe_err lethe_condition_parse(struct lethe_condition **condition, const char *text,
                                     struct lethe_error *err)
{
    struct lethe_condition *made = lethe_alloc_zero(1, sizeof *made);
    enum lethe_err code = made ? LETHE_OK : lethe_fail_memory(err, "a condition", 1, sizeof *made);
    int opens = 1;
    while (!code) {
        char word[WORD];
        int quoted;
        if (made->count == CLAUSES) {
            code = lethe_fail(err, LETHE_EFORMAT, "a condition has at most %d parts", (int)CLAUSES);
            break;
        }
        made->at[made->count].opens = opens;
        code = read_clause(&made->at[made->count], &text, err);
        made->count++;
        if (code || !next_word(word, sizeof word, &text, &quoted))
            break;
        opens = strcmp(word, "or") == 0;
        if (!opens && strcmp(word, "and") != 0)
            code = refuse(err, "'and' or 'or'", word);
    }
    if (code)
        lethe_condition_free(made);
    else
        *condition = made;
    return code;
}

void lethe_condition_free(struct lethe_condition *condition)
{
    lethe_free(condition);
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* Keys may have dots in them: every way to cut the path is tried, the longest key first. */
static const struct lethe_json *find(const struct lethe_json *object, const char *path)
{
    char key[NAME];
    for (size_t length = strlen(path); length > 0; length--) {
        if (path[length] && path[length] != '.')
            continue;
        memcpy(key, path, length);
        key[length] = '\0';
        const struct lethe_json *member = lethe_json_get(object, key);
        if (member && path[length] == '.' && lethe_json_is_object(member))
            member = find(member, path + length + 1);
        else if (member && path[length])
            member = NULL;
        if (member)
            return member;
    }
    return NULL;
}

static int is_there(const struct lethe_json *value)
{
    double number;
    int flag;
    const char *text = lethe_json_as_string(value);
    if (!value)
        return 0;
    if (lethe_json_as_bool(value, &flag))
        return flag;
    if (lethe_json_as_number(value, &number))
        return number != 0;
    return text ? *text != '\0' : lethe_json_count(value) > 0;
}

/* Words, numbers, and truth as the word it is written with. */
static int equals(const struct lethe_json *value, const struct clause *clause)
{
    double number;
    int flag;
    const char *text = lethe_json_as_string(value);
    if (lethe_json_as_bool(value, &flag))
        return strcmp(clause->word, flag ? "true" : "false") == 0;
    if (lethe_json_as_number(value, &number))
        return fabs(number - clause->number) <= 1e-12 * fabs(number);
    return text && strcmp(text, clause->word) == 0;
}

static int has(const struct lethe_json *list, const struct clause *clause)
{
    for (const struct lethe_json *item = lethe_json_first(list); item; item = lethe_json_next(item))
        if (equals(item, clause))
            return 1;
    return 0;
}

static int holds_plainly(const struct clause *clause, const struct lethe_json *state)
{
    const struct lethe_json *value = find(state, clause->name);
    double number;
    switch (clause->relation) {
    case IS_THERE:
        return is_there(value);
    case EQUAL:
        return value && equals(value, clause);
    case UNEQUAL:
        return value && !equals(value, clause);
    case HAS:
        return value && has(value, clause);
    default:
        break;
    }
    if (!value || !lethe_json_as_number(value, &number))
        return 0;
    return clause->relation == LESS       ? number < clause->number
           : clause->relation == AT_MOST  ? number <= clause->number
           : clause->relation == AT_LEAST ? number >= clause->number
                                          : number > clause->number;
}

static int holds(const struct clause *clause, const struct lethe_json *state)
{
    return holds_plainly(clause, state) != clause->negated;
}

int lethe_condition_holds(const struct lethe_condition *condition, const struct lethe_json *state)
{
    int all = 0;
    for (size_t k = 0; k < condition->count; k++) {
        if (condition->at[k].opens && all)
            return 1;
        all = (condition->at[k].opens || all) && holds(&condition->at[k], state);
    }
    return all;
}

static void add_value(struct lethe_text *out, const struct lethe_json *value)
{
    double number;
    int flag;
    const char *text = lethe_json_as_string(value);
    if (!value)
        lethe_text_add(out, "there is none yet");
    else if (lethe_json_as_bool(value, &flag))
        lethe_text_add(out, flag ? "it is true" : "it is not so");
    else if (lethe_json_as_number(value, &number))
        lethe_text_addf(out, "it is %.4g", number);
    else if (text)
        lethe_text_addf(out, "it is %s", text);
    else
        lethe_text_addf(out, "it has %zu", lethe_json_count(value));
}

/* The first clause that does not hold, of several ways the first one of which something is there;
 * NULL: all hold. */
static const struct clause *lacking(const struct lethe_condition *condition,
                                    const struct lethe_json *state)
{
    const struct clause *first = NULL;
    int told = 0; /* of this way the first clause that fails was met */
    for (size_t k = 0; k < condition->count; k++) {
        const struct clause *clause = &condition->at[k];
        told = told && !clause->opens;
        if (told || holds(clause, state))
            continue;
        told = 1;
        first = first ? first : clause;
        if (find(state, clause->name))
            return clause;
    }
    return first;
}

void lethe_condition_why(struct lethe_text *out, const struct lethe_condition *condition,
                         const struct lethe_json *state)
{
    const struct clause *clause = lacking(condition, state);
    const char *sign = "";
    if (!clause)
        return;
    for (size_t s = 0; s < SIGNS; s++)
        if (signs[s].relation == clause->relation)
            sign = signs[s].sign;
    lethe_text_addf(out, "%s%s%s%s%s%s: ", clause->negated ? "not " : "", clause->name,
                    *sign ? " " : "", sign, *sign ? " " : "", *sign ? clause->word : "");
    add_value(out, find(state, clause->name));
}

const char *lethe_condition_name(const struct lethe_condition *condition, size_t k)
{
    return k < condition->count ? condition->at[k].name : NULL;
}
