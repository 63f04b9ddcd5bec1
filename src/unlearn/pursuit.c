/* SPDX-License-Identifier: MIT
 * A Cholesky factor that grows by the unknown that is chosen. With V the rows of L^-1 M_P: (one for
 * each chosen unknown), S the diagonal of M - V'V and r = b - V'L^-1 b_P the residual, unknown j
 * adds r_j^2 / S_j / 2. Choosing it makes c = (M_j - V'V_j) / sqrt(S_j) the next row of V, and r -=
 * c r_j / sqrt(S_j), S -= c^2.
 *
 * Check value: the solution by dense factors of every prefix (tests/unit/unlearn/pursuit_test.c).
 */
#include "unlearn/pursuit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"

static const double dependent = 1e-13; /* share of M_jj below which S_j is rounding */

struct pursuit {
    const struct lethe_pursuit *in;
    double *v;          /* (most, size) */
    double *s, *r;      /* (size) */
    double *column;     /* (most) V_j */
    unsigned char *out; /* (size) chosen */
};

static enum lethe_err begin(struct pursuit *p, struct lethe_error *err)
{
    const size_t n = p->in->size, most = p->in->most;
    p->v = lethe_alloc_aligned(most ? most : 1, n * sizeof *p->v);
    p->s = lethe_alloc(n, sizeof *p->s);
    p->r = lethe_alloc(n, sizeof *p->r);
    p->column = lethe_alloc(most + 1, sizeof *p->column);
    p->out = lethe_alloc_zero(n, 1);
    if (!p->v || !p->s || !p->r || !p->column || !p->out)
        return lethe_fail_memory(err, "an order of weights", most + 3, n * sizeof *p->v);
    for (size_t i = 0; i < n; i++)
        p->s[i] = p->in->matrix[i * n + i];
    memcpy(p->r, p->in->rhs, n * sizeof *p->r);
    return LETHE_OK;
}

static void clear(struct pursuit *p)
{
    lethe_free(p->v);
    lethe_free(p->s);
    lethe_free(p->r);
    lethe_free(p->column);
    lethe_free(p->out);
}

/* What unknown j adds; negative when it is chosen already or dependent on those that are. */
static double gain_of(const struct pursuit *p, size_t j)
{
    const double whole = p->in->matrix[j * p->in->size + j];
    if (p->out[j] || !(p->s[j] > dependent * whole))
        return -1;
    return p->r[j] * p->r[j] / p->s[j] / 2;
}

static size_t best(const struct pursuit *p, double *gain)
{
    size_t winner = 0;
    *gain = -1;
    for (size_t j = 0; j < p->in->size; j++) {
        const double g = gain_of(p, j);
        if (g > *gain) {
            *gain = g;
            winner = j;
        }
    }
    return winner;
}

static void take(struct pursuit *p, size_t j, size_t k)
{
    const size_t n = p->in->size;
    double *c = p->v + k * n;
    const double root = sqrt(p->s[j]), along = p->r[j] / root;
    const struct lethe_gemm back = {.m = k, .k = n, .ta = 1, .alpha = -1, .beta = 1};
    for (size_t i = 0; i < k; i++)
        p->column[i] = p->v[i * n + j];
    memcpy(c, p->in->matrix + j * n, n * sizeof *c);
    if (k)
        lethe_dgemv(c, p->v, p->column, &back);
    for (size_t i = 0; i < n; i++) {
        c[i] /= root;
        p->r[i] -= c[i] * along;
        p->s[i] -= c[i] * c[i];
    }
    p->out[j] = 1;
}

struct rest {
    size_t j;
    double gain;
};

static int by_gain(const void *a, const void *b)
{
    const struct rest *x = a, *y = b;
    if (x->gain != y->gain)
        return x->gain > y->gain ? -1 : 1;
    return x->j < y->j ? -1 : x->j > y->j;
}

/* Those not chosen, by what each would add alone. */
static enum lethe_err rank_rest(size_t *order, double *gains, const struct pursuit *p,
                                size_t chosen, struct lethe_error *err)
{
    const size_t n = p->in->size;
    size_t count = 0;
    struct rest *rest = lethe_alloc(n, sizeof *rest);
    if (!rest)
        return lethe_fail_memory(err, "an order of weights", n, sizeof *rest);
    for (size_t j = 0; j < n; j++)
        if (!p->out[j])
            rest[count++] = (struct rest){j, fmax(gain_of(p, j), 0)};
    qsort(rest, count, sizeof *rest, by_gain);
    for (size_t k = 0; k < count; k++) {
        order[chosen + k] = rest[k].j;
        gains[chosen + k] = rest[k].gain;
    }
    lethe_free(rest);
    return LETHE_OK;
}

enum lethe_err lethe_pursuit_run(size_t *order, double *gains, size_t *chosen,
                                 const struct lethe_pursuit *pursuit, struct lethe_watch *watch,
                                 struct lethe_error *err)
{
    struct pursuit p = {.in = pursuit};
    const size_t most = pursuit->most < pursuit->size ? pursuit->most : pursuit->size;
    size_t k = 0;
    enum lethe_err rc = begin(&p, err);
    for (; !rc && k < most; k++) {
        double gain;
        const size_t j = best(&p, &gain);
        if (gain < 0)
            break;
        if (k % 16 == 0)
            rc = lethe_watch_step(watch, "selecting", (long)k, (long)most, err);
        order[k] = j;
        gains[k] = gain;
        take(&p, j, k);
    }
    if (!rc)
        rc = rank_rest(order, gains, &p, k, err);
    if (!rc)
        *chosen = k;
    clear(&p);
    return rc;
}
