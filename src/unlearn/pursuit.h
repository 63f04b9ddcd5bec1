/* SPDX-License-Identifier: MIT
 * Orthogonal matching pursuit on a positive definite system M x = b: greedily the unknown that adds
 * most to b_P' M_PP^-1 b_P / 2, the decrease of the quadratic model with all others at 0. */
#ifndef LETHE_UNLEARN_PURSUIT_H
#define LETHE_UNLEARN_PURSUIT_H

#include <stddef.h>

#include "lethe/cancel.h"
#include "lethe/error.h"

struct lethe_pursuit {
    const double *matrix; /* (size, size) row-major, both triangles */
    const double *rhs;    /* (size) */
    size_t size;
    size_t most; /* unknowns chosen one by one; the rest follow by what each would add to those */
};
/* order (size) is a permutation of the unknowns; gains (size) is what each added when it was
 * chosen, of the rest what it alone would add. *chosen are those chosen one by one: fewer than
 * `most` where the others are dependent on them. Equal gains: the lower unknown first. Takes
 * most * size doubles and size * most^2 operations. */
enum lethe_err lethe_pursuit_run(size_t *order, double *gains, size_t *chosen,
                                 const struct lethe_pursuit *pursuit, struct lethe_watch *watch,
                                 struct lethe_error *err);

#endif
