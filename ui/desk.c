/* SPDX-License-Identifier: MIT
 * The desk itself: life, running commands, what the ledger shows, drawing. Keys that stand for
 * commands are in desk_keys.c, the typed line and the palette in desk_line.c. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/desk.h"
#include "ui/view/layout.h"
#include "ui/view/pane.h"

enum lethe_err lethe_desk_init(struct lethe_desk *desk, const struct lethe_host *host, int rows,
                               int cols, struct lethe_display display, struct lethe_error *err)
{
    memset(desk, 0, sizeof *desk);
    enum lethe_err code = lethe_canvas_init(&desk->canvas, rows, cols, display, err);
    if (code)
        return code;
    desk->host = host;
    desk->screen.focus = LETHE_PANE_BLANKET;
    static const enum lethe_pane dock[] = {LETHE_PANE_PLOT,    LETHE_PANE_SAMPLES,
                                           LETHE_PANE_SAMPLE,  LETHE_PANE_HISTORY,
                                           LETHE_PANE_SURFACE, LETHE_PANE_JOBS};
    memcpy(desk->screen.dock, dock, sizeof dock);
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

static void open_text(struct lethe_desk *desk, const char *title, const char *text)
{
    char *copy = lethe_strdup(text);
    if (!copy)
        return;
    lethe_free(desk->text);
    desk->text = copy;
    snprintf(desk->title, sizeof desk->title, "%s", title);
    desk->screen.title = desk->title;
    desk->screen.text = desk->text;
    desk->screen.scroll = 0;
    desk->screen.overlay = LETHE_OVERLAY_TEXT;
}

/* A later answer of the same line goes below the one that is being read. */
static void add_text(struct lethe_desk *desk, const char *text)
{
    const size_t length = strlen(desk->text) + strlen(text) + 2, scroll = desk->screen.scroll;
    char *both = lethe_alloc(length, 1);
    if (!both)
        return;
    snprintf(both, length, "%s\n%s", desk->text, text);
    open_text(desk, desk->asked, both);
    desk->screen.scroll = scroll;
    lethe_free(both);
}

static int begins(const char *line, const char *word)
{
    size_t length = strlen(word);
    return strncmp(line, word, length) == 0 && (line[length] == 0 || line[length] == ' ');
}

static int begins_one_of(const char *line, const char *const *words)
{
    while (*words && !begins(line, *words))
        words++;
    return *words != NULL;
}

/* Once a preview was asked for, settings of the step bring it with them, until something else is
 * to be forgotten or decided. Returns whether a preview is to follow. */
static int follow(struct lethe_desk *desk, const char *line)
{
    static const char *const steps[] = {"blanket", "damping", "form", "curvature", NULL};
    static const char *const ends[] = {"forget", "commit", "undo",  "redo", "checkout",
                                       "load",   "open",   "train", NULL};
    if (begins(line, "preview"))
        desk->previewing = 1;
    if (begins_one_of(line, ends))
        desk->previewing = 0;
    return desk->previewing && begins_one_of(line, steps);
}

static int is_one_line(const char *text)
{
    const char *end = strchr(text, '\n');
    return *text && (!end || end[1] == 0);
}

/* The line without the sign that sends it to the background. */
static void say_begun(struct lethe_desk *desk, const char *line)
{
    size_t length = strlen(line);
    while (length > 0 && strchr(" &", line[length - 1]))
        length--;
    lethe_desk_say(desk, 0, "%.*s …", (int)length, line);
}

/* Plots have a pane of their own, where they appear when they are ready. */
static void prepare_plot(struct lethe_desk *desk, const char *line)
{
    char kind[16] = "why";
    if (begins(line, "plot") && sscanf(line, "plot %15s", kind) != 1)
        return;
    if (strcmp(kind, "surface") == 0)
        lethe_layout_show(&desk->screen, desk->canvas.rows, desk->canvas.cols, LETHE_PANE_SURFACE);
    else if (begins(line, "plot") || begins(line, "why"))
        lethe_desk_show_plot(desk, kind, 0);
}

