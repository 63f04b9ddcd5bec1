/* SPDX-License-Identifier: MIT
 * Confusion: what is taken for what, as shares of each class, for as many of the three models as
 * fit beside each other: now alone, before and now, or all. */
#include <math.h>
#include <stdio.h>

#include "ui/term/glyph.h"
#include "ui/view/format.h"
#include "ui/view/pane.h"
#include "ui/view/sentence.h"

enum { NAME_MOST = 10, CELL_MOST = 4, BETWEEN = 2, MOST = 64 };

static const char *const models[] = {"before", "now", "retrained"};

static void put_caption(char *out, size_t room, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    const struct lethe_view_confusion *confusion = &view->confusion;
    (void)screen;
    if (confusion->count)
        snprintf(out, room, "%s%s", confusion->set,
                 confusion->stale ? "  of the preview before" : "");
}

/* Where the maps stand: the same cells for all that are shown. */
struct maps {
    int which[LETHE_VIEW_COMPARED], count; /* models that are shown */
    int names, cell;
};

static struct maps maps_of(int cols, const struct lethe_view_confusion *confusion)
{
    static const int order[] = {LETHE_VIEW_NOW, LETHE_VIEW_BEFORE, LETHE_VIEW_RETRAINED};
    struct maps maps = {.names = 2};
    const int classes = (int)confusion->count;
    for (size_t c = 0; c < confusion->count; c++) {
        const int columns = lethe_glyph_columns(confusion->names[c]);
        maps.names = columns > maps.names ? columns : maps.names;
    }
    maps.names = maps.names < NAME_MOST ? maps.names : NAME_MOST;
    int take[LETHE_VIEW_COMPARED] = {0};
    for (int k = 0; k < LETHE_VIEW_COMPARED; k++) {
        const int room = cols - maps.names - 2 - maps.count * BETWEEN;
        const int fits = maps.count == 0 || room >= (maps.count + 1) * classes;
        if (confusion->at[order[k]] && fits) {
            take[order[k]] = 1;
            maps.count++;
        }
    }
    for (int m = 0, n = 0; m < LETHE_VIEW_COMPARED; m++)
        if (take[m])
            maps.which[n++] = m;
    const int room = cols - maps.names - 2 - (maps.count - 1) * BETWEEN;
    maps.cell = maps.count ? room / (maps.count * classes) : 1;
    maps.cell = maps.cell < 1 ? 1 : maps.cell > CELL_MOST ? CELL_MOST : maps.cell;
    return maps;
}

static double share_of(const struct lethe_view_confusion *confusion, int model, size_t row,
                       size_t col)
{
    const double *counts = confusion->at[model] + row * confusion->count;
    double all = 0;
    for (size_t c = 0; c < confusion->count; c++)
        all += counts[c];
    return all > 0 ? counts[col] / all : NAN;
}

/* Names across: as much of them as the cell has room for. */
static void name_columns(struct lethe_area area, int y, int x, int cell,
                         const struct lethe_view_confusion *confusion)
{
    for (size_t c = 0; c < confusion->count; c++)
        lethe_draw_text(lethe_area_part(area, y, x + (int)c * cell, 1, cell > 1 ? cell - 1 : 1), 0,
                        0, LETHE_INK_DIM, confusion->names[c]);
}

static void one_map(struct lethe_area area, int x, const struct maps *maps, int model,
                    const struct lethe_view_confusion *confusion, size_t top, int rows)
{
    const size_t columns = confusion->count < MOST ? confusion->count : MOST;
    const int heads = area.rows > rows + 1;
    double share[MOST];
    lethe_draw_fit(area, 0, x, (int)columns * maps->cell, LETHE_INK_TEXT, models[model]);
    if (heads)
        name_columns(area, 1, x, maps->cell, confusion);
    for (int y = 0; y < rows && top + (size_t)y < confusion->count; y++) {
        for (size_t c = 0; c < columns; c++) {
            const double value = share_of(confusion, model, top + (size_t)y, c);
            share[c] = value > 0 ? value : NAN; /* nothing there is blank */
        }
        const struct lethe_heat heat = {.values = share,
                                        .rows = 1,
                                        .cols = columns,
                                        .lo = 0,
                                        .hi = 1,
                                        .cell = maps->cell,
                                        .mark_row = 1};
        lethe_chart_heat(lethe_area_part(area, 1 + heads + y, x, 1, area.cols - x), &heat);
    }
}

