/* SPDX-License-Identifier: MIT
 * The loop. It sleeps in poll() on keys, finished work and signals; all that wait are taken in
 * before one frame is drawn, so held keys and fast results cost one frame, not one each. While
 * something is computed a frame is drawn ten times a second for its progress. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "ui/cast/recording.h"
#include "ui/desk.h"
#include "ui/term/signals.h"
#include "ui/tui.h"
#include "ui/view/pane.h"

enum {
    TICK = 100, /* milliseconds between frames while work runs */
    GRACE = 25  /* a result this near is waited for, so that one frame shows key and result */
};

struct loop {
    struct lethe_desk desk;
    const struct lethe_host *host;
    struct lethe_recording *recording;
    int ended;   /* SIGTERM or SIGHUP came */
    int resized; /* while a line was executed */
};

static enum lethe_err resize(struct loop *loop, struct lethe_error *err)
{
    int rows, cols;
    lethe_curses_resize();
    lethe_curses_size(&rows, &cols);
    return lethe_desk_resize(&loop->desk, rows, cols, err);
}

static enum lethe_err take_signals(struct loop *loop, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    int resized = loop->resized;
    loop->resized = 0;
    for (;;) {
        switch (lethe_signals_next()) {
        case LETHE_EVENT_NONE:
            return resized ? resize(loop, err) : code;
        case LETHE_EVENT_RESIZE:
        case LETHE_EVENT_RESUME:
            resized = 1;
            break;
        case LETHE_EVENT_INTERRUPT:
            lethe_desk_key(&loop->desk, (struct lethe_key){LETHE_CTRL('c'), 0, 0});
            break;
        case LETHE_EVENT_STOP:
            loop->desk.suspended = 1;
            break;
        case LETHE_EVENT_END:
            loop->ended = 1;
            break;
        }
    }
}

static void take_keys(struct loop *loop)
{
    struct lethe_desk *desk = &loop->desk;
    while (!desk->quit && !desk->suspended && !desk->waiting) {
        struct lethe_key key = lethe_curses_key();
        if (key.code == LETHE_KEY_NONE)
            return;
        lethe_desk_key(desk, key);
    }
}

/* What a key asked of the terminal itself. */
static void obey(struct loop *loop)
{
    struct lethe_desk *desk = &loop->desk;
    if (desk->suspended)
        lethe_curses_suspend();
    if (desk->suspended || desk->redraw)
        lethe_curses_forget();
    desk->suspended = desk->redraw = 0;
    if (desk->waiting && !loop->host->busy(loop->host->self)) {
        desk->waiting = 0;
        lethe_desk_say(desk, 0, "idle");
    }
}

/* A picture that waits is shown over everything, or its chart has to do. */
static void take_picture(struct loop *loop)
{
    size_t size = 0;
    char *picture = loop->host->picture(loop->host->self, &size);
    if (!picture)
        return;
    if (lethe_curses_shows_sixel())
        lethe_curses_picture(picture, size);
    else
        lethe_desk_say(&loop->desk, 1,
                       "this terminal does not show sixel pictures: the plot stays in characters");
    lethe_free(picture);
}

static void take_results(struct loop *loop)
{
    loop->host->deliver(loop->host->self);
    lethe_desk_news(&loop->desk);
    take_picture(loop);
}

static void show(void *shower)
{
    struct loop *loop = shower;
    lethe_desk_draw(&loop->desk);
    lethe_curses_show(&loop->desk.canvas);
    if (!loop->recording)
        return;
    lethe_recording_frame(loop->recording, &loop->desk.canvas);
    if (loop->recording->problem.code)
        lethe_desk_say(&loop->desk, 1, "the recording ended: %s", loop->recording->problem.message);
    loop->recording->problem.code = LETHE_OK;
}

/* In the middle of a line nothing but its message can be drawn: what the panes show may be on its
 * way out. */
static int show_words(void *shower, const char *words)
{
    struct loop *loop = shower;
    int ends = 0;
    lethe_view_say(&loop->desk.canvas, &loop->desk.screen, words);
    lethe_curses_show(&loop->desk.canvas);
    if (loop->recording)
        lethe_recording_frame(loop->recording, &loop->desk.canvas);
    for (struct lethe_key key; (key = lethe_curses_key()).code != LETHE_KEY_NONE;)
        ends |= key.code == LETHE_CTRL('c');
    for (int event; (event = lethe_signals_next()) != LETHE_EVENT_NONE;) {
        loop->resized |= event == LETHE_EVENT_RESIZE || event == LETHE_EVENT_RESUME;
        loop->desk.suspended |= event == LETHE_EVENT_STOP;
        loop->ended |= event == LETHE_EVENT_END;
        ends |= event == LETHE_EVENT_INTERRUPT || event == LETHE_EVENT_END;
    }
    return ends;
}

static enum lethe_err run(struct loop *loop, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    const struct lethe_host *host = loop->host;
    while (!code && !loop->desk.quit && !loop->ended) {
        show(loop);
        struct pollfd wait[] = {{lethe_signals_fd(), POLLIN, 0},
                                {host->fd(host->self), POLLIN, 0},
                                {loop->desk.waiting ? -1 : STDIN_FILENO, POLLIN, 0}};
        int timeout = host->busy(host->self) ? TICK : loop->desk.waiting ? 0 : -1;
        if (poll(wait, 3, timeout) < 0 && errno != EINTR)
            return lethe_fail(err, LETHE_EIO, "cannot wait for keys: %s", strerror(errno));
        if (wait[2].revents & (POLLHUP | POLLERR | POLLNVAL))
            loop->ended = 1; /* the terminal is gone */
        take_results(loop);
        code = take_signals(loop, err);
        take_keys(loop);
        obey(loop);
        if (host->busy(host->self) && poll(&wait[1], 1, GRACE) > 0)
            take_results(loop);
    }
    return code;
}

enum lethe_err lethe_tui_run(const struct lethe_host *host,
                             const struct lethe_curses_options *options, int linear,
                             struct lethe_recording *recording, struct lethe_error *err)
{
    struct loop loop = {.host = host, .recording = recording};
    int rows, cols;
    enum lethe_err code = lethe_curses_start(options, err);
    if (code)
        return code;
    lethe_curses_size(&rows, &cols);
    code = lethe_desk_init(&loop.desk, host, rows, cols, lethe_curses_display(), err);
    loop.desk.screen.linear = linear;
    loop.desk.show = show;
    loop.desk.shower = &loop;
    if (host->attend)
        host->attend(host->self, show_words, &loop);
    if (!code)
        code = run(&loop, err);
    if (host->attend)
        host->attend(host->self, NULL, NULL);
    lethe_desk_release(&loop.desk);
    lethe_curses_stop();
    if (recording)
        lethe_recording_leave(recording);
    if (!code && loop.ended)
        code = lethe_fail(err, LETHE_ECANCEL, "ended by a signal");
    return code;
}
