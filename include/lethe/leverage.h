/* SPDX-License-Identifier: MIT
 * Leverage: how much of the curvature one sample holds by itself. With B_i the (classes, |P|)
 * factor of its Gauss-Newton term, rows sqrt(p_c) (J_c - sum_k p_k J_k), and n samples behind H,
 *     h_i = largest eigenvalue of B_i (H[P,P] + mu I)^-1 B_i' / n.
 * The sum of the traces over the samples behind H is the effective degrees of freedom. Without a
 * sample of leverage h the curvature in its direction is 1 - h of what it was: h >= 1 would leave
 * none, which is the same as H without the sample being indefinite.
 *
 * A sample that is not behind H, as those to be forgotten are not behind H_R, is treated as if it
 * were: k / (1 + k) with k the formula above. So all leverages of a training set compare. */
#ifndef LETHE_LEVERAGE_H
#define LETHE_LEVERAGE_H

#include "lethe/update.h"

struct lethe_leverage_spec {
    const struct lethe_factor *factor; /* of the parameters of `units` units, or more */
    const struct lethe_blanket *blanket;
    size_t units; /* of the blanket: P are their parameters; 1 to blanket->count */
    double n;     /* samples behind the factor's curvature */
    double mu;
    int outside;   /* the samples are not behind the curvature */
    uint64_t seed; /* of labels drawn from the model, where classes x samples are too many */
    size_t labels; /* to draw in any case; 0: only there */
};
struct lethe_leverages {
    double *h, *traces; /* (samples of the problem) filled; traces may be NULL */
    double *errors; /* (samples) filled with standard errors of h, 0 where it is exact; or NULL */
    size_t drawn;   /* out: labels drawn for a sample; 0: exact */
};
/* Does a factor take many right-hand sides at the price of a matrix product? */
int lethe_factor_cheap_rows(const struct lethe_factor *factor);
/* Takes samples x classes x |P|^2 operations, with a factor that is not Cholesky's a few times as
 * many. From drawn labels the largest eigenvalue comes out too large; the jackknife over ten groups
 * of labels corrects h for that and gives its error. */
enum lethe_err lethe_leverage_measure(struct lethe_leverages *out, struct lethe_problem *problem,
                                      const double *w, const struct lethe_leverage_spec *spec,
                                      struct lethe_watch *watch, struct lethe_error *err);

#endif
