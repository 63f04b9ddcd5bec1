/* SPDX-License-Identifier: MIT
 * A curvature as what it does to a vector: H[P,P] v without H, at the cost of a few passes over the
 * curvature samples, for blankets too large for a matrix. Of ggn, fisher and hessian; the hessian
 * by differences of gradients where the network has an operator without second derivatives.
 *
 * A product holds the problem it was made on and belongs to the same thread. */
#ifndef LETHE_PRODUCT_H
#define LETHE_PRODUCT_H

#include "lethe/curvature.h"
#include "lethe/linearised.h"

struct lethe_product;

struct lethe_product_spec {
    const struct lethe_curvature_method *method;
    struct lethe_problem *problem; /* over C, borrowed */
    const double *w;               /* (size + buffers) borrowed */
    const struct lethe_blanket
        *blanket; /* borrowed; of it only offset and index are read by apply */
    size_t units; /* P: the parameters of this many units */
    struct lethe_linearised *linearised; /* over the same samples at the same w, borrowed, shared
                                            by products of other blankets; NULL: one of its own */
    enum lethe_dtype dtype;              /* of its own passes */
    size_t memory;                       /* bytes its own passes may keep, 0: 512 MB */
    unsigned threads;                    /* of its own passes, 0: one for each processor */
    uint64_t seed;                       /* labels drawn for the diagonal, above 20 classes */
};

/* *product is new (free). A method that needs a matrix is LETHE_EARG and named. */
enum lethe_err lethe_product_new(struct lethe_product **product,
                                 const struct lethe_product_spec *spec, struct lethe_error *err);
void lethe_product_free(struct lethe_product *product);           /* NULL ok */
size_t lethe_product_size(const struct lethe_product *product);   /* |P| */
int lethe_product_holds_all(const struct lethe_product *product); /* every parameter is in P */
/* The operator that makes it go by differences (hessian only), static text; NULL: it is exact. */
const char *lethe_product_rough(const struct lethe_product *product);
/* out (|P|) = H[P,P] v with decay I in it. */
enum lethe_err lethe_product_apply(struct lethe_product *product, double *out, const double *v,
                                   struct lethe_watch *watch, struct lethe_error *err);
/* The same where P holds every parameter (LETHE_EBUG otherwise), vectors in the order of w. */
enum lethe_err lethe_product_apply_all(struct lethe_product *product, double *out, const double *v,
                                       struct lethe_watch *watch, struct lethe_error *err);
/* diagonal (|P|), positive: that of ggn over at most 512 curvature samples, decay in it; parameters
 * that belong to no unit get the mean of the others. To precondition with. */
enum lethe_err lethe_product_diagonal(struct lethe_product *product, double *diagonal,
                                      struct lethe_watch *watch, struct lethe_error *err);

#endif
