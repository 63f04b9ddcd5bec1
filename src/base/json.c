/* SPDX-License-Identifier: MIT
 * The only includer of cJSON. struct lethe_json is cJSON's node under our name. */
#include "base/json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/visible.h"

static const cJSON *in(const struct lethe_json *value)
{
    return (const cJSON *)value;
}

static struct lethe_json *out(cJSON *value)
{
    return (struct lethe_json *)value;
}

static enum lethe_err syntax_error(const char *text, const char *end, const char *source,
                                   struct lethe_error *err)
{
    size_t line = 1, column = 1;
    for (const char *c = text; c < end; c++) {
        column++;
        if (*c == '\n')
            line++, column = 1;
    }
    return lethe_fail(err, LETHE_EFORMAT, "%s: not valid JSON at line %zu, column %zu", source,
                      line, column);
}

enum lethe_err lethe_json_parse(struct lethe_json **root, const char *text, size_t size,
                                const char *source, struct lethe_error *err)
{
    char *copy = lethe_alloc(size + 1, 1);
    if (!copy)
        return lethe_fail_memory(err, source, size, 1);
    memcpy(copy, text, size);
    copy[size] = '\0';
    const char *end = copy;
    cJSON *value = cJSON_ParseWithOpts(copy, &end, 1);
    enum lethe_err code = LETHE_OK;
    if (!value || strlen(copy) != size) {
        code = syntax_error(copy, value ? copy + strlen(copy) : end, source, err);
        cJSON_Delete(value);
    } else {
        *root = out(value);
    }
    lethe_free(copy);
    return code;
}

enum lethe_err lethe_json_load(struct lethe_json **root, const char *path, struct lethe_error *err)
{
    struct lethe_bytes bytes;
    enum lethe_err code = lethe_file_read(&bytes, path, 256u << 20, err);
    if (code)
        return code;
    code = lethe_json_parse(root, (const char *)bytes.data, bytes.size, path, err);
    lethe_free(bytes.data);
    return code;
}

void lethe_json_free(struct lethe_json *root)
{
    cJSON_Delete((cJSON *)root);
}

const struct lethe_json *lethe_json_get(const struct lethe_json *object, const char *key)
{
    cJSON *value = cJSON_GetObjectItemCaseSensitive(in(object), key);
    return cJSON_IsNull(value) ? NULL : out(value);
}

size_t lethe_json_count(const struct lethe_json *array)
{
    return (size_t)cJSON_GetArraySize(in(array));
}

const struct lethe_json *lethe_json_at(const struct lethe_json *array, size_t index)
{
    return out(cJSON_GetArrayItem(in(array), (int)index));
}

const struct lethe_json *lethe_json_first(const struct lethe_json *array)
{
    return array ? out(in(array)->child) : NULL;
}

const struct lethe_json *lethe_json_next(const struct lethe_json *item)
{
    return out(in(item)->next);
}

const char *lethe_json_key(const struct lethe_json *member)
{
    return in(member)->string;
}

int lethe_json_is_object(const struct lethe_json *value)
{
    return cJSON_IsObject(in(value));
}

int lethe_json_is_array(const struct lethe_json *value)
{
    return cJSON_IsArray(in(value));
}

int lethe_json_as_number(const struct lethe_json *value, double *number)
{
    if (!cJSON_IsNumber(in(value)))
        return 0;
    *number = in(value)->valuedouble;
    return 1;
}

int lethe_json_as_u64(const struct lethe_json *value, uint64_t *number)
{
    double d;
    if (lethe_json_as_number(value, &d)) {
        if (!(d >= 0 && d <= 9007199254740992.0) || d != floor(d))
            return 0;
        *number = (uint64_t)d;
        return 1;
    }
    const char *text = lethe_json_as_string(value);
    char *end;
    if (!text || text[0] < '0' || text[0] > '9')
        return 0;
    *number = strtoull(text, &end, 10);
    return !*end;
}

const char *lethe_json_as_string(const struct lethe_json *value)
{
    return cJSON_IsString(in(value)) ? in(value)->valuestring : NULL;
}

int lethe_json_as_bool(const struct lethe_json *value, int *flag)
{
    if (!cJSON_IsBool(in(value)))
        return 0;
    *flag = cJSON_IsTrue(in(value));
    return 1;
}

