/* SPDX-License-Identifier: MIT
 * For every sample a few directions a_q in the space of its logits, so that a curvature is
 * (1/|C|) sum over samples and q of (J'a_q)(J'a_q)':
 *   Gauss-Newton   a_c = sqrt(p_c) (e_c - p) for every class c: the sum is J'(diag p - p p') J.
 *                  Where classes x samples are too many for that, L labels y drawn from p instead,
 *                  a = (p - e_y) / sqrt L: unbiased, and an estimate.
 *   own label      a = p - e_y with the sample's own label: the empirical Fisher. */
#ifndef LETHE_UNLEARN_OUTER_H
#define LETHE_UNLEARN_OUTER_H

#include "lethe/curvature.h"

struct lethe_outer {
    struct lethe_problem *problem;
    struct lethe_exec *exec;
    const struct lethe_graph *graph;
    const struct lethe_blanket *blanket;
    uint64_t seed;
    size_t batch, classes, directions;
    size_t drawn; /* labels drawn for a sample; 0: every class, exact */
    int own_label;
    double probs;           /* > 0: a_c = sqrt(p_c^2 + probs p_c) (e_c - p) */
    double *logits, *p, *a; /* (batch, classes); p probabilities, a the present direction */
};

struct lethe_outer_spec {
    struct lethe_problem *problem; /* borrowed, as the blanket is */
    const double *w;
    const struct lethe_blanket *blanket; /* NULL: no rows will be asked for */
    uint64_t seed;
    int own_label;
    double probs; /* as in struct lethe_curvature_options */
    size_t
        labels; /* to draw whatever exact rows would cost, as for a curvature that drew so many;
                   0: none, or where there are too many rows as many as they allow, 10 at least */
};
/* Also hands the weights to the problem's executor. */
enum lethe_err lethe_outer_init(struct lethe_outer *outer, const struct lethe_outer_spec *spec,
                                struct lethe_error *err);
void lethe_outer_release(struct lethe_outer *outer); /* zeroed ok */
/* Another number of labels drawn (0: every class). A sample draws by its id in the data: the same
 * labels whichever samples are with it. */
void lethe_outer_draw(struct lethe_outer *outer, size_t labels);
/* Forward through batch b: *n samples from position *first on. */
enum lethe_err lethe_outer_forward(struct lethe_outer *outer, size_t b, size_t *first, size_t *n,
                                   struct lethe_error *err);
/* a = direction q of the batch just run. */
void lethe_outer_direction(struct lethe_outer *outer, size_t q, size_t first, size_t n);
/* Backward of direction q through the batch just run. */
enum lethe_err lethe_outer_backward(struct lethe_outer *outer, size_t q, size_t first, size_t n,
                                    struct lethe_error *err);

/* Work space for the gradients J'a of single samples by the parameters of the blanket. */
struct lethe_outer_rows {
    double *v;    /* (parameters) zero between calls */
    double *jv;   /* (batch, classes) */
    double *unit; /* (batch, largest unit) */
    /* Single weights of the blanket, put in the order of their units; NULL when there are none. */
    struct lethe_outer_weight *weights;
    size_t weight_count;
};
/* Column of rows; unit of the graph it belongs to, and its place there. */
struct lethe_outer_weight {
    size_t column, unit, place;
};
enum lethe_err lethe_outer_rows_init(struct lethe_outer_rows *space,
                                     const struct lethe_outer *outer, struct lethe_error *err);
void lethe_outer_rows_release(struct lethe_outer_rows *space); /* zeroed ok */
/* rows (n, |P|) = J'a of the direction that went backward last, sample by sample. */
enum lethe_err lethe_outer_fill(double *rows, struct lethe_outer_rows *space,
                                const struct lethe_outer *outer, size_t n, struct lethe_error *err);

#endif