void lethe_desk_run(struct lethe_desk *desk, const char *line, int show)
{
    struct lethe_error err = {0};
    const char *text = "";
    if (lethe_desk_local(desk, line))
        return;
    enum lethe_err code = desk->host->execute(desk->host->self, line, &text, &err);
    if (!code)
        prepare_plot(desk, line);
    lethe_desk_refresh(desk);
    if (code) {
        lethe_desk_say(desk, 1, "%s", err.message);
        return;
    }
    if (follow(desk, line)) {
        lethe_desk_run(desk, "preview", 0);
        return;
    }
    snprintf(desk->asked, sizeof desk->asked, "%s", show ? line : "");
    if (is_one_line(text))
        lethe_desk_say(desk, 0, "%s", text);
    else if (*text && show)
        open_text(desk, line, text);
    else if (!*text)
        say_begun(desk, line);
    else
        lethe_desk_say(desk, 0, "%s: done", line);
}

/* Whether an answer of the line that was run last is on the screen. */
static int reads_answer(const struct lethe_desk *desk)
{
    return desk->screen.overlay == LETHE_OVERLAY_TEXT && *desk->asked &&
           strcmp(desk->title, desk->asked) == 0;
}

void lethe_desk_news(struct lethe_desk *desk)
{
    const char *text = "";
    for (int kind; (kind = desk->host->news(desk->host->self, &text)) != 0;) {
        int free = desk->screen.overlay == LETHE_OVERLAY_NONE && !desk->typing;
        if (is_one_line(text) || kind < 0)
            lethe_desk_say(desk, kind < 0, "%s", text);
        else if (*desk->asked && free)
            open_text(desk, desk->asked, text);
        else if (reads_answer(desk))
            add_text(desk, text);
        else
            lethe_desk_say(desk, 0, "%s: done", *desk->asked ? desk->asked : "work");
    }
}

/* ---- the ledger ------------------------------------------------------------------------------ */

static double sort_key(const struct lethe_view_sample *sample, enum lethe_sample_sort sort)
{
    const double keys[LETHE_SORTS] = {(double)sample->id,
                                      sample->label,
                                      sample->before,
                                      sample->now,
                                      sample->retrain,
                                      sample->leverage,
                                      sample->now - sample->before};
    return isnan(keys[sort]) ? -INFINITY : keys[sort];
}

struct ledger {
    const struct lethe_view_sample *samples;
    enum lethe_sample_sort sort;
    int descending;
};

static int compare(const void *a, const void *b, void *arg)
{
    const struct ledger *ledger = arg;
    size_t i = *(const size_t *)a, j = *(const size_t *)b;
    double x = sort_key(&ledger->samples[i], ledger->sort);
    double y = sort_key(&ledger->samples[j], ledger->sort);
    if (x != y)
        return ((x > y) - (x < y)) * (ledger->descending ? -1 : 1);
    return (i > j) - (i < j);
}

/* A filter is an id, "class:7", "forget", "changed" (labels) or "wrong" (predictions); empty:
 * everything. */
static int passes(const struct lethe_view_sample *sample, const char *filter)
{
    if (!*filter)
        return 1;
    if (strncmp(filter, "class:", 6) == 0)
        return filter[6] && sample->label == atoi(filter + 6);
    if (strncmp("forget", filter, strlen(filter)) == 0)
        return sample->forget;
    if (strncmp("changed", filter, strlen(filter)) == 0)
        return sample->label != sample->true_label;
    if (strncmp("wrong", filter, strlen(filter)) == 0) {
        const int predicted = sample->now_class >= 0 ? sample->now_class : sample->before_class;
        return predicted >= 0 && predicted != sample->label;
    }
    char id[24];
    snprintf(id, sizeof id, "%zu", sample->id);
    return strncmp(id, filter, strlen(filter)) == 0;
}

