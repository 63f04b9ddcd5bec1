/* SPDX-License-Identifier: MIT
 * Samples: the ledger of training samples with their losses before, now and after retraining. A
 * cross marks what is to be forgotten, a label in parentheses the one before it was changed. */
#include <math.h>
#include <stdio.h>

#include "ui/view/format.h"
#include "ui/view/pane.h"

static const char *const headings[LETHE_SORTS] = {"id",      "label",    "before", "now",
                                                  "retrain", "leverage", "change"};

void lethe_samples_caption(char *out, size_t room, const struct lethe_view *view,
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

int lethe_samples_column(int x, int cols)
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

static void sample_row(struct lethe_area area, int y, const struct lethe_view_sample *sample)
{
    char text[LETHE_FORMAT_ROOM];
    uint16_t ink = sample->forget ? LETHE_INK_FORGET : LETHE_INK_TEXT;
    if (sample->forget)
        lethe_draw_text(area, y, 1, LETHE_INK_FORGET, "✗");
    snprintf(text, sizeof text, "%zu", sample->id);
    lethe_draw_right(area, y, column_end(LETHE_SORT_ID, area.cols), ink, text);
    if (sample->label == sample->true_label)
        snprintf(text, sizeof text, "%d", sample->label);
    else
        snprintf(text, sizeof text, "%d(%d)", sample->label, sample->true_label);
    lethe_draw_right(area, y, column_end(LETHE_SORT_LABEL, area.cols), ink, text);
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

void lethe_samples_draw(struct lethe_area area, const struct lethe_view *view,
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

const struct lethe_pane_ops lethe_pane_samples = {
    .name = "samples",
    .title = "Samples",
    .caption = lethe_samples_caption,
    .draw = lethe_samples_draw,
    .rows = sample_rows,
    .at = sample_at,
};
