/* SPDX-License-Identifier: MIT
 * What was said when a state was made, a list with the last act first. */
#ifndef LETHE_SESSION_ACT_H
#define LETHE_SESSION_ACT_H

#include <stdint.h>
#include "lethe/error.h"

struct lethe_act {
    char *message, *metrics;
    int64_t time;             /* seconds since 1970, UTC */
    struct lethe_act *before; /* the act that led here earlier; NULL: none */
};

/* Texts are copied, NULL is "". */
enum lethe_err lethe_act_new(struct lethe_act **act, const char *message, const char *metrics,
                             int64_t time, struct lethe_error *err);
void lethe_acts_free(struct lethe_act *acts);                        /* with all before; NULL ok */
void lethe_act_push(struct lethe_act **acts, struct lethe_act *act); /* becomes the last one */
void lethe_act_drop(struct lethe_act **acts);                        /* frees the last one */
enum lethe_err lethe_acts_copy(struct lethe_act **to, const struct lethe_act *from,
                               struct lethe_error *err);

#endif