/* Lines above the maps: models and, where there is room, classes. */
static int head_rows(int rows, size_t classes)
{
    return rows >= (int)classes + 2 || rows > 8 ? 2 : 1;
}

static void draw(struct lethe_area area, const struct lethe_view *view,
                 const struct lethe_screen *screen)
{
    const struct lethe_view_confusion *confusion = &view->confusion;
    if (!confusion->count) {
        lethe_pane_empty(area, view, NULL,
                         view->previewed
                             ? "on its way"
                             : "what is taken for what, before and now: press v for a preview");
        return;
    }
    const struct maps maps = maps_of(area.cols, confusion);
    const int head = head_rows(area.rows, confusion->count), rows = area.rows - head;
    const size_t cursor = screen->cursor[LETHE_PANE_CONFUSION];
    const size_t top = lethe_pane_top(cursor, confusion->count, rows);
    const int wide = (int)confusion->count * maps.cell + BETWEEN;
    for (int y = 0; y < rows && top + (size_t)y < confusion->count; y++)
        lethe_draw_fit(area, head + y, 1, maps.names, LETHE_INK_DIM,
                       confusion->names[top + (size_t)y]);
    for (int k = 0; k < maps.count; k++)
        one_map(lethe_area_part(area, 0, 0, head + rows, area.cols), maps.names + 2 + k * wide,
                &maps, maps.which[k], confusion, top, rows);
    if (cursor >= top && (int)(cursor - top) < rows)
        lethe_pane_select(area, head + (int)(cursor - top), screen, LETHE_PANE_CONFUSION);
}

static size_t confusion_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->confusion.count;
}

static size_t confusion_at(struct lethe_area area, int y, const struct lethe_view *view,
                           const struct lethe_screen *screen)
{
    const int head = head_rows(area.rows, view->confusion.count);
    return lethe_pane_row_at(y, head, area.rows - head, screen->cursor[LETHE_PANE_CONFUSION],
                             view->confusion.count);
}

static void say_row(struct lethe_sentence *to, const struct lethe_view *view,
                    const struct lethe_screen *screen, size_t k)
{
    const struct lethe_view_confusion *confusion = &view->confusion;
    (void)screen;
    lethe_say(to, "%s is taken for", confusion->names[k]);
    for (int m = 0; m < LETHE_VIEW_COMPARED; m++) {
        if (!confusion->at[m])
            continue;
        lethe_say(to, "%s %s", m ? ";" : "", models[m]);
        for (size_t c = 0; c < confusion->count; c++) {
            const double count = confusion->at[m][k * confusion->count + c];
            if (count > 0)
                lethe_say(to, " %s %.0f", confusion->names[c], count);
        }
    }
}

static void turn_set(struct lethe_pane_request *ask, const struct lethe_view *view,
                     struct lethe_screen *screen, uint32_t code)
{
    (void)screen;
    (void)code;
    snprintf(ask->line, sizeof ask->line, "view confusion set=%s",
             lethe_pane_next_set(view->confusion.set));
}

static const struct lethe_pane_key keys[] = {
    {'x', 0, "x", "samples", "of held-out, forget or retained samples", "view", turn_set},
    {0},
};

const struct lethe_pane_ops lethe_pane_confusion = {
    .name = "confusion",
    .title = "Confusion",
    .word = "confusion matrix",
    .caption = put_caption,
    .draw = draw,
    .rows = confusion_rows,
    .at = confusion_at,
    .keys = keys,
    .say = say_row,
};
