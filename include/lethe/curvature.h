/* SPDX-License-Identifier: MIT
 * Curvatures of F over the curvature samples C, restricted to the parameters P of a blanket: dense
 * (|P|, |P|) matrices that contain decay * I. A method is one row of one table. */
#ifndef LETHE_CURVATURE_H
#define LETHE_CURVATURE_H

#include "lethe/blanket.h"
#include "lethe/problem.h"

enum { LETHE_CURVATURE_DENSE = 4000 }; /* parameters up to which there is a matrix */

struct lethe_curvature_options {
    uint64_t seed; /* labels drawn from the model where a method draws them */
    size_t labels; /* 0: drawn only where classes x samples are too many for all of them; else so
                      many in any case, as for a curvature to subtract from */
    double probs;  /* > 0: of ggn instead J'(A^2 + probs A)J, A = diag p - p p': to first order the
                      squared change of probabilities, and as large a share of KL */
    /* `released` looks at what is removed: 1/(n-m) sum over U of grad f (parameters), n and m. */
    const double *pull;
    size_t n, m;
};

struct lethe_product;

struct lethe_curvature {
    const struct lethe_curvature_method *method;
    size_t size;       /* |P| */
    double *matrix;    /* (size, size) row-major; the lower triangle counts. NULL: a frame */
    double decay;      /* lambda, on the diagonal already */
    size_t samples;    /* |C| */
    uint64_t seed;     /* of the labels drawn */
    size_t drawn;      /* labels drawn for each of them: an estimate; 0: all classes, exact */
    const char *rough; /* operator for want of whose second derivative it is made of differences */
    /* A method of rank one: the matrix is (flat + decay) I + scale outer outer'. */
    double *outer; /* (size), else NULL */
    double flat, scale;
};

struct lethe_curvature_method {
    const char *name;    /* "ggn" */
    const char *summary; /* one line for help and screens */
    int positive;        /* never has a negative eigenvalue */
    int rank_one;        /* makes c->outer, and needs no matrix beside it */
    int emulation;       /* of a faulty program, for comparison: steps are made as it makes them */
    /* Adds the data part to the lower triangle of c->matrix, which is zero; or makes c->outer with
     * flat and scale, from which the matrix is filled. */
    enum lethe_err (*add)(struct lethe_curvature *c, struct lethe_problem *problem, const double *w,
                          const struct lethe_blanket *blanket,
                          const struct lethe_curvature_options *options, struct lethe_watch *watch,
                          struct lethe_error *err);
    /* g = the data part of H v, over all parameters (lethe/product.h); NULL: only with a matrix. */
    enum lethe_err (*times)(struct lethe_product *product, struct lethe_watch *watch,
                            struct lethe_error *err);
};

/* The table, static: *count rows. */
const struct lethe_curvature_method *lethe_curvature_methods(size_t *count);
/* The row of a name, static. LETHE_EARG lists the names. */
enum lethe_err lethe_curvature_find(const struct lethe_curvature_method **method, const char *name,
                                    struct lethe_error *err);
/* problem runs over C. */
enum lethe_err lethe_curvature_make(struct lethe_curvature *c,
                                    const struct lethe_curvature_method *method,
                                    struct lethe_problem *problem, const double *w,
                                    const struct lethe_blanket *blanket,
                                    const struct lethe_curvature_options *options,
                                    struct lethe_watch *watch, struct lethe_error *err);
/* The same for any number of parameters: without a matrix, what products (lethe/product.h) and a
 * factor of rank one need. A method that needs the matrix is LETHE_EARG. */
enum lethe_err lethe_curvature_frame(struct lethe_curvature *c,
                                     const struct lethe_curvature_method *method,
                                     struct lethe_problem *problem, const double *w,
                                     const struct lethe_blanket *blanket,
                                     const struct lethe_curvature_options *options,
                                     struct lethe_watch *watch, struct lethe_error *err);
/* "ggn", "ggn, 10 labels drawn", "hessian, by differences (ReduceProd)": how every screen names
 * it. text, the caller's, has room for 96 bytes and is returned. */
enum { LETHE_CURVATURE_WORDS = 96 };
char *lethe_curvature_words(char text[LETHE_CURVATURE_WORDS], const struct lethe_curvature *c);
/* Made of drawn labels or of differences: then the words say how. */
int lethe_curvature_is_estimate(const struct lethe_curvature *c);
/* Labels that ggn would draw for each of so many samples of a network, 0 when it is exact; in a
 * blanket of plain linear layers only (plain), where more is affordable, or in any. */
size_t lethe_curvature_labels(size_t classes, size_t samples, int plain);
void lethe_curvature_release(struct lethe_curvature *c); /* zeroed ok */

/* C: `most` of the retained samples drawn from the seed and put in ascending order, or all of them
 * when there are no more. chosen has room for most; returns how many were put there. */
size_t lethe_curvature_samples(size_t *chosen, const size_t *retained, size_t count, size_t most,
                               uint64_t seed);

#endif
