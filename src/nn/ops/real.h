/* SPDX-License-Identifier: MIT
 * The number type of a kernel file, which is compiled once for float and once for double. */
#ifndef LETHE_NN_OPS_REAL_H
#define LETHE_NN_OPS_REAL_H

#include "nn/ops.h"
#include "nn/ops/kernels.h"
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

#endif
