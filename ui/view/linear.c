/* SPDX-License-Identifier: MIT
 * The screen for those who hear it: one pane at a time, one sentence a line, nothing drawn. The
 * terminal's own cursor stands where there is something to read next: on the answer of a command
 * until a key moves it, on the row of the list, or in the line being typed. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ui/term/glyph.h"
#include "ui/view/format.h"
#include "ui/view/panes.h"

enum { SENTENCE = 600 };

struct sentence {
    char text[SENTENCE];
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void say(struct sentence *to, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int more = vsnprintf(to->text + to->used, sizeof to->text - to->used, format, list);
    va_end(list);
    to->used += more > 0 ? (size_t)more : 0;
    to->used = to->used < sizeof to->text ? to->used : sizeof to->text - 1;
}

static void say_figure(struct sentence *to, const char *name, double value,
                       enum lethe_figure_kind kind)
{
    char text[LETHE_FORMAT_ROOM];
    if (isnan(value))
        return;
    lethe_format_figure(text, value, kind);
    say(to, ", %s %s", name, text);
}

static void say_layer(struct sentence *to, const struct lethe_view *view, size_t k)
{
    const struct lethe_view_layer *layer = &view->layers[k];
    size_t best = 0, chosen = 0;
    say(to, "%s: %zu units", layer->name, layer->units);
    for (size_t u = 0; u < layer->units; u++) {
        chosen += layer->chosen && layer->chosen[u];
        if (layer->scores && (layer->scores[u] > layer->scores[best] || isnan(layer->scores[best])))
            best = u;
    }
    if (!layer->scores) {
        say(to, ", not scored");
        return;
    }
    say(to, ", %s is %zu", view->weight_count ? "most changed" : "best", best);
    say_figure(to, view->weight_count ? "share" : "T", layer->scores[best], LETHE_FIGURE_FRACTION);
    if (layer->scores[best] <= view->null_band)
        say(to, ", no more than chance gives");
    say(to, ", %zu in the blanket", chosen);
}

static void say_unit(struct sentence *to, const struct lethe_view *view, size_t k)
{
    const struct lethe_view_unit *unit = &view->blanket[k];
    if (view->weight_count) {
        say(to, "%s: %zu of %zu weights taken", unit->name, unit->parameters, unit->of);
        return;
    }
    say(to, "%zu: %s, %s", k + 1, unit->name, k < view->blanket_size ? "taken" : "not taken");
    if (view->deciding > 1)
        say(to, ", chosen by %zu of %zu samples", unit->votes, view->deciding);
    say_figure(to, view->score_name ? view->score_name : "score", unit->gain,
               LETHE_FIGURE_FRACTION);
    say_figure(to, "reach", unit->reach, LETHE_FIGURE_FRACTION);
    if (unit->runs)
        say(to, ", selected again in %zu of %zu runs", unit->times, unit->runs);
    if (unit->after_stop)
        say(to, ", after the selection stopped");
}

/* To those who hear the screen the verdict is read first. */
static size_t verdict_count(const struct lethe_view *view)
{
    return view->verdict && view->figure_count ? 1 : 0;
}

static void say_figure_row(struct sentence *to, const struct lethe_view *view, size_t k)
{
    const size_t first = verdict_count(view);
    if (k < first) {
        say(to, "%s", view->verdict);
        return;
    }
    k -= first;
    if (k >= view->figure_count) {
        say(to, "note: %s", view->notes[k - view->figure_count]);
        return;
    }
    const struct lethe_view_figure *figure = &view->figures[k];
    say(to, "%s", figure->name);
    say_figure(to, "before", figure->before, figure->kind);
    say_figure(to, figure->partial ? "now about" : "now", figure->now, figure->kind);
    if (figure->partial && isnan(figure->now))
        say(to, ", now on its way");
    say_figure(to, "retrained", figure->retrain, figure->kind);
    say_figure(to, "z", figure->z, LETHE_FIGURE_FRACTION);
    if (figure->warning)
        say(to, ", warning");
}

