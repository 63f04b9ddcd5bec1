/* SPDX-License-Identifier: MIT
 * Waits for the moment of each event and for a key at once. The modes of the terminal are borrowed
 * for the time and given back whatever happens. */
#include "ui/player.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "ui/cast/scan.h"
#include "ui/skin.h"

/* The keys of a terminal, one by one and unseen. */
struct keys {
    int taken;
    struct termios before;
};

static void take_keys(struct keys *keys)
{
    struct termios now;
    keys->taken = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &keys->before) == 0;
    if (!keys->taken)
        return;
    now = keys->before;
    now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    now.c_cc[VMIN] = 1;
    now.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &now);
}

static void give_keys_back(const struct keys *keys)
{
    if (keys->taken)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &keys->before);
}

/* Sleeps until this moment of the clock (INFINITY: for ever). 1: a key was pressed, or Ctrl-C, or
 * the terminal is gone. */
static int key_before(double moment)
{
    enum { LONGEST = 60000 };
    for (;;) {
        const double left = moment - lethe_clock();
        struct pollfd wait = {isatty(STDIN_FILENO) ? STDIN_FILENO : -1, POLLIN, 0};
        const int timeout = left <= 0 ? 0 : left > LONGEST / 1e3 ? LONGEST : (int)ceil(1e3 * left);
        const int ready = poll(&wait, 1, timeout);
        char key[64];
        if (lethe_interrupt_taken() || wait.revents & (POLLHUP | POLLERR | POLLNVAL))
            return 1;
        if (ready > 0) /* all of a key that sends several bytes */
            return read(STDIN_FILENO, key, sizeof key) != 0;
        if (left <= 0 || (ready < 0 && errno != EINTR))
            return 0;
    }
}

static int write_all(const char *text, size_t size)
{
    while (size > 0) {
        const ssize_t written = write(STDOUT_FILENO, text, size);
        if (written <= 0 && errno != EINTR)
            return 0;
        text += written > 0 ? written : 0;
        size -= written > 0 ? (size_t)written : 0;
    }
    return 1;
}

static enum lethe_err check(const struct lethe_cast *cast, struct lethe_error *err)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO))
        return lethe_fail(err, LETHE_EARG,
                          "standard output is no terminal to play in: frames=NAME writes pictures");
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col &&
        (size.ws_row < cast->most_rows || size.ws_col < cast->most_cols))
        return lethe_fail(err, LETHE_EARG,
                          "the recording is %d x %d and this terminal %d x %d: make it larger",
                          cast->most_cols, cast->most_rows, size.ws_col, size.ws_row);
    return LETHE_OK;
}

/* Shows the events in their time; 1: stopped by a key. */
static int show_events(double *shown, const struct lethe_cast *cast, double speed,
                       struct lethe_player_look look)
{
    struct lethe_text out = {0};
    struct lethe_scan scan = {0};
    const double begun = lethe_clock();
    int stopped = 0;
    for (size_t k = 0; k < cast->count && !stopped; k++) {
        const char *text = cast->events[k].text;
        struct lethe_scan_token token;
        stopped = key_before(begun + cast->events[k].at / speed);
        if (stopped)
            break;
        lethe_text_clear(&out);
        while (text && lethe_scan_next(&scan, &token, &text))
            lethe_scan_put(&out, &token, look.ascii, look.colours);
        stopped = !write_all(lethe_text_get(&out), out.length);
        *shown = cast->events[k].at;
    }
    lethe_text_release(&out);
    return stopped;
}

enum lethe_err lethe_player_run(double *shown, const struct lethe_cast *cast, double speed,
                                struct lethe_player_look look, struct lethe_error *err)
{
    static const char begin[] = "\033[0m\033[2J\033[H", shown_again[] = "\033[0m\033[?25h",
                      hidden[] = "\033[0m\033[?25l";
    enum lethe_err code = check(cast, err);
    struct keys keys;
    char last[32];
    if (code)
        return code;
    *shown = 0;
    fflush(stdout);
    take_keys(&keys);
    write_all(begin, sizeof begin - 1);
    if (!show_events(shown, cast, speed, look) && look.over)
        key_before(INFINITY);
    if (look.over) {
        write_all(hidden, sizeof hidden - 1);
    } else { /* what comes next stands below */
        const int length = snprintf(last, sizeof last, "\033[%d;1H\r\n", cast->most_rows);
        write_all(shown_again, sizeof shown_again - 1);
        write_all(last, (size_t)length);
    }
    give_keys_back(&keys);
    return LETHE_OK;
}