static void order_ledger(struct lethe_desk *desk)
{
    const struct lethe_view *view = desk->view;
    if (view->sample_count > desk->order_room) {
        size_t *grown = lethe_realloc(desk->order, view->sample_count, sizeof *grown);
        if (!grown) {
            desk->screen.order_count = 0;
            return;
        }
        desk->order = grown;
        desk->order_room = view->sample_count;
    }
    size_t count = 0;
    for (size_t k = 0; k < view->sample_count; k++)
        if (passes(&view->samples[k], desk->filter.text))
            desk->order[count++] = k;
    struct ledger ledger = {view->samples, desk->screen.sort, desk->screen.descending};
    if (desk->screen.sort != LETHE_SORT_ID || desk->screen.descending)
        qsort_r(desk->order, count, sizeof *desk->order, compare, &ledger);
    desk->screen.order = desk->order;
    desk->screen.order_count = count;
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

void lethe_desk_refresh(struct lethe_desk *desk)
{
    struct lethe_screen *screen = &desk->screen;
    size_t row = screen->cursor[LETHE_PANE_SAMPLES];
    size_t sample = row < screen->order_count ? screen->order[row] : (size_t)-1;
    desk->view = desk->host->view(desk->host->self, sample);
    order_ledger(desk);
    find_plot(desk);
    for (int k = 0; k < LETHE_PANES; k++) {
        size_t rows = lethe_panes[k].rows ? lethe_panes[k].rows(desk->view, screen) : 0;
        if (screen->cursor[k] >= rows)
            screen->cursor[k] = rows ? rows - 1 : 0;
    }
}

void lethe_desk_move(struct lethe_desk *desk, long rows)
{
    struct lethe_screen *screen = &desk->screen;
    const struct lethe_pane_ops *pane = &lethe_panes[screen->focus];
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

/* ---- sliders --------------------------------------------------------------------------------- */

static void slide(struct lethe_desk *desk, enum lethe_slider slider, long to)
{
    const struct lethe_view *view = desk->view;
    char line[64];
    if (slider == LETHE_SLIDER_BLANKET) {
        long count = (long)view->blanket_count;
        to = to < 0 ? 0 : to > count ? count : to;
        if (!count)
            lethe_desk_say(desk, 1, "no selection yet: press s to select units");
        if (!count || to == (long)view->blanket_size)
            return;
        snprintf(line, sizeof line, "blanket %ld", to);
    } else {
        long count = (long)view->damping_count;
        to = to < 0 ? 0 : to >= count ? count - 1 : to;
        if (count < 1 || view->dampings[to] == view->damping)
            return;
        snprintf(line, sizeof line, "damping %.12g", view->dampings[to]);
    }
    lethe_desk_run(desk, line, 0);
    if (slider == LETHE_SLIDER_BLANKET && to > 0)
        desk->screen.cursor[LETHE_PANE_BLANKET] = (size_t)to - 1; /* the cut stays in sight */
}

static long damping_step(const struct lethe_view *view)
{
    long k = 0;
    while (k + 1 < (long)view->damping_count && view->dampings[k + 1] <= view->damping * (1 + 1e-9))
        k++;
    return k;
}

void lethe_desk_slide(struct lethe_desk *desk, enum lethe_slider slider, long steps)
{
    desk->screen.slider = slider;
    long at =
        slider == LETHE_SLIDER_BLANKET ? (long)desk->view->blanket_size : damping_step(desk->view);
    slide(desk, slider, at + steps);
}

void lethe_desk_slide_to(struct lethe_desk *desk, enum lethe_slider slider, double fraction)
{
    desk->screen.slider = slider;
    size_t last = slider == LETHE_SLIDER_BLANKET ? desk->view->blanket_count
                  : desk->view->damping_count    ? desk->view->damping_count - 1
                                                 : 0;
    fraction = fraction < 0 ? 0 : fraction > 1 ? 1 : fraction;
    slide(desk, slider, lround(fraction * (double)last));
}

/* ---- drawing and keys ------------------------------------------------------------------------ */

/* What to do next, for those who are here for the first time; it stands where no answer does. */
static const char *hint(const struct lethe_view *view)
{
    if (!view->model)
        return "begin with ':load sample_models/digits-mlp'; Ctrl-P lists all commands";
    if (!view->sample_count)
        return "this model has no training data: ':data PATH'";
    if (!view->forgetting)
        return "mark what to forget: Tab to Samples, Space marks; then v shows its removal";
    if (!view->previewed)
        return "v shows what the removal would do; s only selects the units";
    return view->uncommitted ? "arrows move the slider, c commits, u undoes, ? shows all keys" : "";
}

void lethe_desk_draw(struct lethe_desk *desk)
{
    struct lethe_screen *screen = &desk->screen;
    lethe_desk_refresh(desk);
    lethe_desk_list_keys(desk, 0);
    const struct lethe_input *typed =
        desk->typing == LETHE_TYPING_FILTER ? &desk->filter : &desk->line;
    screen->prompt = desk->typing == LETHE_TYPING_COMMAND  ? ":"
                     : desk->typing == LETHE_TYPING_FILTER ? "/"
                                                           : NULL;
    screen->input = screen->overlay == LETHE_OVERLAY_PALETTE ? desk->palette.text : typed->text;
    screen->input_cursor = typed->cursor;
    screen->message = *desk->message ? desk->message : hint(desk->view);
    if (!*desk->message)
        screen->message_bad = 0;
    lethe_view_draw(&desk->canvas, desk->view, screen);
}

static void overlay_key(struct lethe_desk *desk, struct lethe_key key)
{
    struct lethe_screen *screen = &desk->screen;
    switch (key.code) {
    case 'j':
    case LETHE_KEY_DOWN:
    case LETHE_KEY_WHEEL_DOWN:
        screen->scroll++;
        return;
    case 'k':
    case LETHE_KEY_UP:
    case LETHE_KEY_WHEEL_UP:
        screen->scroll -= screen->scroll > 0;
        return;
    case ' ':
    case LETHE_KEY_PAGE_DOWN:
        screen->scroll += 10;
        return;
    case LETHE_KEY_PAGE_UP:
        screen->scroll -= screen->scroll < 10 ? screen->scroll : 10;
        return;
    default:
        screen->overlay = LETHE_OVERLAY_NONE;
        if (key.code == ':') /* who types on has read it */
            lethe_desk_type(desk, "");
    }
}

/* The question before an uncommitted preview is lost. */
static void ask_key(struct lethe_desk *desk, struct lethe_key key)
{
    desk->screen.overlay = LETHE_OVERLAY_NONE;
    if (key.code == 'q')
        desk->quit = 1;
    else if (key.code == 'c')
        lethe_desk_type(desk, "commit ");
}

void lethe_desk_key(struct lethe_desk *desk, struct lethe_key key)
{
    int mouse = key.code >= LETHE_KEY_MOUSE_PRESS && key.code <= LETHE_KEY_WHEEL_DOWN;
    desk->screen.answered = 0;
    if (key.code == LETHE_CTRL('z'))
        desk->suspended = 1;
    else if (key.code == LETHE_CTRL('l'))
        desk->redraw = 1;
    else if (desk->screen.overlay == LETHE_OVERLAY_PALETTE)
        lethe_desk_palette_key(desk, key);
    else if (desk->screen.overlay == LETHE_OVERLAY_ASK)
        ask_key(desk, key);
    else if (desk->screen.overlay != LETHE_OVERLAY_NONE)
        overlay_key(desk, key);
    else if (desk->typing != LETHE_TYPING_NONE)
        lethe_desk_line_key(desk, key);
    else if (mouse)
        lethe_desk_mouse(desk, key);
    else
        lethe_desk_command_key(desk, key);
}
