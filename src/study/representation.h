/* SPDX-License-Identifier: MIT
 * What a network makes of samples on the way to its logits: activations by layer, how alike two
 * networks' are, and their two main axes.
 *
 * Linear CKA (Kornblith et al., ICML 2019) of X (n, p) and Y (n, q) with centred columns:
 *     |Y'X|_F^2 / (|X'X|_F |Y'Y|_F),
 * 1 for equal up to a turn and a scale. Activations are those before the nonlinearity; a
 * convolution's are averaged over its positions. */
#ifndef LETHE_STUDY_REPRESENTATION_H
#define LETHE_STUDY_REPRESENTATION_H

#include "lethe/problem.h"

/* x (n, p) and y (n, q) row-major, spoilt: their columns are centred. NAN where one of them does
 * not vary. */
enum lethe_err lethe_linear_cka(double *cka, double *x, size_t p, double *y, size_t q, size_t n,
                                struct lethe_error *err);

/* to (samples of the problem, units of the layer): before the nonlinearity. */
enum lethe_err lethe_activations(double *to, struct lethe_problem *problem, const double *w,
                                 size_t layer, struct lethe_watch *watch, struct lethe_error *err);
/* cka (layers): of every layer, between the networks of weights a and b, on a problem's samples. */
enum lethe_err lethe_layers_cka(double *cka, struct lethe_problem *problem, const double *a,
                                const double *b, struct lethe_watch *watch,
                                struct lethe_error *err);
/* share (layers + 1): of |b - a|^2, by layer; the last one of what belongs to none. All 0 where
 * nothing changed. */
enum lethe_err lethe_layers_change(double *share, const struct lethe_graph *graph, const double *a,
                                   const double *b, struct lethe_error *err);

/* to (samples, fan-in of the last layer): what it is given. LETHE_EARG where the network has one
 * layer only, or its last one is used at several places. */
enum lethe_err lethe_last_features(double *to, struct lethe_problem *problem, const double *w,
                                   struct lethe_watch *watch, struct lethe_error *err);
/* Fan-in of the last layer. */
size_t lethe_last_width(const struct lethe_graph *graph);

/* Two directions and a middle: coordinates are (x - middle)'axis. */
struct lethe_axes2 {
    double *middle, *axis; /* (width), (2, width) rows of length 1; owned */
    size_t width;
    double share[2]; /* of the variance (components), or of the separation (discriminants) */
};
/* Principal components of x (n, width). */
enum lethe_err lethe_principal_axes(struct lethe_axes2 *axes, const double *x, size_t n,
                                    size_t width, struct lethe_error *err);
/* Linear discriminants of x with labels 0 .. classes - 1: the directions in which classes lie
 * furthest apart for their spread (a thousandth of the mean variance is added to it). */
enum lethe_err lethe_discriminant_axes(struct lethe_axes2 *axes, const double *x, const int *labels,
                                       size_t n, size_t width, size_t classes,
                                       struct lethe_error *err);
/* to (n, 2) */
void lethe_axes2_project(double *to, const struct lethe_axes2 *axes, const double *x, size_t n);
void lethe_axes2_release(struct lethe_axes2 *axes); /* zeroed ok */

#endif
