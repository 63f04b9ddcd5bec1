/* SPDX-License-Identifier: MIT
 * Embedding: what the last layer is given, on two axes of the network before, for the three models:
 * all beside each other where there is room, else one. One sees the forgotten samples move. */
#include <stdio.h>
#include <string.h>

#include "ui/term/glyph.h"
#include "ui/term/key.h"
#include "ui/view/format.h"
#include "ui/view/pane.h"
#include "ui/view/sentence.h"

enum { PANEL = 28, LEAST = 6, ZOOM_MOST = 12 };

static const char *const models[] = {"before", "now", "retrained"};
static const char *const marks[] = {"retained", "held-out", "forget"};
static const char *const sets[] = {"all", "forget, retained", "forget, held-out", "forget"};

static unsigned showing(const struct lethe_screen *screen)
{
    static const unsigned of[] = {
        1u << LETHE_SCATTER_FORGET | 1u << LETHE_SCATTER_RETAIN | 1u << LETHE_SCATTER_HELDOUT,
        1u << LETHE_SCATTER_FORGET | 1u << LETHE_SCATTER_RETAIN,
        1u << LETHE_SCATTER_FORGET | 1u << LETHE_SCATTER_HELDOUT, 1u << LETHE_SCATTER_FORGET};
    return of[screen->embedding_sets];
}

static const char *class_of(const struct lethe_view_embedding *e, size_t k)
{
    return e->label[k] >= 0 && (size_t)e->label[k] < e->classes ? e->class_names[e->label[k]] : "?";
}

static void put_caption(char *out, size_t room, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    const struct lethe_view_embedding *e = &view->embedding;
    const size_t k = screen->cursor[LETHE_PANE_EMBEDDING];
    if (!e->count)
        return;
    snprintf(out, room, "%s%s %.0f and %.0f %%  #%zu %s, %s", e->stale ? "as it was  " : "",
             e->discriminants ? "discriminants" : "components", 100 * e->share[0],
             100 * e->share[1], e->id[k], class_of(e, k), marks[e->mark[k]]);
}

static void put_brief(char *out, size_t room, const struct lethe_view *view,
                      const struct lethe_screen *screen)
{
    const struct lethe_view_embedding *e = &view->embedding;
    const size_t k = screen->cursor[LETHE_PANE_EMBEDDING];
    if (e->count)
        snprintf(out, room, "#%zu %s, %s", e->id[k], class_of(e, k), marks[e->mark[k]]);
}

/* Models that the pane shows from left to right; returns how many. */
static int panels_of(int which[LETHE_VIEW_COMPARED], int cols, const struct lethe_view *view,
                     const struct lethe_screen *screen)
{
    const struct lethe_view_embedding *e = &view->embedding;
    int there[LETHE_VIEW_COMPARED], count = 0;
    for (int m = 0; m < LETHE_VIEW_COMPARED; m++)
        if (e->at[m])
            there[count++] = m;
    if (cols >= count * PANEL) {
        memcpy(which, there, sizeof there);
        return count;
    }
    which[0] = e->at[screen->embedding_model] ? screen->embedding_model : LETHE_VIEW_BEFORE;
    return 1;
}

/* The window all models are seen through: everything, or about the sample under the cursor as it
 * is now, or in the one model that is shown. */
static struct lethe_scatter window_of(const int *which, int count, const struct lethe_view *view,
                                      const struct lethe_screen *screen)
{
    const struct lethe_view_embedding *e = &view->embedding;
    const size_t k = screen->cursor[LETHE_PANE_EMBEDDING];
    struct lethe_scatter s = {.label = e->label,
                              .mark = e->mark,
                              .count = e->count,
                              .classes = e->classes,
                              .cursor = k,
                              .showing = showing(screen),
                              .letters = screen->embedding_letters};
    const double *about =
        count == 1 || !e->at[LETHE_VIEW_NOW] ? e->at[which[0]] : e->at[LETHE_VIEW_NOW];
    for (int d = 0; d < 2; d++) {
        const double half = (e->high[d] - e->low[d]) / 2 / (double)(1 << screen->embedding_zoom);
        const double middle = screen->embedding_zoom && about ? about[2 * k + (size_t)d]
                                                              : (e->low[d] + e->high[d]) / 2;
        s.low[d] = middle - half;
        s.high[d] = middle + half;
    }
    return s;
}

