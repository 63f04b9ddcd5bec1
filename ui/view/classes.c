/* SPDX-License-Identifier: MIT
 * Classes: accuracy, mean loss and attack AUC of each, before, now and retrained, most changed
 * first. Where there is no room for all nine columns the last ones are left out. */
#include <math.h>
#include <stdio.h>

#include "ui/term/glyph.h"
#include "ui/view/format.h"
#include "ui/view/pane.h"
#include "ui/view/sentence.h"

enum { FIGURES = 3, VALUE = 7, SAMPLES = 6, NAME_MOST = 20 };

static const char *const figure_names[FIGURES] = {"accuracy", "loss", "AUC"};
static const char *const model_names[] = {"before", "now", "retr."};
static const enum lethe_figure_kind kinds[FIGURES] = {LETHE_FIGURE_PERCENT, LETHE_FIGURE_LOSS,
                                                      LETHE_FIGURE_FRACTION};

static void put_caption(char *out, size_t room, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    const struct lethe_view_classes *classes = &view->by_class;
    (void)screen;
    if (classes->count)
        snprintf(out, room, "%s%s", classes->set, classes->stale ? "  of the preview before" : "");
}

static int name_columns(const struct lethe_view_classes *classes)
{
    int most = 5; /* of the heading */
    for (size_t c = 0; c < classes->count; c++) {
        const int columns = lethe_glyph_columns(classes->names[c]);
        most = columns > most ? columns : most;
    }
    return most < NAME_MOST ? most : NAME_MOST;
}

/* Columns left of the first figure. */
static int begin_of(const struct lethe_view_classes *classes)
{
    return 1 + name_columns(classes) + SAMPLES;
}

/* Figures for which there is room, at least one. */
static int figures_shown(int cols, int begin)
{
    const int room = (cols - begin) / (LETHE_VIEW_COMPARED * VALUE + 1);
    return room < 1 ? 1 : room > FIGURES ? FIGURES : room;
}

static int column_end(int begin, int figure, int model)
{
    return begin + figure * (LETHE_VIEW_COMPARED * VALUE + 1) + (model + 1) * VALUE;
}

static void headings(struct lethe_area area, const struct lethe_view_classes *classes)
{
    const int begin = begin_of(classes), shown = figures_shown(area.cols, begin);
    for (int f = 0; f < shown; f++) {
        const int end = column_end(begin, f, LETHE_VIEW_RETRAINED);
        lethe_draw_text(area, 0, end - LETHE_VIEW_COMPARED * VALUE + 2, LETHE_INK_TEXT,
                        figure_names[f]);
        for (int m = 0; m < LETHE_VIEW_COMPARED; m++)
            lethe_draw_right(area, 1, column_end(begin, f, m), LETHE_INK_DIM, model_names[m]);
    }
    lethe_draw_text(area, 1, 1, LETHE_INK_DIM, "class");
    lethe_draw_right(area, 1, begin, LETHE_INK_DIM, "n");
}

static double value_of(const struct lethe_view_classes *classes, size_t class, int figure,
                       int model)
{
    const double *at = classes->at[model];
    return at ? at[FIGURES * class + (size_t)figure] : NAN;
}

static void class_row(struct lethe_area area, int y, const struct lethe_view_classes *classes,
                      size_t class)
{
    const int begin = begin_of(classes), shown = figures_shown(area.cols, begin);
    lethe_draw_fit(area, y, 1, name_columns(classes), LETHE_INK_TEXT, classes->names[class]);
    char text[LETHE_FORMAT_ROOM];
    snprintf(text, sizeof text, "%zu", classes->samples[class]);
    lethe_draw_right(area, y, begin, LETHE_INK_DIM, text);
    for (int f = 0; f < shown; f++)
        for (int m = 0; m < LETHE_VIEW_COMPARED; m++) {
            const double value = value_of(classes, class, f, m);
            const int changed =
                m == LETHE_VIEW_NOW && value != value_of(classes, class, f, LETHE_VIEW_BEFORE);
            lethe_format_figure(text, value, kinds[f]);
            lethe_draw_right(area, y, column_end(begin, f, m),
                             changed && !isnan(value) ? LETHE_INK_STRONG : LETHE_INK_TEXT, text);
        }
}

enum { HEAD = 2 };

static void draw(struct lethe_area area, const struct lethe_view *view,
                 const struct lethe_screen *screen)
{
    const struct lethe_view_classes *classes = &view->by_class;
    if (!classes->count) {
        lethe_pane_empty(
            area, view, NULL,
            view->previewed ? "on its way"
                            : "every class before, now and retrained: press v for a preview first");
        return;
    }
    const int rows = area.rows - HEAD;
    const size_t cursor = screen->cursor[LETHE_PANE_CLASSES];
    const size_t top = lethe_pane_top(cursor, classes->count, rows);
    headings(area, classes);
    for (size_t k = top; k < classes->count && (int)(k - top) < rows; k++) {
        class_row(area, HEAD + (int)(k - top), classes, classes->order[k]);
        if (k == cursor)
            lethe_pane_select(area, HEAD + (int)(k - top), screen, LETHE_PANE_CLASSES);
    }
}

static size_t class_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->by_class.count;
}

static size_t class_at(struct lethe_area area, int y, const struct lethe_view *view,
                       const struct lethe_screen *screen)
{
    return lethe_pane_row_at(y, HEAD, area.rows - HEAD, screen->cursor[LETHE_PANE_CLASSES],
                             view->by_class.count);
}

static void say_class(struct lethe_sentence *to, const struct lethe_view *view,
                      const struct lethe_screen *screen, size_t k)
{
    static const char *const says[] = {"before", "now", "retrained"};
    const struct lethe_view_classes *classes = &view->by_class;
    const size_t class = classes->order[k];
    (void)screen;
    lethe_say(to, "%s, %zu %s samples", classes->names[class], classes->samples[class],
              classes->set);
    for (int f = 0; f < FIGURES; f++) {
        lethe_say(to, "; %s", figure_names[f]);
        for (int m = 0; m < LETHE_VIEW_COMPARED; m++)
            lethe_say_figure(to, says[m], value_of(classes, class, f, m), kinds[f]);
    }
}

/* The next of held-out, forget and retained samples. */
static void turn_set(struct lethe_pane_request *ask, const struct lethe_view *view,
                     struct lethe_screen *screen, uint32_t code)
{
    (void)screen;
    (void)code;
    snprintf(ask->line, sizeof ask->line, "view classes set=%s",
             lethe_pane_next_set(view->by_class.set));
}

static const struct lethe_pane_key keys[] = {
    {'x', 0, "x", "samples", "of held-out, forget or retained samples", "view", turn_set},
    {0},
};

const struct lethe_pane_ops lethe_pane_classes = {
    .name = "classes",
    .title = "Classes",
    .word = "classes pane",
    .caption = put_caption,
    .draw = draw,
    .rows = class_rows,
    .at = class_at,
    .keys = keys,
    .say = say_class,
};
