/* SPDX-License-Identifier: MIT
 * Conditions on a tree of values, as a lesson writes them:
 *     preview and kl.forget.now < 0.1 or forget.ids has 57
 * `and` binds closer than `or`. A name is a path of keys; a name alone asks whether there is
 * something: not null, false, 0 or empty. Compared are numbers, or words ('in quotes' when they
 * have blanks). A name that is not there makes its clause false, whatever it is compared with;
 * `not` turns a clause round. */
#ifndef LETHE_TEXT_CONDITION_H
#define LETHE_TEXT_CONDITION_H

#include "base/json.h"
#include "base/text.h"

struct lethe_condition;

/* LETHE_EFORMAT says where it stops to be one. */
enum lethe_err lethe_condition_parse(struct lethe_condition **condition, const char *text,
                                     struct lethe_error *err);
void lethe_condition_free(struct lethe_condition *condition); /* NULL ok */
int lethe_condition_holds(const struct lethe_condition *condition, const struct lethe_json *state);
/* The first clause that keeps it from holding, with what is there now: "kl.forget.now < 0.1, it is
 * 0.494". */
void lethe_condition_why(struct lethe_text *out, const struct lethe_condition *condition,
                         const struct lethe_json *state);
/* Name of clause k, NULL after the last. */
const char *lethe_condition_name(const struct lethe_condition *condition, size_t k);

#endif
