/* SPDX-License-Identifier: MIT
 * The screen for those who hear it: one pane at a time, one sentence a line, nothing drawn. The
 * sentences are those of the pane's row. The terminal's own cursor stands where there is something
 * to read next: on the answer of a command until a key moves it, on the row of the list, or in the
 * line being typed. */

#include "ui/term/glyph.h"
#include "ui/view/format.h"
#include "ui/view/panes.h"
#include "ui/view/sentence.h"

static size_t count_of(const struct lethe_view *view, const struct lethe_screen *screen)
{
    const struct lethe_pane_ops *pane = lethe_panes[screen->focus];
    if (!pane->say)
        return 0;
    return pane->sentences ? pane->sentences(view, screen)
           : pane->rows    ? pane->rows(view, screen)
                           : 0;
}

/* What the sliders set: blanket and damping, or the numbers of a method. */
static void say_sliders(struct lethe_sentence *to, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    char damping[LETHE_FORMAT_ROOM];
    const size_t blanket = view->weight_count ? view->weights : view->blanket_size;
    const size_t of = view->weight_count ? view->weight_count : view->blanket_count;
    const struct lethe_view_param *param =
        screen->param < view->method_param_count ? &view->method_params[screen->param] : NULL;
    if (view->unlearning)
        lethe_say(to, "method %s, ", view->unlearning);
    if (!view->unlearning || view->masked)
        lethe_say(to, "blanket %zu of %zu, ", blanket, of);
    lethe_format_damping(damping, view->damping);
    if (!view->unlearning)
        lethe_say(to, "damping %s, ", damping);
    if (screen->slider == LETHE_SLIDER_PARAM && param)
        lethe_say(to, "arrows set %s: %g, published %g", param->key, param->value, param->usual);
    else
        lethe_say(to, "arrows set the %s",
                  screen->slider == LETHE_SLIDER_BLANKET ? "blanket" : "damping");
}

/* Where things stand, in the first two lines. */
static void head(struct lethe_area all, const struct lethe_view *view,
                 const struct lethe_screen *screen)
{
    struct lethe_sentence first = {0}, second = {0};
    lethe_say(&first, "%s, forget %s, %s", view->model ? view->model : "no model",
              view->forget ? view->forget : "nothing",
              view->uncommitted ? "uncommitted preview" : "nothing uncommitted");
    if (view->reading)
        lethe_say(&first, ", read only");
    else if (view->unkept)
        lethe_say(&first, ", not kept");
    if (view->resumed)
        lethe_say(&first, ", resumed with %zu commit%s and %zu samples gone", view->resumed,
                  view->resumed == 1 ? "" : "s", view->gone);
    else if (view->gone)
        lethe_say(&first, ", %zu samples gone", view->gone);
    lethe_say(&second, "pane %s, ", lethe_panes[screen->focus]->name);
    say_sliders(&second, view, screen);
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
        struct lethe_sentence line = {0};
        const int y = FIRST + (int)(k - top);
        lethe_panes[screen->focus]->say(&line, view, screen, k);
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
        struct lethe_sentence before = {0};
        lethe_draw_text(all, last, x, LETHE_INK_TEXT, screen->input);
        lethe_say(&before, "%.*s", (int)screen->input_cursor, screen->input);
        cursor_at(all, last, x + lethe_glyph_columns(before.text));
    } else if (screen->message) {
        struct lethe_sentence line = {0};
        lethe_say(&line, "%s%s", screen->message_bad ? "error: " : "", screen->message);
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
