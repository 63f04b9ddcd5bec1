/* SPDX-License-Identifier: MIT
 * Drawing the desk: the state from the host, the keys of the focused pane, the message or a hint.
 */
#include "ui/desk.h"
#include "ui/view/pane.h"

/* What to do next, for those who are here for the first time; it stands where no answer does. */
static const char *hint(const struct lethe_view *view)
{
    if (view->lesson.title)
        return ""; /* one voice at a time */
    if (!view->model)
        return "begin with ':load sample_models/digits-mlp', or learn with ':lesson 1'";
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
