/* SPDX-License-Identifier: MIT
 * Plane: samples where they lie on two inputs, what the model decides around them, and the border
 * of that before, now and after retraining. The cursor is the ledger's; a press on a sample marks
 * it. Of more than two inputs it is a cut, and says so. */
#include "ui/chart/plane.h"

#include <stdio.h>

#include "ui/term/glyph.h"
#include "ui/term/key.h"
#include "ui/view/format.h"
#include "ui/view/pane.h"
#include "ui/view/sentence.h"

static const struct lethe_view_sample *under_cursor(const struct lethe_view *view,
                                                    const struct lethe_screen *screen)
{
    const size_t row = screen->cursor[LETHE_PANE_SAMPLES];
    return row < screen->order_count && screen->order[row] < view->sample_count
               ? &view->samples[screen->order[row]]
               : NULL;
}

static void class_words(char out[64], const struct lethe_view_plane *plane, int label)
{
    if (plane->class_names && label >= 0 && (size_t)label < plane->chart.classes)
        snprintf(out, 64, "%.60s", plane->class_names[label]);
    else
        snprintf(out, 64, "class %d", label);
}

static void put_caption(char *out, size_t room, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    const struct lethe_view_plane *plane = &view->plane;
    const struct lethe_view_sample *sample = under_cursor(view, screen);
    char name[64] = "", cut[64] = "";
    if (!plane->chart.count)
        return;
    if (plane->cut)
        snprintf(cut, sizeof cut, "a cut: %.0f %% of the variance  ", 100 * plane->share);
    if (sample)
        class_words(name, plane, sample->label);
    snprintf(out, room, sample ? "%s#%zu %s" : "%s", cut, sample ? sample->id : 0, name);
}

static void put_brief(char *out, size_t room, const struct lethe_view *view,
                      const struct lethe_screen *screen)
{
    const struct lethe_view_sample *sample = under_cursor(view, screen);
    if (view->plane.chart.count && sample)
        snprintf(out, room, view->plane.cut ? "cut  #%zu" : "#%zu", sample->id);
}

/* What is at the right of x stays free of what does not fit whole. */
static int put_word(struct lethe_area row, int x, const char *word)
{
    const int wide = lethe_glyph_columns(word);
    return x + wide <= row.cols ? lethe_draw_text(row, 0, x, LETHE_INK_DIM, word) + 2 : row.cols;
}

static void legend(struct lethe_area row, const struct lethe_view_plane *plane)
{
    static const char *const names[] = {"before", "now", "retrained"};
    const struct lethe_plane_chart *chart = &plane->chart;
    const struct lethe_plane_line *lines[] = {&chart->before, &chart->now, &chart->retrained};
    int x = 1;
    for (int k = 0; k < 3; k++) {
        if (!lines[k]->at || x + 4 + lethe_glyph_columns(names[k]) > row.cols)
            continue;
        lethe_chart_plane_swatch(lethe_area_part(row, 0, x, 1, 3), k);
        x = put_word(row, x + 4, names[k]);
    }
    if (x + 9 <= row.cols) {
        const int ascii = row.canvas->display.charset == LETHE_ASCII;
        lethe_draw_glyph(row, 0, x, ascii ? '@' : 0x25cf, LETHE_INK_FORGET);
        x = put_word(row, x + 2, "forget");
    }
    for (int label = 0; label < (int)chart->classes && chart->classes <= 4; label++) {
        char text[64];
        class_words(text, plane, label);
        if (x + 2 + lethe_glyph_columns(text) > row.cols)
            break;
        lethe_draw_glyph(row, 0, x, lethe_chart_plane_letter(label, chart->classes),
                         row.canvas->display.colours >= 256 ? lethe_chart_plane_ink(label)
                                                            : LETHE_INK_TEXT);
        x = put_word(row, x + 2, text);
    }
}

/* The part of the pane that the plane itself takes. */
static struct lethe_area inside(struct lethe_area area)
{
    enum { LEAST = 5 };
    return lethe_area_part(area, 0, 0, area.rows - (area.rows >= LEAST), area.cols);
}

static void draw(struct lethe_area area, const struct lethe_view *view,
                 const struct lethe_screen *screen)
{
    const struct lethe_view_plane *plane = &view->plane;
    const struct lethe_view_sample *sample = under_cursor(view, screen);
    if (!plane->chart.count) {
        lethe_pane_say(area, 0, LETHE_INK_DIM,
                       plane->why ? plane->why
                       : view->model
                           ? "on its way"
                           : "':train model=mlp:16-8 data=rings' makes a model to see through");
        return;
    }
    struct lethe_plane_chart chart = plane->chart;
    chart.cursor = sample ? sample->id : chart.count;
    const struct lethe_area part = inside(area);
    lethe_chart_plane(part, &chart);
    if (part.rows < area.rows)
        legend(lethe_area_part(area, area.rows - 1, 0, 1, area.cols), plane);
}

