/* SPDX-License-Identifier: MIT
 * What the leading units of a blanket can lower a quadratic model by, each number of them, with
 * EKFAC for its curvature. */
#ifndef LETHE_UNLEARN_EKFAC_REACH_H
#define LETHE_UNLEARN_EKFAC_REACH_H

#include "lethe/blanket.h"
#include "lethe/ekfac.h"

/* decrease (count) = g_P'((E + shift I)[P,P])^-1 g_P for P the first 1, 2, ... count units of the
 * blanket, g (parameters) by entry of w, shift > 0. Exact: no iterations. LETHE_EARG where the
 * blanket takes single weights of a layer, or a layer is too wide for a whole basis of its units.
 */
enum lethe_err lethe_ekfac_decreases(double *decrease, const struct lethe_ekfac *ekfac,
                                     const struct lethe_blanket *blanket, size_t count,
                                     const double *g, double shift, struct lethe_error *err);

#endif
