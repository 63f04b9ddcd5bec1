/* SPDX-License-Identifier: MIT
 * The inside of a solve. A spectral factor works in a basis of its own, where a damping costs a
 * sweep; lengths and inner products are the same there. A Cholesky factor's basis is the usual. */
#ifndef LETHE_UNLEARN_FACTOR_H
#define LETHE_UNLEARN_FACTOR_H

#include "lethe/update.h"

/* lethe_factor_cholesky without asking, on failure, how indefinite the matrix is. */
enum lethe_err lethe_factor_attempt(struct lethe_factor **factor, const struct lethe_curvature *c,
                                    double mu, struct lethe_error *err);
/* Can it solve for the first `size` parameters, at some damping? */
int lethe_factor_takes(const struct lethe_factor *factor, size_t size);
void lethe_factor_into(const struct lethe_factor *factor, double *x);
void lethe_factor_back(const struct lethe_factor *factor, double *x);
/* x = (H[P,P] + mu I)^-1 x within that basis; work is (size). */
enum lethe_err lethe_factor_solve_inside(const struct lethe_factor *factor, double *x, size_t size,
                                         double mu, double *work, struct lethe_error *err);
int lethe_factor_is_cholesky(const struct lethe_factor *factor);
/* rows (count, size) = L^-1 of each; L the factor's, of the leading (size, size) block. LETHE_EARG
 * when it is not Cholesky's. */
enum lethe_err lethe_factor_forward(const struct lethe_factor *factor, double *rows, size_t count,
                                    size_t size, struct lethe_error *err);

#endif
