/* SPDX-License-Identifier: MIT
 * Running a command line of the workbench and showing its answer: in the message line, in an
 * overlay, or in the pane it belongs to. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/desk.h"
#include "ui/view/layout.h"

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
static void add_text(struct lethe_desk *desk, const char *title, const char *text)
{
    const size_t length = strlen(desk->text) + strlen(text) + 2, scroll = desk->screen.scroll;
    char *both = lethe_alloc(length, 1);
    if (!both)
        return;
    snprintf(both, length, "%s\n%s", desk->text, text);
    open_text(desk, title, both);
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
    static const char *const steps[] = {"blanket", "damping", "form", "curvature", "method", NULL};
    static const char *const ends[] = {"forget", "commit", "undo",  "redo", "checkout",
                                       "load",   "open",   "train", NULL};
    if (begins(line, "preview"))
        desk->previewing = 1;
    if (begins_one_of(line, ends))
        desk->previewing = 0;
    return desk->previewing && strchr(line, ' ') &&
           begins_one_of(line, steps); /* bare: only asked */
}

static int is_one_line(const char *text)
{
    const char *end = strchr(text, '\n');
    return *text && (!end || end[1] == 0);
}

/* The line without the sign that sends it to the background. */
static void say_of(struct lethe_desk *desk, const char *line, const char *what)
{
    size_t length = strlen(line);
    while (length > 0 && strchr(" &", line[length - 1]))
        length--;
    lethe_desk_say(desk, 0, "%.*s%s", (int)length, line, what);
}

static void say_begun(struct lethe_desk *desk, const char *line)
{
    say_of(desk, line, " …");
}

/* Views and comparisons of methods have panes of their own. */
static void prepare_view(struct lethe_desk *desk, const char *line)
{
    static const struct {
        const char *line;
        enum lethe_pane pane;
    } panes[] = {{"view classes", LETHE_PANE_CLASSES},    {"view confusion", LETHE_PANE_CONFUSION},
                 {"view layers", LETHE_PANE_CKA},         {"view embedding", LETHE_PANE_EMBEDDING},
                 {"compare methods", LETHE_PANE_METHODS}, {"compare masks", LETHE_PANE_METHODS}};
    for (size_t k = 0; k < sizeof panes / sizeof *panes; k++)
        if (begins(line, panes[k].line))
            lethe_layout_show(&desk->screen, desk->canvas.rows, desk->canvas.cols, panes[k].pane);
}

/* Plots have a pane of their own, where they appear when they are ready. */
static void prepare_plot(struct lethe_desk *desk, const char *line)
{
    char kind[16] = "why";
    prepare_view(desk, line);
    if (begins(line, "plot") && sscanf(line, "plot %15s", kind) != 1)
        return;
    if (begins(line, "surface") || strcmp(kind, "surface") == 0)
        lethe_layout_show(&desk->screen, desk->canvas.rows, desk->canvas.cols, LETHE_PANE_SURFACE);
    else if (begins(line, "plot") || begins(line, "why"))
        lethe_desk_show_plot(desk, kind, 0);
}

/* What works on the thread of the screen says so before it begins. */
static void announce(struct lethe_desk *desk, const char *line)
{
    static const char *const long_ones[] = {"load",   "open",   "data",   "save",
                                            "export", "report", "replay", "source",
                                            "seal",   "smooth", "lesson", NULL};
    if (!desk->show || !begins_one_of(line, long_ones))
        return;
    say_begun(desk, line);
    desk->show(desk->shower);
}

void lethe_desk_run(struct lethe_desk *desk, const char *line, int show)
{
    struct lethe_error err = {0};
    const char *text = "";
    announce(desk, line);
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
    else if (*text && show) {
        open_text(desk, line, text);
        lethe_desk_say(desk, 0, "%s", ""); /* what was said before is of another line */
    } else if (!*text && begins(line, "lesson"))
        lethe_desk_say(desk, 0, "%s", ""); /* the strip speaks for itself */
    else if (!*text)
        say_begun(desk, line);
    else
        lethe_desk_say(desk, 0, "%s: done", line);
}

/* Whether an answer of that line is on the screen. */
static int reads_answer(const struct lethe_desk *desk, const char *line)
{
    return desk->screen.overlay == LETHE_OVERLAY_TEXT && *line && strcmp(desk->title, line) == 0;
}

/* The line whose answer came: the one that was run last, or only the command where another one was
 * begun before it. "" where nobody asked. */
static const char *answered(const struct lethe_desk *desk)
{
    const char *by = desk->host->news_command ? desk->host->news_command(desk->host->self) : "";
    return *by && *desk->asked && !begins(desk->asked, by) ? by : desk->asked;
}

/* What a late answer that nobody waits to read is called. */
static const char *late(const struct lethe_desk *desk)
{
    const char *by = desk->host->news_command ? desk->host->news_command(desk->host->self) : "";
    return *by ? by : "work";
}

void lethe_desk_news(struct lethe_desk *desk)
{
    const char *text = "";
    lethe_desk_refresh(desk); /* what was delivered may have taken the place of what is shown */
    for (int kind; (kind = desk->host->news(desk->host->self, &text)) != 0;) {
        int free = desk->screen.overlay == LETHE_OVERLAY_NONE && !desk->typing;
        if (is_one_line(text) || kind < 0) {
            lethe_desk_say(desk, kind < 0, "%s", text);
            continue;
        }
        const char *line = answered(desk);
        say_of(desk, *line ? line : late(desk), ": done");
        if (*line && free)
            open_text(desk, line, text);
        else if (reads_answer(desk, line))
            add_text(desk, line, text);
    }
}