static enum lethe_err missing(const struct lethe_json_reader *r, const char *key, int required)
{
    return required ? lethe_fail(r->err, LETHE_EFORMAT, "%s: '%s' is missing", r->source, key)
                    : LETHE_OK;
}

enum lethe_err lethe_json_read_number(const struct lethe_json_reader *r, const char *key,
                                      double *number, double min, double max, int required)
{
    const struct lethe_json *value = lethe_json_get(r->object, key);
    double got;
    if (!value)
        return missing(r, key, required);
    if (!lethe_json_as_number(value, &got) || !(got >= min && got <= max))
        return lethe_fail(r->err, LETHE_EFORMAT, "%s: '%s' must be a number from %g to %g",
                          r->source, key, min, max);
    *number = got;
    return LETHE_OK;
}

enum lethe_err lethe_json_read_size(const struct lethe_json_reader *r, const char *key,
                                    size_t *number, size_t min, size_t max, int required)
{
    const struct lethe_json *value = lethe_json_get(r->object, key);
    uint64_t got;
    if (!value)
        return missing(r, key, required);
    if (!lethe_json_as_u64(value, &got) || got < min || got > max)
        return lethe_fail(r->err, LETHE_EFORMAT, "%s: '%s' must be a whole number from %zu to %zu",
                          r->source, key, min, max);
    *number = (size_t)got;
    return LETHE_OK;
}

enum lethe_err lethe_json_read_string(const struct lethe_json_reader *r, const char *key,
                                      const char **text, int required)
{
    const struct lethe_json *value = lethe_json_get(r->object, key);
    if (!value)
        return missing(r, key, required);
    if (!lethe_json_as_string(value))
        return lethe_fail(r->err, LETHE_EFORMAT, "%s: '%s' must be a text", r->source, key);
    *text = lethe_json_as_string(value);
    return LETHE_OK;
}

struct lethe_json *lethe_json_object(void)
{
    return out(cJSON_CreateObject());
}

struct lethe_json *lethe_json_array(void)
{
    return out(cJSON_CreateArray());
}

static struct lethe_json *attach(struct lethe_json *parent, const char *key, cJSON *value)
{
    cJSON *to = (cJSON *)parent;
    int ok = value && to &&
             (key ? cJSON_AddItemToObject(to, key, value) : cJSON_AddItemToArray(to, value));
    if (!ok)
        cJSON_Delete(value);
    return ok ? out(value) : NULL;
}

struct lethe_json *lethe_json_add_object(struct lethe_json *parent, const char *key)
{
    return attach(parent, key, cJSON_CreateObject());
}

struct lethe_json *lethe_json_add_array(struct lethe_json *parent, const char *key)
{
    return attach(parent, key, cJSON_CreateArray());
}

void lethe_json_add_number(struct lethe_json *parent, const char *key, double value)
{
    attach(parent, key, isfinite(value) ? cJSON_CreateNumber(value) : cJSON_CreateNull());
}

void lethe_json_add_string(struct lethe_json *parent, const char *key, const char *value)
{
    attach(parent, key, value ? cJSON_CreateString(value) : cJSON_CreateNull());
}

void lethe_json_add_bool(struct lethe_json *parent, const char *key, int value)
{
    attach(parent, key, cJSON_CreateBool(value));
}

void lethe_json_add_null(struct lethe_json *parent, const char *key)
{
    attach(parent, key, cJSON_CreateNull());
}

void lethe_json_add_u64(struct lethe_json *parent, const char *key, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    lethe_json_add_string(parent, key, text);
}

void lethe_json_add_copy(struct lethe_json *parent, const char *key, const struct lethe_json *value)
{
    attach(parent, key, cJSON_Duplicate(in(value), 1));
}

char *lethe_json_text(const struct lethe_json *root, int pretty)
{
    char *made = root ? pretty ? cJSON_Print(in(root)) : cJSON_PrintUnformatted(in(root)) : NULL;
    struct lethe_text page = {0};
    if (!made)
        return NULL;
    lethe_text_add_json_page(&page, made); /* cJSON escapes no more than JSON must have */
    lethe_text_add(&page, pretty ? "\n" : "");
    free(made);
    made = lethe_text_ok(&page, NULL) ? NULL : lethe_strdup(lethe_text_get(&page));
    lethe_text_release(&page);
    return made;
}
