/* SPDX-License-Identifier: MIT
 * Buffers of the BLAS. OpenBLAS takes one of many megabytes for each thread that is inside it at
 * the same time, at its first call, and where the system refuses it asks again for ever. So they
 * are reserved at the start, and no more threads are let in than there are buffers. */
#ifndef LETHE_TENSOR_BLAS_BUFFERS_H
#define LETHE_TENSOR_BLAS_BUFFERS_H

#include "lethe/error.h"

/* Once, before other threads begin: up to `wanted` buffers, as far as memory goes. LETHE_ENOMEM
 * when there is not even one. Nothing to do with another BLAS. */
enum lethe_err lethe_blas_reserve(unsigned wanted, struct lethe_error *err);

/* Around each call that may need a buffer; waits while all are in use. Without a reservation there
 * is no limit. Not nested. */
void lethe_blas_enter(void);
void lethe_blas_leave(void);

#endif