static void say_sample(struct sentence *to, const struct lethe_view_sample *sample)
{
    say(to, "sample %zu, label %d", sample->id, sample->label);
    if (sample->true_label != sample->label)
        say(to, ", was %d", sample->true_label);
    if (sample->forget)
        say(to, ", to be forgotten");
    say_figure(to, "loss before", sample->before, LETHE_FIGURE_LOSS);
    say_figure(to, "now", sample->now, LETHE_FIGURE_LOSS);
    say_figure(to, "retrained", sample->retrain, LETHE_FIGURE_LOSS);
    say_figure(to, "leverage", sample->leverage, LETHE_FIGURE_FRACTION);
}

static void say_commit(struct sentence *to, const struct lethe_view *view, size_t k)
{
    const struct lethe_view_commit *commit = &view->commits[k];
    say(to, "%s%s%s", commit->id, commit->head ? ", here" : "", commit->undone ? ", undone" : "");
    if (commit->branches)
        say(to, ", branch %s", commit->branches);
    say(to, ", %s", commit->forget ? commit->forget : "");
    if (commit->message && *commit->message)
        say(to, ", %s", commit->message);
    if (commit->figures)
        say(to, ", %s", commit->figures);
}

static void say_job(struct sentence *to, const struct lethe_view *view, size_t k)
{
    const struct lethe_view_job *job = &view->jobs[k];
    say(to, "job %zu: %s, %s", job->id, job->name, job->state);
    if (!isnan(job->fraction))
        say(to, ", %.0f percent", 100 * job->fraction);
    if (!isnan(job->left))
        say(to, ", about %.0f seconds left", ceil(job->left));
    if (job->stage && *job->stage)
        say(to, ", %s", job->stage);
}

static void say_plot(struct sentence *to, const struct lethe_view_plot *plot)
{
    say(to, "%s", plot->title);
    for (size_t s = 0; s < plot->count && !plot->sheet; s++) {
        const struct lethe_series *series = &plot->series[s];
        double lo = INFINITY, hi = -INFINITY;
        for (size_t k = 0; k < series->count; k++) {
            lo = fmin(lo, series->y[k]);
            hi = fmax(hi, series->y[k]);
        }
        say(to, "; %s: %zu values", series->name ? series->name : "curve", series->count);
        say_figure(to, "from", lo, LETHE_FIGURE_LOSS);
        say_figure(to, "to", hi, LETHE_FIGURE_LOSS);
    }
    if (plot->sheet)
        say(to, "; 'plot %s' at the prompt with --json has its numbers", plot->kind);
}

/* A row of the map: its best damping. */
static void say_surface(struct sentence *to, const struct lethe_view_surface *surface, size_t row)
{
    const double *values = surface->values + row * surface->cols;
    char damping[LETHE_FORMAT_ROOM];
    size_t best = 0;
    for (size_t k = 1; k < surface->cols; k++)
        if (values[k] < values[best] || isnan(values[best]))
            best = k;
    lethe_format_damping(damping, surface->dampings[best]);
    say(to, "%zu units: lowest at damping %s", surface->sizes[row], damping);
    say_figure(to, surface->figure, values[best], LETHE_FIGURE_LOSS);
}

static void say_fact(struct sentence *to, const struct lethe_view_picture *picture, size_t k)
{
    const char *line = k == 0 ? picture->caption : k < 7 ? picture->facts[k - 1] : picture->text;
    say(to, "%s", line ? line : "");
}

static size_t count_of(const struct lethe_view *view, const struct lethe_screen *screen)
{
    if (screen->focus == LETHE_PANE_SURFACE)
        return view->surface.rows;
    if (screen->focus == LETHE_PANE_PREVIEW)
        return view->figure_count ? verdict_count(view) + view->figure_count + view->note_count : 0;
    if (screen->focus == LETHE_PANE_SAMPLE)
        return view->picture.caption ? 8 : 0;
    return lethe_panes[screen->focus]->rows ? lethe_panes[screen->focus]->rows(view, screen) : 0;
}

static void say_row(struct sentence *to, const struct lethe_view *view,
                    const struct lethe_screen *screen, size_t k)
{
    switch (screen->focus) {
    case LETHE_PANE_LAYERS:
        say_layer(to, view, k);
        return;
    case LETHE_PANE_BLANKET:
        say_unit(to, view, k);
        return;
    case LETHE_PANE_PREVIEW:
        say_figure_row(to, view, k);
        return;
    case LETHE_PANE_PLOT:
        say_plot(to, &view->plots[k]);
        return;
    case LETHE_PANE_SAMPLES:
        say_sample(to, &view->samples[screen->order[k]]);
        return;
    case LETHE_PANE_SURFACE:
        say_surface(to, &view->surface, k);
        return;
    case LETHE_PANE_HISTORY:
        say_commit(to, view, k);
        return;
    case LETHE_PANE_JOBS:
        say_job(to, view, k);
        return;
    default:
        say_fact(to, &view->picture, k);
    }
}

