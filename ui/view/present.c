/* SPDX-License-Identifier: MIT
 * The screen for an audience: a caption above few panes, one figure in digits five lines high, and
 * nothing in faint ink. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ui/term/glyph.h"
#include "ui/view/format.h"
#include "ui/view/pane.h"

enum {
    DIGIT_ROWS = 5,
    DIGIT_COLS = 3,
    LARGE_ROWS = DIGIT_ROWS + 3, /* its name, the words below, a blank line */
    LEAST_BELOW = 4              /* lines of the table that large digits must leave */
};

#define NAME(constant, name) [LETHE_PANE_##constant] = #name,
static const char *const pane_names[] = {LETHE_PANE_LIST(NAME)};

/* The pane of a name; LETHE_PANES: there is none. */
static int pane_of(const char *name)
{
    int k = 0;
    while (k < LETHE_PANES && strcmp(pane_names[k], name) != 0)
        k++;
    return k;
}

static int is_staged(const struct lethe_screen *screen, enum lethe_pane pane)
{
    for (size_t k = 0; k < screen->staged_count; k++)
        if (screen->staged[k] == pane)
            return 1;
    return 0;
}

static void stage(struct lethe_screen *screen, const char *name)
{
    const int pane = pane_of(name);
    if (pane < LETHE_PANES && screen->staged_count < LETHE_STAGED_PANES &&
        !is_staged(screen, (enum lethe_pane)pane))
        screen->staged[screen->staged_count++] = (enum lethe_pane)pane;
}

void lethe_present_take(struct lethe_screen *screen, const struct lethe_view *view, int rows,
                        int cols)
{
    const struct lethe_view_staging *staging = &view->staging;
    const struct lethe_view_lesson *lesson = &view->lesson;
    const struct lethe_screen before = *screen;
    screen->presenting = staging->on;
    screen->staged_count = 0;
    for (size_t k = 0; k < staging->pane_count; k++)
        stage(screen, staging->panes[k]);
    const char *pointed = lethe_lesson_pane(lesson);
    screen->pointed = (enum lethe_pane)(pointed ? pane_of(pointed) : LETHE_PANES);
    if (!staging->pane_count && pointed) {
        stage(screen, pane_names[screen->focus]);
        stage(screen, pointed);
    }
    /* the sliders never without what they move, a figure that stands out never out of sight */
    if (staging->on && !staging->pane_count && !pointed &&
        (screen->focus == LETHE_PANE_BLANKET || staging->spot)) {
        stage(screen, pane_names[screen->focus]);
        stage(screen, pane_names[LETHE_PANE_PREVIEW]);
    }
    const int anew =
        screen->staged_count != before.staged_count ||
        memcmp(screen->staged, before.staged, screen->staged_count * sizeof *screen->staged) != 0 ||
        !before.presenting;
    if (staging->on && anew && screen->staged_count && !is_staged(screen, screen->focus))
        screen->focus = screen->staged[0];
    const int most = rows / 6; /* the panes are what it is about */
    const int lines = staging->caption ? lethe_pane_rows(cols - 4, staging->caption) : 0;
    screen->caption_rows = lines ? (lines < most ? lines : most) + 1 : 0;
}

void lethe_present_caption(struct lethe_area area, const struct lethe_view *view)
{
    const char *text = view->staging.caption;
    if (!text)
        return;
    const int wide = lethe_glyph_columns(text);
    if (wide <= area.cols - 4)
        lethe_draw_text(area, 0, (area.cols - wide) / 2, LETHE_INK_STRONG, text);
    else
        lethe_pane_say(lethe_area_part(area, 0, 2, area.rows, area.cols - 4), 0, LETHE_INK_STRONG,
                       text);
}

