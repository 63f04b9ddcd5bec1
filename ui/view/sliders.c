/* SPDX-License-Identifier: MIT
 * The row of sliders: blanket size and damping, or the numbers of the unlearning method that is
 * set, as many at once as are readable. The one the arrows move is marked with a pointer. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "ui/term/glyph.h"
#include "ui/view/format.h"
#include "ui/view/pane.h"

/* One slider: what stands beside its track, and where it stands in the row. */
struct slider {
    int x, cols;
    const char *name;
    char value[64];
    double fraction, mark; /* mark: where a value worth setting stands; NAN: nowhere */
};

/* Those of the list that the row shows: a page of them, with the active one. */
struct page {
    struct lethe_slider_place list[LETHE_SLIDERS_MOST];
    size_t count, first, shown, active;
};

size_t lethe_sliders_list(struct lethe_slider_place out[LETHE_SLIDERS_MOST],
                          const struct lethe_view *view)
{
    size_t count = 0;
    if (!view->unlearning) {
        out[count++] = (struct lethe_slider_place){LETHE_SLIDER_BLANKET, 0};
        out[count++] = (struct lethe_slider_place){LETHE_SLIDER_DAMPING, 0};
        return count;
    }
    for (size_t k = 0; k < view->method_param_count && count < LETHE_SLIDERS_MOST - 1; k++)
        out[count++] = (struct lethe_slider_place){LETHE_SLIDER_PARAM, k};
    if (view->masked)
        out[count++] = (struct lethe_slider_place){LETHE_SLIDER_BLANKET, 0};
    return count;
}

size_t lethe_sliders_active(const struct lethe_slider_place *list, size_t count,
                            const struct lethe_screen *screen)
{
    for (size_t k = 0; k < count; k++)
        if (list[k].slider == screen->slider &&
            (list[k].slider != LETHE_SLIDER_PARAM || list[k].param == screen->param))
            return k;
    return 0;
}

static struct page page_of(int cols, const struct lethe_view *view,
                           const struct lethe_screen *screen)
{
    enum { READABLE = 40 }; /* columns of a slider */
    struct page page;
    page.count = lethe_sliders_list(page.list, view);
    page.active = lethe_sliders_active(page.list, page.count, screen);
    page.shown = cols >= 2 * READABLE ? (size_t)(cols / READABLE) : 2;
    page.shown = page.shown < page.count ? page.shown : page.count;
    page.first = page.shown ? page.active / page.shown * page.shown : 0;
    if (page.first + page.shown > page.count) /* the last page is full, too */
        page.first = page.count - page.shown;
    return page;
}

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

size_t lethe_slider_step(const struct lethe_view_param *param, double value)
{
    size_t k = 0;
    while (k + 1 < param->step_count && param->steps[k + 1] <= value + 1e-9 * fabs(value))
        k++;
    return k;
}

static int track_begin(const struct slider *slider)
{
    return 2 + lethe_glyph_columns(slider->name) + 1;
}

static int track_columns(const struct slider *slider)
{
    int track = slider->cols - track_begin(slider) - 3 - lethe_glyph_columns(slider->value);
    return track < 4 ? 0 : track;
}

static void set_blanket(struct slider *blanket, const struct lethe_view *view)
{
    const size_t count = view->weight_count ? view->weight_count : view->blanket_count;
    const size_t size = view->weight_count ? view->weights : view->blanket_size;
    blanket->name = "blanket";
    blanket->fraction = count ? (double)size / (double)count : view->blanket_all;
    if (view->blanket_all)
        snprintf(blanket->value, sizeof blanket->value, "all");
    else
        snprintf(blanket->value, sizeof blanket->value, "%zu/%zu", size, count);
}

static void set_damping(struct slider *mu, const struct lethe_view *view)
{
    char damping[LETHE_FORMAT_ROOM];
    mu->name = "damping";
    mu->fraction = damping_fraction(view, view->damping);
    if (view->damping_auto > 0)
        mu->mark = damping_fraction(view, view->damping_auto);
    lethe_format_damping(damping, view->damping);
    if (isnan(view->degrees))
        snprintf(mu->value, sizeof mu->value, "%s", damping);
    else
        snprintf(mu->value, sizeof mu->value, "%s  %.1f dof", damping, view->degrees);
}

