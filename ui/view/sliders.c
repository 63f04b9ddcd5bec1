/* SPDX-License-Identifier: MIT
 * The two sliders: blanket size and damping. The one the arrows move is marked with a pointer. */
#include <math.h>
#include <stdio.h>

#include "ui/term/glyph.h"
#include "ui/view/format.h"
#include "ui/view/pane.h"

/* Position of a damping between the first and the last step of the slider. */
static double damping_fraction(const struct lethe_view *view, double damping)
{
    if (view->damping_count < 2)
        return 0;
    size_t k = 0;
    while (k + 1 < view->damping_count && view->dampings[k + 1] <= damping * (1 + 1e-9))
        k++;
    return (double)k / (double)(view->damping_count - 1);
}

/* One slider: what stands beside its track, and where it stands in the row. */
struct slider {
    int x, cols;
    const char *name;
    char value[64];
    double fraction, mark; /* mark: where a value worth setting stands; 0: nowhere */
};

static int track_begin(const struct slider *slider)
{
    return 2 + lethe_glyph_columns(slider->name) + 1;
}

static int track_columns(const struct slider *slider)
{
    int track = slider->cols - track_begin(slider) - 3 - lethe_glyph_columns(slider->value);
    return track < 4 ? 0 : track;
}

static void make(struct slider out[LETHE_SLIDERS], int cols, const struct lethe_view *view)
{
    char damping[LETHE_FORMAT_ROOM];
    const int half = cols / 2;
    const size_t count = view->weight_count ? view->weight_count : view->blanket_count;
    const size_t size = view->weight_count ? view->weights : view->blanket_size;
    struct slider *blanket = &out[LETHE_SLIDER_BLANKET], *mu = &out[LETHE_SLIDER_DAMPING];
    *blanket =
        (struct slider){1, half - 2, "blanket", "", count ? (double)size / (double)count : 0, 0};
    if (view->blanket_all)
        snprintf(blanket->value, sizeof blanket->value, "all");
    else
        snprintf(blanket->value, sizeof blanket->value, "%zu/%zu", size, count);
    *mu = (struct slider){half,
                          cols - half - 1,
                          "damping",
                          "",
                          damping_fraction(view, view->damping),
                          view->damping_auto > 0 ? damping_fraction(view, view->damping_auto) : 0};
    lethe_format_damping(damping, view->damping);
    if (isnan(view->degrees))
        snprintf(mu->value, sizeof mu->value, "%s", damping);
    else
        snprintf(mu->value, sizeof mu->value, "%s  %.1f dof", damping, view->degrees);
}

static void draw(struct lethe_area row, const struct slider *slider, int active)
{
    const int begin = track_begin(slider), track = track_columns(slider);
    const int knob = (int)lround(slider->fraction * (track - 1));
    const int mark = slider->mark > 0 ? (int)lround(slider->mark * (track - 1)) : -1;
    lethe_draw_text(row, 0, 0, LETHE_INK_ACCENT, active ? "▸" : " ");
    lethe_draw_text(row, 0, 2, active ? LETHE_INK_STRONG : LETHE_INK_TEXT, slider->name);
    for (int x = 0; x < track; x++) {
        uint32_t glyph = x == knob ? 0x25cf : x == mark ? 0x25b2 : x < knob ? 0x2501 : 0x2500;
        lethe_draw_glyph(row, 0, begin + x, glyph, x <= knob ? LETHE_INK_ACCENT : LETHE_INK_RULE);
    }
    lethe_draw_text(row, 0, begin + track + 1, LETHE_INK_STRONG, slider->value);
}

void lethe_view_sliders(struct lethe_area row, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    struct slider sliders[LETHE_SLIDERS];
    make(sliders, row.cols, view);
    for (int k = 0; k < LETHE_SLIDERS; k++)
        draw(lethe_area_part(row, 0, sliders[k].x, 1, sliders[k].cols), &sliders[k],
             (int)screen->slider == k);
}

enum lethe_slider lethe_sliders_at(double *fraction, int x, int cols, const struct lethe_view *view)
{
    struct slider sliders[LETHE_SLIDERS];
    make(sliders, cols, view);
    const enum lethe_slider k =
        x < sliders[LETHE_SLIDER_DAMPING].x ? LETHE_SLIDER_BLANKET : LETHE_SLIDER_DAMPING;
    const int track = track_columns(&sliders[k]);
    if (track < 2)
        return LETHE_SLIDERS;
    *fraction = (double)(x - sliders[k].x - track_begin(&sliders[k])) / (track - 1);
    return k;
}
