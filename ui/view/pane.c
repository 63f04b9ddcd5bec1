/* SPDX-License-Identifier: MIT
 * The table of panes and what they share. */
#include <assert.h>
#include <string.h>

#include "ui/term/glyph.h"
#include "ui/view/pane.h"

static size_t layer_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->layer_count;
}

static size_t blanket_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->blanket_count;
}

static size_t figure_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->figure_count;
}

static size_t plot_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->plot_count;
}

static size_t sample_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)view;
    return screen->order_count;
}

static size_t commit_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->commit_count;
}

static size_t job_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->job_count;
}

/* Lists of one line a row below `head` lines. */
static size_t list_at(int y, int head, int shown, size_t cursor, size_t count)
{
    const size_t top = lethe_pane_top(cursor, count, shown);
    return y < head || y >= head + shown || top + (size_t)(y - head) >= count
               ? (size_t)-1
               : top + (size_t)(y - head);
}

static size_t figure_at(struct lethe_area area, int y, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    return list_at(y, 1, area.rows - 1, screen->cursor[LETHE_PANE_PREVIEW], view->figure_count);
}

static size_t sample_at(struct lethe_area area, int y, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    (void)view;
    return list_at(y, 1, area.rows - 1, screen->cursor[LETHE_PANE_SAMPLES], screen->order_count);
}

static size_t commit_at(struct lethe_area area, int y, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    return list_at(y, 0, area.rows, screen->cursor[LETHE_PANE_HISTORY], view->commit_count);
}

static size_t job_at(struct lethe_area area, int y, const struct lethe_view *view,
                     const struct lethe_screen *screen)
{
    return list_at(y, 0, area.rows, screen->cursor[LETHE_PANE_JOBS], view->job_count);
}

const struct lethe_pane_ops lethe_panes[LETHE_PANES] = {
    [LETHE_PANE_LAYERS] = {"layers", "Layers", lethe_layers_caption, lethe_layers_draw, layer_rows,
                           lethe_layers_at, lethe_layers_brief_caption},
    [LETHE_PANE_BLANKET] = {"blanket", "Blanket", lethe_blanket_caption, lethe_blanket_draw,
                            blanket_rows, lethe_blanket_at, NULL},
    [LETHE_PANE_PREVIEW] = {"preview", "Preview", lethe_preview_caption, lethe_preview_draw,
                            figure_rows, figure_at, NULL},
    [LETHE_PANE_PLOT] = {"plot", "Plot", lethe_plot_caption, lethe_plot_draw, plot_rows, NULL,
                         NULL},
    [LETHE_PANE_SAMPLES] = {"samples", "Samples", lethe_samples_caption, lethe_samples_draw,
                            sample_rows, sample_at, NULL},
    [LETHE_PANE_SURFACE] = {"surface", "Surface", lethe_surface_caption, lethe_surface_draw, NULL,
                            NULL, NULL},
    [LETHE_PANE_HISTORY] = {"history", "History", lethe_history_caption, lethe_history_draw,
                            commit_rows, commit_at, NULL},
    [LETHE_PANE_JOBS] = {"jobs", "Jobs", NULL, lethe_jobs_draw, job_rows, job_at, NULL},
    [LETHE_PANE_SAMPLE] = {"sample", "Sample", NULL, lethe_sample_draw, NULL, NULL, NULL},
};

size_t lethe_pane_top(size_t cursor, size_t count, int rows)
{
    size_t shown = rows > 0 ? (size_t)rows : 0;
    if (count <= shown || cursor < shown / 2)
        return 0;
    size_t top = cursor - shown / 2;
    return top + shown > count ? count - shown : top;
}

int lethe_pane_say(struct lethe_area area, int y, uint16_t ink, const char *text)
{
    int x = 1, first = y;
    while (*text) {
        char word[96];
        size_t length = strcspn(text, " \n"),
               cut = length < sizeof word - 1 ? length : sizeof word - 1;
        memcpy(word, text, cut);
        word[cut] = 0;
        int columns = lethe_glyph_columns(word);
        if (x > 1 && x + columns > area.cols - 1) {
            x = 1;
            y++;
        }
        x = lethe_draw_text(area, y, x, ink, word) + 1;
        text += length;
        if (*text == '\n') {
            x = 1;
            y++;
        }
        text += *text != 0;
    }
    return y - first + 1;
}

void lethe_pane_select(struct lethe_area area, int y, const struct lethe_screen *screen,
                       enum lethe_pane pane)
{
    if (screen->focus == pane)
        lethe_draw_paper(area, y, 0, area.cols, LETHE_INK_SELECT);
}
