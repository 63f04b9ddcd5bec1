/* SPDX-License-Identifier: MIT
 * The number type of a kernel file, which is compiled once for float and once for double. */
#ifndef LETHE_NN_OPS_REAL_H
#define LETHE_NN_OPS_REAL_H

#include "nn/ops.h"
#include "tensor/blas.h"

#if LETHE_REAL_BITS == 32
typedef float real;
#define REAL(name)  lethe_##name##_f32
#define REAL_GEMM   lethe_sgemm
#define REAL_FN(fn) fn##f
#else
typedef double real;
#define REAL(name)  lethe_##name##_f64
#define REAL_GEMM   lethe_dgemm
#define REAL_FN(fn) fn
#endif

/* The beginning of a kernel in this precision, with its declaration: ops.c declares those its rows
 * name. */
#define KERNEL(name)                                                                               \
    lethe_kernel REAL(name);                                                                       \
    void REAL(name)(const struct lethe_op_call *call, const struct lethe_data *data)

#endif
