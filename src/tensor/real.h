/* SPDX-License-Identifier: MIT
 * One source, two precisions: files that include this are compiled with LETHE_REAL_BITS 32 and 64.
 * `real` is the element type; R(name) gives the function its suffix; RM(exp) picks expf or exp. */
#ifndef LETHE_TENSOR_REAL_H
#define LETHE_TENSOR_REAL_H

#include <math.h>

#if LETHE_REAL_BITS == 32
typedef float real;
#define R(name)  name##_f32
#define RM(name) name##f
#elif LETHE_REAL_BITS == 64
typedef double real;
#define R(name)  name##_f64
#define RM(name) name
#else
#error "LETHE_REAL_BITS must be 32 or 64"
#endif

#endif
