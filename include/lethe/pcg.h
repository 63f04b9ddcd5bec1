/* SPDX-License-Identifier: MIT
 * Solving (H + mu I) x = b with products alone, H restricted to any set of parameters P: single
 * weights, the units of a blanket, or all. EKFAC restricted to P preconditions. */
#ifndef LETHE_PCG_H
#define LETHE_PCG_H

#include "lethe/ekfac.h"
#include "lethe/product.h"

/* ---- what is multiplied with ----------------------------------------------------------------- */

/* A symmetric matrix by what it does: out (size) = H v. */
struct lethe_operator {
    size_t size;
    void *self;
    enum lethe_err (*times)(void *self, double *out, const double *v, struct lethe_watch *watch,
                            struct lethe_error *err);
};
/* H[P,P] with decay I in it; the product is borrowed. */
struct lethe_operator lethe_product_operator(struct lethe_product *product);
/* The same in the order of w; times is NULL where P is not every parameter. */
struct lethe_operator lethe_product_operator_all(struct lethe_product *product);

/* ---- EKFAC on a set of parameters ------------------------------------------------------------ */

/* P = index[0 .. size - 1], entries of w in any order. Work space of one thread. */
struct lethe_mask {
    struct lethe_ekfac *ekfac;
    size_t size;
    size_t *index;             /* (size); NULL: every parameter, in the order of w */
    unsigned char *touched;    /* (blocks) those with an entry in P */
    int whole;                 /* P holds all of every block it touches */
    double *v;                 /* (parameters) 0 between calls */
    struct lethe_watch *watch; /* borrowed; ends what takes long; NULL: nothing does */
};
/* index (size) is copied, ekfac referenced (release). NULL: every parameter, in the order of w, and
 * no vector is kept. LETHE_ENOMEM only. */
enum lethe_err lethe_mask_init(struct lethe_mask *mask, struct lethe_ekfac *ekfac,
                               const size_t *index, size_t size, struct lethe_error *err);
void lethe_mask_release(struct lethe_mask *mask); /* zeroed ok */
/* out = ((E + shift I)^-1)[P,P] r, positive definite: to precondition with. out may be r. */
enum lethe_err lethe_mask_precondition(struct lethe_mask *mask, double *out, const double *r,
                                       double shift, struct lethe_error *err);
/* out = (E + shift I)[P,P] v; out may be v. */
enum lethe_err lethe_mask_times(struct lethe_mask *mask, double *out, const double *v, double shift,
                                struct lethe_error *err);
/* x = ((E + shift I)[P,P])^-1 b without a look at the data: exactly where P is whole, else by
 * conjugate gradients to a relative residual of 1e-6. */
enum lethe_err lethe_mask_solve(struct lethe_mask *mask, double *x, const double *b, double shift,
                                struct lethe_watch *watch, struct lethe_error *err);

/* ---- what decides when it is enough ---------------------------------------------------------- */

/* z (count) = the logits that a step x (size) changes to first order, by how much. */
struct lethe_forecast {
    size_t count;
    void *self;
    enum lethe_err (*predict)(void *self, double *z, const double *x, struct lethe_error *err);
};

/* Of the samples of a problem, all in one batch (LETHE_EARG otherwise): J x at the weights w, index
 * (size, or NULL) as in a mask, but borrowed. The problem is borrowed and must not run while the
 * forecast is used. */
enum lethe_err lethe_forecast_init(struct lethe_forecast *forecast, struct lethe_problem *problem,
                                   const double *w, const size_t *index, size_t size,
                                   struct lethe_error *err);
void lethe_forecast_release(struct lethe_forecast *forecast); /* zeroed ok */

/* ---- one damping ----------------------------------------------------------------------------- */

struct lethe_pcg {
    struct lethe_operator h; /* without mu */
    struct lethe_mask *mask; /* NULL: nothing preconditions */
    double mu, decay;        /* the mask's shift is decay + mu, or a little where that is 0 */
    struct lethe_forecast forecast; /* count 0: the residual decides */
    double settled;                 /* predicted logits that move by less than this share end it */
    double tolerance;               /* and so does |r| <= tolerance |b| */
    size_t most;                    /* iterations */
    /* Out. */
    size_t iterations;
    size_t products;  /* with h: one more where x was no zero */
    double residual;  /* |r| / |b| */
    double moved;     /* share by which the predicted logits moved last; NAN without a forecast */
    double curvature; /* least p'(H + mu I)p / p'p seen: negative curvature when below 0 */
};
/* x (size): a start, and improved. Not getting there within `most` is no error. Negative curvature
 * is LETHE_ENUM, and x is the best before it. */
enum lethe_err lethe_pcg(double *x, struct lethe_pcg *pcg, const double *b,
                         struct lethe_watch *watch, struct lethe_error *err);

#endif
