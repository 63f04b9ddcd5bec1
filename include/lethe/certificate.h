/* SPDX-License-Identifier: MIT
 * The certificate of a removal by noise (Sekhari et al., NeurIPS 2021): its arithmetic, and every
 * condition it stands on. A certificate with a condition missing is void, and says which. */
#ifndef LETHE_CERTIFICATE_H
#define LETHE_CERTIFICATE_H

#include <stddef.h>
#include "lethe/error.h"

/* Conditions that fail, or-ed together. */
enum lethe_certificate_gap {
    LETHE_CERT_NOT_CONVEX = 1,        /* anything but softmax regression */
    LETHE_CERT_NO_DECAY = 2,          /* lambda is 0 */
    LETHE_CERT_BLANKET = 4,           /* the step moved a part of the parameters only */
    LETHE_CERT_CURVATURE = 8,         /* another matrix than the Hessian */
    LETHE_CERT_DAMPED = 16,           /* mu > 0 */
    LETHE_CERT_TOO_MANY = 32,         /* m > n / 2 */
    LETHE_CERT_EARLIER = 64,          /* samples were removed before, in steps of their own */
    LETHE_CERT_NOT_A_MINIMISER = 128, /* training did not end at a minimum */
    LETHE_CERT_SOLVE = 256,           /* the step was solved up to a residual only */
    LETHE_CERT_FORM = 512,            /* not the influence form */
    LETHE_CERT_STEPS = 1024,          /* more than one step */
    LETHE_CERT_SAMPLES = 2048,        /* curvature of a part of the retained samples */
    LETHE_CERT_ESTIMATE = 4096,       /* curvature from drawn labels */
    LETHE_CERT_DIFFERENCES = 8192     /* curvature from differences of gradients */
};
struct lethe_certificate_input {
    size_t n, m;        /* training samples; removed so far, all commits together */
    size_t dim;         /* parameters */
    double lambda;      /* weight decay of the training, at least 0 */
    double bound;       /* B, largest |(x, 1)| over the training samples */
    double weight_norm; /* |w| */
    double step_norm;   /* |d| of the removal */
    double eps, delta;  /* eps > 0, 0 < delta < 1 */
    double excess;      /* loss the noise may cost, for m_max; 0.01 when in doubt */
    unsigned gaps;      /* enum lethe_certificate_gap that the caller knows of */
};

/* Without decay gamma and what follows from it are NAN. */
struct lethe_certificate {
    unsigned gaps;            /* the input's, and those the numbers show; 0: it holds */
    size_t retained;          /* n - m */
    double lipschitz;         /* L = sqrt(2) B + lambda |w| */
    double hessian_lipschitz; /* M = 0.2722 B^3 */
    double gamma;             /* bound on the distance to the exact minimiser */
    double sigma;             /* sd of the noise on every parameter */
    double step_to_noise;     /* |d| / (sigma sqrt(dim)) */
    double m_max;             /* samples removable at the excess loss, at most n / 2 */
};
/* LETHE_EARG names the value that is out of range. */
enum lethe_err lethe_certificate_measure(struct lethe_certificate *certificate,
                                         const struct lethe_certificate_input *input,
                                         struct lethe_error *err);
/* The condition number k, in the order they are told: LETHE_CERT_..., what fails, and what to type
 * ("form influence", "" where nothing helps). 0: there are no more. */
struct lethe_certificate_condition {
    unsigned gap;
    const char *fails;
    char cure[64];
};
/* `fails` is static text. 1: filled; 0: there is no condition number k. */
unsigned lethe_certificate_condition(struct lethe_certificate_condition *condition,
                                     const struct lethe_certificate *certificate, size_t k);
/* "holds", "holds, useless: the noise is larger than the step", or "void: " and every condition
 * that fails with its cure: "the step is not in the influence form ('form influence'); damping is
 * not 0
 * ('damping 0')". text has room for size bytes; LETHE_CERTIFICATE_TEXT is enough for all. */
enum { LETHE_CERTIFICATE_TEXT = 1500 };
void lethe_certificate_words(char *text, size_t size, const struct lethe_certificate *certificate);

/* Least sd of Gaussian noise that makes a query of that sensitivity (eps, delta) private (Balle and
 * Wang, ICML 2018). */
double lethe_analytic_gaussian(double sensitivity, double eps, double delta);

#endif
