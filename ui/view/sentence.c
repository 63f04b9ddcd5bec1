/* SPDX-License-Identifier: MIT
 * A sentence that grows part by part, for those who hear the screen. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "ui/view/format.h"
#include "ui/view/sentence.h"

void lethe_say(struct lethe_sentence *to, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int more = vsnprintf(to->text + to->used, sizeof to->text - to->used, format, list);
    va_end(list);
    to->used += more > 0 ? (size_t)more : 0;
    to->used = to->used < sizeof to->text ? to->used : sizeof to->text - 1;
}

void lethe_say_figure(struct lethe_sentence *to, const char *name, double value,
                      enum lethe_figure_kind kind)
{
    char text[LETHE_FORMAT_ROOM];
    if (isnan(value))
        return;
    lethe_format_figure(text, value, kind);
    lethe_say(to, ", %s %s", name, text);
}
