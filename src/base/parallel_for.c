/* SPDX-License-Identifier: MIT
 * Threads and a counter. */
#include "base/parallel_for.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"

enum { MOST = 256 };

struct lethe_parallel_run {
    const struct lethe_parallel_for *loop;
    struct lethe_watch watch; /* what the items see */
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
    if (atomic_load(&run->failed) || atomic_load(&run->watch.cancelled))
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
    struct lethe_parallel_run *run = arg;
    size_t item;
    while (lethe_parallel_take(run, &item)) {
        struct lethe_error err = {0};
        enum lethe_err code = run->loop->run(run->loop->arg, item, &run->watch, &err);
        lethe_parallel_done(run, item, code, &err);
    }
    atomic_fetch_sub(&run->working, 1);
    return NULL;
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
            elsewhere = loop->elsewhere(loop->arg, run, atomic_load(&run->watch.cancelled));
        if (!working && !elsewhere)
            return code;
        nanosleep(&nap, NULL);
        atomic_store(&run->watch.pause, watch ? atomic_load(&watch->pause) : 0);
        if (!code)
            code = lethe_watch_step(watch, loop->stage, (long)atomic_load(&run->done),
                                    (long)loop->count, err);
        if (code || atomic_load(&run->failed))
            lethe_watch_cancel(&run->watch);
    }
}

static enum lethe_err run_threads(struct lethe_parallel_run *run, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    pthread_t threads[MOST];
    size_t wanted = lethe_parallel_threads(run->loop->threads), started = 0;
    if (wanted > run->loop->count)
        wanted = run->loop->count;
    while (started < wanted) {
        atomic_fetch_add(&run->working, 1);
        if (pthread_create(&threads[started], NULL, work, run)) {
            atomic_fetch_sub(&run->working, 1);
            break;
        }
        started++;
    }
    if (!started && run->loop->count)
        return lethe_fail(err, LETHE_EIO, "cannot start a thread: too many are running");
    enum lethe_err code = look_after(run, watch, err);
    while (started)
        pthread_join(threads[--started], NULL);
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
    lethe_watch_init(&run.watch);
    enum lethe_err code = LETHE_OK;
    if (!run.codes || !run.errs)
        code = lethe_fail_memory(err, "work for threads", loop->count, sizeof *run.errs);
    else
        code = run_threads(&run, watch, err);
    if (!code)
        code = first_failure(&run, err);
    lethe_free(run.codes);
    lethe_free(run.errs);
    return code;
}
