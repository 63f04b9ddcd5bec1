/* SPDX-License-Identifier: MIT
 * Products with the vectors of a side. In float what is multiplied is made float first, and the
 * product is added in double; a product for which there is no memory is made number by number. */
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "unlearn/ekfac_side.h"

/* out (how->m, how->n) += alpha a b, or = where `add` is 0, one of a and b being the vectors. */
struct product {
    double *out;
    const double *other;
    int vectors_first, add;
    struct lethe_gemm how;
};

static size_t cells_of(const struct product *p)
{
    return p->vectors_first ? p->how.k * p->how.n : p->how.m * p->how.k;
}

/* Entry (i, j) of op(a) or op(b) as the product reads it. */
static double entry(const struct lethe_ekfac_side *side, int transposed, size_t i, size_t j)
{
    return transposed ? lethe_side_entry(side, j, i) : lethe_side_entry(side, i, j);
}

static void by_numbers(const struct product *p, const struct lethe_ekfac_side *side)
{
    const struct lethe_gemm *how = &p->how;
    for (size_t i = 0; i < how->m; i++)
        for (size_t j = 0; j < how->n; j++) {
            double sum = 0;
            for (size_t k = 0; k < how->k; k++)
                sum += p->vectors_first ? entry(side, how->ta, i, k) * p->other[k * how->n + j]
                                        : p->other[i * how->k + k] * entry(side, how->tb, k, j);
            double *to = p->out + i * how->n + j;
            *to = (p->add ? *to : 0) + how->alpha * sum;
        }
}

static void in_single(const struct product *p, const struct lethe_ekfac_side *side)
{
    const size_t cells = cells_of(p), made = p->how.m * p->how.n;
    float *other = lethe_alloc_aligned(cells + made + 1, sizeof *other);
    if (!other) {
        by_numbers(p, side);
        return;
    }
    float *out = other + cells;
    for (size_t i = 0; i < cells; i++)
        other[i] = (float)p->other[i];
    lethe_sgemm(out, p->vectors_first ? side->single : other,
                p->vectors_first ? other : side->single, &p->how);
    for (size_t i = 0; p->add && i < made; i++)
        p->out[i] += (double)out[i];
    for (size_t i = 0; !p->add && i < made; i++)
        p->out[i] = (double)out[i];
    lethe_free(other);
}

static void multiply(const struct product *p, const struct lethe_ekfac_side *side)
{
    struct lethe_gemm how = p->how;
    if (!how.m || !how.n)
        return;
    if (side->single) {
        in_single(p, side);
        return;
    }
    how.beta = p->add;
    lethe_dgemm(p->out, p->vectors_first ? side->v : p->other,
                p->vectors_first ? p->other : side->v, &how);
}

void lethe_side_into(const struct lethe_ekfac_side *side, double *turned, const double *rows,
                     size_t count)
{
    const struct product p = {
        .out = turned,
        .other = rows,
        .how = {.m = count, .n = side->rank, .k = side->n, .tb = 1, .alpha = 1}};
    if (lethe_side_is_unit(side))
        memcpy(turned, rows, count * side->n * sizeof *turned);
    else
        multiply(&p, side);
}

void lethe_side_back(const struct lethe_ekfac_side *side, double *rows, const double *turned,
                     size_t count, double alpha)
{
    const struct product p = {.out = rows,
                              .other = turned,
                              .add = 1,
                              .how = {.m = count, .n = side->n, .k = side->rank, .alpha = alpha}};
    if (lethe_side_is_unit(side))
        lethe_daxpy(rows, alpha, turned, count * side->n);
    else
        multiply(&p, side);
}

void lethe_side_left(const struct lethe_ekfac_side *side, double *out, const double *m,
                     size_t columns)
{
    const struct product p = {.out = out,
                              .other = m,
                              .vectors_first = 1,
                              .how = {.m = side->rank, .n = columns, .k = side->n, .alpha = 1}};
    if (lethe_side_is_unit(side))
        memcpy(out, m, side->n * columns * sizeof *out);
    else
        multiply(&p, side);
}

void lethe_side_left_back(const struct lethe_ekfac_side *side, double *out, const double *m,
                          size_t columns, double alpha)
{
    const struct product p = {
        .out = out,
        .other = m,
        .vectors_first = 1,
        .add = 1,
        .how = {.m = side->n, .n = columns, .k = side->rank, .ta = 1, .alpha = alpha}};
    if (lethe_side_is_unit(side))
        lethe_daxpy(out, alpha, m, side->n * columns);
    else
        multiply(&p, side);
}
