/* SPDX-License-Identifier: MIT
 * A table of texts whose columns are found by heading; drawn with aligned columns. */
#ifndef LETHE_TEXT_GRID_H
#define LETHE_TEXT_GRID_H

#include <stddef.h>
#include "base/text.h"

enum { LETHE_GRID_COLUMNS = 24 };

struct lethe_grid {
    char *headings[LETHE_GRID_COLUMNS];
    int right[LETHE_GRID_COLUMNS]; /* a number stands in the column */
    size_t columns, rows, room;
    char **cells; /* (room, LETHE_GRID_COLUMNS), NULL: empty */
    int failed;
};

void lethe_grid_release(struct lethe_grid *grid); /* zeroed ok */
/* Number of the column with this heading, which is added at the right when it is new. */
size_t lethe_grid_column(struct lethe_grid *grid, const char *heading);
/* Copies text into a cell; rows grow as needed. */
void lethe_grid_set(struct lethe_grid *grid, size_t row, size_t column, const char *text,
                    int right);
/* Two blanks between columns, one where the line is short; numbers to the right. A last column of
 * words goes on below where it ends at width. */
void lethe_grid_draw(struct lethe_text *out, const struct lethe_grid *grid, size_t indent,
                     size_t width, int ansi);

#endif
