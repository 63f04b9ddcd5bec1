/* SPDX-License-Identifier: MIT
 * Methods: the last table of 'compare methods' or 'compare masks', what comes nearest to retraining
 * first, between the network as it was and the retrained ones. Where there is no room for all
 * columns the last ones are left out. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ui/term/glyph.h"
#include "ui/term/key.h"
#include "ui/view/format.h"
#include "ui/view/pane.h"
#include "ui/view/sentence.h"

enum { VALUE = 10, NAME = 18, HEAD = 1 };

static const struct column {
    const char *name, *said;
    enum lethe_figure_kind kind;
} columns[LETHE_VIEW_TABLE_FIGURES] = {
    [LETHE_VIEW_TABLE_KL_FORGET] = {"KL forget", "KL forget", LETHE_FIGURE_LOSS},
    [LETHE_VIEW_TABLE_KL_RETAIN] = {"KL retain", "KL retain", LETHE_FIGURE_LOSS},
    [LETHE_VIEW_TABLE_FORGET] = {"forget", "forget accuracy in percent", LETHE_FIGURE_PERCENT},
    [LETHE_VIEW_TABLE_HELDOUT] = {"held-out", "held-out accuracy in percent", LETHE_FIGURE_PERCENT},
    [LETHE_VIEW_TABLE_AUC] = {"AUC", "attack AUC", LETHE_FIGURE_FRACTION},
    [LETHE_VIEW_TABLE_RETAIN] = {"retained", "retain accuracy in percent", LETHE_FIGURE_PERCENT},
    [LETHE_VIEW_TABLE_KL_HELDOUT] = {"KL held", "KL held-out", LETHE_FIGURE_LOSS},
    [LETHE_VIEW_TABLE_RECOVERY] = {"recovery", "recovery of probabilities", LETHE_FIGURE_FRACTION},
    [LETHE_VIEW_TABLE_GAP] = {"gap", "average gap", LETHE_FIGURE_FRACTION},
    [LETHE_VIEW_TABLE_Z] = {"z AUC", "z of the attack AUC", LETHE_FIGURE_FRACTION},
};

static void put_caption(char *out, size_t room, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    const struct lethe_view_table *table = &view->table;
    const char *stale = table->stale ? ", of other samples" : "";
    (void)screen;
    if (table->count > 1 && table->masks && table->rows[1].word)
        snprintf(out, room, "%s on masks, %zu retrains%s", table->rows[1].word, table->retrains,
                 stale);
    else if (table->count)
        snprintf(out, room, "%s%s%s%s, %zu retrains%s", table->tuned ? "tuned" : "published",
                 table->own ? ", " : "", table->own ? table->own : "", table->own ? " as set" : "",
                 table->retrains, stale);
}

/* Columns for which there is room, at least one. */
static int columns_shown(int cols)
{
    const int room = (cols - NAME - 2) / VALUE;
    return room < 1 ? 1 : room > LETHE_VIEW_TABLE_FIGURES ? LETHE_VIEW_TABLE_FIGURES : room;
}

/* The last of them is how long it took, where all others have room. */
static int time_shown(int cols)
{
    return (cols - NAME - 2) / VALUE > LETHE_VIEW_TABLE_FIGURES;
}

static void table_row(struct lethe_area area, int y, const struct lethe_view_table_row *row)
{
    const int shown = columns_shown(area.cols);
    const uint16_t ink = row->line ? LETHE_INK_TEXT : LETHE_INK_DIM;
    char text[LETHE_FORMAT_ROOM];
    if (row->set)
        lethe_draw_text(area, y, 0, LETHE_INK_ACCENT, "*");
    lethe_draw_fit(area, y, 1, NAME - 1, ink, row->name);
    for (int f = 0; f < shown; f++) {
        if (f == LETHE_VIEW_TABLE_Z)
            lethe_format_z(text, row->figure[f]);
        else
            lethe_format_figure(text, row->figure[f], columns[f].kind);
        lethe_draw_right(area, y, NAME + (f + 1) * VALUE, ink, text);
    }
    if (!time_shown(area.cols) || isnan(row->seconds))
        return;
    lethe_format_seconds(text, row->seconds);
    lethe_draw_right(area, y, NAME + (shown + 1) * VALUE, ink, text);
}

