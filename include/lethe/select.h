/* SPDX-License-Identifier: MIT
 * Selectors: which units a removal should change, in which order. A method is one row of one
 * table. All see the same input and may use only the part they need. */
#ifndef LETHE_SELECT_H
#define LETHE_SELECT_H

#include "lethe/blanket.h"
#include "lethe/codec.h"
#include "lethe/curvature.h"
#include "lethe/projection.h"
#include "lethe/perturb.h"
#include "lethe/update.h"

/* Forget samples that decide, drawn from the seed where there are more; of networks whose copies
 * are much work as few as four. */
enum { LETHE_SELECT_SAMPLES = 50 };

struct lethe_select_input {
    struct lethe_graph *graph;
    struct lethe_dataset *data;
    const double *w;      /* (size + buffers) */
    const size_t *forget; /* (m) ids in data */
    size_t m;
    const struct lethe_removal *removal;    /* gradients; not needed by lfoci, random and full */
    struct lethe_problem *curvature;        /* over C; needed by updatenorm, gain and fisher */
    const struct lethe_select_whole *whole; /* needed by weights */
};

/* The step of the whole network, which single weights are ordered by. */
struct lethe_select_whole {
    const double *step;                        /* (parameters) d, by entry of w */
    const double *rhs;                         /* (parameters) what it solves for, by entry of w */
    const struct lethe_curvature *curvature;   /* over `blanket`, with a matrix or without */
    const struct lethe_blanket *blanket;       /* every parameter */
    const struct lethe_curvature *metric;      /* in the place of `curvature` for order kl, where
                                                  the projection is in the metric of
                                                  probabilities; else NULL */
    const struct lethe_projection *projection; /* needed by order kl */
    struct lethe_problem *forget;              /* of the projection */
    double mu;                                 /* damping of the step */
    const unsigned char *within;               /* (parameters) may be chosen; NULL: all */
};

/* How weights are ordered. AUTO: kl where there is a matrix of the whole network, else step. */
enum lethe_weight_order {
    LETHE_WEIGHTS_AUTO,
    LETHE_WEIGHTS_STEP, /* by |d_i| */
    LETHE_WEIGHTS_GAIN, /* greedily by the decrease of the quadratic model of F_R */
    LETHE_WEIGHTS_KL    /* greedily by how near the outcome of the whole step comes */
};
const char *lethe_weight_order_name(enum lethe_weight_order order); /* "auto" ...; static text */
/* The order of a name. LETHE_EARG lists the names. */
enum lethe_err lethe_weight_order_find(enum lethe_weight_order *order, const char *name,
                                       struct lethe_error *err);

/* How lfoci makes one blanket from several forget samples. */
enum lethe_several {
    LETHE_SEVERAL_UNION,  /* a blanket from each sample, united by votes */
    LETHE_SEVERAL_MEAN,   /* one from the means over the samples of copy k (the paper's batch) */
    LETHE_SEVERAL_STACKED /* one from all copies of all, each sample's mean removed */
};

struct lethe_select_options {
    size_t max;                 /* units at most, also below the line; default 64 */
    int stop;                   /* lfoci: stop where nothing is gained; default on */
    enum lethe_several several; /* lfoci; default union */
    enum lethe_codec_scaling scaling;
    double jitter;
    unsigned threads;
    uint64_t seed;
    uint64_t draw;                 /* random: which draw */
    double mu;                     /* gain, updatenorm: damping; default 1e-4 */
    enum lethe_weight_order order; /* weights */
    struct lethe_perturb_options perturb;
};

struct lethe_pick {
    size_t unit;  /* lethe_unit_at */
    double score; /* lfoci: conditional T; of a union: summed gain in cumulative T */
    double
        cumulative; /* lfoci: T(Y, all so far); of a union: the running sum of the gains; weights:
                       the share of |d|^2, of what the whole step gains, or of its outcome */
    size_t votes;   /* lfoci: samples that chose it above the line */
};

struct lethe_selection {
    const struct lethe_select_method *method;
    struct lethe_pick *picks; /* (count) in order */
    size_t count, accepted;   /* accepted: above the line, what `blanket auto` takes */
    size_t units;             /* lethe_unit_count */
    double *marginal;         /* (units) lfoci: marginal T (union: mean over samples); else NULL */
    size_t samples;           /* forget samples that decided */
    int united;               /* lfoci: each had a blanket of its own */
    const char *stopped;      /* why the line is where it is; static text */
    int weights;              /* picks are single weights (lethe_unit_at), not units */
    enum lethe_weight_order order; /* weights: the one used, never AUTO */
    size_t greedy;                 /* weights: so many were chosen one by one, the rest ranked */
};

struct lethe_select_method {
    const char *name, *summary;
    enum lethe_err (*run)(struct lethe_selection *out, const struct lethe_select_input *input,
                          const struct lethe_select_options *options, struct lethe_watch *watch,
                          struct lethe_error *err);
};

/* The table, static: *count rows. */
const struct lethe_select_method *lethe_select_methods(size_t *count);
/* The row of a name, static. LETHE_EARG lists the names. */
enum lethe_err lethe_select_find(const struct lethe_select_method **method, const char *name,
                                 struct lethe_error *err);
/* The defaults named above, those of lethe_perturb_defaults, and seed 0. */
struct lethe_select_options lethe_select_defaults(void);
/* out is the caller's (release). LETHE_EARG: no forget samples, no units, max 0, or the
 * input lacks what the method needs; LETHE_ECANCEL; LETHE_ENUM. */
enum lethe_err lethe_select(struct lethe_selection *out, const struct lethe_select_method *method,
                            const struct lethe_select_input *input,
                            const struct lethe_select_options *options, struct lethe_watch *watch,
                            struct lethe_error *err);
void lethe_selection_release(struct lethe_selection *out); /* zeroed ok */

#endif