static void set_param(struct slider *slider, const struct lethe_view_param *param)
{
    const double last = param->step_count > 1 ? (double)(param->step_count - 1) : 1;
    char text[LETHE_FORMAT_ROOM];
    slider->name = param->key;
    slider->fraction = (double)lethe_slider_step(param, param->value) / last;
    slider->mark = (double)lethe_slider_step(param, param->usual) / last;
    lethe_format_damping(text, param->value);
    if (strtod(text, NULL) != param->value) /* two digits are not all of it */
        snprintf(text, sizeof text, "%.6g", param->value);
    snprintf(slider->value, sizeof slider->value, "%s", text);
}

static void make(struct slider *out, const struct page *page, int cols,
                 const struct lethe_view *view)
{
    for (size_t k = 0; k < page->shown; k++) {
        const struct lethe_slider_place *place = &page->list[page->first + k];
        const int n = (int)page->shown, begin = (int)k * cols / n, end = ((int)k + 1) * cols / n;
        out[k] = (struct slider){.x = k ? begin : 1, .mark = NAN};
        out[k].cols = end - out[k].x - 1;
        if (place->slider == LETHE_SLIDER_BLANKET)
            set_blanket(&out[k], view);
        else if (place->slider == LETHE_SLIDER_DAMPING)
            set_damping(&out[k], view);
        else
            set_param(&out[k], &view->method_params[place->param]);
    }
}

/* The lesson means this one: marked on both sides of its name, so that it does without colour. */
static void point(struct lethe_area row, const struct slider *slider)
{
    const int end = track_begin(slider) - 1;
    lethe_draw_paper(row, 0, 1, end - 1, LETHE_INK_SELECT);
    lethe_draw_glyph(row, 0, end, 0x25c2, LETHE_INK_WARN);
}

static void draw(struct lethe_area row, const struct slider *slider, int active)
{
    const int begin = track_begin(slider), track = track_columns(slider);
    const int knob = (int)lround(slider->fraction * (track - 1));
    const int mark = isnan(slider->mark) ? -1 : (int)lround(slider->mark * (track - 1));
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
    struct slider sliders[LETHE_SLIDERS_MOST] = {{0}};
    const struct page page = page_of(row.cols, view, screen);
    make(sliders, &page, row.cols, view);
    for (size_t k = 0; k < page.shown; k++)
        draw(lethe_area_part(row, 0, sliders[k].x, 1, sliders[k].cols), &sliders[k],
             page.first + k == page.active);
    if (page.first) /* there are more on this side */
        lethe_draw_text(row, 0, 0, LETHE_INK_DIM, "◂");
    if (page.first + page.shown < page.count)
        lethe_draw_text(row, 0, row.cols - 1, LETHE_INK_DIM, "▸");
    for (size_t k = 0; k < page.shown; k++)
        if (lethe_lesson_points(view, "slider", sliders[k].name))
            point(lethe_area_part(row, 0, sliders[k].x, 1, sliders[k].cols), &sliders[k]);
}

struct lethe_slider_place lethe_sliders_at(double *fraction, int x, int cols,
                                           const struct lethe_view *view,
                                           const struct lethe_screen *screen)
{
    struct slider sliders[LETHE_SLIDERS_MOST] = {{0}};
    const struct page page = page_of(cols, view, screen);
    size_t k = 0;
    make(sliders, &page, cols, view);
    while (k + 1 < page.shown && x >= sliders[k + 1].x)
        k++;
    const int track = page.shown ? track_columns(&sliders[k]) : 0;
    if (track < 2)
        return (struct lethe_slider_place){LETHE_SLIDERS, 0};
    *fraction = (double)(x - sliders[k].x - track_begin(&sliders[k])) / (track - 1);
    return page.list[page.first + k];
}
