/* SPDX-License-Identifier: MIT
 * What is said on stderr, line by line. */
#include <stdarg.h>
#include <stdio.h>

#include "base/visible.h"
#include "ui/skin.h"

void lethe_complain(const char *format, ...)
{
    char text[2048];
    struct lethe_text shown = {0};
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    lethe_text_add_visible(&shown, text, "");
    fprintf(stderr, "%s\n", lethe_text_get(&shown));
    lethe_text_release(&shown);
}
