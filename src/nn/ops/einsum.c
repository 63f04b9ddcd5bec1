/* SPDX-License-Identifier: MIT
 * Einsum of up to three tensors as one walk (y, a, b, c) over every label of the equation: y stands
 * still along what is summed. Plain loops; attention is faster as MatMul, which is what exporters
 * mostly write. */
#include <string.h>

#include "nn/ops/real.h"
#include "tensor/shape.h"

enum { TERMS = LETHE_WALK_OPERANDS };

/* to[operand `at`] += product of the operands that are not NULL. */
static void contract(real *to, size_t at, const real *const *from, const struct lethe_walk *walk)
{
    size_t last = walk->ndim - 1;
    ptrdiff_t step = walk->step[at][last];
    struct lethe_rows rows;
    for (int more = lethe_rows_first(&rows, walk); more; more = lethe_rows_next(&rows, walk)) {
        real *y = to + rows.at[at];
        double sum = 0;
        for (size_t i = 0; i < walk->dims[last]; i++) {
            real product = 1;
            for (size_t k = 0; k < walk->operands; k++)
                if (from[k])
                    product *= from[k][rows.at[k] + (ptrdiff_t)i * walk->step[k][last]];
            if (step)
                y[(ptrdiff_t)i * step] += product;
            else
                sum += (double)product;
        }
        if (!step)
            *y += (real)sum;
    }
}

KERNEL(einsum_forward)
{
    const real *from[TERMS] = {0};
    for (size_t k = 0; k < call->node->in_count; k++)
        from[k + 1] = data->x[k];
    memset(data->y[0], 0, lethe_shape_size(call->out[0]) * sizeof(real));
    contract(data->y[0], 0, from, &call->args.walk);
}

KERNEL(einsum_backward)
{
    for (size_t j = 0; j < call->node->in_count; j++) {
        const real *from[TERMS] = {data->dy[0]};
        for (size_t k = 0; k < call->node->in_count; k++)
            from[k + 1] = k == j ? NULL : data->x[k];
        if (data->dx[j])
            contract(data->dx[j], j + 1, from, &call->args.walk);
    }
}

KERNEL(einsum_jvp)
{
    memset(data->ty[0], 0, lethe_shape_size(call->out[0]) * sizeof(real));
    for (size_t j = 0; j < call->node->in_count; j++) {
        const real *from[TERMS] = {0};
        for (size_t k = 0; k < call->node->in_count; k++)
            from[k + 1] = k == j ? data->tx[k] : data->x[k];
        if (data->tx[j])
            contract(data->ty[0], 0, from, &call->args.walk);
    }
}

/* Every pair of a derivative j and another factor m that moves. */
KERNEL(einsum_backward_jvp)
{
    for (size_t j = 0; j < call->node->in_count; j++)
        for (size_t m = 0; m < call->node->in_count; m++) {
            const real *from[TERMS] = {data->dy[0]};
            for (size_t k = 0; k < call->node->in_count; k++)
                from[k + 1] = k == j ? NULL : k == m ? data->tx[k] : data->x[k];
            if (m != j && data->tx[m] && data->dx[j])
                contract(data->dx[j], j + 1, from, &call->args.walk);
        }
}
