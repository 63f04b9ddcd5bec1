/* SPDX-License-Identifier: MIT
 * Surface: a figure over blanket size (down) and damping (across), with the current point in
 * brackets and an arrow with a letter under the dampings that a rule recommends. Arrow keys move
 * the point when the pane has the focus. */
#include <math.h>
#include <stdio.h>

#include "ui/term/glyph.h"
#include "ui/term/key.h"
#include "ui/view/format.h"
#include "ui/view/pane.h"
#include "ui/view/sentence.h"

static void put_caption(char *out, size_t room, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    (void)screen;
    if (view->surface.figure)
        snprintf(out, room, "%s", view->surface.figure);
}

/* The row nearest to a size, the column nearest to a damping: the map may be coarser than the
 * sliders. */
static size_t row_of(const struct lethe_view_surface *surface, size_t size)
{
    size_t best = 0;
    for (size_t k = 1; k < surface->rows; k++)
        if (fabs((double)surface->sizes[k] - (double)size) <
            fabs((double)surface->sizes[best] - (double)size))
            best = k;
    return best;
}

static double distance(double a, double b)
{
    enum { ZERO = -12 }; /* where damping 0 stands among the powers of ten */
    return fabs((a > 0 ? log10(a) : ZERO) - (b > 0 ? log10(b) : ZERO));
}

static size_t column_of(const struct lethe_view_surface *surface, double damping)
{
    size_t best = 0;
    for (size_t k = 1; k < surface->cols; k++)
        if (distance(surface->dampings[k], damping) < distance(surface->dampings[best], damping))
            best = k;
    return best;
}

static void limits(double *lo, double *hi, const struct lethe_view_surface *surface)
{
    *lo = INFINITY;
    *hi = -INFINITY;
    for (size_t k = 0; k < surface->rows * surface->cols; k++)
        if (isfinite(surface->values[k])) {
            *lo = fmin(*lo, surface->values[k]);
            *hi = fmax(*hi, surface->values[k]);
        }
}

static void size_labels(struct lethe_area area, const struct lethe_view_surface *surface,
                        size_t top, int rows)
{
    char text[LETHE_FORMAT_ROOM];
    for (int y = 0; y < rows; y++) {
        snprintf(text, sizeof text, "%zu", surface->sizes[top + (size_t)y]);
        lethe_draw_right(area, y, 5, LETHE_INK_DIM, text);
    }
}

static void damping_labels(struct lethe_area area, const struct lethe_view_surface *surface, int y,
                           int cell)
{
    char text[LETHE_FORMAT_ROOM];
    int free_from = 0;
    for (size_t k = 0; k < surface->cols; k++) {
        lethe_format_damping(text, surface->dampings[k]);
        int x = 6 + (int)k * cell;
        if (x >= free_from && x + 5 <= area.cols)
            free_from = lethe_draw_text(area, y, x, LETHE_INK_DIM, text) + 1;
    }
}

/* Arrows under the map at the dampings of the rules, each with the first letter of its name. */
static void mark_rules(struct lethe_area area, int y, const struct lethe_view_surface *surface,
                       int cell)
{
    for (size_t k = 0; k < surface->rule_count; k++) {
        const struct lethe_view_rule *rule = &surface->rules[k];
        char letter[2] = {rule->name[0], 0};
        int x = 6 + (int)column_of(surface, rule->damping) * cell;
        lethe_draw_glyph(area, y, x, 0x25b2, LETHE_INK_ACCENT);
        lethe_draw_text(area, y, x + 1, LETHE_INK_ACCENT, letter);
    }
}

static void legend(struct lethe_area area, int y, const struct lethe_view_surface *surface,
                   double lo, double hi)
{
    char from[LETHE_FORMAT_ROOM], to[LETHE_FORMAT_ROOM], at[LETHE_FORMAT_ROOM];
    lethe_format_figure(from, lo, LETHE_FIGURE_LOSS);
    lethe_format_figure(to, hi, LETHE_FIGURE_LOSS);
    int x = lethe_draw_textf(area, y, 6, LETHE_INK_DIM, "░ %s  █ %s  [ ] set", from, to);
    for (size_t k = 0; k < surface->rule_count; k++) {
        char rule[48];
        lethe_format_damping(at, surface->rules[k].damping);
        snprintf(rule, sizeof rule, "▲%.20s %s", surface->rules[k].name, at);
        if (x + 2 + lethe_glyph_columns(rule) <= area.cols) /* half a word says nothing */
            x = lethe_draw_text(area, y, x + 2, LETHE_INK_DIM, rule);
    }
}

