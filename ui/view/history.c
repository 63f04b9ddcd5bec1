/* SPDX-License-Identifier: MIT
 * History: commits, newest first; branches stand in lanes beside the way
 * to the head, the head is filled, undone ones are dimmed. */
#include <stdio.h>

#include "ui/term/glyph.h"
#include "ui/term/key.h"
#include "ui/view/pane.h"
#include "ui/view/sentence.h"

/* The graph left of a commit; returns the column after it. */
static int graph(struct lethe_area area, int y, const struct lethe_view_commit *commit,
                 uint16_t ink)
{
    enum { LANES = 8 };
    int last = commit->lane;
    for (int lane = 0; lane < LANES; lane++) {
        int x = 1 + 2 * lane;
        if (commit->joins >> lane & 1u) {
            for (int between = 1 + 2 * commit->lane + 1; between < x; between++)
                lethe_draw_glyph(area, y, between, 0x2500, LETHE_INK_RULE);
            lethe_draw_glyph(area, y, x, lethe_glyph_rule(LETHE_ARM_LEFT | LETHE_ARM_UP),
                             LETHE_INK_RULE);
        } else if (commit->lanes >> lane & 1u) {
            lethe_draw_glyph(area, y, x, 0x2502, LETHE_INK_RULE);
        } else {
            continue;
        }
        last = lane > last ? lane : last;
    }
    lethe_draw_text(area, y, 1 + 2 * commit->lane, commit->head ? LETHE_INK_ACCENT : ink,
                    commit->head ? "●" : "○");
    return 1 + 2 * last + 2;
}

static void row(struct lethe_area area, int y, const struct lethe_view_commit *commit)
{
    uint16_t ink = commit->undone ? LETHE_INK_DIM : LETHE_INK_TEXT;
    int x = graph(area, y, commit, ink), end = area.cols - 1;
    x = lethe_draw_fit(area, y, x, 8, commit->head ? LETHE_INK_STRONG : ink, commit->id);
    if (commit->branches)
        x = lethe_draw_textf(area, y, x + 1, LETHE_INK_ACCENT, "[%s]", commit->branches);
    if (commit->figures && area.cols >= 56 && x + lethe_glyph_columns(commit->figures) + 8 < end) {
        lethe_draw_right(area, y, end, LETHE_INK_DIM, commit->figures);
        end -= lethe_glyph_columns(commit->figures) + 2;
    }
    if (commit->forget)
        x = lethe_draw_fit(area, y, x + 1, (end - x) / 2, ink, commit->forget);
    if (commit->message)
        lethe_draw_fit(area, y, x + 2, end - x - 2, LETHE_INK_DIM, commit->message);
}

static void put_caption(char *out, size_t room, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    (void)screen;
    if (view->commit_count > 1)
        snprintf(out, room, "%zu states", view->commit_count);
}

static void draw(struct lethe_area area, const struct lethe_view *view,
                 const struct lethe_screen *screen)
{
    if (!view->commit_count) {
        lethe_pane_say(area, 0, LETHE_INK_DIM, "no commits yet: c commits the preview");
        return;
    }
    size_t cursor = screen->cursor[LETHE_PANE_HISTORY];
    /* Where a commit's figures have no room beside it, those of the cursor's stand below. */
    const char *figures = cursor < view->commit_count ? view->commits[cursor].figures : NULL;
    int below = figures && area.cols < 76 && area.rows > 2;
    int rows = area.rows - below;
    size_t top = lethe_pane_top(cursor, view->commit_count, rows);
    for (size_t k = top; k < view->commit_count && (int)(k - top) < rows; k++) {
        int y = (int)(k - top);
        struct lethe_view_commit commit = view->commits[k];
        commit.figures = below ? NULL : commit.figures;
        row(area, y, &commit);
        if (k == cursor)
            lethe_pane_select(area, y, screen, LETHE_PANE_HISTORY);
    }
    if (below)
        lethe_draw_fit(area, area.rows - 1, 1, area.cols - 2, LETHE_INK_DIM, figures);
}

static size_t commit_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->commit_count;
}

static size_t commit_at(struct lethe_area area, int y, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    return lethe_pane_row_at(y, 0, area.rows, screen->cursor[LETHE_PANE_HISTORY],
                             view->commit_count);
}

static void say_commit(struct lethe_sentence *to, const struct lethe_view *view,
                       const struct lethe_screen *screen, size_t k)
{
    (void)screen;
    const struct lethe_view_commit *commit = &view->commits[k];
    lethe_say(to, "%s%s%s", commit->id, commit->head ? ", here" : "",
              commit->undone ? ", undone" : "");
    if (commit->branches)
        lethe_say(to, ", branch %s", commit->branches);
    lethe_say(to, ", %s", commit->forget ? commit->forget : "");
    if (commit->message && *commit->message)
        lethe_say(to, ", %s", commit->message);
    if (commit->figures)
        lethe_say(to, ", %s", commit->figures);
}

static void checkout(struct lethe_pane_request *ask, const struct lethe_view *view,
                     struct lethe_screen *screen, uint32_t code)
{
    (void)code;
    const size_t at = screen->cursor[LETHE_PANE_HISTORY];
    if (at < view->commit_count)
        snprintf(ask->line, sizeof ask->line, "checkout %s", view->commits[at].id);
}

static const struct lethe_pane_key keys[] = {
    {LETHE_KEY_ENTER, 0, "Enter", "go to", "check this commit out", NULL, checkout},
    {0},
};

const struct lethe_pane_ops lethe_pane_history = {
    .name = "history",
    .title = "History",
    .caption = put_caption,
    .draw = draw,
    .rows = commit_rows,
    .at = commit_at,
    .word = "state",
    .keys = keys,
    .say = say_commit,
};
