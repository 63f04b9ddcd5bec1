/* SPDX-License-Identifier: MIT
 * What is drawn over the panes: help of the focused pane, the command palette, long results, and
 * the question before something is lost. */
#include <string.h>

#include "ui/term/glyph.h"
#include "ui/view/pane.h"

static struct lethe_area box(struct lethe_area area, int rows, int cols, const char *title)
{
    rows = rows + 2 < area.rows ? rows + 2 : area.rows;
    cols = cols + 4 < area.cols ? cols + 4 : area.cols;
    struct lethe_area frame =
        lethe_area_part(area, (area.rows - rows) / 3, (area.cols - cols) / 2, rows, cols);
    for (int y = 0; y < frame.rows; y++)
        for (int x = 0; x < frame.cols; x++)
            lethe_draw_cell(frame, y, x, (struct lethe_cell){' ', LETHE_INK_TEXT, LETHE_INK_TEXT});
    lethe_draw_hrule(frame, 0, 0, frame.cols, LETHE_INK_ACCENT);
    lethe_draw_hrule(frame, frame.rows - 1, 0, frame.cols, LETHE_INK_ACCENT);
    for (int y = 0; y < frame.rows; y++)
        for (int side = 0; side < 2; side++) {
            unsigned arms = y == 0                ? LETHE_ARM_DOWN
                            : y == frame.rows - 1 ? LETHE_ARM_UP
                                                  : LETHE_ARM_UP | LETHE_ARM_DOWN;
            if (y == 0 || y == frame.rows - 1)
                arms |= side ? LETHE_ARM_LEFT : LETHE_ARM_RIGHT;
            lethe_draw_glyph(frame, y, side ? frame.cols - 1 : 0, lethe_glyph_rule(arms),
                             LETHE_INK_ACCENT);
        }
    if (title) {
        lethe_draw_fit(frame, 0, 3, frame.cols - 6, LETHE_INK_FOCUS, title);
        lethe_draw_glyph(frame, 0, 2, ' ', LETHE_INK_FOCUS);
        int end = 3 + lethe_glyph_columns(title);
        lethe_draw_glyph(frame, 0, end < frame.cols - 3 ? end : frame.cols - 3, ' ',
                         LETHE_INK_FOCUS);
    }
    return lethe_area_part(frame, 1, 2, frame.rows - 2, frame.cols - 4);
}

/* On the lower rule, when rows follow below. */
static void more(struct lethe_area inside, size_t rows)
{
    struct lethe_area rule = inside;
    rule.rows++; /* the rule lies below the inside */
    if (rows)
        lethe_draw_textf(rule, inside.rows, 1, LETHE_INK_ACCENT, " ↓ %zu more: j, Space ", rows);
}

/* A palette row: the command, what it does. */
static void command_row(struct lethe_area area, int y, const struct lethe_view_entry *entry,
                        int names)
{
    int dim = entry->off != NULL;
    lethe_draw_fit(area, y, 2, names, dim ? LETHE_INK_DIM : LETHE_INK_STRONG, entry->name);
    lethe_draw_fit(area, y, names + 4, area.cols - names - 4, LETHE_INK_DIM,
                   dim           ? entry->off
                   : entry->help ? entry->help
                                 : "");
}

/* A row of help: the key, what it does, and why not now. */
static void key_row(struct lethe_area area, int y, const struct lethe_view_entry *entry)
{
    int dim = entry->off != NULL;
    lethe_draw_fit(area, y, 0, 9, dim ? LETHE_INK_KEY_OFF : LETHE_INK_KEY, entry->key);
    int x = lethe_draw_fit(area, y, 10, area.cols - 10, dim ? LETHE_INK_DIM : LETHE_INK_TEXT,
                           entry->help ? entry->help : "");
    if (dim)
        lethe_draw_fit(area, y, x + 2, area.cols - x - 2, LETHE_INK_WARN, entry->off);
}

static int name_columns(const struct lethe_screen *screen)
{
    int names = 0;
    for (size_t k = 0; k < screen->entry_count; k++) {
        int columns = lethe_glyph_columns(screen->entries[k].name);
        names = columns > names ? columns : names;
    }
    return names;
}

