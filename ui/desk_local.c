/* SPDX-License-Identifier: MIT
 * The commands of the screen itself (focus, zoom, quit, ...), which come before those of the
 * workbench. */
#include <stdio.h>
#include <string.h>

#include "ui/desk.h"
#include "ui/view/layout.h"
#include "ui/view/panes.h"

static void local_focus(struct lethe_desk *desk, const char *argument)
{
    for (int k = 0; k < LETHE_PANES; k++)
        if (strcmp(lethe_panes[k]->name, argument) == 0) {
            lethe_layout_focus(&desk->screen, desk->canvas.rows, desk->canvas.cols,
                               (enum lethe_pane)k);
            return;
        }
    char names[160] = "";
    for (int k = 0; k < LETHE_PANES; k++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", k ? ", " : "",
                 lethe_panes[k]->name);
    lethe_desk_say(desk, 1, "focus: no pane '%s'; panes are %s", argument, names);
}

static void local_save_display(struct lethe_desk *desk, const char *path)
{
    snprintf(desk->save, sizeof desk->save, "%s", path);
    if (!*path)
        lethe_desk_say(desk, 1,
                       "save-display: give a file name, for example ':save-display screen.txt'");
}

static void local_wait(struct lethe_desk *desk, const char *argument)
{
    (void)argument;
    desk->waiting = 1;
}

static void local_zoom(struct lethe_desk *desk, const char *argument)
{
    (void)argument;
    desk->screen.zoom = !desk->screen.zoom;
}

static void local_palette(struct lethe_desk *desk, const char *argument)
{
    (void)argument;
    lethe_desk_palette_open(desk);
}

static void ask(struct lethe_desk *desk, const char *title, const char *text)
{
    desk->screen.overlay = LETHE_OVERLAY_ASK;
    desk->screen.title = title;
    desk->screen.text = text;
    desk->screen.scroll = 0;
}

/* A commit on its way counts as not made: leaving now would lose it. */
static int is_committing(const struct lethe_view *view)
{
    for (size_t k = 0; k < view->job_count; k++)
        if (strncmp(view->jobs[k].name, "commit", 6) == 0 &&
            (strcmp(view->jobs[k].state, "running") == 0 ||
             strcmp(view->jobs[k].state, "waiting") == 0))
            return 1;
    return 0;
}

static void local_quit(struct lethe_desk *desk, const char *argument)
{
    const struct lethe_view *view = desk->view;
    desk->asking = LETHE_ASKING_COMMIT;
    if (strcmp(argument, "now") == 0) {
        desk->quit = 1;
    } else if (is_committing(view)) {
        ask(desk, "The commit is not finished", "q    leave without it\nEsc  stay");
    } else if (view->uncommitted) {
        ask(desk, "The preview is not committed",
            "c    commit it first\nq    leave without it\nEsc  stay");
    } else if (view->loss) {
        desk->asking = LETHE_ASKING_SAVE;
        ask(desk, "This session is not kept", view->loss);
    } else {
        desk->quit = 1;
    }
}

static const struct {
    const char *name, *help;
    void (*run)(struct lethe_desk *, const char *argument);
} locals[] = {
    {"focus", "go to a pane", local_focus},
    {"palette", "find a command by some of its letters", local_palette},
    {"quit", "leave; asks when something would be lost", local_quit},
    {"save-display", "write the screen to FILE (.txt, .ansi, .svg)", local_save_display},
    {"wait", "the same as wait-idle", local_wait},
    {"wait-idle", "wait until nothing is computed any more", local_wait},
    {"zoom", "give the focused pane the whole screen", local_zoom},
};
enum { LOCALS = sizeof locals / sizeof locals[0] };

/* 1 when the line is a command of the screen and was run. */
static int local(struct lethe_desk *desk, const char *line)
{
    line += strspn(line, " ");
    size_t length = strcspn(line, " ");
    for (int k = 0; k < LOCALS; k++)
        if (strlen(locals[k].name) == length && strncmp(locals[k].name, line, length) == 0) {
            char argument[LETHE_INPUT_ROOM + 1];
            const char *rest = line + length + strspn(line + length, " ");
            size_t used = strlen(rest);
            while (used > 0 && rest[used - 1] == ' ')
                used--;
            used = used < sizeof argument - 1 ? used : sizeof argument - 1;
            memcpy(argument, rest, used);
            argument[used] = 0;
            locals[k].run(desk, argument);
            return 1;
        }
    return 0;
}

size_t lethe_desk_local_names(const char *const **names, const char *word, size_t length)
{
    static const char *found[LOCALS];
    size_t count = 0;
    for (int k = 0; k < LOCALS; k++)
        if (strncmp(locals[k].name, word, length) == 0)
            found[count++] = locals[k].name;
    *names = found;
    return count;
}

void lethe_desk_do(struct lethe_desk *desk, const char *line, int show)
{
    if (!local(desk, line))
        lethe_desk_run(desk, line, show);
}