/* The part of the pane that a panel's points take. */
static struct lethe_area panel_area(struct lethe_area area, int k, int count)
{
    const int from = k * (area.cols + 1) / count, to = (k + 1) * (area.cols + 1) / count - 1;
    return lethe_area_part(area, 1, from, area.rows - 1 - (area.rows >= LEAST), to - from);
}

static void legend(struct lethe_area row, const struct lethe_screen *screen)
{
    int x = 1;
    for (int mark = LETHE_SCATTER_FORGET; mark >= 0; mark--) {
        const int need = 3 + lethe_glyph_columns(marks[mark]);
        const int letter = screen->embedding_letters && mark != LETHE_SCATTER_FORGET;
        if (!(showing(screen) & 1u << mark) || letter || x + need > row.cols)
            continue;
        lethe_chart_scatter_swatch(row, 0, x, mark);
        x = lethe_draw_text(row, 0, x + 2, LETHE_INK_DIM, marks[mark]) + 2;
    }
    const char *how = screen->embedding_letters ? "letters: classes" : "colours: classes";
    const int said = screen->embedding_letters || row.canvas->display.colours >= 256;
    if (said && x + lethe_glyph_columns(how) < row.cols)
        x = lethe_draw_text(row, 0, x, LETHE_INK_DIM, how) + 2;
    if (screen->embedding_zoom && x + 6 < row.cols)
        lethe_draw_textf(row, 0, x, LETHE_INK_TEXT, "x %d", 1 << screen->embedding_zoom);
}

static void draw(struct lethe_area area, const struct lethe_view *view,
                 const struct lethe_screen *screen)
{
    const struct lethe_view_embedding *e = &view->embedding;
    int which[LETHE_VIEW_COMPARED];
    if (!e->count) {
        lethe_pane_empty(area, view, NULL,
                         view->previewed ? "on its way"
                                         : "the samples as the last layer gets them, before, now "
                                           "and retrained: press v for a preview first");
        return;
    }
    const int count = panels_of(which, area.cols, view, screen);
    struct lethe_scatter s = window_of(which, count, view, screen);
    for (int k = 0; k < count; k++) {
        const struct lethe_area panel = panel_area(area, k, count);
        s.at = e->at[which[k]];
        lethe_draw_fit(area, 0, panel.x - area.x + 1, panel.cols - 1, LETHE_INK_TEXT,
                       models[which[k]]);
        if (k)
            lethe_draw_vrule(area, 0, panel.x - area.x - 1, panel.rows + 1, LETHE_INK_RULE);
        lethe_chart_scatter(panel, &s);
    }
    if (area.rows >= LEAST)
        legend(lethe_area_part(area, area.rows - 1, 0, 1, area.cols), screen);
}

/* ---- keys and mouse -------------------------------------------------------------------------- */

static size_t point_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->embedding.count;
}

/* To the next sample of those that are shown. */
static void move(struct lethe_pane_request *ask, const struct lethe_view *view,
                 struct lethe_screen *screen, uint32_t code)
{
    const struct lethe_view_embedding *e = &view->embedding;
    size_t *at = &screen->cursor[LETHE_PANE_EMBEDDING], k = *at;
    const int up = code == LETHE_KEY_UP || code == 'k';
    (void)ask;
    while (up ? k > 0 : k + 1 < e->count) {
        k += up ? (size_t)-1 : 1;
        if (showing(screen) & 1u << e->mark[k]) {
            *at = k;
            return;
        }
    }
}

static void look(struct lethe_pane_request *ask, const struct lethe_view *view,
                 struct lethe_screen *screen, uint32_t code)
{
    (void)ask;
    if (code == 'x')
        do
            screen->embedding_model = (screen->embedding_model + 1) % LETHE_VIEW_COMPARED;
        while (view->embedding.count && !view->embedding.at[screen->embedding_model]);
    else if (code == 'y')
        screen->embedding_sets = (screen->embedding_sets + 1) % LETHE_EMBEDDING_SETS;
    else if (code == 't')
        screen->embedding_letters = !screen->embedding_letters;
    else if (code == '-')
        screen->embedding_zoom -= screen->embedding_zoom > 0;
    else
        screen->embedding_zoom += screen->embedding_zoom < ZOOM_MOST;
}

