/* SPDX-License-Identifier: MIT
 * Allocation with overflow checks and a fault that tests can arm. Everything allocated here is
 * freed with lethe_free; lethe_alloc_aligned gives 64-byte alignment and is freed the same way. */
#ifndef LETHE_BASE_ALLOC_H
#define LETHE_BASE_ALLOC_H

#include <stddef.h>
#include "lethe/alloc.h"
#include "lethe/error.h"

void *lethe_alloc(size_t count, size_t size);         /* uninitialised; NULL when out of memory */
void *lethe_alloc_zero(size_t count, size_t size);    /* zeroed */
void *lethe_alloc_aligned(size_t count, size_t size); /* uninitialised, 64-byte aligned */
void *lethe_realloc(void *old, size_t count, size_t size); /* not for aligned blocks */
char *lethe_strdup(const char *text);

/* Gives free memory back to the system, where the `freed` bytes that were freed just now are worth
 * the look: for who goes through much memory block by block. */
void lethe_alloc_trim(size_t freed);

/* The usual message for a failed allocation of count elements of size bytes for `what`. */
enum lethe_err lethe_fail_memory(struct lethe_error *err, const char *what, size_t count,
                                 size_t size);

#ifdef __clang_analyzer__ /* as in lethe/error.h */
#define lethe_fail_memory(...) ((lethe_fail_memory)(__VA_ARGS__), LETHE_ENOMEM)
#endif

/* Tests only: the n-th allocation from now (0 = the next) and all after it fail; -1 disarms. */
void lethe_alloc_fail_after(long n);

#endif