static void headings(struct lethe_area area, int masks)
{
    const int shown = columns_shown(area.cols);
    lethe_draw_text(area, 0, 1, LETHE_INK_DIM, masks ? "mask" : "method");
    for (int f = 0; f < shown; f++)
        lethe_draw_right(area, 0, NAME + (f + 1) * VALUE, LETHE_INK_DIM, columns[f].name);
    if (time_shown(area.cols))
        lethe_draw_right(area, 0, NAME + (shown + 1) * VALUE, LETHE_INK_DIM, "time");
}

static void draw(struct lethe_area area, const struct lethe_view *view,
                 const struct lethe_screen *screen)
{
    const struct lethe_view_table *table = &view->table;
    if (!table->count) {
        lethe_pane_empty(area, view, "compare methods",
                         "every unlearning method beside retraining: x compares them in the "
                         "background, T searches their parameters first");
        return;
    }
    const int rows = area.rows - HEAD;
    const size_t cursor = screen->cursor[LETHE_PANE_METHODS];
    const size_t top = lethe_pane_top(cursor, table->count, rows);
    headings(area, table->masks);
    for (size_t k = top; k < table->count && (int)(k - top) < rows; k++) {
        table_row(area, HEAD + (int)(k - top), &table->rows[k]);
        if (k == cursor)
            lethe_pane_select(area, HEAD + (int)(k - top), screen, LETHE_PANE_METHODS);
    }
}

static size_t table_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->table.count;
}

static size_t table_at(struct lethe_area area, int y, const struct lethe_view *view,
                       const struct lethe_screen *screen)
{
    return lethe_pane_row_at(y, HEAD, area.rows - HEAD, screen->cursor[LETHE_PANE_METHODS],
                             view->table.count);
}

/* What a row's method is stands behind its name. */
static const char *word_at(const struct lethe_view *view, const struct lethe_screen *screen)
{
    const size_t at = screen->cursor[LETHE_PANE_METHODS];
    return at < view->table.count ? view->table.rows[at].word : NULL;
}

static void say_row(struct lethe_sentence *to, const struct lethe_view *view,
                    const struct lethe_screen *screen, size_t k)
{
    const struct lethe_view_table_row *row = &view->table.rows[k];
    (void)screen;
    lethe_say(to, "%s%s", row->name, row->set ? ", set" : "");
    for (int f = 0; f < LETHE_VIEW_TABLE_FIGURES; f++)
        lethe_say_figure(to, columns[f].said, row->figure[f], columns[f].kind);
    if (row->note && *row->note)
        lethe_say(to, "; %s", row->note);
}

/* The method of the row becomes the way the removal is made, with the parameters it has there. */
static void choose(struct lethe_pane_request *ask, const struct lethe_view *view,
                   struct lethe_screen *screen, uint32_t code)
{
    const size_t at = screen->cursor[LETHE_PANE_METHODS];
    (void)code;
    if (at >= view->table.count)
        snprintf(ask->refusal, sizeof ask->refusal,
                 "nothing was compared yet: x compares the methods");
    else if (!view->table.rows[at].line)
        snprintf(ask->refusal, sizeof ask->refusal, "this row is no method: it stands beside them");
    else
        snprintf(ask->line, sizeof ask->line, "%s", view->table.rows[at].line);
}

static const struct lethe_pane_key keys[] = {
    {LETHE_KEY_ENTER, 0, "Enter", "use", "make the removal by this row's method", "method", choose},
    {'x', 0, "x", "compare", "every method beside retraining, in the background",
     "compare methods &", NULL},
    {'T', 0, "T", "tuned", "the same with parameters that are searched first",
     "compare methods tuned &", NULL},
    {0},
};

const struct lethe_pane_ops lethe_pane_methods = {
    .name = "methods",
    .title = "Methods",
    .word = "methods pane",
    .caption = put_caption,
    .draw = draw,
    .rows = table_rows,
    .at = table_at,
    .word_at = word_at,
    .keys = keys,
    .say = say_row,
};