/* Where things stand, in the first two lines. */
static void head(struct lethe_area all, const struct lethe_view *view,
                 const struct lethe_screen *screen)
{
    char damping[LETHE_FORMAT_ROOM];
    struct sentence first = {0}, second = {0};
    lethe_format_damping(damping, view->damping);
    say(&first, "%s, forget %s, %s", view->model ? view->model : "no model",
        view->forget ? view->forget : "nothing",
        view->uncommitted ? "uncommitted preview" : "nothing uncommitted");
    if (view->unkept)
        say(&first, ", not kept");
    if (view->resumed)
        say(&first, ", resumed with %zu commit%s and %zu samples gone", view->resumed,
            view->resumed == 1 ? "" : "s", view->gone);
    else if (view->gone)
        say(&first, ", %zu samples gone", view->gone);
    say(&second, "pane %s, blanket %zu of %zu, damping %s, arrows set the %s",
        lethe_panes[screen->focus]->name, view->weight_count ? view->weights : view->blanket_size,
        view->weight_count ? view->weight_count : view->blanket_count, damping,
        screen->slider == LETHE_SLIDER_BLANKET ? "blanket" : "damping");
    lethe_draw_fit(all, 0, 0, all.cols, LETHE_INK_TEXT, first.text);
    lethe_draw_fit(all, 1, 0, all.cols, LETHE_INK_TEXT, second.text);
}

static void cursor_at(struct lethe_area all, int y, int x)
{
    all.canvas->cursor_y = y;
    all.canvas->cursor_x = x < all.cols ? x : all.cols - 1;
}

static void list(struct lethe_area all, const struct lethe_view *view,
                 const struct lethe_screen *screen)
{
    enum { FIRST = 2 };
    const size_t count = count_of(view, screen), cursor = screen->cursor[screen->focus];
    const int rows = all.rows - FIRST - 1;
    if (!count) /* what the pane itself says then is a sentence */
        lethe_panes[screen->focus]->draw(lethe_area_part(all, FIRST, 0, rows, all.cols), view,
                                         screen);
    const size_t top = lethe_pane_top(cursor, count, rows);
    for (size_t k = top; k < count && (int)(k - top) < rows; k++) {
        struct sentence line = {0};
        const int y = FIRST + (int)(k - top);
        say_row(&line, view, screen, k);
        lethe_draw_fit(all, y, 0, all.cols, LETHE_INK_TEXT, line.text);
        if (k == cursor)
            cursor_at(all, y, 0);
    }
}

void lethe_view_linear(struct lethe_area all, const struct lethe_view *view,
                       const struct lethe_screen *screen)
{
    const int last = all.rows - 1;
    head(all, view, screen);
    list(all, view, screen);
    if (screen->prompt) {
        int x = lethe_draw_text(all, last, 0, LETHE_INK_TEXT, screen->prompt);
        struct sentence before = {0};
        lethe_draw_text(all, last, x, LETHE_INK_TEXT, screen->input);
        say(&before, "%.*s", (int)screen->input_cursor, screen->input);
        cursor_at(all, last, x + lethe_glyph_columns(before.text));
    } else if (screen->message) {
        struct sentence line = {0};
        say(&line, "%s%s", screen->message_bad ? "error: " : "", screen->message);
        const int rows = lethe_pane_rows(all.cols, line.text);
        struct lethe_area box = lethe_area_part(all, last - rows + 1, 0, rows, all.cols);
        lethe_area_fill(box, ' ', LETHE_INK_TEXT);
        if (rows > 1)
            lethe_pane_say(box, 0, LETHE_INK_TEXT, line.text);
        else
            lethe_draw_fit(all, last, 0, all.cols, LETHE_INK_TEXT, line.text);
        if (screen->answered)
            cursor_at(all, last - rows + 1, 0);
    }
}
