/* SPDX-License-Identifier: MIT
 * One thread that sleeps until a command has been at work for a second. It owns nothing but its
 * line; its state is one of the few globals, because there is one terminal. */
#include "ui/busy_line.h"

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
} busy = {.lock = PTHREAD_MUTEX_INITIALIZER, .turn = PTHREAD_COND_INITIALIZER};

/* A second from now, in the clock the condition waits by. */
static void rest(void)
{
    clock_gettime(CLOCK_REALTIME, &busy.quiet);
    busy.quiet.tv_sec++;
}

static void clear(void)
{
    if (busy.shown)
        fputs("\r\033[K", stderr);
    busy.shown = 0;
}

static void show(void)
{
    fprintf(stderr, "\r\033[K%s … %ld s", busy.line, (long)(time(NULL) - busy.begun));
    fflush(stderr);
    busy.shown = 1;
}

static void *watch(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&busy.lock);
    while (!busy.closing) {
        if (!busy.waiting) {
            pthread_cond_wait(&busy.turn, &busy.lock);
            continue;
        }
        const struct timespec until = busy.quiet;
        if (pthread_cond_timedwait(&busy.turn, &busy.lock, &until) == ETIMEDOUT && busy.waiting &&
            until.tv_sec == busy.quiet.tv_sec && until.tv_nsec == busy.quiet.tv_nsec) {
            show();
            rest();
        }
    }
    pthread_mutex_unlock(&busy.lock);
    return NULL;
}

void lethe_busy_line_start(void)
{
    sigset_t all, before;
    if (busy.started)
        return;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    busy.closing = 0;
    busy.started = pthread_create(&busy.thread, NULL, watch, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void lethe_busy_line_stop(void)
{
    if (!busy.started)
        return;
    lethe_busy_line_end();
    pthread_mutex_lock(&busy.lock);
    busy.closing = 1;
    pthread_cond_signal(&busy.turn);
    pthread_mutex_unlock(&busy.lock);
    pthread_join(busy.thread, NULL);
    busy.started = 0;
}

void lethe_busy_line_begin(const char *line)
{
    struct lethe_text shown = {0};
    char cut[ROOM];
    if (!busy.started)
        return;
    snprintf(cut, sizeof cut, "%.*s", (int)strcspn(line, ";\n"), line);
    lethe_text_add_visible(&shown, cut, "");
    pthread_mutex_lock(&busy.lock);
    const char *text = lethe_text_get(&shown);
    snprintf(busy.line, sizeof busy.line, "%.*s", (int)lethe_visible_fit(text, ROOM - 1), text);
    busy.begun = time(NULL);
    busy.waiting = 1;
    rest();
    pthread_cond_signal(&busy.turn);
    pthread_mutex_unlock(&busy.lock);
    lethe_text_release(&shown);
}

void lethe_busy_line_spoke(void)
{
    if (!busy.started)
        return;
    pthread_mutex_lock(&busy.lock);
    clear();
    rest();
    pthread_mutex_unlock(&busy.lock);
}

void lethe_busy_line_end(void)
{
    if (!busy.started)
        return;
    pthread_mutex_lock(&busy.lock);
    busy.waiting = 0;
    clear();
    pthread_mutex_unlock(&busy.lock);
}
