/* SPDX-License-Identifier: MIT
 * The desk itself: its life, its message, its cursors, and the state it asks the host for. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/desk.h"
#include "ui/view/layout.h"
#include "ui/view/pane.h"
#include "ui/view/panes.h"

/* The panes of the lower part in the order they are shown in first; further ones come last. */
static void fill_dock(struct lethe_screen *screen)
{
    static const enum lethe_pane first[] = {LETHE_PANE_PLOT,    LETHE_PANE_SAMPLES,
                                            LETHE_PANE_SAMPLE,  LETHE_PANE_HISTORY,
                                            LETHE_PANE_SURFACE, LETHE_PANE_JOBS};
    const size_t known = sizeof first / sizeof first[0];
    size_t count = known;
    memcpy(screen->dock, first, sizeof first);
    for (int pane = LETHE_PANE_PLOT; pane < LETHE_PANES; pane++) {
        size_t k = 0;
        while (k < known && (int)first[k] != pane)
            k++;
        if (k == known)
            screen->dock[count++] = (enum lethe_pane)pane;
    }
}

enum lethe_err lethe_desk_init(struct lethe_desk *desk, const struct lethe_host *host, int rows,
                               int cols, struct lethe_display display, struct lethe_error *err)
{
    memset(desk, 0, sizeof *desk);
    enum lethe_err code = lethe_canvas_init(&desk->canvas, rows, cols, display, err);
    if (code)
        return code;
    desk->host = host;
    if (host->wide)
        host->wide(host->self, cols);
    desk->screen.focus = LETHE_PANE_BLANKET;
    desk->screen.pointed = LETHE_PANES;
    fill_dock(&desk->screen);
    desk->screen.filter = desk->filter.text;
    desk->screen.message = desk->message;
    lethe_desk_refresh(desk);
    return LETHE_OK;
}

void lethe_desk_release(struct lethe_desk *desk)
{
    lethe_canvas_release(&desk->canvas);
    lethe_input_release(&desk->line);
    lethe_input_release(&desk->filter);
    lethe_input_release(&desk->palette);
    lethe_free(desk->order);
    lethe_free(desk->text);
    memset(desk, 0, sizeof *desk);
}

enum lethe_err lethe_desk_resize(struct lethe_desk *desk, int rows, int cols,
                                 struct lethe_error *err)
{
    struct lethe_canvas next;
    enum lethe_err code = lethe_canvas_init(&next, rows, cols, desk->canvas.display, err);
    if (code)
        return code;
    lethe_canvas_release(&desk->canvas);
    desk->canvas = next;
    if (desk->host->wide)
        desk->host->wide(desk->host->self, cols);
    lethe_layout_focus(&desk->screen, rows, cols, desk->screen.focus); /* keeps it in sight */
    return LETHE_OK;
}

void lethe_desk_say(struct lethe_desk *desk, int bad, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(desk->message, sizeof desk->message, format, list);
    va_end(list);
    desk->message[strcspn(desk->message, "\n")] = 0;
    desk->screen.message_bad = bad;
    desk->screen.answered = 1;
}

/* Plots come and go; the pane stays with the kind that was chosen. */
static void find_plot(struct lethe_desk *desk)
{
    struct lethe_screen *screen = &desk->screen;
    for (size_t k = 0; k < desk->view->plot_count; k++)
        if (strcmp(desk->view->plots[k].kind, screen->plot) == 0)
            screen->cursor[LETHE_PANE_PLOT] = k;
}

void lethe_desk_show_plot(struct lethe_desk *desk, const char *kind, int focus)
{
    const int rows = desk->canvas.rows, cols = desk->canvas.cols;
    snprintf(desk->screen.plot, sizeof desk->screen.plot, "%s", kind);
    if (focus)
        lethe_layout_focus(&desk->screen, rows, cols, LETHE_PANE_PLOT);
    else
        lethe_layout_show(&desk->screen, rows, cols, LETHE_PANE_PLOT);
}

/* Tells the host which panes can be seen, and which plot. */
static void tell_seen(const struct lethe_desk *desk)
{
    struct lethe_layout layout;
    unsigned panes = 0;
    lethe_layout_make(&layout, desk->canvas.rows, desk->canvas.cols, &desk->screen);
    for (int k = 0; k < LETHE_PANES; k++)
        if (layout.pane[k].rows > 0)
            panes |= 1u << k;
    const struct lethe_view *view = desk->view;
    const size_t at = desk->screen.cursor[LETHE_PANE_PLOT];
    const int plotted = view && at < view->plot_count && panes & 1u << LETHE_PANE_PLOT;
    if (desk->host->seen)
        desk->host->seen(desk->host->self, panes, plotted ? view->plots[at].kind : NULL);
}

