/* SPDX-License-Identifier: MIT
 * CKA: how alike two models' layers are on the same samples, and where the weights have changed.
 * A bar from 0 (nothing in common) to 1 (the same up to rotation and scale). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ui/term/glyph.h"
#include "ui/view/format.h"
#include "ui/view/pane.h"
#include "ui/view/sentence.h"

enum { VALUE = 8, NAME_MOST = 24 };

static void put_caption(char *out, size_t room, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    const struct lethe_view_cka *cka = &view->cka;
    (void)screen;
    if (cka->count)
        snprintf(out, room, "%.12s and %.12s%s", cka->a, cka->b,
                 cka->stale ? ", of the preview before" : "");
}

static int name_columns(const struct lethe_view_cka *cka, int cols)
{
    int most = 5;
    for (size_t k = 0; k < cka->count; k++) {
        const int columns = lethe_glyph_columns(cka->names[k]);
        most = columns > most ? columns : most;
    }
    most = most < NAME_MOST ? most : NAME_MOST;
    return most < cols / 3 ? most : cols / 3;
}

/* A value with its bar: (cols) wide at x. */
static void measure(struct lethe_area area, int y, int x, int cols, double value,
                    enum lethe_figure_kind kind, uint16_t ink)
{
    char text[LETHE_FORMAT_ROOM];
    lethe_format_figure(text, value, kind);
    lethe_draw_right(area, y, x + VALUE - 1, LETHE_INK_TEXT, text);
    if (!isnan(value) && cols > VALUE + 2)
        lethe_chart_bar(lethe_area_part(area, y, x + VALUE, 1, cols - VALUE - 1), value, ink);
}

enum { HEAD = 1 };

static void draw(struct lethe_area area, const struct lethe_view *view,
                 const struct lethe_screen *screen)
{
    const struct lethe_view_cka *cka = &view->cka;
    if (!cka->count) {
        lethe_pane_empty(area, view, NULL,
                         view->previewed ? "on its way"
                                         : "how alike the layers are before and after the removal: "
                                           "press v for a preview first");
        return;
    }
    const int rows = area.rows - HEAD, names = name_columns(cka, area.cols);
    const int wide = (area.cols - names - 2) / 2;
    const size_t cursor = screen->cursor[LETHE_PANE_CKA];
    const size_t top = lethe_pane_top(cursor, cka->count, rows);
    lethe_draw_text(area, 0, 1, LETHE_INK_DIM, "layer");
    lethe_draw_right(area, 0, 2 + names + VALUE - 1, LETHE_INK_DIM, "CKA");
    lethe_draw_text(area, 0, 2 + names + wide, LETHE_INK_DIM, " change, share");
    for (size_t k = top; k < cka->count && (int)(k - top) < rows; k++) {
        const int y = HEAD + (int)(k - top);
        lethe_draw_fit(area, y, 1, names, LETHE_INK_TEXT, cka->names[k]);
        measure(area, y, 2 + names, wide, cka->cka[k], LETHE_FIGURE_FRACTION, LETHE_INK_RETRAIN);
        measure(area, y, 2 + names + wide, wide, cka->share[k], LETHE_FIGURE_PERCENT,
                LETHE_INK_FORGET);
        if (k == cursor)
            lethe_pane_select(area, y, screen, LETHE_PANE_CKA);
    }
}

static size_t cka_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->cka.count;
}

static size_t cka_at(struct lethe_area area, int y, const struct lethe_view *view,
                     const struct lethe_screen *screen)
{
    return lethe_pane_row_at(y, HEAD, area.rows - HEAD, screen->cursor[LETHE_PANE_CKA],
                             view->cka.count);
}

static void say_layer(struct lethe_sentence *to, const struct lethe_view *view,
                      const struct lethe_screen *screen, size_t k)
{
    const struct lethe_view_cka *cka = &view->cka;
    (void)screen;
    lethe_say(to, "%s, %s and %s", cka->names[k], cka->a, cka->b);
    lethe_say_figure(to, "CKA", cka->cka[k], LETHE_FIGURE_FRACTION);
    lethe_say_figure(to, "share of the change in percent", cka->share[k], LETHE_FIGURE_PERCENT);
}

/* The next of before and now, now and retrained, before and retrained. */
static void turn_models(struct lethe_pane_request *ask, const struct lethe_view *view,
                        struct lethe_screen *screen, uint32_t code)
{
    static const char *const pairs[][2] = {
        {"before", "now"}, {"now", "retrain"}, {"before", "retrain"}};
    const struct lethe_view_cka *cka = &view->cka;
    size_t next = 0;
    (void)screen;
    (void)code;
    for (size_t k = 0; cka->count && k < 3; k++)
        if (!strcmp(cka->a, pairs[k][0]) && !strcmp(cka->b, pairs[k][1]))
            next = (k + 1) % 3;
    snprintf(ask->line, sizeof ask->line, "view layers a=%s b=%s", pairs[next][0], pairs[next][1]);
}

static const struct lethe_pane_key keys[] = {
    {'x', 0, "x", "models", "other two of before, now and retrained", "view", turn_models},
    {0},
};

const struct lethe_pane_ops lethe_pane_cka = {
    .name = "cka",
    .title = "CKA",
    .word = "cka",
    .caption = put_caption,
    .draw = draw,
    .rows = cka_rows,
    .at = cka_at,
    .keys = keys,
    .say = say_layer,
};
