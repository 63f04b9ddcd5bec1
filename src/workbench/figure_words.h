/* SPDX-License-Identifier: MIT
 * The present value of what a word of the glossary stands for, as a sentence: what is asked about a
 * number on screen is asked about this number. */
#ifndef LETHE_WORKBENCH_FIGURE_WORDS_H
#define LETHE_WORKBENCH_FIGURE_WORDS_H

#include "base/text.h"
#include "workbench/workbench.h"

/* name is a term's name. Adds nothing when there is no present value. */
void lethe_figure_words(struct lethe_text *out, const struct lethe_workbench *wb, const char *name);

#endif
