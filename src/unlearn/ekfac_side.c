/* SPDX-License-Identifier: MIT
 * Eigenvectors, whole or by Nystrom's formula: with Y = A W + e W, e tiny, and W'Y = L L', the rows
 * of F = Y L^-T give A = F F' approximately, and F'F has the same eigenvalues. */
#include "unlearn/ekfac_side.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "tensor/blas.h"
#include "tensor/lapack.h"

static const double share_kept = 0.999;
static const double smallest = 1e-9; /* of the largest: below it vectors are no longer orthogonal */

enum lethe_err lethe_side_init(struct lethe_ekfac_side *side, size_t n, int unit, size_t widest,
                               uint64_t seed, uint64_t number, struct lethe_error *err)
{
    struct lethe_rng rng;
    *side = (struct lethe_ekfac_side){.n = n, .rank = n, .kept = 1};
    if (unit || n == 1)
        return LETHE_OK;
    side->columns = n <= widest ? n : n / 4 < LETHE_SIDE_COLUMNS ? n / 4 : LETHE_SIDE_COLUMNS;
    side->columns = side->columns ? side->columns : 1;
    side->sum = lethe_alloc_zero(n * side->columns, sizeof *side->sum);
    if (n > widest)
        side->w = lethe_alloc(n * side->columns, sizeof *side->w);
    if (!side->sum || (n > widest && !side->w)) {
        lethe_side_release(side);
        return lethe_fail_memory(err, "a Kronecker factor", n, n * sizeof *side->sum);
    }
    lethe_rng_init(&rng, seed, LETHE_RNG_SKETCH, number, 0);
    for (size_t i = 0; side->w && i < n * side->columns; i++)
        side->w[i] = lethe_rng_normal(&rng);
    return LETHE_OK;
}

void lethe_side_release(struct lethe_ekfac_side *side)
{
    lethe_free(side->v);
    lethe_free(side->single);
    lethe_free(side->sum);
    lethe_free(side->w);
    *side = (struct lethe_ekfac_side){0};
}

size_t lethe_side_room(const struct lethe_ekfac_side *side, size_t count)
{
    return side->w ? count * side->columns : 0;
}

void lethe_side_add(struct lethe_ekfac_side *side, const double *rows, size_t count, double *work)
{
    const size_t n = side->n;
    if (!side->sum)
        return;
    if (!side->w) {
        const struct lethe_gemm all = {.n = n, .k = count, .ta = 1, .alpha = 1, .beta = 1};
        lethe_dsyrk(side->sum, rows, &all);
        return;
    }
    const struct lethe_gemm into = {.m = count, .n = side->columns, .k = n, .alpha = 1};
    const struct lethe_gemm add = {
        .m = n, .n = side->columns, .k = count, .ta = 1, .alpha = 1, .beta = 1};
    lethe_dgemm(work, rows, side->w, &into);
    lethe_dgemm(side->sum, rows, work, &add);
    for (size_t i = 0; i < count * n; i++)
        side->trace += rows[i] * rows[i];
}

/* ---- decomposition --------------------------------------------------------------------------- */

static enum lethe_err turn_whole(struct lethe_ekfac_side *side, struct lethe_error *err)
{
    double *values = lethe_alloc(side->n, sizeof *values);
    if (!values)
        return lethe_fail_memory(err, "eigenvalues", side->n, sizeof *values);
    enum lethe_err rc = lethe_eigen(values, side->sum, side->n, err);
    lethe_free(values);
    if (!rc) {
        side->v = side->sum;
        side->sum = NULL;
    }
    return rc;
}

/* core (columns, columns) = L of W'Y; sum becomes F. */
static enum lethe_err make_root(struct lethe_ekfac_side *side, double *core,
                                struct lethe_error *err)
{
    const size_t n = side->n, c = side->columns;
    const struct lethe_gemm how = {.m = c, .n = c, .k = n, .ta = 1, .alpha = 1};
    const double e = 1e-12 * lethe_dnorm(side->sum, n * c) / sqrt((double)n) + 1e-300;
    lethe_daxpy(side->sum, e, side->w, n * c);
    lethe_dgemm(core, side->w, side->sum, &how);
    for (size_t i = 0; i < c; i++)
        for (size_t j = 0; j < i; j++)
            core[i * c + j] = (core[i * c + j] + core[j * c + i]) / 2;
    enum lethe_err rc = lethe_cholesky(core, c, NULL, err);
    if (!rc)
        lethe_cholesky_forward_rows(side->sum, n, core, c, c);
    return rc;
}

