/* SPDX-License-Identifier: MIT
 * Buffers of the BLAS. See blas_buffers.h. The state is the process's, as that of the BLAS is. */
#include "tensor/blas_buffers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* OpenBLAS's own; not there in another BLAS. */
void *blas_memory_alloc(int position) __attribute__((weak));
void blas_memory_free(void *buffer) __attribute__((weak));

/* A second buffer leaves ROOM and SHARE times what the buffers take for everything else. */
enum { MOST = 64, SHARE = 3 };
#define FIRST ((size_t)160 << 20) /* bytes: enough for the buffer of any processor seen so far */
#define ROOM  ((size_t)256 << 20)

static unsigned limit; /* buffers; 0: no limit */
static atomic_uint inside, waiting;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t left = PTHREAD_COND_INITIALIZER;

/* Would the system give so much in one piece? */
static int is_free(size_t bytes)
{
    void *piece = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return piece != MAP_FAILED && munmap(piece, bytes) == 0;
}

/* Bytes of address space that the process has; 0 when that cannot be told. */
static size_t used(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    int got = file ? fscanf(file, "%lu", &pages) : 0;
    if (file)
        fclose(file);
    return got == 1 ? pages * (size_t)sysconf(_SC_PAGESIZE) : 0;
}

enum lethe_err lethe_blas_reserve(unsigned wanted, struct lethe_error *err)
{
    void *buffers[MOST];
    size_t size = FIRST;
    unsigned count = 0;
    if (!blas_memory_alloc || !blas_memory_free)
        return LETHE_OK;
    while (count < wanted && count < MOST &&
           is_free(count ? (1 + SHARE * (count + 1)) * size + ROOM : size)) {
        size_t before = used();
        buffers[count++] = blas_memory_alloc(0);
        size_t grown = used() - before;
        if (grown && grown < FIRST)
            size = grown + (1 << 20);
    }
    for (unsigned i = 0; i < count; i++)
        blas_memory_free(buffers[i]); /* stays the process's, and is taken again */
    if (!count)
        return lethe_fail(err, LETHE_ENOMEM,
                          "not enough memory to begin: linear algebra needs %zu MB in one piece; "
                          "allow more, for example 'ulimit -v %zu'",
                          size >> 20, (used() + size + ROOM) >> 10);
    limit = count;
    return LETHE_OK;
}

/* 1 when there was a buffer left. */
static int try_enter(void)
{
    unsigned now = atomic_load(&inside);
    while (now < limit)
        if (atomic_compare_exchange_weak(&inside, &now, now + 1))
            return 1;
    return 0;
}

void lethe_blas_enter(void)
{
    if (!limit || try_enter())
        return;
    pthread_mutex_lock(&lock);
    atomic_fetch_add(&waiting, 1); /* before the next try: who leaves after it will signal */
    while (!try_enter())
        pthread_cond_wait(&left, &lock);
    atomic_fetch_sub(&waiting, 1);
    pthread_mutex_unlock(&lock);
}

void lethe_blas_leave(void)
{
    if (!limit)
        return;
    atomic_fetch_sub(&inside, 1);
    if (!atomic_load(&waiting))
        return;
    pthread_mutex_lock(&lock);
    pthread_cond_signal(&left);
    pthread_mutex_unlock(&lock);
}
