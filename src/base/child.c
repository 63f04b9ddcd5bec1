/* SPDX-License-Identifier: MIT
 * Child processes through posix_spawn. Three pipes are served by one poll loop, so neither side can
 * block the other. SIGPIPE is held back in this thread while writing: a library must not change
 * the program's handlers. */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"

enum { IN, OUT, ERR, POLL_MS = 50 };

struct running {
    pid_t pid;
    int fd[3];    /* our ends; -1 when closed */
    size_t wrote; /* of the input */
    size_t errors;
    size_t room; /* of result->output */
};

static long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000L + t.tv_nsec / 1000000L;
}

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Fills attributes and actions; returns the first error number. */
static int prepare(posix_spawnattr_t *attributes, posix_spawn_file_actions_t *actions,
                   int theirs[3])
{
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    const int signals[] = {SIGPIPE, SIGINT, SIGTERM, SIGQUIT, SIGTSTP, SIGCHLD, SIGXFSZ};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaddset(&defaults, signals[i]);
    int bad = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                       POSIX_SPAWN_SETSIGDEF);
    bad = bad ? bad : posix_spawnattr_setpgroup(attributes, 0);
    bad = bad ? bad : posix_spawnattr_setsigmask(attributes, &none);
    bad = bad ? bad : posix_spawnattr_setsigdefault(attributes, &defaults);
    for (int i = 0; !bad && i < 3; i++)
        bad = posix_spawn_file_actions_adddup2(actions, theirs[i], i);
    return bad;
}

static enum lethe_err start(struct running *run, const struct lethe_child *child,
                            struct lethe_error *err)
{
    int theirs[3] = {-1, -1, -1}, bad = 0;
    for (int i = 0; i < 3; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC)) {
            bad = errno;
            break;
        }
        theirs[i] = ends[i == IN ? 0 : 1];
        run->fd[i] = ends[i == IN ? 1 : 0];
        fcntl(run->fd[i], F_SETFL, O_NONBLOCK);
    }
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&actions);
    if (!bad)
        bad = prepare(&attributes, &actions, theirs);
    if (!bad)
        /* the argument strings are not written to; the type is older than const */
        bad = posix_spawnp(&run->pid, child->argv[0], &actions, &attributes,
                           (char *const *)(void *)child->argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    for (int i = 0; i < 3; i++)
        close_end(&theirs[i]);
    if (bad)
        return lethe_fail(err, LETHE_EIO, "cannot run '%s': %s", child->argv[0],
                          bad == ENOENT ? "no such program" : strerror(bad));
    return LETHE_OK;
}

static void send_input(struct running *run, const struct lethe_child *child)
{
    sigset_t pipe_signal, old, pending;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigpending(&pending);
    int was_pending = sigismember(&pending, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &old);
    size_t left = child->input_size - run->wrote;
    ssize_t n = left ? write(run->fd[IN], child->input + run->wrote, left) : 0;
    if (n < 0 && errno == EPIPE && !was_pending) {
        const struct timespec at_once = {0, 0};
        sigtimedwait(&pipe_signal, NULL, &at_once);
    }
    if (n > 0)
        run->wrote += (size_t)n;
    if (run->wrote == child->input_size || (n < 0 && errno != EAGAIN && errno != EINTR))
        close_end(&run->fd[IN]);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static enum lethe_err grow(struct lethe_child_result *result, struct running *run,
                           struct lethe_error *err)
{
    size_t room = run->room ? 2 * run->room : 65536;
    char *bigger = lethe_realloc(result->output, room, 1);
    if (!bigger)
        return lethe_fail_memory(err, "the output of a program", room, 1);
    result->output = bigger;
    run->room = room;
    return LETHE_OK;
}

static enum lethe_err take_output(struct lethe_child_result *result, struct running *run,
                                  const struct lethe_child *child, struct lethe_error *err)
{
    if (result->size + 1 >= run->room) {
        enum lethe_err code = grow(result, run, err);
        if (code)
            return code;
    }
    ssize_t n = read(run->fd[OUT], result->output + result->size, run->room - result->size - 1);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        close_end(&run->fd[OUT]);
    if (n > 0)
        result->size += (size_t)n;
    if (result->size > child->output_limit)
        return lethe_fail(err, LETHE_EIO, "'%s' wrote more than %zu bytes", child->argv[0],
                          child->output_limit);
    return LETHE_OK;
}

static void take_errors(struct lethe_child_result *result, struct running *run)
{
    char more[512];
    ssize_t n = read(run->fd[ERR], more, sizeof more);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        close_end(&run->fd[ERR]);
    for (ssize_t i = 0; i < n && run->errors + 1 < sizeof result->errors; i++)
        result->errors[run->errors++] = more[i];
}

/* Serves the pipes until the program has closed its ends and ended. */
static enum lethe_err serve(struct lethe_child_result *result, struct running *run,
                            const struct lethe_child *child, struct lethe_error *err)
{
    long end = now_ms() + child->deadline_ms;
    for (;;) {
        struct pollfd polls[3] = {
            {run->fd[IN], POLLOUT, 0}, {run->fd[OUT], POLLIN, 0}, {run->fd[ERR], POLLIN, 0}};
        int open = run->fd[OUT] >= 0 || run->fd[ERR] >= 0, status;
        if (!open && waitpid(run->pid, &status, WNOHANG) == run->pid) {
            run->pid = -1;
            result->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            return LETHE_OK;
        }
        if (now_ms() > end)
            return lethe_fail(err, LETHE_EIO, "'%s' took more than %d ms and was ended",
                              child->argv[0], child->deadline_ms);
        if (child->watch && atomic_load(&child->watch->cancelled))
            return lethe_fail(err, LETHE_ECANCEL, "cancelled while running '%s'", child->argv[0]);
        poll(polls, 3, open ? POLL_MS : 1);
        if (polls[IN].revents)
            send_input(run, child);
        if (polls[OUT].revents) {
            enum lethe_err code = take_output(result, run, child, err);
            if (code)
                return code;
        }
        if (polls[ERR].revents)
            take_errors(result, run);
    }
}

enum lethe_err lethe_child_run(struct lethe_child_result *result, const struct lethe_child *child,
                               struct lethe_error *err)
{
    struct running run = {.pid = -1, .fd = {-1, -1, -1}};
    *result = (struct lethe_child_result){.status = -1};
    enum lethe_err code = grow(result, &run, err);
    if (!code)
        code = start(&run, child, err);
    if (!code)
        code = serve(result, &run, child, err);
    if (run.pid > 0) {
        kill(-run.pid, SIGKILL);
        while (waitpid(run.pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    for (int i = 0; i < 3; i++)
        close_end(&run.fd[i]);
    if (code) {
        lethe_free(result->output);
        result->output = NULL;
        return code;
    }
    result->output[result->size] = '\0';
    return LETHE_OK;
}
