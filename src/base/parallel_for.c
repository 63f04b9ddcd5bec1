/* SPDX-License-Identifier: MIT
 * Threads and a counter. */
#include "base/parallel_for.h"

#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"

enum { MOST = 256 };

/* A thread, and what its items see. */
struct worker {
    struct lethe_parallel_run *run;
    struct lethe_watch watch;
    pthread_t thread;
    size_t item;      /* the one that `part` is of; look_after's own, like it */
    double part;      /* largest share of it that was seen */
    atomic_size_t at; /* the item at work; count: none */
};

struct lethe_parallel_run {
    const struct lethe_parallel_for *loop;
    struct worker *workers; /* (started) */
    size_t started;
    long told; /* the progress that was reported: it never falls */
    atomic_int cancelled;
    atomic_size_t next, done, working;
    atomic_int failed;
    enum lethe_err *codes;    /* (count) */
    struct lethe_error *errs; /* (count) */
};

unsigned lethe_parallel_threads(unsigned threads)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (!threads)
        threads = processors > 0 ? (unsigned)processors : 1;
    return threads < MOST ? threads : MOST;
}

int lethe_parallel_take(struct lethe_parallel_run *run, size_t *item)
{
    if (atomic_load(&run->failed) || atomic_load(&run->cancelled))
        return 0;
    *item = atomic_fetch_add(&run->next, 1);
    return *item < run->loop->count;
}

void lethe_parallel_done(struct lethe_parallel_run *run, size_t item, enum lethe_err code,
                         const struct lethe_error *err)
{
    run->codes[item] = code;
    if (code && err)
        run->errs[item] = *err;
    if (code)
        atomic_store(&run->failed, 1);
    atomic_fetch_add(&run->done, 1);
}

static void *work(void *arg)
{
    struct worker *self = arg;
    struct lethe_parallel_run *run = self->run;
    size_t item;
    while (lethe_parallel_take(run, &item)) {
        struct lethe_error err = {0};
        atomic_store(&self->watch.stage, "");
        atomic_store(&self->watch.done, 0);
        atomic_store(&self->watch.total, 0);
        atomic_store(&self->at, item);
        enum lethe_err code = run->loop->run(run->loop->arg, item, &self->watch, &err);
        atomic_store(&self->at, run->loop->count);
        lethe_parallel_done(run, item, code, &err);
    }
    atomic_fetch_sub(&run->working, 1);
    return NULL;
}

/* Share of its item that a thread has done. Of two looks the lesser one: between two stages the
 * watch may hold numbers of both. */
static double part_of(struct worker *worker, const char *within)
{
    const size_t at = atomic_load(&worker->at);
    const char *stage = atomic_load(&worker->watch.stage);
    const long done = atomic_load(&worker->watch.done), total = atomic_load(&worker->watch.total);
    const double before = at == worker->item ? worker->part : 0;
    const int counts =
        at < worker->run->loop->count && total > 0 && done <= total && strcmp(stage, within) == 0;
    worker->item = at;
    worker->part = counts ? (double)done / (double)total : 0;
    return worker->part < before ? worker->part : before;
}

/* Items done, and parts of those at work in thousandths where they count. */
static enum lethe_err tell(struct lethe_parallel_run *run, struct lethe_watch *watch,
                           struct lethe_error *err)
{
    enum { WHOLE = 1000 };
    const struct lethe_parallel_for *loop = run->loop;
    const long done = (long)atomic_load(&run->done), count = (long)loop->count;
    double parts = 0;
    if (!loop->within)
        return lethe_watch_step(watch, loop->stage, done, count, err);
    for (size_t i = 0; i < run->started; i++)
        parts += part_of(&run->workers[i], loop->within);
    const long all = WHOLE * done + (long)(WHOLE * parts), most = WHOLE * count;
    run->told = all > run->told ? all < most ? all : most : run->told;
    return lethe_watch_step(watch, loop->stage, run->told, most, err);
}

/* Until everybody is done. A failure stops the others at their next step. */
static enum lethe_err look_after(struct lethe_parallel_run *run, struct lethe_watch *watch,
                                 struct lethe_error *err)
{
    const struct timespec nap = {0, 2000000};
    const struct lethe_parallel_for *loop = run->loop;
    enum lethe_err code = LETHE_OK;
    size_t elsewhere = 0;
    for (;;) {
        const int working = atomic_load(&run->working) > 0;
        if (loop->elsewhere)
            elsewhere = loop->elsewhere(loop->arg, run, atomic_load(&run->cancelled));
        if (!working && !elsewhere)
            return code;
        nanosleep(&nap, NULL);
        if (!code)
            code = tell(run, watch, err);
        if (code || atomic_load(&run->failed))
            atomic_store(&run->cancelled, 1);
        for (size_t i = 0; i < run->started; i++) {
            atomic_store(&run->workers[i].watch.pause, watch ? atomic_load(&watch->pause) : 0);
            if (atomic_load(&run->cancelled))
                lethe_watch_cancel(&run->workers[i].watch);
        }
    }
}

static enum lethe_err run_threads(struct lethe_parallel_run *run, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    size_t wanted = lethe_parallel_threads(run->loop->threads);
    if (wanted > run->loop->count)
        wanted = run->loop->count;
    run->workers = lethe_alloc_zero(wanted + 1, sizeof *run->workers);
    if (!run->workers)
        return lethe_fail_memory(err, "threads", wanted, sizeof *run->workers);
    while (run->started < wanted) {
        struct worker *worker = &run->workers[run->started];
        worker->run = run;
        worker->item = run->loop->count;
        atomic_init(&worker->at, run->loop->count);
        lethe_watch_init(&worker->watch);
        atomic_fetch_add(&run->working, 1);
        if (pthread_create(&worker->thread, NULL, work, worker)) {
            atomic_fetch_sub(&run->working, 1);
            break;
        }
        run->started++;
    }
    if (!run->started && run->loop->count)
        return lethe_fail(err, LETHE_EIO, "cannot start a thread: too many are running");
    enum lethe_err code = look_after(run, watch, err);
    for (size_t i = run->started; i-- > 0;)
        pthread_join(run->workers[i].thread, NULL);
    return code;
}

/* The failure that counts: not of one that was only told to stop. */
static enum lethe_err first_failure(const struct lethe_parallel_run *run, struct lethe_error *err)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < run->loop->count; i++)
            if (run->codes[i] && (pass || run->codes[i] != LETHE_ECANCEL)) {
                if (err)
                    *err = run->errs[i];
                return run->codes[i];
            }
    return LETHE_OK;
}

enum lethe_err lethe_parallel_for_run(const struct lethe_parallel_for *loop,
                                      struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_parallel_run run = {.loop = loop,
                                     .codes = lethe_alloc_zero(loop->count + 1, sizeof *run.codes),
                                     .errs = lethe_alloc_zero(loop->count + 1, sizeof *run.errs)};
    enum lethe_err code = LETHE_OK;
    if (!run.codes || !run.errs)
        code = lethe_fail_memory(err, "work for threads", loop->count, sizeof *run.errs);
    else
        code = run_threads(&run, watch, err);
    if (!code)
        code = first_failure(&run, err);
    lethe_free(run.workers);
    lethe_free(run.codes);
    lethe_free(run.errs);
    return code;
}
