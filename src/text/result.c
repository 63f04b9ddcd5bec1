/* SPDX-License-Identifier: MIT
 * The result tree. When memory runs out, members go to the root's list of nothing: every builder
 * returns something that can be added to, and lethe_result_ok tells in the end. */
#include "text/result.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "base/alloc.h"
#include "lethe/plot.h"

void lethe_result_init(struct lethe_result *result)
{
    *result = (struct lethe_result){.root = {.kind = LETHE_VALUE_OBJECT}};
    result->root.owner = result;
}

static void release_members(struct lethe_value *value)
{
    struct lethe_value *next;
    for (struct lethe_value *member = value->first; member; member = next) {
        next = member->next;
        release_members(member);
        if (member->kind == LETHE_VALUE_TEXT)
            lethe_free(member->text);
        lethe_free((void *)(uintptr_t)member->key);
        lethe_free(member);
    }
    value->first = value->last = NULL;
}

void lethe_result_release(struct lethe_result *result)
{
    release_members(&result->root);
    lethe_sheet_unref(result->sheet);
    lethe_free(result->picture);
    result->sheet = NULL;
    result->picture = NULL;
    result->failed = 0;
}

enum lethe_err lethe_result_ok(const struct lethe_result *result, struct lethe_error *err)
{
    return result->failed ? lethe_fail_memory(err, "result", 1, sizeof(struct lethe_value))
                          : LETHE_OK;
}

static struct lethe_value *add(struct lethe_value *to, const char *key, enum lethe_value_kind kind)
{
    struct lethe_result *owner = to->owner;
    struct lethe_value *value = lethe_alloc_zero(1, sizeof *value);
    char *name = key && value ? lethe_strdup(key) : NULL;
    if (!value || (key && !name)) {
        lethe_free(value);
        owner->failed = 1;
        return &owner->root;
    }
    value->kind = kind;
    value->key = name;
    value->owner = owner;
    if (to->last)
        to->last->next = value;
    else
        to->first = value;
    to->last = value;
    return value;
}

struct lethe_value *lethe_put_null(struct lethe_value *to, const char *key)
{
    return add(to, key, LETHE_VALUE_NULL);
}

struct lethe_value *lethe_put_bool(struct lethe_value *to, const char *key, int truth)
{
    struct lethe_value *value = add(to, key, LETHE_VALUE_BOOL);
    if (value->kind == LETHE_VALUE_BOOL)
        value->truth = truth != 0;
    return value;
}

struct lethe_value *lethe_put_int(struct lethe_value *to, const char *key, int64_t integer)
{
    struct lethe_value *value = add(to, key, LETHE_VALUE_INT);
    if (value->kind == LETHE_VALUE_INT)
        value->integer = integer;
    return value;
}

struct lethe_value *lethe_put_count(struct lethe_value *to, const char *key, size_t count)
{
    return lethe_put_int(to, key, (int64_t)count);
}

struct lethe_value *lethe_put_real(struct lethe_value *to, const char *key, double real)
{
    struct lethe_value *value = add(to, key, LETHE_VALUE_REAL);
    if (value->kind == LETHE_VALUE_REAL)
        value->real = real;
    return value;
}

struct lethe_value *lethe_put_share(struct lethe_value *to, const char *key, double share)
{
    return lethe_hint(lethe_put_real(to, key, share), LETHE_HINT_PERCENT);
}

struct lethe_value *lethe_put_text(struct lethe_value *to, const char *key, const char *text)
{
    if (!text)
        return lethe_put_null(to, key);
    struct lethe_value *value = add(to, key, LETHE_VALUE_TEXT);
    if (value->kind != LETHE_VALUE_TEXT)
        return value;
    value->text = lethe_strdup(text);
    if (!value->text) {
        value->kind = LETHE_VALUE_NULL;
        value->owner->failed = 1;
    }
    return value;
}

static struct lethe_value *put_formatted(struct lethe_value *to, const char *key,
                                         const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    size_t room = length < 0 ? 1 : (size_t)length + 1;
    char *text = lethe_alloc(room, 1);
    struct lethe_value *value;
    if (text) {
        text[0] = '\0';
        vsnprintf(text, room, format, again);
        value = lethe_put_text(to, key, text);
    } else {
        to->owner->failed = 1;
        value = &to->owner->root;
    }
    va_end(again);
    lethe_free(text);
    return value;
}

struct lethe_value *lethe_put_textf(struct lethe_value *to, const char *key, const char *format,
                                    ...)
{
    va_list args;
    va_start(args, format);
    struct lethe_value *value = put_formatted(to, key, format, args);
    va_end(args);
    return value;
}

struct lethe_value *lethe_put_group(struct lethe_value *to, const char *key)
{
    for (struct lethe_value *member = to->first; member; member = member->next)
        if (member->kind == LETHE_VALUE_OBJECT && member->key && !strcmp(member->key, key))
            return member;
    return lethe_put_object(to, key);
}

struct lethe_value *lethe_put_note(struct lethe_value *to, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct lethe_value *value = put_formatted(to, "note", format, args);
    va_end(args);
    return lethe_hint(value, LETHE_HINT_NOTE);
}

struct lethe_value *lethe_put_list(struct lethe_value *to, const char *key)
{
    return add(to, key, LETHE_VALUE_LIST);
}

struct lethe_value *lethe_put_object(struct lethe_value *to, const char *key)
{
    return add(to, key, LETHE_VALUE_OBJECT);
}

struct lethe_value *lethe_put_ids(struct lethe_value *to, const char *key, const size_t *ids,
                                  size_t count)
{
    struct lethe_value *list = lethe_hint(lethe_put_list(to, key), LETHE_HINT_IDS);
    for (size_t i = 0; i < count; i++)
        lethe_hint(lethe_put_count(list, NULL, ids[i]), LETHE_HINT_PLAIN);
    return list;
}

struct lethe_value *lethe_put_time(struct lethe_value *to, const char *key, int64_t seconds)
{
    char text[32];
    struct tm parts;
    time_t when = (time_t)seconds;
    if (seconds && gmtime_r(&when, &parts) &&
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%SZ", &parts))
        return lethe_put_text(to, key, text);
    return lethe_put_null(to, key);
}

struct lethe_value *lethe_hint(struct lethe_value *value, unsigned hints)
{
    value->hints |= hints;
    return value;
}

const struct lethe_value *lethe_value_get(const struct lethe_value *object, const char *key)
{
    for (const struct lethe_value *member = object->first; member; member = member->next)
        if (member->key && strcmp(member->key, key) == 0)
            return member;
    return NULL;
}
