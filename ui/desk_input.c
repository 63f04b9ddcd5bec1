/* SPDX-License-Identifier: MIT
 * The top of the desk: every key goes to the overlay, the line, the mouse or the table of keys, and
 * what comes back as a request is done here. */
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "ui/desk.h"

static int ends_in(const char *text, const char *tail)
{
    size_t length = strlen(text), wanted = strlen(tail);
    return length >= wanted && strcmp(text + length - wanted, tail) == 0;
}

/* Saves what the panes show, without the command line that asked for it. The ending of the name
 * chooses plain text, .ansi or .svg. */
static void save_display(struct lethe_desk *desk)
{
    const char *path = desk->save;
    struct lethe_error err = {0};
    lethe_desk_draw(desk);
    char *text = ends_in(path, ".svg")    ? lethe_canvas_svg(&desk->canvas)
                 : ends_in(path, ".ansi") ? lethe_canvas_ansi(&desk->canvas)
                                          : lethe_canvas_text(&desk->canvas);
    enum lethe_err code = text ? lethe_file_write(path, text, strlen(text), &err)
                               : lethe_fail(&err, LETHE_ENOMEM, "save-display: out of memory");
    lethe_free(text);
    if (code)
        lethe_desk_say(desk, 1, "%s", err.message);
    else
        lethe_desk_say(desk, 0, "saved %s", path);
    desk->save[0] = 0;
}

/* Lines that change nothing: who types them wants to read the whole answer. */
static int only_asks(const char *line)
{
    static const char *const lines[] = {"blanket", "damping",   "form",
                                        "perturb", "curvature", "forget list"};
    size_t length = strlen(line);
    while (length > 0 && line[length - 1] == ' ')
        length--;
    for (size_t k = 0; k < sizeof lines / sizeof lines[0]; k++)
        if (strlen(lines[k]) == length && strncmp(lines[k], line, length) == 0)
            return 1;
    return 0;
}

/* Commands whose answer the panes show already, so that no overlay hides them. */
static int shown_by_panes(const char *line)
{
    static const char *const words[] = {
        "preview",  "select",  "blanket", "damping",   "forget",    "commit",   "undo", "redo",
        "checkout", "perturb", "form",    "curvature", "retrain",   "surface",  "load", "open",
        "cancel",   "plot",    "why",     "null",      "stability", "leverage", "train"};
    size_t length = strcspn(line, " ");
    if (only_asks(line))
        return 0;
    if (length == 4 && strncmp(line, "view", length) == 0) /* a sample's is read as text */
        return strncmp(line + length, " sample", 7) != 0;
    for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
        if (strlen(words[k]) == length && strncmp(words[k], line, length) == 0)
            return 1;
    return 0;
}

/* Keys that the lesson's strip names; 1 when it was one. */
static int lesson_key(struct lethe_desk *desk, uint32_t code)
{
    const struct lethe_view_lesson *lesson = &desk->view->lesson;
    char line[] = "lesson answer a";
    if (!lesson->title || lesson->step > lesson->steps)
        return 0;
    if (code >= 'a' && code < 'a' + lesson->choice_count)
        line[sizeof line - 2] = (char)code;
    else if (code == 'n')
        memcpy(line, "lesson next", sizeof "lesson next");
    else if (code == 'i')
        memcpy(line, "lesson hint", sizeof "lesson hint");
    else
        return 0;
    lethe_desk_run(desk, line, 0);
    return 1;
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
        if (key.code == ':') /* who goes on has read it */
            lethe_desk_type(desk, "");
        else if (key.code == 'v' || key.code == 'r')
            lethe_desk_command_key(desk, key);
        else
            lesson_key(desk, key.code);
    }
}

/* The question before something is lost. */
static void ask_key(struct lethe_desk *desk, struct lethe_key key)
{
    desk->screen.overlay = LETHE_OVERLAY_NONE;
    if (key.code == 'q')
        desk->quit = 1;
    else if (key.code == 'c' && desk->asking == LETHE_ASKING_COMMIT)
        lethe_desk_type(desk, "commit ");
    else if (key.code == 's' && desk->asking == LETHE_ASKING_SAVE)
        lethe_desk_type(desk, "save ");
}

/* A line somebody typed or chose: long answers open, unless the panes show them. */
static void run(struct lethe_desk *desk, const char *line)
{
    lethe_desk_do(desk, line, !shown_by_panes(line));
}

static void palette_key(struct lethe_desk *desk, struct lethe_key key)
{
    char line[LETHE_INPUT_ROOM + 1];
    const enum lethe_desk_wish wish = lethe_desk_palette_key(desk, key, line);
    if (wish == LETHE_WISH_TYPE)
        lethe_desk_type(desk, line);
    else if (wish == LETHE_WISH_RUN)
        run(desk, line);
}

static void line_key(struct lethe_desk *desk, struct lethe_key key)
{
    char line[LETHE_INPUT_ROOM + 1];
    if (lethe_desk_line_key(desk, key, line))
        run(desk, line);
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
        palette_key(desk, key);
    else if (desk->screen.overlay == LETHE_OVERLAY_ASK)
        ask_key(desk, key);
    else if (desk->screen.overlay != LETHE_OVERLAY_NONE)
        overlay_key(desk, key);
    else if (desk->typing != LETHE_TYPING_NONE)
        line_key(desk, key);
    else if (mouse)
        lethe_desk_mouse(desk, key);
    else if (!lesson_key(desk, key.code))
        lethe_desk_command_key(desk, key);
    if (*desk->save)
        save_display(desk);
}
