/* SPDX-License-Identifier: MIT
 * Sample: one training sample to display at, as a picture or as text. */
#include "ui/view/pane.h"

void lethe_sample_draw(struct lethe_area area, const struct lethe_view *view,
                       const struct lethe_screen *screen)
{
    (void)screen;
    const struct lethe_view_picture *picture = &view->picture;
    if (!picture->caption) {
        lethe_pane_say(area, 0, LETHE_INK_DIM, "move to a sample in the ledger to display at it");
        return;
    }
    lethe_draw_fit(area, 0, 1, area.cols - 2, LETHE_INK_STRONG, picture->caption);
    struct lethe_area inside = lethe_area_part(area, 1, 1, area.rows - 1, area.cols - 2);
    if (picture->text)
        lethe_pane_say(inside, 0, LETHE_INK_TEXT, picture->text);
    else if (picture->image.pixels)
        lethe_chart_picture(inside, &picture->image);
    else
        lethe_draw_fit(inside, 0, 0, inside.cols, LETHE_INK_DIM,
                       "no picture: samples are plain numbers");
}
