/* SPDX-License-Identifier: MIT
 * JSON trees. Reading is strict (nothing after the value, depth limited, errors with the place);
 * numbers are written with 17 digits where 15 do not suffice, what is not finite as null, seeds and
 * other 64-bit numbers as strings. json.c is the only includer of cJSON. */
#ifndef LETHE_BASE_JSON_H
#define LETHE_BASE_JSON_H

#include <stddef.h>
#include <stdint.h>
#include "lethe/error.h"

struct lethe_json;

/* text needs no terminating zero; source names it in messages. LETHE_EFORMAT with line and column.
 */
enum lethe_err lethe_json_parse(struct lethe_json **root, const char *text, size_t size,
                                const char *source, struct lethe_error *err);
/* Reads a file of at most 256 MB. */
enum lethe_err lethe_json_load(struct lethe_json **root, const char *path, struct lethe_error *err);
void lethe_json_free(struct lethe_json *root); /* NULL ok */

/* Members and elements are borrowed; NULL when there is none (or it is null). */
const struct lethe_json *lethe_json_get(const struct lethe_json *object, const char *key);
size_t lethe_json_count(const struct lethe_json *array); /* members or elements */
const struct lethe_json *lethe_json_at(const struct lethe_json *array, size_t index);
/* Walking all of them in time linear in their number; NULL at the end. */
const struct lethe_json *lethe_json_first(const struct lethe_json *array);
const struct lethe_json *lethe_json_next(const struct lethe_json *item);
const char *lethe_json_key(const struct lethe_json *member);
int lethe_json_is_object(const struct lethe_json *value);
int lethe_json_is_array(const struct lethe_json *value);

/* Plain values; 0 when the value is of another type. */
int lethe_json_as_number(const struct lethe_json *value, double *number);
int lethe_json_as_u64(const struct lethe_json *value, uint64_t *number); /* number or string */
const char *lethe_json_as_string(const struct lethe_json *value);        /* NULL */
int lethe_json_as_bool(const struct lethe_json *value, int *flag);

/* Members with their checks. When the key is absent *out keeps what it holds (the default) and all
 * is well, unless `required`. Errors: "bundle.json: 'weight_decay' must be a number from 0 to 100".
 */
struct lethe_json_reader {
    const struct lethe_json *object;
    const char *source; /* file, for messages */
    struct lethe_error *err;
};
enum lethe_err lethe_json_read_number(const struct lethe_json_reader *r, const char *key,
                                      double *out, double min, double max, int required);
enum lethe_err lethe_json_read_size(const struct lethe_json_reader *r, const char *key, size_t *out,
                                    size_t min, size_t max, int required);
enum lethe_err lethe_json_read_string(const struct lethe_json_reader *r, const char *key,
                                      const char **out, int required);

/* Building. Every function returns NULL (or nothing) when memory is out; a NULL parent is ignored,
 * so a tree can be built without a check at each step and lethe_json_text fails at the end. */
struct lethe_json *lethe_json_object(void);
struct lethe_json *lethe_json_array(void);
/* key NULL: parent is an array. The new member or element is borrowed from its parent. */
struct lethe_json *lethe_json_add_object(struct lethe_json *parent, const char *key);
struct lethe_json *lethe_json_add_array(struct lethe_json *parent, const char *key);
void lethe_json_add_number(struct lethe_json *parent, const char *key, double value);
void lethe_json_add_string(struct lethe_json *parent, const char *key, const char *value);
void lethe_json_add_bool(struct lethe_json *parent, const char *key, int value);
void lethe_json_add_null(struct lethe_json *parent, const char *key);
void lethe_json_add_u64(struct lethe_json *parent, const char *key, uint64_t value); /* string */
void lethe_json_add_copy(struct lethe_json *parent, const char *key,
                         const struct lethe_json *value);

/* The text, lethe_free; pretty: indented with a final newline, else one line without. */
char *lethe_json_text(const struct lethe_json *root, int pretty);

#endif
