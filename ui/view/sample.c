/* SPDX-License-Identifier: MIT
 * Sample: one training sample to look at, as a picture or as text, with what is known about it: to
 * the right of a picture where there is room, else above. */
#include "ui/view/pane.h"
#include "ui/view/sentence.h"

static int facts(struct lethe_area area, int y, int x, const struct lethe_view_picture *picture)
{
    const int first = y;
    for (int k = 0; k < 6 && picture->facts[k] && y < area.rows; k++, y++)
        lethe_draw_fit(area, y, x, area.cols - x - 1, LETHE_INK_TEXT, picture->facts[k]);
    return y - first;
}

static void draw(struct lethe_area area, const struct lethe_view *view,
                 const struct lethe_screen *screen)
{
    enum { SIDE = 48, FACTS = 28 };
    (void)screen;
    const struct lethe_view_picture *picture = &view->picture;
    if (!picture->caption) {
        lethe_pane_say(area, 0, LETHE_INK_DIM, "move to a sample in the ledger to look at it");
        return;
    }
    lethe_draw_fit(area, 0, 1, area.cols - 2, LETHE_INK_STRONG, picture->caption);
    int beside = picture->image.pixels && !picture->text && area.cols >= SIDE;
    int x = beside ? area.cols - FACTS : 1;
    int used = facts(area, 1, x, picture);
    int top = beside ? 1 : 1 + used;
    struct lethe_area inside =
        lethe_area_part(area, top, 1, area.rows - top, (beside ? x : area.cols) - 2);
    if (picture->text)
        lethe_pane_say(inside, 0, LETHE_INK_TEXT, picture->text);
    else if (picture->image.pixels)
        lethe_chart_picture(inside, &picture->image);
    else
        lethe_draw_fit(inside, 0, 0, inside.cols, LETHE_INK_DIM,
                       "no picture: samples are plain numbers");
}

/* The caption, the facts, then the words of a text. */
enum { FACTS = 6 };
static size_t sentences(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->picture.caption ? FACTS + 2 : 0;
}

static void say_fact(struct lethe_sentence *to, const struct lethe_view *view,
                     const struct lethe_screen *screen, size_t k)
{
    (void)screen;
    const struct lethe_view_picture *picture = &view->picture;
    const char *line = k == 0       ? picture->caption
                       : k <= FACTS ? picture->facts[k - 1]
                                    : picture->text;
    lethe_say(to, "%s", line ? line : "");
}

const struct lethe_pane_ops lethe_pane_sample = {
    .name = "sample",
    .title = "Sample",
    .draw = draw,
    .word = "sample pane",
    .sentences = sentences,
    .say = say_fact,
};
