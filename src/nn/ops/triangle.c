/* SPDX-License-Identifier: MIT
 * Trilu: the upper or lower triangle of each matrix, zeros elsewhere. Linear and its own transpose.
 */
#include "nn/ops/real.h"

static void triangle(real *y, const real *x, const struct lethe_triangle_args *a, int add)
{
    for (size_t m = 0; m < a->matrices; m++)
        for (size_t i = 0; i < a->rows; i++)
            for (size_t j = 0; j < a->columns; j++) {
                size_t at = (m * a->rows + i) * a->columns + j;
                ptrdiff_t right = (ptrdiff_t)j - (ptrdiff_t)i;
                int kept = a->upper ? right >= a->diagonal : right <= a->diagonal;
                y[at] = (add ? y[at] : 0) + (kept ? x[at] : 0);
            }
}

KERNEL(trilu_forward)
{
    triangle(data->y[0], data->x[0], &call->args.triangle, 0);
}

KERNEL(trilu_backward)
{
    if (data->dx[0])
        triangle(data->dx[0], data->dy[0], &call->args.triangle, 1);
}

KERNEL(trilu_jvp)
{
    triangle(data->ty[0], data->tx[0], &call->args.triangle, 0);
}
