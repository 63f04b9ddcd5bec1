/* SPDX-License-Identifier: MIT
 * Inside of a product: what the rows of the table of curvatures multiply with. */
#ifndef LETHE_UNLEARN_PRODUCT_H
#define LETHE_UNLEARN_PRODUCT_H

#include "lethe/product.h"

struct lethe_product {
    struct lethe_product_spec spec;
    struct lethe_linearised *linearised, *own; /* own: NULL where it is borrowed */
    unsigned char *support;                    /* by parameter: it has entries in P */
    size_t size, all, entries;                 /* |P|, parameters, parameters + buffers */
    const double *w;                           /* (entries) borrowed */
    double *moved;                 /* (entries) weights of a difference, when needed, and */
    struct lethe_problem *doubles; /* the samples in double, where spec.problem is in float */
    const double *v;               /* (all) the vector in all entries of w, zero outside P */
    double *g;                     /* (all) the answer; both are the caller's, or these: */
    double *own_v, *own_g;         /* NULL until they are needed */
};

/* g = the data part of H v over all parameters. */
#define LETHE_PRODUCT_ROW(name)                                                                    \
    enum lethe_err name(struct lethe_product *product, struct lethe_watch *watch,                  \
                        struct lethe_error *err)
LETHE_PRODUCT_ROW(lethe_product_ggn);
LETHE_PRODUCT_ROW(lethe_product_fisher);
LETHE_PRODUCT_ROW(lethe_product_hessian);

#endif
