/* SPDX-License-Identifier: MIT
 * The other ranks as workers, given members of an ensemble by rank 0. Rank 0's side is called
 * from one thread at a time: the one that holds the ranks. On the other ranks the main thread
 * alone speaks to MPI; a second one computes. */
#include "study/mpi_pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "base/alloc.h"
#include "base/ranks.h"
#include "study/mpi_messages.h"

enum { COHORT = 1, MEMBER, CANCEL, HOME, ANSWER }; /* kinds of messages */

/* ---- rank 0 ---------------------------------------------------------------------------------- */

struct rank_place {
    struct lethe_member *member; /* NULL: free */
    size_t item;
    int told; /* to stop */
};

struct lethe_mpi_pool {
    size_t count;              /* other ranks */
    struct rank_place place[]; /* (count): of rank 1, 2, ... */
};

static pthread_mutex_t taken = PTHREAD_MUTEX_INITIALIZER;

enum lethe_err lethe_mpi_pool_begin(struct lethe_mpi_pool **pool,
                                    const struct lethe_ensemble *ensemble, struct lethe_error *err)
{
    const int ranks = lethe_ranks_count();
    struct lethe_pack bytes = {0};
    *pool = NULL;
    if (ranks < 2 || pthread_mutex_trylock(&taken))
        return LETHE_OK;
    struct lethe_mpi_pool *made =
        lethe_alloc_zero(1, sizeof *made + (size_t)ranks * sizeof *made->place);
    enum lethe_err code = made ? lethe_mpi_encode_ensemble(&bytes, ensemble, err)
                               : lethe_fail_memory(err, "ranks", (size_t)ranks, sizeof *made);
    for (int rank = 1; !code && rank < ranks; rank++)
        lethe_ranks_send(rank, COHORT, bytes.at, bytes.count);
    lethe_pack_release(&bytes);
    if (code) {
        lethe_free(made);
        pthread_mutex_unlock(&taken);
        return code;
    }
    made->count = (size_t)ranks - 1;
    *pool = made;
    return LETHE_OK;
}

void lethe_mpi_pool_end(struct lethe_mpi_pool *pool)
{
    if (!pool)
        return;
    lethe_free(pool);
    pthread_mutex_unlock(&taken);
}

size_t lethe_mpi_pool_busy(const struct lethe_mpi_pool *pool)
{
    size_t busy = 0;
    for (size_t k = 0; k < pool->count; k++)
        busy += pool->place[k].member != NULL;
    return busy;
}

size_t lethe_mpi_pool_free(const struct lethe_mpi_pool *pool)
{
    return pool->count - lethe_mpi_pool_busy(pool);
}

void lethe_mpi_pool_give(struct lethe_mpi_pool *pool, size_t item, struct lethe_member *member)
{
    struct lethe_pack bytes = {0};
    size_t k = 0;
    while (pool->place[k].member)
        k++;
    lethe_mpi_encode_member(&bytes, item, member);
    lethe_ranks_send((int)k + 1, MEMBER, bytes.at, bytes.failed ? 0 : bytes.count);
    pool->place[k] = (struct rank_place){member, item, 0};
    lethe_pack_release(&bytes);
}

void lethe_mpi_pool_cancel(struct lethe_mpi_pool *pool)
{
    for (size_t k = 0; k < pool->count; k++)
        if (pool->place[k].member && !pool->place[k].told) {
            lethe_ranks_send((int)k + 1, CANCEL, NULL, 0);
            pool->place[k].told = 1;
        }
}

int lethe_mpi_pool_collect(struct lethe_mpi_pool *pool, size_t *item, enum lethe_err *code,
                           struct lethe_error *err)
{
    int from, kind;
    size_t size;
    if (!lethe_mpi_pool_busy(pool) || !lethe_ranks_waiting(&from, &kind, &size))
        return 0;
    struct rank_place *place = &pool->place[from - 1];
    unsigned char *bytes = lethe_alloc(size + 1, 1);
    if (bytes) {
        lethe_ranks_receive(from, kind, bytes, size);
        *code = lethe_mpi_decode_answer(place->member, bytes, size, err);
    } else {
        *code = lethe_fail_memory(err, "an answer of a rank", size, 1);
    }
    *item = place->item;
    place->member = NULL;
    lethe_free(bytes);
    return 1;
}