/* Fifteen bits a sign, rows of three from the top. */
static unsigned pattern(char sign)
{
    static const struct {
        char sign;
        unsigned short rows[DIGIT_ROWS];
    } signs[] = {{'0', {7, 5, 5, 5, 7}}, {'1', {2, 6, 2, 2, 7}}, {'2', {7, 1, 7, 4, 7}},
                 {'3', {7, 1, 7, 1, 7}}, {'4', {5, 5, 7, 1, 1}}, {'5', {7, 4, 7, 1, 7}},
                 {'6', {7, 4, 7, 5, 7}}, {'7', {7, 1, 1, 2, 2}}, {'8', {7, 5, 7, 5, 7}},
                 {'9', {7, 5, 7, 1, 7}}, {'.', {0, 0, 0, 0, 2}}, {'-', {0, 0, 7, 0, 0}},
                 {'+', {0, 2, 7, 2, 0}}, {'e', {7, 5, 7, 4, 7}}};
    unsigned bits = 0;
    for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
        for (int y = 0; signs[k].sign == sign && y < DIGIT_ROWS; y++)
            bits = bits << DIGIT_COLS | signs[k].rows[y];
    return bits;
}

static int sign_columns(char sign)
{
    return sign == '.' ? 2 : DIGIT_COLS + 1;
}

static int large_columns(const char *text)
{
    int cols = 0;
    for (; *text; text++)
        cols += sign_columns(*text);
    return cols;
}

static void large_text(struct lethe_area area, int y, int x, uint16_t ink, const char *text)
{
    for (; *text; x += sign_columns(*text++)) {
        const unsigned bits = pattern(*text);
        const int thin = *text == '.'; /* its dot stands in the first column */
        for (int k = 0; k < DIGIT_ROWS * DIGIT_COLS; k++)
            if (bits >> (DIGIT_ROWS * DIGIT_COLS - 1 - k) & 1u)
                lethe_draw_glyph(area, y + k / DIGIT_COLS, x + k % DIGIT_COLS - thin, 0x2588, ink);
    }
}

int lethe_present_rows(struct lethe_area area)
{
    return area.rows >= LARGE_ROWS + LEAST_BELOW ? LARGE_ROWS : 0;
}

/* 1 when every sign of the text has a pattern: what is not known yet, or infinite, has none. */
static int is_large(const char *text)
{
    while (*text && pattern(*text))
        text++;
    return !*text;
}

int lethe_present_figure(struct lethe_area area, int y, const struct lethe_view_figure *figure)
{
    static const char *const names[] = {"before", "now", "retrained"};
    static const uint16_t inks[] = {LETHE_INK_TEXT, LETHE_INK_STRONG, LETHE_INK_RETRAIN};
    const double values[] = {figure->before, figure->now, figure->retrain};
    const int wide = area.cols / 3;
    lethe_draw_text(area, y, 1, LETHE_INK_STRONG, figure->name);
    for (int k = 0; k < 3; k++) {
        char text[LETHE_FORMAT_ROOM];
        const int x = 1 + k * wide;
        lethe_format_figure(text, values[k], figure->kind);
        if (is_large(text) && large_columns(text) < wide)
            large_text(area, y + 1, x, inks[k], text);
        else
            lethe_draw_text(area, y + 1 + DIGIT_ROWS / 2, x, inks[k], text);
        lethe_draw_text(area, y + 1 + DIGIT_ROWS, x, LETHE_INK_TEXT, names[k]);
    }
    return LARGE_ROWS;
}

void lethe_present_contrast(struct lethe_canvas *canvas)
{
    const size_t count = (size_t)canvas->rows * (size_t)canvas->cols;
    for (struct lethe_cell *cell = canvas->cells; cell < canvas->cells + count; cell++)
        if (cell->ink == LETHE_INK_DIM || cell->ink == LETHE_INK_RULE)
            cell->ink = LETHE_INK_TEXT;
}

int lethe_present_spots(const struct lethe_view *view, const char *figure)
{
    const struct lethe_view_lesson *lesson = &view->lesson;
    if (view->staging.spot && strcasecmp(view->staging.spot, figure) == 0)
        return 1;
    return lesson->title && lesson->point && strcmp(lesson->point_kind, "figure") == 0 &&
           strcasecmp(lesson->point, figure) == 0;
}