static void entries(struct lethe_area area, const struct lethe_screen *screen)
{
    int palette = screen->overlay == LETHE_OVERLAY_PALETTE;
    int want = area.cols < 108 ? area.cols - 8 : 100, names = name_columns(screen);
    names = names < want * 2 / 5 ? names : want * 2 / 5;
    int rows = (int)screen->entry_count + palette;
    rows = palette && rows < area.rows / 2 ? area.rows / 2 : rows; /* no jumping while typing */
    struct lethe_area inside =
        box(area, rows < area.rows - 4 ? rows : area.rows - 4, want, screen->title);
    if (palette) {
        int x = lethe_draw_text(inside, 0, 0, LETHE_INK_ACCENT, "▸ ");
        x = lethe_draw_text(inside, 0, x, LETHE_INK_STRONG, screen->input ? screen->input : "");
        lethe_draw_paper(inside, 0, x, 1, LETHE_INK_SELECT);
        inside = lethe_area_part(inside, 1, 0, inside.rows - 1, inside.cols);
        if (!screen->entry_count)
            lethe_draw_text(inside, 0, 2, LETHE_INK_DIM, "nothing matches");
    }
    size_t cursor = palette ? screen->entry_cursor : screen->scroll + (size_t)(inside.rows / 2);
    size_t top = lethe_pane_top(cursor, screen->entry_count, inside.rows);
    if (!palette && screen->entry_count > top + (size_t)inside.rows)
        more(inside, screen->entry_count - top - (size_t)inside.rows);
    for (size_t k = top; k < screen->entry_count && (int)(k - top) < inside.rows; k++) {
        int y = (int)(k - top);
        if (!palette) {
            key_row(inside, y, &screen->entries[k]);
            continue;
        }
        command_row(inside, y, &screen->entries[k], names);
        if (k == screen->entry_cursor) {
            lethe_draw_text(inside, y, 0, LETHE_INK_TEXT, "▸");
            lethe_draw_paper(inside, y, 0, inside.cols, LETHE_INK_SELECT);
        }
    }
}

static void long_text(struct lethe_area area, const struct lethe_screen *screen)
{
    const char *text = screen->text ? screen->text : "";
    int wide = screen->title ? lethe_glyph_columns(screen->title) + 4 : 0, lines = 0;
    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\n");
        char copy[512];
        size_t cut = length < sizeof copy - 1 ? length : sizeof copy - 1;
        memcpy(copy, line, cut);
        copy[cut] = 0;
        int columns = lethe_glyph_columns(copy);
        wide = columns > wide ? columns : wide;
        lines++;
        line += length + (line[length] != 0);
    }
    int rows = lines < area.rows - 4 ? lines : area.rows - 4;
    struct lethe_area inside = box(area, rows, wide, screen->title);
    size_t top = screen->scroll + (size_t)inside.rows > (size_t)lines
                     ? (size_t)(lines > inside.rows ? lines - inside.rows : 0)
                     : screen->scroll;
    if ((size_t)lines > top + (size_t)inside.rows)
        more(inside, (size_t)lines - top - (size_t)inside.rows);
    size_t k = 0;
    for (const char *line = text; *line && k < top + (size_t)inside.rows; k++) {
        size_t length = strcspn(line, "\n");
        char copy[512];
        size_t cut = length < sizeof copy - 1 ? length : sizeof copy - 1;
        memcpy(copy, line, cut);
        copy[cut] = 0;
        if (k >= top)
            lethe_draw_fit(inside, (int)(k - top), 0, inside.cols, LETHE_INK_TEXT, copy);
        line += length + (line[length] != 0);
    }
}

void lethe_view_overlay(struct lethe_area area, const struct lethe_screen *screen)
{
    switch (screen->overlay) {
    case LETHE_OVERLAY_NONE:
        return;
    case LETHE_OVERLAY_HELP:
    case LETHE_OVERLAY_PALETTE:
        entries(area, screen);
        return;
    case LETHE_OVERLAY_TEXT:
    case LETHE_OVERLAY_ASK:
        long_text(area, screen);
        return;
    }
}
