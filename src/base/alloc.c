/* SPDX-License-Identifier: MIT
 * Overflow-checked allocation. The fault counter is one of the few globals; it is for tests. */
#include "base/alloc.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static atomic_long fault = -1;

void lethe_alloc_fail_after(long n)
{
    atomic_store(&fault, n);
}

static int refuse(size_t count, size_t size)
{
    if (size && count > PTRDIFF_MAX / size)
        return 1;
    long left = atomic_load_explicit(&fault, memory_order_relaxed);
    if (left < 0)
        return 0;
    if (left == 0)
        return 1;
    atomic_fetch_sub(&fault, 1);
    return 0;
}

static size_t bytes(size_t count, size_t size)
{
    size_t n = count * size;
    return n ? n : 1;
}

/* Large blocks in large pages, where the system has them: a page of 4 KB costs a fault when it is
 * first touched, and vectors over the parameters of a network come and go with every step. */
static void *in_large_pages(void *block, size_t n)
{
#ifdef MADV_HUGEPAGE
    const uintptr_t page = (uintptr_t)2 << 20;
    const uintptr_t start = ((uintptr_t)block + page - 1) / page * page;
    const uintptr_t end = ((uintptr_t)block + n) / page * page;
    if (block && end > start && end - start >= 2 * page)
        (void)madvise((void *)start, end - start, MADV_HUGEPAGE);
#else
    (void)n;
#endif
    return block;
}

void *lethe_alloc(size_t count, size_t size)
{
    const size_t n = bytes(count, size);
    return refuse(count, size) ? NULL : in_large_pages(malloc(n), n);
}

void *lethe_alloc_zero(size_t count, size_t size)
{
    const size_t n = bytes(count, size);
    return refuse(count, size) ? NULL : in_large_pages(calloc(n, 1), n);
}

void *lethe_alloc_aligned(size_t count, size_t size)
{
    void *block = NULL;
    if (refuse(count, size) || posix_memalign(&block, 64, bytes(count, size)))
        return NULL;
    return in_large_pages(block, bytes(count, size));
}

void *lethe_realloc(void *old, size_t count, size_t size)
{
    return refuse(count, size) ? NULL : realloc(old, bytes(count, size));
}

char *lethe_strdup(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = lethe_alloc(n, 1);
    return copy ? memcpy(copy, text, n) : NULL;
}

void lethe_free(void *block)
{
    free(block);
}

void lethe_alloc_trim(size_t freed)
{
#ifdef __GLIBC__
    const size_t much = (size_t)1 << 20;
    if (freed >= much)
        malloc_trim(0);
#else
    (void)freed;
#endif
}

enum lethe_err(lethe_fail_memory)(struct lethe_error *err, const char *what, size_t count,
                                  size_t size)
{
    double mb = (double)count * (double)size / 1e6;
    return lethe_fail(err, LETHE_ENOMEM, "out of memory: %.3g MB for %s", mb, what);
}
