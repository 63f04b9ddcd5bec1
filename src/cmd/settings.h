/* SPDX-License-Identifier: MIT
 * Everything a person may set that decides a removal, as one struct and one table: the table serves
 * `set` and `show`, the journal, the hash of a commit, and says which stages a change makes stale.
 */
#ifndef LETHE_CMD_SETTINGS_H
#define LETHE_CMD_SETTINGS_H

#include <stdint.h>
#include "lethe/error.h"
#include "lethe/session.h"

/* Stages of the work, in order: a stage that is stale makes those after it stale. */
enum lethe_stage {
    LETHE_STAGE_SELECT = 1,  /* perturbation, scores, order of units */
    LETHE_STAGE_CURVE = 2,   /* curvature of the blanket's parameters */
    LETHE_STAGE_PREVIEW = 4, /* step and figures */
    LETHE_STAGE_NONE = 0
};

enum lethe_blanket_mode { LETHE_BLANKET_AUTO, LETHE_BLANKET_SIZE, LETHE_BLANKET_ALL };
enum { LETHE_WORD = 24 }; /* room for a method's name */

struct lethe_settings {
    uint64_t seed;
    size_t count; /* perturbations, J */
    double sigma;
    char method[LETHE_WORD], scaling[LETHE_WORD], stop[LETHE_WORD];
    size_t max;
    double jitter;
    char blanket[LETHE_WORD]; /* "auto", "all" or a number of units */
    double damping;
    char curvature[LETHE_WORD];
    size_t samples; /* |C| at most */
    char form[LETHE_WORD];
};

struct lethe_setting {
    const char *key, *help;
    enum { LETHE_SET_SEED, LETHE_SET_SIZE, LETHE_SET_REAL, LETHE_SET_WORD } kind;
    size_t offset;     /* of the field in struct lethe_settings */
    double min, max;   /* SIZE, REAL */
    const char *words; /* WORD: "sd none", "" when checked elsewhere */
    unsigned stages;   /* stale after a change */
    int decides;       /* part of a commit's hash */
};

const struct lethe_setting *lethe_setting_rows(size_t *count);
const struct lethe_setting *lethe_setting_find(const char *key); /* NULL */
struct lethe_settings lethe_settings_defaults(void);

/* Text of a value, cut to size; and back: LETHE_EARG says what is allowed, settings unchanged. */
void lethe_setting_text(char *text, size_t size, const struct lethe_settings *settings,
                        const struct lethe_setting *row);
enum lethe_err lethe_setting_put(struct lethe_settings *settings, const struct lethe_setting *row,
                                 const char *text, struct lethe_error *err);
/* Stages that are stale when b replaces a. */
unsigned lethe_settings_diff(const struct lethe_settings *a, const struct lethe_settings *b);

/* The settings that decide weights, as ordered texts for a commit. */
enum lethe_err lethe_settings_pairs(struct lethe_pairs *pairs,
                                    const struct lethe_settings *settings, struct lethe_error *err);

enum lethe_blanket_mode lethe_settings_blanket(const struct lethe_settings *settings,
                                               size_t *units);

#endif
