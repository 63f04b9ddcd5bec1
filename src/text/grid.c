/* SPDX-License-Identifier: MIT
 * Tables as text. The heading line is left out when every heading is empty. */
#include "text/grid.h"

#include <string.h>
#include "base/alloc.h"

void lethe_grid_release(struct lethe_grid *grid)
{
    for (size_t c = 0; c < grid->columns; c++)
        lethe_free(grid->headings[c]);
    for (size_t i = 0; i < grid->rows * LETHE_GRID_COLUMNS; i++)
        lethe_free(grid->cells[i]);
    lethe_free(grid->cells);
    *grid = (struct lethe_grid){0};
}

size_t lethe_grid_column(struct lethe_grid *grid, const char *heading)
{
    for (size_t c = 0; c < grid->columns; c++)
        if (strcmp(grid->headings[c], heading) == 0)
            return c;
    char *copy = grid->columns < LETHE_GRID_COLUMNS ? lethe_strdup(heading) : NULL;
    if (!copy) {
        grid->failed = 1;
        return 0;
    }
    grid->headings[grid->columns] = copy;
    return grid->columns++;
}

static int grow(struct lethe_grid *grid, size_t row)
{
    if (row >= grid->room) {
        size_t room = row + 1 > 2 * grid->room ? row + 1 : 2 * grid->room;
        char **cells = lethe_realloc(grid->cells, room, LETHE_GRID_COLUMNS * sizeof *grid->cells);
        if (!cells)
            return 0;
        grid->cells = cells;
        grid->room = room;
    }
    for (; grid->rows <= row; grid->rows++)
        memset(grid->cells + grid->rows * LETHE_GRID_COLUMNS, 0,
               LETHE_GRID_COLUMNS * sizeof *grid->cells);
    return 1;
}

void lethe_grid_set(struct lethe_grid *grid, size_t row, size_t column, const char *text, int right)
{
    char *copy = lethe_strdup(text);
    if (!copy || !grow(grid, row)) {
        lethe_free(copy);
        grid->failed = 1;
        return;
    }
    char **cell = &grid->cells[row * LETHE_GRID_COLUMNS + column];
    lethe_free(*cell);
    *cell = copy;
    grid->right[column] |= right;
}

static const char *cell_at(const struct lethe_grid *grid, size_t row, size_t column)
{
    const char *cell = grid->cells[row * LETHE_GRID_COLUMNS + column];
    return cell ? cell : "";
}

/* Bytes of text that go on a line of so many columns: up to the last blank that fits, or behind the
 * last comma, or as many as fit where a word is longer. */
static size_t line_of(const char *text, size_t columns)
{
    size_t i = 0, blank = 0, comma = 0;
    for (; text[i]; i++) {
        if (((unsigned char)text[i] & 0xC0) == 0x80)
            continue;
        if (text[i] == ' ')
            blank = i;
        if (!columns--)
            return blank ? blank : comma ? comma : i;
        if (text[i] == ',')
            comma = i + 1;
    }
    return i;
}

/* Where the next lines of a cell begin: `indent` columns in. */
static void draw_words(struct lethe_text *out, const char *text, size_t width, size_t indent)
{
    for (size_t n; *text; text += n) {
        n = line_of(text, width);
        lethe_text_add_bytes(out, text, n);
        while (text[n] == ' ')
            n++;
        if (text[n]) {
            lethe_text_add(out, "\n");
            lethe_text_add_char(out, ' ', indent);
        }
    }
}

static void draw_cell(struct lethe_text *out, const char *text, size_t width, int right)
{
    size_t columns = lethe_text_columns(text);
    size_t pad = columns < width ? width - columns : 0;
    if (right)
        lethe_text_add_char(out, ' ', pad);
    lethe_text_add(out, text);
    if (!right)
        lethe_text_add_char(out, ' ', pad);
}

enum { NARROW = 16, BELOW = 2 };

struct layout {
    size_t widths[LETHE_GRID_COLUMNS];
    size_t indent, between;
    int below; /* the last column stands on lines of its own, BELOW columns in */
};

/* Sets widths[c] and the blanks between columns: one where two are too many for the line. The last
 * column of words gets what is left; where that is narrow it goes below its row. */
static void measure(const struct lethe_grid *grid, struct layout *layout, size_t width)
{
    size_t sum = layout->indent, between = 2, *widths = layout->widths;
    for (size_t c = 0; c < grid->columns; c++) {
        widths[c] = lethe_text_columns(grid->headings[c]);
        for (size_t r = 0; r < grid->rows; r++)
            if (lethe_text_columns(cell_at(grid, r, c)) > widths[c])
                widths[c] = lethe_text_columns(cell_at(grid, r, c));
        sum += widths[c] + 2;
    }
    size_t last = grid->columns - 1;
    if (sum > width + 2) {
        between = 1;
        sum -= grid->columns - 1;
    }
    if (sum > width + 2 && !grid->right[last]) {
        const size_t over = sum - width - 2;
        const size_t own = widths[last], left = own > over ? own - over : 0;
        const size_t least = own < NARROW ? own : NARROW / 2; /* short words stay in their row */
        layout->below = last > 0 && left < NARROW && own >= NARROW;
        widths[last] = left > least ? left : least;
        if (layout->below && width > layout->indent + BELOW + NARROW)
            widths[last] = width - layout->indent - BELOW;
    }
    layout->between = between;
}

static void draw_row(struct lethe_text *out, const struct lethe_grid *grid,
                     const struct layout *layout, size_t row)
{
    size_t last = grid->columns, at = layout->indent;
    lethe_text_add_char(out, ' ', layout->indent);
    while (last > 1 &&
           !*(row == grid->rows ? grid->headings[last - 1] : cell_at(grid, row, last - 1)))
        last--;
    for (size_t c = 0; c < last; c++) {
        const char *text = row == grid->rows ? grid->headings[c] : cell_at(grid, row, c);
        if (layout->below && c + 1 == grid->columns) {
            lethe_text_add(out, "\n");
            lethe_text_add_char(out, ' ', layout->indent + BELOW);
            draw_words(out, text, layout->widths[c], layout->indent + BELOW);
            break;
        }
        lethe_text_add_char(out, ' ', c ? layout->between : 0);
        at += c ? layout->between : 0;
        if (c + 1 == last && !grid->right[c])
            draw_words(out, text, layout->widths[c], at);
        else
            draw_cell(out, text,
                      layout->below && c + 2 == last && !grid->right[c] ? 0 : layout->widths[c],
                      grid->right[c]);
        at += layout->widths[c];
    }
    lethe_text_add(out, "\n");
}

void lethe_grid_draw(struct lethe_text *out, const struct lethe_grid *grid, size_t indent,
                     size_t width, int ansi)
{
    struct layout layout = {.indent = indent};
    int headed = 0;
    if (!grid->columns || !grid->rows)
        return;
    measure(grid, &layout, width);
    for (size_t c = 0; c < grid->columns; c++)
        headed |= grid->headings[c][0] != '\0';
    if (headed) {
        lethe_text_add(out, ansi ? "\033[2m" : "");
        draw_row(out, grid, &layout, grid->rows);
        lethe_text_add(out, ansi ? "\033[0m" : "");
    }
    for (size_t r = 0; r < grid->rows; r++)
        draw_row(out, grid, &layout, r);
    if (grid->failed)
        out->failed = 1;
}
