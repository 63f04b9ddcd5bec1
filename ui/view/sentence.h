/* SPDX-License-Identifier: MIT
 * A sentence that grows part by part, for those who hear the screen. */
#ifndef LETHE_VIEW_SENTENCE_H
#define LETHE_VIEW_SENTENCE_H

#include "ui/view/model.h"

struct lethe_sentence { /* zeroed: empty; what has no room is left off */
    char text[600];
    size_t used;
};

void lethe_say(struct lethe_sentence *to, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* ", name value"; nothing while the value is not known (NaN). */
void lethe_say_figure(struct lethe_sentence *to, const char *name, double value,
                      enum lethe_figure_kind kind);

#endif