static void draw(struct lethe_area area, const struct lethe_view *view,
                 const struct lethe_screen *screen)
{
    (void)screen;
    const struct lethe_view_surface *surface = &view->surface;
    if (!surface->rows || !surface->cols) {
        lethe_pane_empty(area, view, "surface",
                         view->forgetting
                             ? "press g to compute the figure over blanket size and damping"
                             : "mark what to forget first; then g computes a figure over blanket "
                               "size and damping");
        return;
    }
    const int marks = surface->rule_count > 0, below = 2 + marks;
    size_t mark = row_of(surface, view->blanket_size);
    int rows = area.rows - below < (int)surface->rows ? area.rows - below : (int)surface->rows;
    if (rows < 1)
        return;
    size_t top = lethe_pane_top(mark, surface->rows, rows);
    int cell = (area.cols - 7) / (int)surface->cols;
    cell = cell < 1 ? 1 : cell > 7 ? 7 : cell;
    double lo, hi;
    limits(&lo, &hi, surface);
    struct lethe_heat heat = {.values = surface->values + top * surface->cols,
                              .rows = (size_t)rows,
                              .cols = surface->cols,
                              .lo = lo,
                              .hi = hi,
                              .cell = cell,
                              .mark_row = mark - top,
                              .mark_col = column_of(surface, view->damping)};
    lethe_chart_heat(lethe_area_part(area, 0, 6, rows, area.cols - 6), &heat);
    if (marks)
        mark_rules(area, rows, surface, cell);
    size_labels(area, surface, top, rows);
    damping_labels(area, surface, rows + marks, cell);
    legend(area, rows + marks + 1, surface, lo, hi);
}

static size_t sentences(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->surface.rows;
}

/* A row of the map: its best damping. */
static void say_surface(struct lethe_sentence *to, const struct lethe_view *view,
                        const struct lethe_screen *screen, size_t k)
{
    (void)screen;
    const struct lethe_view_surface *surface = &view->surface;
    const double *values = surface->values + k * surface->cols;
    char damping[LETHE_FORMAT_ROOM];
    size_t best = 0;
    for (size_t c = 1; c < surface->cols; c++)
        if (values[c] < values[best] || isnan(values[best]))
            best = c;
    lethe_format_damping(damping, surface->dampings[best]);
    lethe_say(to, "%zu units: lowest at damping %s", surface->sizes[k], damping);
    lethe_say_figure(to, surface->figure, values[best], LETHE_FIGURE_LOSS);
    if (k != row_of(surface, view->blanket_size))
        return;
    const size_t here = column_of(surface, view->damping);
    char figure[LETHE_FORMAT_ROOM];
    lethe_format_damping(damping, surface->dampings[here]);
    lethe_format_figure(figure, values[here], LETHE_FIGURE_LOSS);
    if (isfinite(values[here]))
        lethe_say(to, "; at %s %s", damping, figure);
}

static void move(struct lethe_pane_request *ask, const struct lethe_view *view,
                 struct lethe_screen *screen, uint32_t code)
{
    (void)view;
    (void)screen;
    lethe_pane_slide(ask, LETHE_SLIDER_BLANKET, code == LETHE_KEY_UP || code == 'k' ? -1 : 1);
}

static void slide(struct lethe_pane_request *ask, const struct lethe_view *view,
                  struct lethe_screen *screen, uint32_t code)
{
    (void)view;
    (void)screen;
    const int left =
        code == LETHE_KEY_LEFT || code == 'h' || code == LETHE_KEY_SHIFT_LEFT || code == 'H';
    const int far =
        code == 'H' || code == 'L' || code == LETHE_KEY_SHIFT_LEFT || code == LETHE_KEY_SHIFT_RIGHT;
    lethe_pane_slide(ask, LETHE_SLIDER_DAMPING, (left ? -1 : 1) * (far ? 2 : 1));
}

static const struct lethe_pane_key keys[] = {
    {LETHE_KEY_UP, 'k', "↑↓", "blanket", "blanket size; the arrows sideways set the damping", NULL,
     move},
    {LETHE_KEY_DOWN, 'j', NULL, NULL, NULL, NULL, move},
    {LETHE_KEY_LEFT, 'h', "←→", "damping", "damping by one step; also h and l", NULL, slide},
    {LETHE_KEY_RIGHT, 'l', NULL, NULL, NULL, NULL, slide},
    {'H', LETHE_KEY_SHIFT_LEFT, "H L", NULL, "damping by several steps", NULL, slide},
    {'L', LETHE_KEY_SHIFT_RIGHT, NULL, NULL, NULL, NULL, slide},
    {0},
};

const struct lethe_pane_ops lethe_pane_surface = {
    .name = "surface",
    .title = "Surface",
    .caption = put_caption,
    .draw = draw,
    .word = "surface",
    .keys = keys,
    .sentences = sentences,
    .say = say_surface,
};
