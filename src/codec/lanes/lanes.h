/* SPDX-License-Identifier: MIT
 * The few vector operations that C has no word for, per instruction set: min, max, compare, choose.
 * WIDTH floats or HALF doubles make one register; + - * are the compiler's own. square_f(t, a) is
 * t t + a, in one step where there is one. */
#ifndef LETHE_CODEC_LANES_LANES_H
#define LETHE_CODEC_LANES_LANES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__) && defined(__AVX512DQ__)
#include <immintrin.h>
enum { WIDTH = 16, HALF = 8 };
typedef __m512 floats;
typedef __m512d doubles;
typedef __mmask16 fmask;
typedef __mmask8 dmask;
#define splat_f(a)      _mm512_set1_ps(a)
#define load_f(p)       _mm512_loadu_ps(p)
#define store_f(p, a)   _mm512_storeu_ps(p, a)
#define min_f(a, b)     _mm512_min_ps(a, b)
#define max_f(a, b)     _mm512_max_ps(a, b)
#define less_f(a, b)    _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ)
#define equal_f(a, b)   _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ)
#define pick_f(m, a, b) _mm512_mask_blend_ps(m, b, a)
#define bits_f(m)       ((unsigned)(m))
#define square_f(t, a)  _mm512_fmadd_ps(t, t, a)
#define load_d(p)       _mm512_loadu_pd(p)
#define store_d(p, a)   _mm512_storeu_pd(p, a)
#define min_d(a, b)     _mm512_min_pd(a, b)
#define max_d(a, b)     _mm512_max_pd(a, b)
#define less_d(a, b)    _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ)
#define pick_d(m, a, b) _mm512_mask_blend_pd(m, b, a)
#define bits_d(m)       ((unsigned)(m))
#define and_d(a, b)     _mm512_and_pd(a, b)
#define splat_d(a)      _mm512_set1_pd(a)
#elif defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
enum { WIDTH = 8, HALF = 4 };
typedef __m256 floats;
typedef __m256d doubles;
typedef __m256 fmask;
typedef __m256d dmask;
#define splat_f(a)      _mm256_set1_ps(a)
#define load_f(p)       _mm256_loadu_ps(p)
#define store_f(p, a)   _mm256_storeu_ps(p, a)
#define min_f(a, b)     _mm256_min_ps(a, b)
#define max_f(a, b)     _mm256_max_ps(a, b)
#define less_f(a, b)    _mm256_cmp_ps(a, b, _CMP_LT_OQ)
#define equal_f(a, b)   _mm256_cmp_ps(a, b, _CMP_EQ_OQ)
#define pick_f(m, a, b) _mm256_blendv_ps(b, a, m)
#define bits_f(m)       ((unsigned)_mm256_movemask_ps(m))
#define square_f(t, a)  _mm256_fmadd_ps(t, t, a)
#define load_d(p)       _mm256_loadu_pd(p)
#define store_d(p, a)   _mm256_storeu_pd(p, a)
#define min_d(a, b)     _mm256_min_pd(a, b)
#define max_d(a, b)     _mm256_max_pd(a, b)
#define less_d(a, b)    _mm256_cmp_pd(a, b, _CMP_LT_OQ)
#define pick_d(m, a, b) _mm256_blendv_pd(b, a, m)
#define bits_d(m)       ((unsigned)_mm256_movemask_pd(m))
#define and_d(a, b)     _mm256_and_pd(a, b)
#define splat_d(a)      _mm256_set1_pd(a)
#elif defined(__SSE2__)
#include <emmintrin.h>
enum { WIDTH = 4, HALF = 2 };
typedef __m128 floats;
typedef __m128d doubles;
typedef __m128 fmask;
typedef __m128d dmask;
#define splat_f(a)      _mm_set1_ps(a)
#define load_f(p)       _mm_loadu_ps(p)
#define store_f(p, a)   _mm_storeu_ps(p, a)
#define min_f(a, b)     _mm_min_ps(a, b)
#define max_f(a, b)     _mm_max_ps(a, b)
#define less_f(a, b)    _mm_cmplt_ps(a, b)
#define equal_f(a, b)   _mm_cmpeq_ps(a, b)
#define pick_f(m, a, b) _mm_or_ps(_mm_and_ps(m, a), _mm_andnot_ps(m, b))
#define bits_f(m)       ((unsigned)_mm_movemask_ps(m))
#define square_f(t, a)  _mm_add_ps(_mm_mul_ps(t, t), a)
#define load_d(p)       _mm_loadu_pd(p)
#define store_d(p, a)   _mm_storeu_pd(p, a)
#define min_d(a, b)     _mm_min_pd(a, b)
#define max_d(a, b)     _mm_max_pd(a, b)
#define less_d(a, b)    _mm_cmplt_pd(a, b)
#define pick_d(m, a, b) _mm_or_pd(_mm_and_pd(m, a), _mm_andnot_pd(m, b))
#define bits_d(m)       ((unsigned)_mm_movemask_pd(m))
#define and_d(a, b)     _mm_and_pd(a, b)
#define splat_d(a)      _mm_set1_pd(a)
#else
enum { WIDTH = 1, HALF = 1 };
typedef float floats;
typedef double doubles;
typedef int fmask;
typedef int dmask;
static inline double and_d(double a, double b)
{
    uint64_t s, t;
    memcpy(&s, &a, sizeof s);
    memcpy(&t, &b, sizeof t);
    s &= t;
    memcpy(&a, &s, sizeof a);
    return a;
}
#define splat_f(a)      (a)
#define load_f(p)       (*(p))
#define store_f(p, a)   (*(p) = (a))
#define min_f(a, b)     ((a) < (b) ? (a) : (b))
#define max_f(a, b)     ((a) > (b) ? (a) : (b))
#define less_f(a, b)    ((a) < (b))
#define equal_f(a, b)   ((a) == (b))
#define pick_f(m, a, b) ((m) ? (a) : (b))
#define bits_f(m)       ((unsigned)(m))
#define square_f(t, a)  ((t) * (t) + (a))
#define load_d(p)       (*(p))
#define store_d(p, a)   (*(p) = (a))
#define min_d(a, b)     ((a) < (b) ? (a) : (b))
#define max_d(a, b)     ((a) > (b) ? (a) : (b))
#define less_d(a, b)    ((a) < (b))
#define pick_d(m, a, b) ((m) ? (a) : (b))
#define bits_d(m)       ((unsigned)(m))
#define splat_d(a)      (a)
#endif

#endif
