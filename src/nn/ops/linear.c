/* SPDX-License-Identifier: MIT
 * Gemm and MatMul: y = alpha op(a) op(b) + beta c, for one product or a batch of them whose
 * operands may be broadcast. Both are one kernel; MatMul has no c. */
#include <string.h>

#include "nn/ops/real.h"
#include "tensor/shape.h"

static size_t offset(const size_t *table, size_t batch)
{
    return table ? table[batch] : 0;
}

/* y = beta * c, broadcast; zero when there is no c. */
static void spread(real *y, const real *c, const struct lethe_matmul_args *args)
{
    const struct lethe_walk *walk = &args->bias;
    size_t last = walk->ndim - 1;
    ptrdiff_t sc = walk->step[1][last];
    real beta = (real)args->beta;
    struct lethe_rows at;
    for (int more = lethe_rows_first(&at, walk); more; more = lethe_rows_next(&at, walk))
        for (size_t i = 0; i < walk->dims[last]; i++)
            y[at.at[0] + (ptrdiff_t)i] = beta * c[at.at[1] + (ptrdiff_t)i * sc];
}

static void product(real *y, const real *a, const real *b, const struct lethe_matmul_args *args,
                    double beta)
{
    struct lethe_gemm how = {.m = args->m,
                             .n = args->n,
                             .k = args->k,
                             .ta = args->ta,
                             .tb = args->tb,
                             .alpha = args->alpha,
                             .beta = beta};
    for (size_t i = 0; i < args->batches; i++)
        REAL_GEMM(y + i * args->m * args->n, a + offset(args->at_a, i), b + offset(args->at_b, i),
                  &how);
}

KERNEL(gemm_forward)
{
    const struct lethe_matmul_args *args = &call->args.matmul;
    int biased = call->node->in_count > 2 && data->x[2];
    if (biased)
        spread(data->y[0], data->x[2], args);
    product(data->y[0], data->x[0], data->x[1], args, biased ? 1 : 0);
}

/* da += alpha g op(b)', stored the way a is. */
static void backward_a(real *da, const real *g, const real *b, const struct lethe_matmul_args *args)
{
    struct lethe_gemm how = {
        .m = args->m, .n = args->k, .k = args->n, .tb = !args->tb, .alpha = args->alpha, .beta = 1};
    if (args->ta)
        how = (struct lethe_gemm){.m = args->k,
                                  .n = args->m,
                                  .k = args->n,
                                  .ta = args->tb,
                                  .tb = 1,
                                  .alpha = args->alpha,
                                  .beta = 1};
    for (size_t i = 0; i < args->batches; i++) {
        const real *gi = g + i * args->m * args->n, *bi = b + offset(args->at_b, i);
        REAL_GEMM(da + offset(args->at_a, i), args->ta ? bi : gi, args->ta ? gi : bi, &how);
    }
}

/* db += alpha op(a)' g, stored the way b is. */
static void backward_b(real *db, const real *g, const real *a, const struct lethe_matmul_args *args)
{
    struct lethe_gemm how = {
        .m = args->k, .n = args->n, .k = args->m, .ta = !args->ta, .alpha = args->alpha, .beta = 1};
    if (args->tb)
        how = (struct lethe_gemm){.m = args->n,
                                  .n = args->k,
                                  .k = args->m,
                                  .ta = 1,
                                  .tb = args->ta,
                                  .alpha = args->alpha,
                                  .beta = 1};
    for (size_t i = 0; i < args->batches; i++) {
        const real *gi = g + i * args->m * args->n, *ai = a + offset(args->at_a, i);
        REAL_GEMM(db + offset(args->at_b, i), args->tb ? gi : ai, args->tb ? ai : gi, &how);
    }
}

static void backward_c(real *dc, const real *g, const struct lethe_matmul_args *args)
{
    const struct lethe_walk *walk = &args->bias;
    size_t last = walk->ndim - 1;
    ptrdiff_t sc = walk->step[1][last];
    real beta = (real)args->beta;
    struct lethe_rows at;
    for (int more = lethe_rows_first(&at, walk); more; more = lethe_rows_next(&at, walk))
        for (size_t i = 0; i < walk->dims[last]; i++)
            dc[at.at[1] + (ptrdiff_t)i * sc] += beta * g[at.at[0] + (ptrdiff_t)i];
}

KERNEL(gemm_backward)
{
    const struct lethe_matmul_args *args = &call->args.matmul;
    for (unsigned k = 0; k < 3; k++)
        if (data->fresh >> k & 1)
            memset(data->dx[k], 0, lethe_shape_size(call->in[k]) * sizeof(real));
    if (data->dx[0])
        backward_a(data->dx[0], data->dy[0], data->x[1], args);
    if (data->dx[1])
        backward_b(data->dx[1], data->dy[0], data->x[0], args);
    if (call->node->in_count > 2 && data->dx[2])
        backward_c(data->dx[2], data->dy[0], args);
}

KERNEL(gemm_jvp)
{
    const struct lethe_matmul_args *args = &call->args.matmul;
    if (call->node->in_count > 2 && data->tx[2])
        spread(data->ty[0], data->tx[2], args);
    else
        memset(data->ty[0], 0, lethe_shape_size(call->out[0]) * sizeof(real));
    if (data->tx[0])
        product(data->ty[0], data->tx[0], data->x[1], args, 1);
    if (data->tx[1])
        product(data->ty[0], data->x[0], data->tx[1], args, 1);
}

/* Each factor's derivative reads the other factor: backward with the tangents in their place. */
KERNEL(gemm_backward_jvp)
{
    const struct lethe_matmul_args *args = &call->args.matmul;
    if (data->dx[0] && data->tx[1])
        backward_a(data->dx[0], data->dy[0], data->tx[1], args);
    if (data->dx[1] && data->tx[0])
        backward_b(data->dx[1], data->dy[0], data->tx[0], args);
}
