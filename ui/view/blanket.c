/* SPDX-License-Identifier: MIT
 * Blanket: units in the order L-FOCI took them, each with its conditional T as a bar; a cut line at
 * the current size; runners-up below it, dimmed; a dotted line where FOCI itself would stop. */
#include <math.h>
#include <stdio.h>

#include "ui/view/format.h"
#include "ui/view/pane.h"

void lethe_blanket_caption(char *out, size_t room, const struct lethe_view *view,
                           const struct lethe_screen *screen)
{
    (void)screen;
    if (view->blanket_all)
        snprintf(out, room, "all units");
    else if (view->weight_count)
        snprintf(out, room, "%zu of %zu weights", view->weights, view->params);
    else if (view->blanket_units)
        snprintf(out, room, "%zu of %zu units", view->blanket_size, view->blanket_units);
}

static void unit_row(struct lethe_area area, int y, const struct lethe_view *view, size_t k,
                     double hi)
{
    const struct lethe_view_unit *unit = &view->blanket[k];
    int taken = k < view->blanket_size;
    uint16_t ink = taken ? LETHE_INK_TEXT : LETHE_INK_DIM;
    char number[16], score[LETHE_FORMAT_ROOM];
    snprintf(number, sizeof number, "%zu", k + 1);
    lethe_format_figure(score, unit->gain, LETHE_FIGURE_FRACTION);
    int name = view->weight_count ? 20
               : area.cols >= 44  ? 18
                                  : 12,
        stable = unit->runs && area.cols >= 40 ? 6 : 0;
    lethe_draw_right(area, y, 4, LETHE_INK_DIM, number);
    if (view->weight_count) {
        char words[96];
        snprintf(words, sizeof words, "%s: %zu of %zu", unit->name, unit->parameters, unit->of);
        lethe_draw_fit(area, y, 5, name - 1, ink, words);
    } else {
        lethe_draw_fit(area, y, 5, name - 1, ink, unit->name);
    }
    lethe_draw_right(area, y, 5 + name + 5, ink, score);
    int bar = 5 + name + 6;
    double fraction = hi > 0 && unit->gain > 0 ? unit->gain / hi : 0;
    lethe_chart_bar(lethe_area_part(area, y, bar, 1, area.cols - bar - 1 - stable), fraction,
                    taken ? LETHE_INK_ACCENT : LETHE_INK_DIM);
    if (stable) {
        snprintf(number, sizeof number, "%zu/%zu", unit->times, unit->runs);
        lethe_draw_right(area, y, area.cols - 1, LETHE_INK_DIM, number);
    }
}

/* The rule between what is taken and what is not, and the one where the selection stopped. */
static void cut_row(struct lethe_area area, int y, const struct lethe_view *view, size_t size)
{
    if (size == view->blanket_size) {
        char text[96];
        if (view->weight_count)
            snprintf(text, sizeof text, " %zu weights of %zu units ", view->weights,
                     view->blanket_count);
        else
            snprintf(text, sizeof text, " %zu units, %zu parameters ", view->blanket_size,
                     view->blanket_params);
        for (int x = 1; x < area.cols - 1; x++)
            lethe_draw_glyph(area, y, x, 0x2501, LETHE_INK_ACCENT);
        lethe_draw_fit(area, y, 3, area.cols - 4, LETHE_INK_ACCENT, text);
        return;
    }
    for (int x = 1; x < area.cols - 1; x++)
        lethe_draw_glyph(area, y, x, 0x254c, LETHE_INK_DIM);
    lethe_draw_fit(area, y, 3, area.cols - 4, LETHE_INK_DIM, " FOCI stops here ");
}

/* Units the selection itself chose, before its stop rule. */
static size_t natural_size(const struct lethe_view *view)
{
    size_t k = 0;
    while (k < view->blanket_count && !view->blanket[k].after_stop)
        k++;
    return k;
}

size_t lethe_blanket_at(struct lethe_area area, int y, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    size_t k =
        lethe_pane_top(screen->cursor[LETHE_PANE_BLANKET], view->blanket_count, area.rows - 2);
    for (int line = 0; k < view->blanket_count; k++, line++) {
        line += k == view->blanket_size || k == natural_size(view); /* the rule before it */
        if (line == y)
            return k;
        if (line > y)
            break;
    }
    return (size_t)-1;
}

void lethe_blanket_draw(struct lethe_area area, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    if (!view->blanket_count) {
        lethe_pane_say(area, 0, LETHE_INK_DIM,
                       view->stopped ? view->stopped
                                     : "no selection yet: choose what to forget, then press s");
        return;
    }
    double hi = 0;
    for (size_t k = 0; k < view->blanket_count; k++)
        hi = fmax(hi, view->blanket[k].gain);
    size_t natural = natural_size(view), cursor = screen->cursor[LETHE_PANE_BLANKET];
    size_t top = lethe_pane_top(cursor, view->blanket_count, area.rows - 2);
    int y = 0;
    for (size_t k = top; k <= view->blanket_count && y < area.rows; k++) {
        int at_cut = k == view->blanket_size, at_stop = k == natural && k < view->blanket_count;
        if (at_cut || at_stop)
            cut_row(area, y++, view, k);
        if (k == view->blanket_count)
            break;
        unit_row(area, y, view, k, hi);
        if (k == cursor)
            lethe_pane_select(area, y, screen, LETHE_PANE_BLANKET);
        y++;
    }
}

static size_t blanket_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->blanket_count;
}

const struct lethe_pane_ops lethe_pane_blanket = {
    .name = "blanket",
    .title = "Blanket",
    .caption = lethe_blanket_caption,
    .draw = lethe_blanket_draw,
    .rows = blanket_rows,
    .at = lethe_blanket_at,
};