static void turn_axes(struct lethe_pane_request *ask, const struct lethe_view *view,
                      struct lethe_screen *screen, uint32_t code)
{
    (void)screen;
    (void)code;
    snprintf(ask->line, sizeof ask->line, "view embedding by=%s",
             view->embedding.discriminants ? "components" : "discriminants");
}

static void mark(struct lethe_pane_request *ask, const struct lethe_view *view,
                 struct lethe_screen *screen, uint32_t code)
{
    const struct lethe_view_embedding *e = &view->embedding;
    const size_t k = screen->cursor[LETHE_PANE_EMBEDDING];
    (void)code;
    if (!e->count)
        return;
    if (e->mark[k] == LETHE_SCATTER_HELDOUT)
        snprintf(ask->refusal, sizeof ask->refusal,
                 "#%zu is a held-out sample: there is nothing to forget of it", e->id[k]);
    else
        snprintf(ask->line, sizeof ask->line, "forget %s %zu",
                 e->mark[k] == LETHE_SCATTER_FORGET ? "remove" : "add", e->id[k]);
}

static void press_at(struct lethe_pane_request *ask, struct lethe_area area, int y, int x,
                     const struct lethe_view *view, struct lethe_screen *screen)
{
    int which[LETHE_VIEW_COMPARED];
    (void)ask;
    if (!view->embedding.count)
        return;
    const int count = panels_of(which, area.cols, view, screen);
    struct lethe_scatter s = window_of(which, count, view, screen);
    for (int k = 0; k < count; k++) {
        const struct lethe_area panel = panel_area(area, k, count);
        const int column = x - (panel.x - area.x), row = y - (panel.y - area.y);
        if (column < 0 || column >= panel.cols || row < 0 || row >= panel.rows)
            continue;
        s.at = view->embedding.at[which[k]];
        const size_t found = lethe_chart_scatter_nearest(&s, panel, row, column);
        if (found < s.count)
            screen->cursor[LETHE_PANE_EMBEDDING] = found;
    }
}

static const struct lethe_pane_key keys[] = {
    {LETHE_KEY_UP, 'k', "↑↓", "sample", "the sample before or after; a click finds the nearest",
     NULL, move},
    {LETHE_KEY_DOWN, 'j', NULL, NULL, NULL, NULL, move},
    {'+', '=', "+ -", "zoom", "nearer to the sample under the cursor, and away", NULL, look},
    {'-', 0, NULL, NULL, NULL, NULL, look},
    {'x', 0, "x", "model", "before, now or retrained, where one is shown", NULL, look},
    {'y', 0, "y", "sets", "which samples are shown", NULL, look},
    {'t', 0, "t", NULL, "letters of their class in the place of dots and rings", NULL, look},
    {'D', 0, "D", NULL, "discriminants, which part the classes, or principal components", "view",
     turn_axes},
    {' ', 0, "Space", NULL, "forget this sample, or keep it again", NULL, mark},
    {0},
};

static void say_point(struct lethe_sentence *to, const struct lethe_view *view,
                      const struct lethe_screen *screen, size_t k)
{
    const struct lethe_view_embedding *e = &view->embedding;
    lethe_say(to, "#%zu, %s, %s", e->id[k], class_of(e, k), marks[e->mark[k]]);
    for (int m = 0; m < LETHE_VIEW_COMPARED; m++)
        if (e->at[m])
            lethe_say(to, "; %s at %.3g, %.3g", models[m], e->at[m][2 * k], e->at[m][2 * k + 1]);
    if (k == screen->cursor[LETHE_PANE_EMBEDDING] && screen->embedding_sets)
        lethe_say(to, "; shown: %s", sets[screen->embedding_sets]);
}

const struct lethe_pane_ops lethe_pane_embedding = {
    .name = "embedding",
    .title = "Embedding",
    .word = "embedding",
    .caption = put_caption,
    .brief = put_brief,
    .draw = draw,
    .rows = point_rows,
    .keys = keys,
    .press_at = press_at,
    .say = say_point,
};
