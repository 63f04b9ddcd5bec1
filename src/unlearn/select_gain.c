/* SPDX-License-Identifier: MIT
 * gain: greedily the unit that adds most to g_P'(H[P,P] + mu I)^-1 g_P / 2 per parameter, which is
 * the decrease of the damped quadratic model of F_R, the thing the step achieves.
 *
 * A Cholesky factor with pivoting by units, left-looking: with P chosen, V = H[:,P] L_P^-T. Of each
 * unit B left only its Schur block S_B = H[B,B] + mu I - V_B V_B' and residual r_B = g_B - V_B y
 * are kept, and B adds r_B' S_B^-1 r_B / 2. Taking every unit costs about N^3 operations in all. */
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "tensor/lapack.h"
#include "unlearn/selectors.h"

struct greedy {
    const struct lethe_select_set *set;
    size_t size, done, largest; /* N, |P| so far, parameters of the largest unit */
    double mu;
    double *v;           /* (N, N) row-major, columns 0 .. done - 1 are made */
    double *schur;       /* blocks one after another: unit k at square[k] */
    size_t *square;      /* (units + 1) */
    double *r;           /* (N) */
    double *block, *y;   /* (largest^2), (largest) */
    double *wide;        /* (N, largest) */
    unsigned char *gone; /* (units) */
};

static size_t params_of(const struct greedy *g, size_t k)
{
    return g->set->blanket.offset[k + 1] - g->set->blanket.offset[k];
}

static enum lethe_err prepare(struct greedy *g, struct lethe_error *err)
{
    const struct lethe_blanket *blanket = &g->set->blanket;
    size_t total = 0, n = g->size = blanket->offset[blanket->count];
    g->square = lethe_alloc(blanket->count + 1, sizeof *g->square);
    for (size_t k = 0; k < blanket->count; k++) {
        size_t p = params_of(g, k);
        if (g->square)
            g->square[k] = total;
        total += p * p;
        g->largest = p > g->largest ? p : g->largest;
    }
    g->v = lethe_alloc_aligned(n * n, sizeof *g->v);
    g->schur = lethe_alloc(total, sizeof *g->schur);
    g->r = lethe_alloc(n, sizeof *g->r);
    g->block = lethe_alloc(g->largest * g->largest, sizeof *g->block);
    g->y = lethe_alloc(g->largest, sizeof *g->y);
    g->wide = lethe_alloc_aligned(n * g->largest, sizeof *g->wide);
    g->gone = lethe_alloc_zero(blanket->count, 1);
    if (!g->square || !g->v || !g->schur || !g->r || !g->block || !g->y || !g->wide || !g->gone)
        return lethe_fail_memory(err, "gains", n * (n + g->largest) + total, sizeof *g->v);
    memcpy(g->r, g->set->pull, n * sizeof *g->r);
    for (size_t k = 0; k < blanket->count; k++) {
        size_t first = blanket->offset[k], p = params_of(g, k);
        for (size_t i = 0; i < p; i++) {
            double *row = g->schur + g->square[k] + i * p;
            memcpy(row, g->set->curvature.matrix + (first + i) * n + first, p * sizeof *row);
            row[i] += g->mu;
        }
    }
    return LETHE_OK;
}

static void clear(struct greedy *g)
{
    lethe_free(g->square);
    lethe_free(g->v);
    lethe_free(g->schur);
    lethe_free(g->r);
    lethe_free(g->block);
    lethe_free(g->y);
    lethe_free(g->wide);
    lethe_free(g->gone);
}

/* What unit k would add; leaves its factor in block and L^-1 r in y. */
static enum lethe_err weigh(struct greedy *g, size_t k, double *gain, struct lethe_error *err)
{
    size_t p = params_of(g, k);
    memcpy(g->block, g->schur + g->square[k], p * p * sizeof *g->block);
    enum lethe_err rc = lethe_cholesky(g->block, p, NULL, err);
    if (rc)
        return rc;
    memcpy(g->y, g->r + g->set->blanket.offset[k], p * sizeof *g->y);
    lethe_cholesky_forward(g->y, g->block, p, p);
    *gain = lethe_ddot(g->y, g->y, p) / 2;
    return LETHE_OK;
}

/* Takes unit k, whose factor and L^-1 r stand in block and y. */
static void take(struct greedy *g, size_t k)
{
    const struct lethe_blanket *blanket = &g->set->blanket;
    size_t n = g->size, p = params_of(g, k), first = blanket->offset[k];
    for (size_t i = 0; i < n; i++)
        memcpy(g->wide + i * p, g->set->curvature.matrix + i * n + first, p * sizeof *g->wide);
    const struct lethe_gemm how = {.m = n,
                                   .n = p,
                                   .k = g->done,
                                   .tb = 1,
                                   .alpha = -1,
                                   .beta = 1,
                                   .lda = n,
                                   .ldb = n,
                                   .ldc = p};
    if (g->done)
        lethe_dgemm(g->wide, g->v, g->v + first * n, &how);
    for (size_t i = 0; i < n; i++) {
        lethe_cholesky_forward(g->wide + i * p, g->block, p, p);
        memcpy(g->v + i * n + g->done, g->wide + i * p, p * sizeof *g->v);
        g->r[i] -= lethe_ddot(g->wide + i * p, g->y, p);
    }
    g->done += p;
    g->gone[k] = 1;
    for (size_t j = 0; j < blanket->count; j++) {
        size_t q = params_of(g, j);
        const double *rows = g->wide + blanket->offset[j] * p;
        const struct lethe_gemm square = {.n = q, .k = p, .alpha = -1, .beta = 1};
        if (!g->gone[j])
            lethe_dsyrk(g->schur + g->square[j], rows, &square);
    }
}

static enum lethe_err run(struct greedy *g, struct lethe_selection *out, size_t max,
                          struct lethe_watch *watch, struct lethe_error *err)
{
    size_t units = g->set->blanket.count;
    double sum = 0;
    for (size_t step = 0; step < units && step < max; step++) {
        double best = -1, gain = 0;
        size_t winner = 0;
        enum lethe_err rc = lethe_watch_step(watch, "selecting", (long)step, (long)units, err);
        for (size_t k = 0; !rc && k < units; k++) {
            if (g->gone[k])
                continue;
            rc = weigh(g, k, &gain, err);
            gain /= (double)params_of(g, k);
            if (gain > best) {
                best = gain;
                winner = k;
            }
        }
        if (!rc)
            rc = weigh(g, winner, &gain, err);
        if (rc)
            return rc;
        take(g, winner);
        sum += gain;
        out->picks[out->count++] = (struct lethe_pick){
            .unit = g->set->blanket.units[winner], .score = best, .cumulative = sum};
    }
    out->accepted = out->count;
    out->stopped = out->count < units ? "max" : "all candidates";
    return LETHE_OK;
}

LETHE_SELECT_ROW(lethe_select_gain)
{
    struct lethe_select_set set = {0};
    struct greedy g = {.set = &set, .mu = options->mu};
    enum lethe_err rc = lethe_select_candidates(&set, input, options, watch, err);
    if (!rc)
        rc = prepare(&g, err);
    if (!rc) {
        out->picks = lethe_alloc_zero(set.blanket.count, sizeof *out->picks);
        rc = out->picks
                 ? run(&g, out, options->max, watch, err)
                 : lethe_fail_memory(err, "a selection", set.blanket.count, sizeof *out->picks);
    }
    clear(&g);
    lethe_select_candidates_release(&set);
    return rc;
}
