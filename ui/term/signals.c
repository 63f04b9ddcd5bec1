/* SPDX-License-Identifier: MIT
 * Signal handlers of the full-screen mode. What a handler touches is written before it is installed
 * and never after; it calls write, tcsetattr, sigaction, raise and kill only, all
 * async-signal-safe. Deadly signals restore the terminal, fall back to the default action and are
 * raised again, so the exit status and the core file are those of the signal. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "ui/term/signals.h"

static const int soft[] = {SIGWINCH, SIGINT, SIGTSTP, SIGCONT, SIGTERM, SIGHUP};
static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT};
enum { SOFT = sizeof soft / sizeof soft[0], DEADLY = sizeof deadly / sizeof deadly[0] };

static struct {
    int started, fd, pipe[2];
    int has_modes;
    struct termios modes;
    char restore[256];
    size_t restore_length;
    volatile sig_atomic_t ending;
    struct sigaction old_soft[SOFT], old_deadly[DEADLY], old_pipe;
} state = {.pipe = {-1, -1}};

static void give_back(void)
{
    ssize_t ignored = write(state.fd, state.restore, state.restore_length);
    (void)ignored;
    if (state.has_modes)
        tcsetattr(state.fd, TCSANOW, &state.modes);
}

static void die_of(int number)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigaction(number, &action, NULL);
    raise(number);
}

static void on_deadly(int number)
{
    give_back();
    die_of(number);
}

static void on_soft(int number)
{
    int saved = errno;
    unsigned char event = LETHE_EVENT_NONE;
    switch (number) {
    case SIGWINCH:
        event = LETHE_EVENT_RESIZE;
        break;
    case SIGINT:
        event = LETHE_EVENT_INTERRUPT;
        break;
    case SIGTSTP:
        event = LETHE_EVENT_STOP;
        break;
    case SIGCONT:
        event = LETHE_EVENT_RESUME;
        break;
    default:
        if (state.ending) {
            give_back();
            die_of(number);
        }
        state.ending = 1;
        event = LETHE_EVENT_END;
    }
    ssize_t ignored = write(state.pipe[1], &event, 1);
    (void)ignored; /* a full pipe already wakes the loop */
    errno = saved;
}

enum lethe_err lethe_signals_start(int fd, const char *restore, struct lethe_error *err)
{
    if (pipe2(state.pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        return lethe_fail(err, LETHE_EIO, "cannot make a pipe for signals: %s", strerror(errno));
    state.fd = fd;
    state.ending = 0;
    state.has_modes = tcgetattr(fd, &state.modes) == 0;
    size_t length = strlen(restore);
    state.restore_length = length < sizeof state.restore ? length : sizeof state.restore - 1;
    memcpy(state.restore, restore, state.restore_length);
    struct sigaction action = {.sa_handler = on_soft, .sa_flags = SA_RESTART};
    for (int k = 0; k < SOFT; k++)
        sigaction(soft[k], &action, &state.old_soft[k]);
    action.sa_handler = on_deadly;
    action.sa_flags = 0;
    for (int k = 0; k < DEADLY; k++)
        sigaction(deadly[k], &action, &state.old_deadly[k]);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, &state.old_pipe);
    state.started = 1;
    return LETHE_OK;
}

void lethe_signals_stop(void)
{
    if (!state.started)
        return;
    for (int k = 0; k < SOFT; k++)
        sigaction(soft[k], &state.old_soft[k], NULL);
    for (int k = 0; k < DEADLY; k++)
        sigaction(deadly[k], &state.old_deadly[k], NULL);
    sigaction(SIGPIPE, &state.old_pipe, NULL);
    close(state.pipe[0]);
    close(state.pipe[1]);
    state.pipe[0] = state.pipe[1] = -1;
    state.started = 0;
}

int lethe_signals_fd(void)
{
    return state.pipe[0];
}

enum lethe_signal_event lethe_signals_next(void)
{
    unsigned char event;
    if (read(state.pipe[0], &event, 1) != 1)
        return LETHE_EVENT_NONE;
    return (enum lethe_signal_event)event;
}

void lethe_signals_suspend(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL}, ours;
    sigaction(SIGTSTP, &action, &ours);
    kill(0, SIGTSTP); /* the whole foreground group, as the terminal would */
    sigaction(SIGTSTP, &ours, NULL);
}