/* A model that can be seen through shows its plane when it comes. */
static void show_through(struct lethe_desk *desk)
{
    if (desk->view->plane.through && !desk->through)
        lethe_layout_show(&desk->screen, desk->canvas.rows, desk->canvas.cols, LETHE_PANE_PLANE);
    desk->through = desk->view->plane.through;
}

/* The arrows move a slider that there is: another method has other ones. */
static void find_slider(struct lethe_desk *desk)
{
    struct lethe_slider_place list[LETHE_SLIDERS_MOST];
    const size_t count = lethe_sliders_list(list, desk->view);
    if (!count)
        return;
    const struct lethe_slider_place at = list[lethe_sliders_active(list, count, &desk->screen)];
    desk->screen.slider = at.slider;
    desk->screen.param = at.param;
}

/* What a step of the lesson points at comes into sight with the step: the pane, the row of the
 * figure. */
static void show_pointed(struct lethe_desk *desk)
{
    const struct lethe_view *view = desk->view;
    const struct lethe_view_lesson *lesson = &view->lesson;
    const char *pane = lethe_lesson_pane(lesson);
    const size_t step = lesson->title ? lesson->step : 0;
    if (desk->pointed == step)
        return;
    desk->pointed = step;
    for (int k = 0; pane && k < LETHE_PANES; k++)
        if (strcmp(lethe_panes[k]->name, pane) == 0)
            lethe_layout_show(&desk->screen, desk->canvas.rows, desk->canvas.cols,
                              (enum lethe_pane)k);
    for (size_t k = 0; k < view->figure_count; k++)
        if (lethe_lesson_points(view, "figure", view->figures[k].name))
            desk->screen.cursor[LETHE_PANE_PREVIEW] = k;
}

/* What a line, a lesson or a kept session marked is what the sample pane shows; who marks in the
 * ledger stays where he is. */
static void find_marked(struct lethe_desk *desk)
{
    struct lethe_screen *screen = &desk->screen;
    const struct lethe_view *view = desk->view;
    const int more = view->forgetting >= desk->forgetting && view->forget &&
                     strncmp(desk->forget, view->forget, sizeof desk->forget - 1) != 0;
    const size_t row = screen->cursor[LETHE_PANE_SAMPLES];
    desk->forgetting = view->forgetting;
    snprintf(desk->forget, sizeof desk->forget, "%s", view->forget ? view->forget : "");
    if (!more || screen->focus == LETHE_PANE_SAMPLES ||
        (row < screen->order_count && view->samples[screen->order[row]].forget))
        return;
    for (size_t k = 0; k < screen->order_count; k++)
        if (view->samples[screen->order[k]].forget) {
            screen->cursor[LETHE_PANE_SAMPLES] = k;
            desk->view = desk->host->view(desk->host->self, screen->order[k]);
            return;
        }
}

void lethe_desk_refresh(struct lethe_desk *desk)
{
    struct lethe_screen *screen = &desk->screen;
    tell_seen(desk);
    size_t row = screen->cursor[LETHE_PANE_SAMPLES];
    size_t sample = row < screen->order_count ? screen->order[row] : (size_t)-1;
    desk->view = desk->host->view(desk->host->self, sample);
    show_through(desk);
    show_pointed(desk);
    lethe_present_take(screen, desk->view, desk->canvas.rows, desk->canvas.cols);
    screen->lesson_rows = lethe_lesson_rows(desk->view, desk->canvas.rows, desk->canvas.cols);
    lethe_desk_order(desk);
    find_marked(desk);
    find_plot(desk);
    find_slider(desk);
    for (int k = 0; k < LETHE_PANES; k++) {
        size_t rows = lethe_panes[k]->rows ? lethe_panes[k]->rows(desk->view, screen) : 0;
        if (screen->cursor[k] >= rows)
            screen->cursor[k] = rows ? rows - 1 : 0;
    }
}

void lethe_desk_move(struct lethe_desk *desk, long rows)
{
    struct lethe_screen *screen = &desk->screen;
    const struct lethe_pane_ops *pane = lethe_panes[screen->focus];
    long count = pane->rows ? (long)pane->rows(desk->view, screen) : 0;
    long at = (long)screen->cursor[screen->focus] + rows;
    at = at >= count ? count - 1 : at;
    lethe_desk_move_to(desk, at > 0 ? (size_t)at : 0);
}

void lethe_desk_move_to(struct lethe_desk *desk, size_t row)
{
    struct lethe_screen *screen = &desk->screen;
    screen->cursor[screen->focus] = row;
    if (screen->focus == LETHE_PANE_PLOT && row < desk->view->plot_count)
        snprintf(screen->plot, sizeof screen->plot, "%s", desk->view->plots[row].kind);
}
