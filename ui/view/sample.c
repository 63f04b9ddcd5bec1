/* SPDX-License-Identifier: MIT
 * Sample: one training sample to look at, as a picture or as text, with what is known about it: to
 * the right of a picture where there is room, else above. Its probabilities before, now and
 * retrained are bars below what is known, or in the place of the picture. */
#include <math.h>
#include <stdio.h>

#include "ui/term/glyph.h"
#include "ui/view/format.h"
#include "ui/view/pane.h"
#include "ui/view/sentence.h"

static int facts(struct lethe_area area, int y, int x, const struct lethe_view_picture *picture)
{
    const int first = y;
    for (int k = 0; k < 6 && picture->facts[k] && y < area.rows; k++, y++)
        lethe_draw_fit(area, y, x, area.cols - x - 1, LETHE_INK_TEXT, picture->facts[k]);
    return y - first;
}

/* ---- bars ------------------------------------------------------------------------------------ */

enum { LABEL_MOST = 16, NUMBER = 6 };
static const char *const models[] = {"before", "now", "retrain"};

static int label_columns(const struct lethe_view_probabilities *p, size_t shown, int cols)
{
    int most = 1;
    for (size_t k = 0; k < shown; k++) {
        const int columns = lethe_glyph_columns(p->name[k]);
        most = columns > most ? columns : most;
    }
    most = most < LABEL_MOST ? most : LABEL_MOST;
    return most < cols / 4 ? most : cols / 4;
}

/* The likeliest classes, a bar for each model beside the name; an arrow marks the label. */
static void bars(struct lethe_area area, const struct lethe_view_probabilities *p)
{
    const size_t shown = area.rows - 1 < (int)p->count ? (size_t)(area.rows - 1) : p->count;
    const int labels = label_columns(p, shown, area.cols), begin = labels + 2;
    const int wide = (area.cols - begin) / LETHE_VIEW_COMPARED;
    const int number = wide >= 2 * NUMBER ? NUMBER : 0;
    for (int m = 0; m < LETHE_VIEW_COMPARED; m++)
        lethe_draw_fit(area, 0, begin + m * wide, wide - 1, LETHE_INK_DIM, models[m]);
    for (size_t k = 0; k < shown; k++) {
        const int y = 1 + (int)k;
        const size_t class = p->order[k];
        const int own = (int)class == p->label;
        lethe_draw_text(area, y, 0, LETHE_INK_ACCENT, own ? "▸" : " ");
        lethe_draw_fit(area, y, 1, labels, own ? LETHE_INK_STRONG : LETHE_INK_TEXT, p->name[k]);
        for (int m = 0; m < LETHE_VIEW_COMPARED; m++) {
            char text[LETHE_FORMAT_ROOM];
            const int x = begin + m * wide;
            lethe_format_figure(text, p->at[m] ? p->at[m][class] : NAN, LETHE_FIGURE_FRACTION);
            if (number)
                lethe_draw_right(area, y, x + number - 1, LETHE_INK_TEXT, text);
            if (p->at[m])
                lethe_chart_bar(lethe_area_part(area, y, x + number, 1, wide - number - 1),
                                p->at[m][class],
                                m == LETHE_VIEW_RETRAINED ? LETHE_INK_RETRAIN : LETHE_INK_ACCENT);
        }
    }
}

static void draw(struct lethe_area area, const struct lethe_view *view,
                 const struct lethe_screen *screen)
{
    enum { SIDE = 48, FACTS = 28, BARS = 3, ROOMY = 14 };
    const struct lethe_view_picture *picture = &view->picture;
    if (!picture->caption) {
        lethe_pane_say(area, 0, LETHE_INK_DIM, "move to a sample in the ledger to look at it");
        return;
    }
    lethe_draw_fit(area, 0, 1, area.cols - 2, LETHE_INK_STRONG, picture->caption);
    const struct lethe_view_probabilities *p = &picture->probabilities;
    int beside = picture->image.pixels && !picture->text && area.cols >= SIDE && !screen->bars;
    int x = beside ? area.cols - FACTS : 1;
    const int told = !screen->bars || !p->count || area.rows >= ROOMY;
    int used = told ? facts(area, 1, x, picture) : 0;
    int top = beside ? 1 : 1 + used;
    if (beside && p->count && area.rows - 1 - used > BARS)
        bars(lethe_area_part(area, 2 + used, x, area.rows - 2 - used, area.cols - x - 1), p);
    struct lethe_area inside =
        lethe_area_part(area, top, 1, area.rows - top, (beside ? x : area.cols) - 2);
    if (screen->bars && p->count)
        bars(inside, p);
    else if (screen->bars)
        lethe_pane_say(inside, 0, LETHE_INK_DIM, "its probabilities: press v for a preview first");
    else if (picture->text)
        lethe_pane_say(inside, 0, LETHE_INK_TEXT, picture->text);
    else if (picture->image.pixels)
        lethe_chart_picture(inside, &picture->image);
    else
        lethe_draw_fit(inside, 0, 0, inside.cols, LETHE_INK_DIM,
                       "no picture: samples are plain numbers");
}

/* The caption, the facts, the words of a text, then a sentence for each class. */
enum { FACTS = 6 };
static size_t sentences(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->picture.caption ? FACTS + 2 + view->picture.probabilities.count : 0;
}

static void say_class(struct lethe_sentence *to, const struct lethe_view_probabilities *p, size_t k)
{
    lethe_say(to, "probability of %s", p->name[k]);
    for (int m = 0; m < LETHE_VIEW_COMPARED; m++)
        if (p->at[m])
            lethe_say_figure(to, models[m], p->at[m][p->order[k]], LETHE_FIGURE_FRACTION);
}

static void say_fact(struct lethe_sentence *to, const struct lethe_view *view,
                     const struct lethe_screen *screen, size_t k)
{
    (void)screen;
    const struct lethe_view_picture *picture = &view->picture;
    if (k > FACTS + 1) {
        say_class(to, &picture->probabilities, k - FACTS - 2);
        return;
    }
    const char *line = k == 0       ? picture->caption
                       : k <= FACTS ? picture->facts[k - 1]
                                    : picture->text;
    lethe_say(to, "%s", line ? line : "");
}

static void turn_bars(struct lethe_pane_request *ask, const struct lethe_view *view,
                      struct lethe_screen *screen, uint32_t code)
{
    (void)ask;
    (void)view;
    (void)code;
    screen->bars = !screen->bars;
}

static const struct lethe_pane_key keys[] = {
    {'x', 0, "x", "bars", "its probabilities before, now and retrained, or its picture", NULL,
     turn_bars},
    {0},
};

const struct lethe_pane_ops lethe_pane_sample = {
    .name = "sample",
    .title = "Sample",
    .draw = draw,
    .word = "sample pane",
    .keys = keys,
    .sentences = sentences,
    .say = say_fact,
};
