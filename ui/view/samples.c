/* SPDX-License-Identifier: MIT
 * Samples: the ledger of training samples with their losses before, now and after retraining. A
 * cross marks what is to be forgotten, a label in parentheses the one before it was changed. */
#include <math.h>
#include <stdio.h>

#include "ui/term/glyph.h"
#include "ui/view/format.h"
#include "ui/view/pane.h"
#include "ui/view/sentence.h"

static const char *const headings[LETHE_SORTS] = {"id",      "label",    "before", "now",
                                                  "retrain", "leverage", "change"};

static void put_caption(char *out, size_t room, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    if (screen->filter && *screen->filter)
        snprintf(out, room, "%zu of %zu  /%s", screen->order_count, view->sample_count,
                 screen->filter);
    else if (view->sample_count)
        snprintf(out, room, "%zu", view->sample_count);
}

/* Right end of a column; 0 when the pane is too narrow for it. What is left over in a wide pane
 * goes between the columns. */
static int column_end(enum lethe_sample_sort column, int cols)
{
    static const int ends[LETHE_SORTS] = {7, 14, 21, 28, 36, 45, 54};
    int more = cols > ends[LETHE_SORTS - 1] + 1 ? (cols - ends[LETHE_SORTS - 1] - 1) : 0;
    int each = more / LETHE_SORTS < 6 ? more / LETHE_SORTS : 6;
    int end = ends[column] + each * (int)column;
    return end < cols ? end : 0;
}

/* Column at x, an enum lethe_sample_sort; -1: none. */
static int column_at(int x, int cols)
{
    for (int k = 0; k < LETHE_SORTS; k++)
        if (x < column_end((enum lethe_sample_sort)k, cols))
            return k;
    return -1;
}

static void heading_row(struct lethe_area area, const struct lethe_screen *screen)
{
    for (int k = 0; k < LETHE_SORTS; k++) {
        char text[24];
        int sorted = (int)screen->sort == k, end = column_end((enum lethe_sample_sort)k, area.cols);
        if (!end)
            continue;
        snprintf(text, sizeof text, "%s%s", headings[k],
                 !sorted              ? ""
                 : screen->descending ? "↓"
                                      : "↑");
        lethe_draw_right(area, 0, end, sorted ? LETHE_INK_STRONG : LETHE_INK_DIM, text);
    }
}

/* "cat", or "cat(dog)" where it was changed from dog; by number where classes have no names. What
 * does not fit between the columns is cut. */
static void label(struct lethe_area area, int y, uint16_t ink,
                  const struct lethe_view_sample *sample)
{
    char text[2 * LETHE_FORMAT_ROOM + 64];
    const int left = column_end(LETHE_SORT_ID, area.cols) + 1;
    const int end = column_end(LETHE_SORT_LABEL, area.cols);
    int used;
    if (!end)
        return;
    if (sample->class)
        used = snprintf(text, sizeof text, "%.60s", sample->class);
    else
        used = snprintf(text, sizeof text, "%d", sample->label);
    if (sample->label != sample->true_label && sample->true_class)
        snprintf(text + used, sizeof text - (size_t)used, "(%.40s)", sample->true_class);
    else if (sample->label != sample->true_label)
        snprintf(text + used, sizeof text - (size_t)used, "(%d)", sample->true_label);
    if (lethe_glyph_columns(text) <= end - left)
        lethe_draw_right(area, y, end, ink, text);
    else
        lethe_draw_fit(area, y, left, end - left, ink, text);
}

static void sample_row(struct lethe_area area, int y, const struct lethe_view_sample *sample)
{
    char text[LETHE_FORMAT_ROOM];
    uint16_t ink = sample->forget ? LETHE_INK_FORGET : LETHE_INK_TEXT;
    if (sample->forget)
        lethe_draw_text(area, y, 1, LETHE_INK_FORGET, "✗");
    snprintf(text, sizeof text, "%zu", sample->id);
    lethe_draw_right(area, y, column_end(LETHE_SORT_ID, area.cols), ink, text);
    label(area, y, ink, sample);
    const double values[] = {sample->before, sample->now, sample->retrain, sample->leverage,
                             sample->now - sample->before};
    for (int k = 0; k < LETHE_SORTS - LETHE_SORT_BEFORE; k++) {
        int end = column_end((enum lethe_sample_sort)(LETHE_SORT_BEFORE + k), area.cols);
        if (!end)
            continue;
        lethe_format_figure(text, values[k], LETHE_FIGURE_LOSS);
        lethe_draw_right(area, y, end, isnan(values[k]) ? LETHE_INK_DIM : ink, text);
    }
}

