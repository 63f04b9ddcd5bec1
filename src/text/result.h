/* SPDX-License-Identifier: MIT
 * What a command answers: an ordered tree of values, rendered as text for people and as JSON for
 * programs. Names are the same words in both. Running out of memory while building is remembered
 * and asked for once, at the end; a number that is not finite stands for "not known".
 *
 * Hints say how a value is shown as text; JSON always has the full value. Text may be anybody's:
 * the renderers show what must not reach a terminal as escapes. */
#ifndef LETHE_TEXT_RESULT_H
#define LETHE_TEXT_RESULT_H

#include <stddef.h>
#include <stdint.h>
#include "base/text.h"
#include "lethe/error.h"

struct lethe_sheet;

enum lethe_value_kind {
    LETHE_VALUE_NULL,
    LETHE_VALUE_BOOL,
    LETHE_VALUE_INT,
    LETHE_VALUE_REAL,
    LETHE_VALUE_TEXT,
    LETHE_VALUE_LIST,
    LETHE_VALUE_OBJECT
};

enum lethe_hint {
    LETHE_HINT_NONE = 0,
    LETHE_HINT_PERCENT = 1, /* a share, shown times 100 with two places */
    LETHE_HINT_FIXED = 2,   /* three places after the point */
    LETHE_HINT_FIGURE = 4,  /* object before | now | retrain | sd | z: a row of the figure table */
    LETHE_HINT_QUIET = 8,   /* JSON only */
    LETHE_HINT_NOTE = 16,   /* a sentence, shown as it is on a line of its own */
    LETHE_HINT_BAR = 32,    /* a share of 1, shown with a bar beside it in tables */
    LETHE_HINT_PLAIN = 64,  /* integer without separators: an id, a seed, a year */
    LETHE_HINT_WIDE = 128,  /* list of texts, shown one per line */
    LETHE_HINT_SECONDS = 256, /* a duration */
    LETHE_HINT_PAGE = 512,    /* lines that were made for the terminal: shown as they are, so never
                                 with text of others */
    LETHE_HINT_ABOUT = 1024,  /* an estimate, shown behind a tilde */
    LETHE_HINT_SENTENCE = 2048, /* a sentence, shown without its key on a line of its own */
    LETHE_HINT_IDS = 4096,      /* list of sample numbers: ranges of them, cut when they are many */
    LETHE_HINT_HEADING = 8192 /* a text over what follows: an empty line before, a line under it */
};

struct lethe_value {
    enum lethe_value_kind kind;
    unsigned hints;
    const char *key; /* static text or owned by the result; NULL inside lists */
    union {
        int truth;
        int64_t integer;
        double real;
        char *text;
    };
    struct lethe_value *first, *last, *next; /* members of lists and objects */
    struct lethe_result *owner;
};

struct lethe_result {
    struct lethe_value root;   /* an object */
    int failed;                /* memory ran out */
    struct lethe_sheet *sheet; /* the answer drawn, for those who can show it; NULL: no drawing */
    char *picture;             /* the same in the language of the terminal; NULL: none */
    size_t picture_size;
};

void lethe_result_init(struct lethe_result *result);
void lethe_result_release(struct lethe_result *result);
enum lethe_err lethe_result_ok(const struct lethe_result *result, struct lethe_error *err);

/* Each adds a member to a list (key NULL) or an object. Keys and texts are copied. */
struct lethe_value *lethe_put_null(struct lethe_value *to, const char *key);
struct lethe_value *lethe_put_bool(struct lethe_value *to, const char *key, int truth);
struct lethe_value *lethe_put_int(struct lethe_value *to, const char *key, int64_t integer);
struct lethe_value *lethe_put_count(struct lethe_value *to, const char *key, size_t count);
struct lethe_value *lethe_put_real(struct lethe_value *to, const char *key, double real);
struct lethe_value *lethe_put_share(struct lethe_value *to, const char *key, double share);
struct lethe_value *lethe_put_text(struct lethe_value *to, const char *key, const char *text);
struct lethe_value *lethe_put_textf(struct lethe_value *to, const char *key, const char *format,
                                    ...) __attribute__((format(printf, 3, 4)));
struct lethe_value *lethe_put_list(struct lethe_value *to, const char *key);
struct lethe_value *lethe_put_object(struct lethe_value *to, const char *key);
/* The object of that key in an object, new when there is none. */
struct lethe_value *lethe_put_group(struct lethe_value *to, const char *key);
/* Numbers of samples (count), shown without separators; returns the list. */
struct lethe_value *lethe_put_ids(struct lethe_value *to, const char *key, const size_t *ids,
                                  size_t count);
/* A sentence for people: text shows it without its key. */
struct lethe_value *lethe_put_note(struct lethe_value *to, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "2026-03-01 14:05:00Z" of seconds since 1970; null for 0. */
struct lethe_value *lethe_put_time(struct lethe_value *to, const char *key, int64_t seconds);
/* Adds hints; returns the value. */
struct lethe_value *lethe_hint(struct lethe_value *value, unsigned hints);

/* Member of an object by key, NULL when there is none. */
const struct lethe_value *lethe_value_get(const struct lethe_value *object, const char *key);

/* ---- renderers ------------------------------------------------------------------------------- */

struct lethe_look {
    size_t width; /* columns; 0: 80 */
    int ansi;     /* headings in bold, keys dim */
    int ascii;    /* no letters beyond ASCII */
};

/* Aligned lines, ending in a line end; nothing for an empty result. */
void lethe_render_text(struct lethe_text *out, const struct lethe_result *result,
                       const struct lethe_look *look);
/* One line without a line end: {"v":1,"command":...,"ok":true,"result":{...}}. */
void lethe_render_json(struct lethe_text *out, const char *command,
                       const struct lethe_result *result);
/* {"v":1,"command":...,"ok":false,"error":{"code":..,"message":..,"where":..}} */
void lethe_render_json_error(struct lethe_text *out, const char *command,
                             const struct lethe_error *err);
/* One value as JSON. */
void lethe_render_json_value(struct lethe_text *out, const struct lethe_value *value);
/* The same without members that are not known, and without objects that hold only such: for what
 * is kept. */
void lethe_render_json_known(struct lethe_text *out, const struct lethe_value *value);

#endif