void lethe_mpi_pool_dismiss(void)
{
    for (int rank = 1; !lethe_ranks_own() && rank < lethe_ranks_count(); rank++)
        lethe_ranks_send(rank, HOME, NULL, 0);
}

/* ---- the other ranks ------------------------------------------------------------------------- */

struct duty {
    struct lethe_ensemble_copy copy;
    int there; /* an ensemble has arrived, and could be read */
    struct lethe_member member;
    double *from;
    struct lethe_settings settings; /* of a member that has its own */
    size_t item;
    enum lethe_err code;
    struct lethe_error err;
    struct lethe_watch watch;
    atomic_int over;
    pthread_t thread;
    int working;
};

static void *compute(void *arg)
{
    struct duty *duty = arg;
    duty->code = lethe_ensemble_one(&duty->member, &duty->copy.ensemble, &duty->watch, &duty->err);
    atomic_store(&duty->over, 1);
    return NULL;
}

static void answer(struct duty *duty)
{
    struct lethe_pack bytes = {0};
    lethe_mpi_encode_answer(&bytes, duty->item, &duty->member, duty->code, &duty->err);
    lethe_ranks_send(0, ANSWER, bytes.at, bytes.failed ? 0 : bytes.count);
    lethe_pack_release(&bytes);
    lethe_member_release(&duty->member);
    lethe_free(duty->from);
    duty->from = NULL;
    duty->working = 0;
}

static void take_cohort(struct duty *duty, const unsigned char *bytes, size_t size)
{
    lethe_ensemble_copy_release(&duty->copy);
    duty->code = lethe_mpi_decode_ensemble(&duty->copy, bytes, size, &duty->err);
    duty->there = !duty->code;
}

static void take_member(struct duty *duty, const unsigned char *bytes, size_t size)
{
    duty->item = size >= 8 ? lethe_mpi_decode_item(bytes) : 0;
    lethe_watch_init(&duty->watch);
    atomic_store(&duty->over, 0);
    if (duty->there) { /* else code and err say why not */
        duty->err = (struct lethe_error){0};
        duty->from = lethe_alloc(size, 1);
        duty->code = duty->from ? lethe_mpi_decode_member(&duty->item, &duty->member, duty->from,
                                                          &duty->settings, &duty->copy.ensemble,
                                                          bytes, size, &duty->err)
                                : lethe_fail_memory(&duty->err, "weights", size, 1);
    }
    duty->working = !duty->code;
    if (duty->working && pthread_create(&duty->thread, NULL, compute, duty)) {
        duty->code = lethe_fail(&duty->err, LETHE_EIO, "a rank cannot start a thread");
        duty->working = 0;
    }
    if (!duty->working)
        answer(duty);
}

/* 0 when this was the last message. */
static int take_message(struct duty *duty, int from, int kind, size_t size)
{
    unsigned char *bytes = lethe_alloc(size + 1, 1);
    if (!bytes)
        return 0;
    lethe_ranks_receive(from, kind, bytes, size);
    if (kind == COHORT)
        take_cohort(duty, bytes, size);
    else if (kind == MEMBER)
        take_member(duty, bytes, size);
    else if (duty->working) /* CANCEL, or HOME in the middle of something */
        lethe_watch_cancel(&duty->watch);
    lethe_free(bytes);
    return kind != HOME;
}

int lethe_mpi_pool_serve(void)
{
    const struct timespec nap = {0, 2000000};
    struct duty duty = {0};
    int more = 1, from, kind;
    size_t size;
    while (more) {
        if (lethe_ranks_waiting(&from, &kind, &size))
            more = take_message(&duty, from, kind, size);
        else
            nanosleep(&nap, NULL);
        if (duty.working && (atomic_load(&duty.over) || !more)) {
            pthread_join(duty.thread, NULL);
            if (more)
                answer(&duty);
        }
    }
    if (duty.working)
        lethe_member_release(&duty.member);
    lethe_free(duty.from);
    lethe_ensemble_copy_release(&duty.copy);
    return 0;
}