static void swap_rows(double *a, double *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double x = a[i];
        a[i] = b[i];
        b[i] = x;
    }
}

/* v = the largest eigenvectors of F F', from those of F'F in the rows of core. */
static enum lethe_err take_largest(struct lethe_ekfac_side *side, double *core,
                                   const double *values, struct lethe_error *err)
{
    const size_t n = side->n, c = side->columns;
    double held = 0;
    size_t rank = 0;
    while (rank < c && held < share_kept * side->trace &&
           values[c - 1 - rank] > smallest * values[c - 1])
        held += values[c - 1 - rank++];
    side->kept = side->trace > 0 ? fmin(held / side->trace, 1) : 1;
    side->rank = rank ? rank : 1;
    for (size_t k = 0; k < side->rank; k++) {
        double *row = core + (c - 1 - k) * c;
        const double by = 1 / sqrt(fmax(values[c - 1 - k], 1e-300));
        for (size_t i = 0; i < c; i++)
            row[i] *= by;
    }
    side->v = lethe_alloc(side->rank * n, sizeof *side->v);
    if (!side->v)
        return lethe_fail_memory(err, "eigenvectors", side->rank * n, sizeof *side->v);
    /* the rows of core from the last one up: the product is made, then turned round */
    const struct lethe_gemm how = {.m = side->rank, .n = n, .k = c, .tb = 1, .alpha = 1};
    lethe_dgemm(side->v, core + (c - side->rank) * c, side->sum, &how);
    for (size_t k = 0; k < side->rank / 2; k++)
        swap_rows(side->v + k * n, side->v + (side->rank - 1 - k) * n, n);
    return LETHE_OK;
}

static enum lethe_err turn_sketch(struct lethe_ekfac_side *side, struct lethe_error *err)
{
    const size_t n = side->n, c = side->columns;
    const struct lethe_gemm gram = {.n = c, .k = n, .ta = 1, .alpha = 1};
    double *core = lethe_alloc(c * c, sizeof *core), *values = lethe_alloc(c, sizeof *values);
    enum lethe_err rc = LETHE_OK;
    if (!core || !values)
        rc = lethe_fail_memory(err, "a Kronecker factor", c, c * sizeof *core);
    if (!rc)
        rc = make_root(side, core, err);
    if (!rc) {
        lethe_dsyrk(core, side->sum, &gram);
        rc = lethe_eigen(values, core, c, err);
    }
    if (!rc)
        rc = take_largest(side, core, values, err);
    lethe_free(core);
    lethe_free(values);
    lethe_free(side->sum);
    lethe_free(side->w);
    side->sum = side->w = NULL;
    return rc;
}

/* The vectors in float; on failure they stay as they are, which is only larger and slower. */
static void shorten(struct lethe_ekfac_side *side)
{
    const size_t count = side->rank * side->n;
    side->single = lethe_alloc_aligned(count, sizeof *side->single);
    if (!side->single)
        return;
    for (size_t i = 0; i < count; i++)
        side->single[i] = (float)side->v[i];
    lethe_free(side->v);
    side->v = NULL;
}

enum lethe_err lethe_side_turn(struct lethe_ekfac_side *side, enum lethe_dtype dtype,
                               struct lethe_error *err)
{
    if (!side->sum)
        return LETHE_OK;
    const enum lethe_err rc = side->w ? turn_sketch(side, err) : turn_whole(side, err);
    if (!rc && dtype == LETHE_F32)
        shorten(side);
    return rc;
}

size_t lethe_side_bytes(const struct lethe_ekfac_side *side)
{
    const size_t each = side->v ? sizeof *side->v : side->single ? sizeof *side->single : 0;
    return side->rank * side->n * each;
}

size_t lethe_side_values(const struct lethe_ekfac_side *side)
{
    return side->rank + (side->rank < side->n ? 1 : 0);
}
