/* SPDX-License-Identifier: MIT
 * A result as one line of JSON. Numbers have as many digits as bring the same double back; what is
 * not finite is null. Notes are gathered in a list at the end of their object. */
#include "text/result.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/visible.h"

static void add_text(struct lethe_text *out, const char *text)
{
    lethe_text_add(out, "\"");
    lethe_text_add_json(out, text);
    lethe_text_add(out, "\"");
}

static void add_real(struct lethe_text *out, double real)
{
    char digits[40];
    if (!isfinite(real)) {
        lethe_text_add(out, "null");
        return;
    }
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, real);
        if (strtod(digits, NULL) == real)
            break;
    }
    lethe_text_add(out, digits);
}

static void add_notes(struct lethe_text *out, const struct lethe_value *object, int first)
{
    int notes = 0;
    for (const struct lethe_value *member = object->first; member; member = member->next) {
        if (!(member->hints & LETHE_HINT_NOTE) || member->kind != LETHE_VALUE_TEXT)
            continue;
        if (!notes++)
            lethe_text_add(out, first ? "\"notes\":[" : ",\"notes\":[");
        else
            lethe_text_add(out, ",");
        add_text(out, member->text);
    }
    if (notes)
        lethe_text_add(out, "]");
}

/* Is there a figure in it? Lists count as they are: what stands where in them matters. */
static int is_known(const struct lethe_value *value)
{
    if (value->kind == LETHE_VALUE_OBJECT) {
        const struct lethe_value *member = value->first;
        while (member && !is_known(member))
            member = member->next;
        return member != NULL;
    }
    return value->kind != LETHE_VALUE_NULL &&
           (value->kind != LETHE_VALUE_REAL || isfinite(value->real));
}

static void add_value(struct lethe_text *out, const struct lethe_value *value, int known);

static void add_members(struct lethe_text *out, const struct lethe_value *value, int known)
{
    int first = 1;
    const int object = value->kind == LETHE_VALUE_OBJECT;
    for (const struct lethe_value *member = value->first; member; member = member->next) {
        if (object && (member->hints & LETHE_HINT_NOTE || (known && !is_known(member))))
            continue;
        if (!first)
            lethe_text_add(out, ",");
        first = 0;
        if (object) {
            add_text(out, member->key);
            lethe_text_add(out, ":");
        }
        add_value(out, member, known);
    }
    if (object)
        add_notes(out, value, first);
}

static void add_value(struct lethe_text *out, const struct lethe_value *value, int known)
{
    switch (value->kind) {
    case LETHE_VALUE_NULL:
        lethe_text_add(out, "null");
        break;
    case LETHE_VALUE_BOOL:
        lethe_text_add(out, value->truth ? "true" : "false");
        break;
    case LETHE_VALUE_INT:
        lethe_text_addf(out, "%" PRId64, value->integer);
        break;
    case LETHE_VALUE_REAL:
        add_real(out, value->real);
        break;
    case LETHE_VALUE_TEXT:
        add_text(out, value->text);
        break;
    case LETHE_VALUE_LIST:
        lethe_text_add(out, "[");
        add_members(out, value, known);
        lethe_text_add(out, "]");
        break;
    case LETHE_VALUE_OBJECT:
        lethe_text_add(out, "{");
        add_members(out, value, known);
        lethe_text_add(out, "}");
        break;
    }
}

void lethe_render_json_value(struct lethe_text *out, const struct lethe_value *value)
{
    add_value(out, value, 0);
}

void lethe_render_json_known(struct lethe_text *out, const struct lethe_value *value)
{
    add_value(out, value, 1);
}

void lethe_render_json(struct lethe_text *out, const char *command,
                       const struct lethe_result *result)
{
    lethe_text_add(out, "{\"v\":1,\"command\":");
    add_text(out, command);
    lethe_text_add(out, ",\"ok\":true,\"result\":");
    lethe_render_json_value(out, &result->root);
    lethe_text_add(out, "}");
}

void lethe_render_json_error(struct lethe_text *out, const char *command,
                             const struct lethe_error *err)
{
    lethe_text_add(out, "{\"v\":1,\"command\":");
    add_text(out, command);
    lethe_text_add(out, ",\"ok\":false,\"error\":{\"code\":");
    add_text(out, lethe_err_name(err->code));
    lethe_text_add(out, ",\"message\":");
    add_text(out, err->message);
    lethe_text_add(out, ",\"where\":");
    add_text(out, err->where);
    lethe_text_add(out, "}}");
}