/* ---- keys and mouse -------------------------------------------------------------------------- */

static void move(struct lethe_pane_request *ask, const struct lethe_view *view,
                 struct lethe_screen *screen, uint32_t code)
{
    size_t *row = &screen->cursor[LETHE_PANE_SAMPLES];
    (void)ask;
    (void)view;
    if (code == LETHE_KEY_UP || code == 'k')
        *row -= *row > 0;
    else
        *row += *row + 1 < screen->order_count;
}

static void mark(struct lethe_pane_request *ask, const struct lethe_view *view,
                 struct lethe_screen *screen, uint32_t code)
{
    const struct lethe_view_sample *sample = under_cursor(view, screen);
    (void)code;
    if (sample)
        snprintf(ask->line, sizeof ask->line, "forget %s %zu", sample->forget ? "remove" : "add",
                 sample->id);
}

/* The sample nearest to a cell, by its distance on the screen; the chart's count when there is
 * none within two rows. */
static size_t nearest(const struct lethe_plane_chart *chart, struct lethe_area area, int y, int x)
{
    const double tall = 2; /* a cell is about twice as high as wide */
    size_t best = chart->count;
    double least = 4 * tall * tall;
    for (size_t k = 0; k < chart->count; k++) {
        const double *at = chart->at + 2 * k;
        const double dx =
            (at[0] - chart->low[0]) / (chart->high[0] - chart->low[0]) * area.cols - x - 0.5;
        const double dy =
            (chart->high[1] - at[1]) / (chart->high[1] - chart->low[1]) * area.rows - y - 0.5;
        const double far = dx * dx + tall * tall * dy * dy;
        if (far <= least && chart->mark[k] != LETHE_MARK_GONE) {
            least = far;
            best = k;
        }
    }
    return best;
}

static void press_at(struct lethe_pane_request *ask, struct lethe_area area, int y, int x,
                     const struct lethe_view *view, struct lethe_screen *screen)
{
    const struct lethe_area part = inside(area);
    const struct lethe_plane_chart *chart = &view->plane.chart;
    const size_t id = chart->count && y < part.rows ? nearest(chart, part, y, x) : chart->count;
    if (id >= chart->count || id >= view->sample_count)
        return;
    for (size_t row = 0; row < screen->order_count; row++)
        if (view->samples[screen->order[row]].id == id)
            screen->cursor[LETHE_PANE_SAMPLES] = row;
    snprintf(ask->line, sizeof ask->line, "forget %s %zu",
             chart->mark[id] == LETHE_MARK_FORGET ? "remove" : "add", id);
}

static const struct lethe_pane_key keys[] = {
    {LETHE_KEY_UP, 'k', "↑↓", "sample", "the sample before or after, in the order of the ledger",
     NULL, move},
    {LETHE_KEY_DOWN, 'j', NULL, NULL, NULL, NULL, move},
    {' ', 0, "Space", "mark", "forget this sample, or keep it again; a click does it too", NULL,
     mark},
    {0},
};

static size_t sentences(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->plane.chart.count ? 1 : 0;
}

static void say_plane(struct lethe_sentence *to, const struct lethe_view *view,
                      const struct lethe_screen *screen, size_t k)
{
    const struct lethe_plane_chart *chart = &view->plane.chart;
    const struct lethe_view_sample *sample = under_cursor(view, screen);
    char name[64];
    (void)k;
    lethe_say(to, "%zu samples on the plane of two %s", chart->count,
              view->plane.cut ? "principal components, a cut" : "inputs");
    if (!sample || sample->id >= chart->count)
        return;
    class_words(name, &view->plane, sample->label);
    lethe_say(to, "; sample %zu, %s, at %.2f, %.2f%s", sample->id, name, chart->at[2 * sample->id],
              chart->at[2 * sample->id + 1], sample->forget ? ", to be forgotten" : "");
}

const struct lethe_pane_ops lethe_pane_plane = {
    .name = "plane",
    .title = "Plane",
    .word = "plane",
    .caption = put_caption,
    .brief = put_brief,
    .draw = draw,
    .keys = keys,
    .press_at = press_at,
    .sentences = sentences,
    .say = say_plane,
};