static void draw(struct lethe_area area, const struct lethe_view *view,
                 const struct lethe_screen *screen)
{
    if (!screen->order_count) {
        lethe_pane_say(area, 0, LETHE_INK_DIM,
                       view->sample_count ? "no sample matches the filter: Esc clears it"
                                          : "no training data: load a bundle with ':load PATH'");
        return;
    }
    heading_row(area, screen);
    size_t cursor = screen->cursor[LETHE_PANE_SAMPLES];
    size_t top = lethe_pane_top(cursor, screen->order_count, area.rows - 1);
    for (size_t k = top; k < screen->order_count && (int)(k - top) < area.rows - 1; k++) {
        int y = 1 + (int)(k - top);
        sample_row(area, y, &view->samples[screen->order[k]]);
        if (k == cursor)
            lethe_pane_select(area, y, screen, LETHE_PANE_SAMPLES);
    }
}

static size_t sample_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)view;
    return screen->order_count;
}

static size_t sample_at(struct lethe_area area, int y, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    (void)view;
    return lethe_pane_row_at(y, 1, area.rows - 1, screen->cursor[LETHE_PANE_SAMPLES],
                             screen->order_count);
}

static void say_sample(struct lethe_sentence *to, const struct lethe_view *view,
                       const struct lethe_screen *screen, size_t k)
{
    const struct lethe_view_sample *sample = &view->samples[screen->order[k]];
    lethe_say(to, "sample %zu, label %d", sample->id, sample->label);
    if (sample->class)
        lethe_say(to, " (%s)", sample->class);
    if (sample->true_label != sample->label)
        lethe_say(to, ", was %d", sample->true_label);
    if (sample->forget)
        lethe_say(to, ", to be forgotten");
    lethe_say_figure(to, "loss before", sample->before, LETHE_FIGURE_LOSS);
    lethe_say_figure(to, "now", sample->now, LETHE_FIGURE_LOSS);
    lethe_say_figure(to, "retrained", sample->retrain, LETHE_FIGURE_LOSS);
    lethe_say_figure(to, "leverage", sample->leverage, LETHE_FIGURE_FRACTION);
}

static const char *word(const struct lethe_view *view, const struct lethe_screen *screen)
{
    static const char *const words[LETHE_SORTS] = {
        [LETHE_SORT_ID] = "samples",     [LETHE_SORT_LABEL] = "class",
        [LETHE_SORT_BEFORE] = "loss",    [LETHE_SORT_NOW] = "loss",
        [LETHE_SORT_RETRAIN] = "loss",   [LETHE_SORT_LEVERAGE] = "leverage",
        [LETHE_SORT_CHANGE] = "control",
    };
    (void)view;
    return words[screen->sort];
}

/* The headings of the ledger sort it. */
static int press_heading(struct lethe_screen *screen, int x, int cols)
{
    const int column = column_at(x, cols);
    if (column < 0)
        return 0;
    if ((int)screen->sort == column)
        screen->descending = !screen->descending;
    screen->sort = (enum lethe_sample_sort)column;
    screen->cursor[LETHE_PANE_SAMPLES] = 0;
    return 1;
}

static void mark(struct lethe_pane_request *ask, const struct lethe_view *view,
                 struct lethe_screen *screen, uint32_t code)
{
    (void)code;
    const size_t row = screen->cursor[LETHE_PANE_SAMPLES];
    if (row >= screen->order_count)
        return;
    const struct lethe_view_sample *sample = &view->samples[screen->order[row]];
    snprintf(ask->line, sizeof ask->line, "forget %s %zu", sample->forget ? "remove" : "add",
             sample->id);
    ask->down = 1;
}

static void look(struct lethe_pane_request *ask, const struct lethe_view *view,
                 struct lethe_screen *screen, uint32_t code)
{
    (void)code;
    const size_t row = screen->cursor[LETHE_PANE_SAMPLES];
    if (row < screen->order_count)
        snprintf(ask->line, sizeof ask->line, "activation %zu",
                 view->samples[screen->order[row]].id);
}

static void sort(struct lethe_pane_request *ask, const struct lethe_view *view,
                 struct lethe_screen *screen, uint32_t code)
{
    (void)ask;
    (void)view;
    if (code == 'O')
        screen->descending = !screen->descending;
    else
        screen->sort = (enum lethe_sample_sort)((screen->sort + 1) % LETHE_SORTS);
    screen->cursor[LETHE_PANE_SAMPLES] = 0;
}

static const struct lethe_pane_key keys[] = {
    {' ', 0, "Space", "mark", "forget this sample, or keep it again", NULL, mark},
    {'o', 0, "o", "sort", "sort by the next column", NULL, sort},
    {'O', 0, "O", NULL, "turn the order round", NULL, sort},
    {'A', 0, "A", NULL, "where the network looks for this sample's class", NULL, look},
    {'E', 0, "E", NULL, "leverage: how much of the curvature each sample holds", "leverage &",
     NULL},
    {0},
};

const struct lethe_pane_ops lethe_pane_samples = {
    .name = "samples",
    .title = "Samples",
    .caption = put_caption,
    .draw = draw,
    .rows = sample_rows,
    .at = sample_at,
    .word = "samples pane",
    .word_at = word,
    .keys = keys,
    .press = ' ',
    .press_heading = press_heading,
    .say = say_sample,
};
