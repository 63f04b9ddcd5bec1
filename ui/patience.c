/* SPDX-License-Identifier: MIT
 * One thread that sleeps until a command has been at work for a second. It owns nothing but its
 * line; its state is one of the few globals, because there is one terminal. */
#include "ui/patience.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "base/visible.h"

enum { ROOM = 60 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t turn;
    pthread_t thread;
    int started, closing;
    int waiting; /* a command is at work */
    int shown;   /* the line stands on the terminal */
    char line[ROOM];
    time_t begun;          /* of the command */
    struct timespec quiet; /* until when nothing is said */
} patience = {.lock = PTHREAD_MUTEX_INITIALIZER, .turn = PTHREAD_COND_INITIALIZER};

/* A second from now, in the clock the condition waits by. */
static void rest(void)
{
    clock_gettime(CLOCK_REALTIME, &patience.quiet);
    patience.quiet.tv_sec++;
}

static void clear(void)
{
    if (patience.shown)
        fputs("\r\033[K", stderr);
    patience.shown = 0;
}

static void show(void)
{
    fprintf(stderr, "\r\033[K%s … %ld s", patience.line, (long)(time(NULL) - patience.begun));
    fflush(stderr);
    patience.shown = 1;
}

static void *watch(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&patience.lock);
    while (!patience.closing) {
        if (!patience.waiting) {
            pthread_cond_wait(&patience.turn, &patience.lock);
            continue;
        }
        const struct timespec until = patience.quiet;
        if (pthread_cond_timedwait(&patience.turn, &patience.lock, &until) == ETIMEDOUT &&
            patience.waiting && until.tv_sec == patience.quiet.tv_sec &&
            until.tv_nsec == patience.quiet.tv_nsec) {
            show();
            rest();
        }
    }
    pthread_mutex_unlock(&patience.lock);
    return NULL;
}

void lethe_patience_start(void)
{
    sigset_t all, before;
    if (patience.started)
        return;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    patience.closing = 0;
    patience.started = pthread_create(&patience.thread, NULL, watch, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void lethe_patience_stop(void)
{
    if (!patience.started)
        return;
    lethe_patience_end();
    pthread_mutex_lock(&patience.lock);
    patience.closing = 1;
    pthread_cond_signal(&patience.turn);
    pthread_mutex_unlock(&patience.lock);
    pthread_join(patience.thread, NULL);
    patience.started = 0;
}

void lethe_patience_begin(const char *line)
{
    struct lethe_text shown = {0};
    char cut[ROOM];
    if (!patience.started)
        return;
    snprintf(cut, sizeof cut, "%.*s", (int)strcspn(line, ";\n"), line);
    lethe_text_add_visible(&shown, cut, "");
    pthread_mutex_lock(&patience.lock);
    snprintf(patience.line, sizeof patience.line, "%s", lethe_text_get(&shown));
    patience.begun = time(NULL);
    patience.waiting = 1;
    rest();
    pthread_cond_signal(&patience.turn);
    pthread_mutex_unlock(&patience.lock);
    lethe_text_release(&shown);
}

void lethe_patience_spoke(void)
{
    if (!patience.started)
        return;
    pthread_mutex_lock(&patience.lock);
    clear();
    rest();
    pthread_mutex_unlock(&patience.lock);
}

void lethe_patience_end(void)
{
    if (!patience.started)
        return;
    pthread_mutex_lock(&patience.lock);
    patience.waiting = 0;
    clear();
    pthread_mutex_unlock(&patience.lock);
}
