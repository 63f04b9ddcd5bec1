/* SPDX-License-Identifier: MIT
 * Is a figure of removals that of retraining? Three answers. "Different" takes a two-sided test at
 * 5 %. "As retraining" takes more than the lack of a difference: an equivalence test, two one-sided
 * tests at 5 % that the means differ by less than a bound (Schuirmann, 1987). Where neither speaks,
 * the models are too few to tell. A difference that is known to be smaller than the bound counts as
 * none, however many models have shown that it is there. */
#ifndef LETHE_EQUIVALENCE_H
#define LETHE_EQUIVALENCE_H

#include <stddef.h>

enum lethe_likeness {
    LETHE_LIKE_UNKNOWN,   /* no figures to test */
    LETHE_LIKE_RETRAINED, /* as retraining */
    LETHE_LIKE_DIFFERENT,
    LETHE_LIKE_UNDECIDED, /* cannot tell */
};

/* Bounds, in standard deviations of one retrained model. Of means: one model is then told right
 * 65 times in 100. Of one model: where nineteen in twenty retrains lie. */
#define LETHE_BOUND_OF_MEANS 0.75
#define LETHE_BOUND_OF_ONE   2.0
/* Spread below this share of the largest value is rounding, and counts as none. */
#define LETHE_ROUNDING 1e-6

struct lethe_equivalence {
    double difference; /* of the removals' mean from the retrains' */
    double error;      /* its standard error; 0: no spread */
    double z;          /* difference / error; NAN without spread */
    double p;          /* of the difference, two-sided; NAN without spread */
    double bound;      /* a difference up to it counts as none */
    double low, high;  /* 90 % interval: within the bound on both sides is equivalence */
    enum lethe_likeness verdict;
};

/* A test from its parts: freedom is the error's degrees of freedom, scale the largest value behind
 * the difference, by which rounding is judged. */
struct lethe_equivalence_input {
    double difference, error, freedom, bound, scale;
};
/* Fills the whole of e. */
void lethe_equivalence_judge(struct lethe_equivalence *e, const struct lethe_equivalence_input *in);
/* Means of two groups of models (Welch), the bound in standard deviations of the retrains. NANs are
 * left out; fewer than three retrains or two removals: unknown. */
void lethe_equivalence_means(struct lethe_equivalence *e, const double *now, size_t n,
                             const double *retrains, size_t k, double bound);
/* Mean distances of removals to retrains, own (n, k), beside those of retrains among themselves,
 * among (k, k) without its diagonal. All share the retrains, which the error takes into account;
 * the bound is in standard deviations of a retrain's mean distance to the others. */
void lethe_equivalence_distances(struct lethe_equivalence *e, const double *own, size_t n,
                                 const double *among, size_t k, double bound);
/* One model beside retrains: could it be one of them? From three retrains on. */
void lethe_equivalence_one(struct lethe_equivalence *e, double now, const double *retrains,
                           size_t k, double bound);
/* A figure with one good side: a difference on the other (sign: of the bad side, 1 or -1) is none.
 */
void lethe_equivalence_one_sided(struct lethe_equivalence *e, int sign);
/* Static text: "as retraining", "different", "cannot tell"; "" for unknown. */
const char *lethe_likeness_words(enum lethe_likeness verdict);

#endif
