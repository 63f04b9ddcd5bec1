/* SPDX-License-Identifier: MIT
 * The two sliders: blanket size and damping. The one the arrows move is marked with a pointer. */
#include <math.h>
#include <stdio.h>

#include "ui/term/glyph.h"
#include "ui/view/format.h"
#include "ui/view/pane.h"

/* Position of the current damping between the first and the last step of the slider. */
static double damping_fraction(const struct lethe_view *view)
{
    if (view->damping_count < 2)
        return 0;
    size_t k = 0;
    while (k + 1 < view->damping_count && view->dampings[k + 1] <= view->damping * (1 + 1e-9))
        k++;
    return (double)k / (double)(view->damping_count - 1);
}

static void slider(struct lethe_area row, const char *name, double fraction, const char *value,
                   int active)
{
    int end = 2 + lethe_glyph_columns(name), wide = lethe_glyph_columns(value);
    int track = row.cols - end - wide - 4;
    lethe_draw_text(row, 0, 0, LETHE_INK_ACCENT, active ? "▸" : " ");
    lethe_draw_text(row, 0, 2, active ? LETHE_INK_STRONG : LETHE_INK_TEXT, name);
    if (track < 4)
        track = 0;
    int knob = (int)lround(fraction * (track - 1));
    for (int x = 0; x < track; x++) {
        uint32_t glyph = x == knob ? 0x25cf : x < knob ? 0x2501 : 0x2500;
        lethe_draw_glyph(row, 0, end + 1 + x, glyph, x <= knob ? LETHE_INK_ACCENT : LETHE_INK_RULE);
    }
    lethe_draw_text(row, 0, end + track + 2, LETHE_INK_STRONG, value);
}

void lethe_view_sliders(struct lethe_area row, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    char value[64], damping[LETHE_FORMAT_ROOM];
    int half = row.cols / 2;
    size_t count = view->blanket_count;
    double fraction = count ? (double)view->blanket_size / (double)count : 0;
    if (view->blanket_all)
        snprintf(value, sizeof value, "all");
    else
        snprintf(value, sizeof value, "%zu/%zu", view->blanket_size, count);
    slider(lethe_area_part(row, 0, 1, 1, half - 2), "blanket", fraction, value,
           screen->slider == LETHE_SLIDER_BLANKET);
    lethe_format_damping(damping, view->damping);
    if (isnan(view->degrees))
        snprintf(value, sizeof value, "%s", damping);
    else
        snprintf(value, sizeof value, "%s  %.1f dof", damping, view->degrees);
    slider(lethe_area_part(row, 0, half, 1, row.cols - half - 1), "damping", damping_fraction(view),
           value, screen->slider == LETHE_SLIDER_DAMPING);
}
