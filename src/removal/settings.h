/* SPDX-License-Identifier: MIT
 * The settings: one table of keys with their allowed values and defaults. Commands such as
 * `damping 1e-3` are short for `set damping 1e-3`. Values are kept as text, as they were given, so
 * that a session stores what a person wrote. */
#ifndef LETHE_REMOVAL_SETTINGS_H
#define LETHE_REMOVAL_SETTINGS_H

#include "text/args.h"

enum lethe_setting {
    LETHE_SET_SEED,
    LETHE_SET_WEIGHT_DECAY,
    LETHE_SET_PERTURB_COUNT,
    LETHE_SET_PERTURB_SIGMA,
    LETHE_SET_PERTURB_TOKENS,
    LETHE_SET_SELECT_METHOD,
    LETHE_SET_SELECT_MAX,
    LETHE_SET_SELECT_SCALING,
    LETHE_SET_SELECT_JITTER,
    LETHE_SET_SELECT_STOP,
    LETHE_SET_SELECT_SEVERAL,
    LETHE_SET_SELECT_ORDER,
    LETHE_SET_SELECT_WITHIN,
    LETHE_SET_METHOD,
    LETHE_SET_METHOD_WITH,
    LETHE_SET_BLANKET,
    LETHE_SET_DAMPING,
    LETHE_SET_CURVATURE,
    LETHE_SET_CURVATURE_SAMPLES,
    LETHE_SET_CURVATURE_SHRINK,
    LETHE_SET_SOLVE_SETTLED,
    LETHE_SET_FORM,
    LETHE_SET_STEPS,
    LETHE_SET_PASSES,
    LETHE_SET_NOISE_EPS,
    LETHE_SET_NOISE_DELTA,
    LETHE_SET_RETRAIN,
    LETHE_SET_RETRAIN_BY,
    LETHE_SET_RETRAIN_MOST,
    LETHE_SET_RETRAIN_TOLERANCE,
    LETHE_SET_MEMORY,
    LETHE_SET_COUNT
};

/* What a change makes invalid. */
enum {
    LETHE_PART_SELECTION = 1,
    LETHE_PART_CURVATURE = 2, /* the matrix and its factors */
    LETHE_PART_STEP = 4,      /* the update and its figures */
    LETHE_PART_RETRAIN = 8,   /* retrained models and the control */
    LETHE_PART_BEFORE = 16,   /* the figures of the head */
    LETHE_PART_ALL = 31
};

struct lethe_setting_row {
    struct lethe_arg_spec spec; /* name, kind, limits, choices, help */
    const char *fallback;       /* "" = not known */
    unsigned parts;
    int decides; /* goes into a commit's hash; 2: only where it is not the fallback, 3: only where
                    single weights are chosen, 4: only where it is "head" */
};

enum { LETHE_SETTING_TEXT = 320 };
enum { LETHE_CURVATURE_USUAL = 2000 }; /* curvature samples, where nothing asks for more */

struct lethe_settings {
    char text[LETHE_SET_COUNT][LETHE_SETTING_TEXT];
};

/* The n-th name of the table of selectors, of curvatures, of methods; NULL after the last. */
const char *lethe_setting_selector(size_t n);
const char *lethe_setting_curvature(size_t n);
const char *lethe_setting_method(size_t n);

const struct lethe_setting_row *lethe_setting_row(enum lethe_setting key);
/* LETHE_EARG names the nearest key. */
enum lethe_err lethe_setting_find(enum lethe_setting *key, const char *name,
                                  struct lethe_error *err);
/* Does a setting's value go into a commit's hash? */
int lethe_setting_decides(const struct lethe_settings *settings, enum lethe_setting key);
void lethe_settings_init(struct lethe_settings *settings); /* defaults */
/* Checks and stores; settings are as before when the value is refused. Another method brings its
 * usual parameters along. */
enum lethe_err lethe_settings_put(struct lethe_settings *settings, enum lethe_setting key,
                                  const char *value, struct lethe_error *err);
/* LETHE_PART_... that a change of this key makes invalid: more than its row says where single
 * weights are chosen, because they are ordered by the step. */
unsigned lethe_settings_parts(const struct lethe_settings *settings, enum lethe_setting key);
/* What is not valid any more under b of what was made under a: LETHE_PART_... */
unsigned lethe_settings_stale(const struct lethe_settings *a, const struct lethe_settings *b);
double lethe_settings_real(const struct lethe_settings *settings, enum lethe_setting key);
size_t lethe_settings_count(const struct lethe_settings *settings, enum lethe_setting key);
size_t lethe_settings_memory(const struct lethe_settings *settings); /* bytes */

#endif
