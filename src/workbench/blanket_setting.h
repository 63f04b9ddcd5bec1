/* SPDX-License-Identifier: MIT
 * The settings that choose what a removal may change. */
#ifndef LETHE_WORKBENCH_BLANKET_SETTING_H
#define LETHE_WORKBENCH_BLANKET_SETTING_H

#include <stddef.h>

#include "lethe/error.h"

struct lethe_args;
struct lethe_workbench;

/* Puts the arguments that are given into the settings "prefix.name": all or none. */
enum lethe_err lethe_workbench_set_all(struct lethe_workbench *wb, const struct lethe_args *args,
                                       const char *prefix, struct lethe_error *err);
/* 1: the blanket is one of single weights. */
int lethe_workbench_weights(const struct lethe_workbench *wb);
/* Units or weights the setting stands for; *known 0 when it waits for a selection. */
size_t lethe_workbench_blanket_size(int *known, const struct lethe_workbench *wb);
/* "3", "+1", "-1", "4%", "auto" or "all". */
enum lethe_err lethe_workbench_set_blanket(struct lethe_workbench *wb, const char *text,
                                           struct lethe_error *err);

struct lethe_ranked_unit {
    size_t unit;
    double score;
};
/* Largest score first; equal ones by number. */
void lethe_rank_units(struct lethe_ranked_unit *units, size_t count);

#endif
