/* SPDX-License-Identifier: MIT
 * The threads of threads.h: a mutex, two conditions, an atomic counter of items. One join per job.
 */
#include "base/threads.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/alloc.h"

struct lethe_threads {
    pthread_mutex_t lock;
    pthread_cond_t begin, end;
    unsigned long round; /* number of the job; a worker runs each round once */
    unsigned busy;       /* workers besides the caller still in this round */
    int quit;
    lethe_threads_work *work;
    void *job;
    size_t count;
    struct lethe_watch *watch;
    atomic_size_t next;
    unsigned workers, started;
    struct helper {
        struct lethe_threads *pool;
        unsigned number;
        pthread_t thread;
    } * helpers; /* (workers - 1) */
};

static void take_items(struct lethe_threads *pool, unsigned worker)
{
    for (;;) {
        if (pool->watch && atomic_load_explicit(&pool->watch->cancelled, memory_order_relaxed))
            return;
        size_t item = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
        if (item >= pool->count)
            return;
        pool->work(pool->job, item, worker);
    }
}

static void *help(void *argument)
{
    struct helper *self = argument;
    struct lethe_threads *pool = self->pool;
    unsigned long seen = 0;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (pool->round == seen && !pool->quit)
            pthread_cond_wait(&pool->begin, &pool->lock);
        if (pool->quit)
            break;
        seen = pool->round;
        pthread_mutex_unlock(&pool->lock);
        take_items(pool, self->number);
        pthread_mutex_lock(&pool->lock);
        if (--pool->busy == 0)
            pthread_cond_signal(&pool->end);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Signals belong to the program's own threads. */
static int start_helper(struct helper *helper)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&helper->thread, NULL, help, helper);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

enum lethe_err lethe_threads_new(struct lethe_threads **out, unsigned workers,
                                 struct lethe_error *err)
{
    struct lethe_threads *pool = lethe_alloc_zero(1, sizeof *pool);
    struct helper *helpers = lethe_alloc_zero(workers, sizeof *helpers);
    if (!pool || !helpers) {
        lethe_free(pool);
        lethe_free(helpers);
        return lethe_fail_memory(err, "worker threads", workers, sizeof *helpers);
    }
    pool->helpers = helpers;
    pool->workers = workers;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->begin, NULL);
    pthread_cond_init(&pool->end, NULL);
    for (; pool->started + 1 < workers; pool->started++) {
        helpers[pool->started] = (struct helper){.pool = pool, .number = pool->started + 1};
        if (start_helper(&helpers[pool->started])) {
            lethe_threads_free(pool);
            return lethe_fail(err, LETHE_ENOMEM,
                              "cannot start %u threads: the system refuses; ask for fewer",
                              workers);
        }
    }
    *out = pool;
    return LETHE_OK;
}

void lethe_threads_free(struct lethe_threads *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->quit = 1;
    pthread_cond_broadcast(&pool->begin);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->started; i++)
        pthread_join(pool->helpers[i].thread, NULL);
    pthread_cond_destroy(&pool->begin);
    pthread_cond_destroy(&pool->end);
    pthread_mutex_destroy(&pool->lock);
    lethe_free(pool->helpers);
    lethe_free(pool);
}

unsigned lethe_threads_count(const struct lethe_threads *pool)
{
    return pool->workers;
}

void lethe_threads_run(struct lethe_threads *pool, lethe_threads_work *work, void *job,
                       size_t count, struct lethe_watch *watch)
{
    pthread_mutex_lock(&pool->lock);
    pool->work = work;
    pool->job = job;
    pool->count = count;
    pool->watch = watch;
    atomic_store(&pool->next, 0);
    pool->busy = pool->started;
    pool->round++;
    pthread_cond_broadcast(&pool->begin);
    pthread_mutex_unlock(&pool->lock);
    take_items(pool, 0);
    pthread_mutex_lock(&pool->lock);
    while (pool->busy)
        pthread_cond_wait(&pool->end, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}
