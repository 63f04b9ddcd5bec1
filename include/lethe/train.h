/* SPDX-License-Identifier: MIT
 * Training: minimising a problem's F from the weights given. Deterministic from the seed. */
#ifndef LETHE_TRAIN_H
#define LETHE_TRAIN_H

#include <stdint.h>
#include "lethe/problem.h"

enum lethe_train_method { LETHE_TRAIN_LBFGS, LETHE_TRAIN_SGD, LETHE_TRAIN_ADAM };
enum lethe_train_schedule { LETHE_RATE_CONSTANT, LETHE_RATE_COSINE, LETHE_RATE_STEP };

enum { LETHE_TRAIN_METRIC = 50 }; /* iterations between measurements where the start is trained */

struct lethe_factor;
/* What keeps units from telling two kinds of samples of one class apart: strength / 2 times the sum
 * over the units of squared shifts, each the mean over a mini-batch of contrast_i a_ij in standard
 * deviations of a_ij (a_ij: what the unit makes of the sample, behind its normalisation, the mean
 * over positions). With lethe_train_contrast the mean is the coefficient of the mark in a
 * regression of a on mark and label. All arrays are borrowed. */
struct lethe_train_penalty {
    const size_t *units; /* (count) numbers of units of layers; none is a group */
    size_t count;        /* 0: no penalty */
    double strength;
    const double *contrast; /* (samples of the problem) */
};
/* contrast (n) of samples with marks (n; 0 or 1) and labels (n): (mark - share of the label's
 * samples that are marked) / (mean over all samples of its square). LETHE_EARG where no label has
 * samples of both kinds. */
enum lethe_err lethe_train_contrast(double *contrast, const unsigned char *marks, const int *labels,
                                    size_t n, size_t classes, struct lethe_error *err);

struct lethe_train_options {
    enum lethe_train_method method;
    double tolerance;      /* stop at |grad F|_inf <= this; SGD and Adam look after every epoch,
                              and never when it is 0 */
    size_t iterations;     /* L-BFGS: at most; SGD, Adam: epochs */
    size_t memory;         /* L-BFGS: pairs kept */
    size_t metric;         /* L-BFGS on plain linear layers: iterations between measurements of the
                              Gauss-Newton metric it works in (Kronecker factors of it above
                              LETHE_CURVATURE_DENSE parameters); 0: none */
    size_t batch;          /* SGD, Adam: samples per step */
    double rate, momentum; /* SGD, Adam: first learning rate; SGD: momentum */
    enum lethe_train_schedule schedule;
    size_t drop_every; /* LETHE_RATE_STEP: epochs between drops */
    double drop;       /* LETHE_RATE_STEP: factor of a drop */
    uint64_t seed;     /* order of the samples, and what follows */
    double dropout;    /* SGD, Adam: share of the last layer's inputs dropped, in [0, 1) */
    int flip;          /* SGD, Adam: images are turned left to right half the time */
    size_t crop;       /* SGD, Adam: and moved by up to so many pixels */
    struct lethe_train_penalty penalty; /* SGD, Adam: of a step, not part of F */
    /* SGD, Adam: (samples of the problem) 1 for those that keep their place in the mini-batches and
     * are not trained on, so that a retraining and its control go through the same batches; F and
     * its gradient are then of the others. Borrowed; NULL: none. */
    const unsigned char *left_out;
    /* L-BFGS: told of the start and of every iterate, with F and |grad F|_inf there; not 0 ends the
     * training. NULL: nobody is. */
    int (*each)(void *user, const double *w, double value, double gradient);
    void *each_user;
    /* L-BFGS: x = M^-1 x, M a rough positive definite picture of the second derivatives, in the
     * place of the metric; NULL: none. */
    void (*precondition)(const void *context, double *x);
    const void *precondition_context;
    /* L-BFGS where `metric` is and a matrix fits: a factor of a Gauss-Newton matrix near the start,
     * of every parameter in the order of lethe_blanket_all, in the place of the first measurement.
     * Borrowed; NULL: measured. */
    struct lethe_factor *first_metric;
};

struct lethe_train_report {
    double value;       /* F at the end */
    double gradient;    /* |grad F|_inf at the end */
    size_t iterations;  /* L-BFGS iterations, or epochs */
    size_t evaluations; /* passes over all samples */
    double seconds;
    int converged; /* gradient <= tolerance */
};

/* L-BFGS to |grad F|_inf <= 1e-7 in at most 20,000 iterations with 30 pairs (models of plain linear
 * layers up to LETHE_CURVATURE_DENSE parameters go on in the Gauss-Newton metric from 1e-5 on, and
 * by Newton's method where that does not do); for the others batch 64, 30 epochs, rate 0.1 (Adam:
 * 1e-3), momentum 0.9, cosine schedule. */
struct lethe_train_options lethe_train_defaults(enum lethe_train_method method);
/* How far such a training goes from where it starts: the sum over its steps of rate / (1 -
 * momentum), for SGD on so many samples. Along a direction of curvature s it comes as near to the
 * minimum as a step damped with 1 / T leaves it, s / (s + 1 / T) of the way. 0 for methods whose
 * steps are not multiples of the gradient (L-BFGS, Adam). */
double lethe_train_time(const struct lethe_train_options *options, size_t samples);
/* "lbfgs", "sgd", "adam" (static text) and back; LETHE_EARG lists them. */
const char *lethe_train_method_name(enum lethe_train_method method);
enum lethe_err lethe_train_method_find(enum lethe_train_method *method, const char *name,
                                       struct lethe_error *err);

/* SGD and Adam train in training mode: normalisations take the statistics of the mini-batch, and
 * the running ones in w follow. w (size + buffers) goes from the starting point to the last
 * iterate, also when cancelled (then LETHE_ECANCEL and the report is not filled). Not converging is
 * not an error: see the report. */
enum lethe_err lethe_train(double *w, struct lethe_train_report *report,
                           struct lethe_problem *problem, const struct lethe_train_options *options,
                           struct lethe_watch *watch, struct lethe_error *err);

#endif
