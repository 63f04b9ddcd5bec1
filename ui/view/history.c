/* SPDX-License-Identifier: MIT
 * History: commits, newest first; branches are indented, the head is marked, undone ones dimmed. */
#include "ui/view/pane.h"

void lethe_history_draw(struct lethe_area area, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    if (!view->commit_count) {
        lethe_pane_say(area, 0, LETHE_INK_DIM, "no commits yet: c commits the preview");
        return;
    }
    size_t cursor = screen->cursor[LETHE_PANE_HISTORY];
    size_t top = lethe_pane_top(cursor, view->commit_count, area.rows);
    for (size_t k = top; k < view->commit_count && (int)(k - top) < area.rows; k++) {
        const struct lethe_view_commit *commit = &view->commits[k];
        int y = (int)(k - top), x = 1 + 2 * commit->depth;
        uint16_t ink = commit->undone ? LETHE_INK_DIM : LETHE_INK_TEXT;
        for (int column = 1; column < x; column += 2)
            lethe_draw_glyph(area, y, column, 0x2502, LETHE_INK_RULE);
        lethe_draw_text(area, y, x, commit->head ? LETHE_INK_ACCENT : ink,
                        commit->head ? "●" : "○");
        x = lethe_draw_fit(area, y, x + 2, 8, commit->head ? LETHE_INK_STRONG : ink, commit->id);
        int end = area.cols - 1;
        if (commit->figures && area.cols >= 60) {
            lethe_draw_right(area, y, end, LETHE_INK_DIM, commit->figures);
            end -= 26;
        }
        if (commit->forget)
            x = lethe_draw_fit(area, y, x + 2, (end - x) / 2, ink, commit->forget);
        if (commit->message)
            lethe_draw_fit(area, y, x + 2, end - x - 2, LETHE_INK_DIM, commit->message);
        if (k == cursor)
            lethe_pane_select(area, y, screen, LETHE_PANE_HISTORY);
    }
}
