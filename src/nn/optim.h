/* SPDX-License-Identifier: MIT
 * Minimisers by reverse communication: they say where the function is wanted, the caller evaluates
 * it. They know nothing of networks or data, and use the same sums whatever the thread count. */
#ifndef LETHE_NN_OPTIM_H
#define LETHE_NN_OPTIM_H

#include <stddef.h>
#include "lethe/error.h"

/* Limited-memory BFGS (Liu and Nocedal, 1989). The line search ends on the strong Wolfe conditions
 * or, where differences of f are below rounding, on the approximate ones of Hager and Zhang (2005),
 * so that gradients far below sqrt(epsilon) are reached. */
enum lethe_lbfgs_ask {
    LETHE_LBFGS_EVALUATE, /* put f and its gradient at w, then call next again */
    LETHE_LBFGS_ITERATE,  /* w, f and g are a new iterate: stop here, or call next again */
    LETHE_LBFGS_STALLED   /* no descent within rounding; w is the last iterate again */
};

struct lethe_lbfgs {
    size_t n, memory;        /* unknowns; pairs kept at most */
    size_t pairs, newest;    /* pairs kept; slot of the newest one */
    double *s, *y;           /* (memory, n) steps and gradient differences */
    double *inverse, *alpha; /* (memory) 1 / s'y; work space of the recursion */
    double *start, *slope;   /* (n) w and gradient where this line begins */
    double *direction;       /* (n) */
    double f0, slope0;       /* f and directional derivative where this line begins */
    double step;             /* being tried */
    double low, high;        /* bracket of acceptable steps; high 0: none yet */
    double low_slope, high_slope;
    int trials, on_line;
    /* x = M^-1 x for a positive definite M near the second derivatives, if rough near a multiple of
     * them; NULL: I. May be set or changed at any iterate. */
    void (*metric)(const void *context, double *x);
    const void *metric_context;
    int rough;
};

enum lethe_err lethe_lbfgs_init(struct lethe_lbfgs *opt, size_t n, size_t memory,
                                struct lethe_error *err);
void lethe_lbfgs_release(struct lethe_lbfgs *opt); /* zeroed ok */
/* First call: w the starting point with its f and g. w is moved to the next point of interest. */
enum lethe_lbfgs_ask lethe_lbfgs_next(struct lethe_lbfgs *opt, double *w, double f,
                                      const double *g);

/* velocity = momentum * velocity + g; w -= rate * velocity. velocity (n) starts at 0. */
void lethe_sgd_step(double *w, double *velocity, const double *g, size_t n, double rate,
                    double momentum);
/* Adam (Kingma and Ba, 2015) with beta 0.9, 0.999 and epsilon 1e-8; step counts from 1 and moments
 * (2 n) start at 0. */
void lethe_adam_step(double *w, double *moments, const double *g, size_t n, double rate, long step);

#endif
