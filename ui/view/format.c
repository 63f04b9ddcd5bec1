/* SPDX-License-Identifier: MIT
 * Figures as short text. A leading zero is dropped from fractions to save a column. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ui/view/format.h"

static void drop_zero(char *text)
{
    char *zero = text[0] == '-' ? text + 1 : text;
    if (zero[0] == '0' && zero[1] == '.')
        memmove(zero, zero + 1, strlen(zero));
}

void lethe_format_figure(char out[LETHE_FORMAT_ROOM], double value, enum lethe_figure_kind kind)
{
    double size = fabs(value);
    if (isnan(value))
        snprintf(out, LETHE_FORMAT_ROOM, "—");
    else if (isinf(value))
        snprintf(out, LETHE_FORMAT_ROOM, value < 0 ? "-∞" : "∞");
    else if (value == 0 && kind == LETHE_FIGURE_LOSS)
        snprintf(out, LETHE_FORMAT_ROOM, "0");
    else if (kind == LETHE_FIGURE_PERCENT)
        snprintf(out, LETHE_FORMAT_ROOM, "%.2f", 100 * value);
    else if (kind == LETHE_FIGURE_LOSS && size > 0 && size < 5e-4)
        snprintf(out, LETHE_FORMAT_ROOM, "%.0e", value);
    else if (size >= 1e5)
        snprintf(out, LETHE_FORMAT_ROOM, "%.1e", value);
    else
        snprintf(out, LETHE_FORMAT_ROOM, "%.*f",
                 size >= 1000  ? 0
                 : size >= 100 ? 1
                 : size >= 10  ? 2
                               : 3,
                 value);
    if (kind != LETHE_FIGURE_PERCENT)
        drop_zero(out);
}

void lethe_format_z(char out[LETHE_FORMAT_ROOM], double z)
{
    if (isnan(z))
        out[0] = 0;
    else
        snprintf(out, LETHE_FORMAT_ROOM, fabs(z) >= 10 ? "%+.0f" : "%+.1f", z);
}

void lethe_format_damping(char out[LETHE_FORMAT_ROOM], double damping)
{
    if (damping == 0) {
        snprintf(out, LETHE_FORMAT_ROOM, "0");
        return;
    }
    if (damping >= 0.01 && damping < 1000) {
        snprintf(out, LETHE_FORMAT_ROOM, "%.2g", damping);
        if (!strchr(out, 'e'))
            return;
        snprintf(out, LETHE_FORMAT_ROOM, "%.0f", damping);
        return;
    }
    char text[LETHE_FORMAT_ROOM];
    snprintf(text, sizeof text, "%.1e", damping);
    char *e = strchr(text, 'e');
    int exponent = 0;
    if (!e || sscanf(e + 1, "%d", &exponent) != 1)
        exponent = 0;
    int digits = e ? (int)(e - text) : 0;
    if (digits > 2 && memcmp(e - 2, ".0", 2) == 0)
        digits -= 2;
    snprintf(out, LETHE_FORMAT_ROOM, "%.*se%d", digits, text, exponent);
}

void lethe_format_seconds(char out[LETHE_FORMAT_ROOM], double seconds)
{
    if (!(seconds >= 0))
        out[0] = 0;
    else if (seconds < 10)
        snprintf(out, LETHE_FORMAT_ROOM, "%.1f s", seconds);
    else if (seconds < 60)
        snprintf(out, LETHE_FORMAT_ROOM, "%.0f s", seconds);
    else if (seconds < 3600)
        snprintf(out, LETHE_FORMAT_ROOM, "%.0f min %02.0f", floor(seconds / 60),
                 fmod(floor(seconds), 60));
    else
        snprintf(out, LETHE_FORMAT_ROOM, "%.0f h %02.0f", floor(seconds / 3600),
                 floor(fmod(seconds, 3600) / 60));
}

void lethe_format_whole_seconds(char out[LETHE_FORMAT_ROOM], double seconds)
{
    if (seconds >= 0 && seconds < 10)
        snprintf(out, LETHE_FORMAT_ROOM, "%.0f s", seconds);
    else
        lethe_format_seconds(out, seconds);
}
