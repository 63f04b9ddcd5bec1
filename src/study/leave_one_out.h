/* SPDX-License-Identifier: MIT
 * Single removals: every forget sample removed on its own, from the same weights, by several ways,
 * each beside the warm retrain without that sample. L-FOCI's own blanket, then other selectors'
 * leading units within as many parameters, then single weights: as many, and within budgets; then
 * all parameters where that is small enough. */
#ifndef LETHE_STUDY_LEAVE_ONE_OUT_H
#define LETHE_STUDY_LEAVE_ONE_OUT_H

#include "study/budgets.h"
#include "study/variant.h"

struct lethe_quartiles {
    double low, median, high; /* NAN without values */
};

struct lethe_single_way {
    char name[16 + LETHE_BUDGET_NAME];
    size_t count, failed;                  /* removals that count; steps that could not be taken */
    char note[LETHE_VARIANT_NOTE];         /* why the first of these could not; "" */
    struct lethe_quartiles recovery_probs; /* over forget, retained and held-out samples */
    struct lethe_quartiles recovery_probs_train, change_probs_train; /* of training samples alone */
    struct lethe_quartiles recovery;                                 /* the same of logits */
    struct lethe_quartiles change_probs, change; /* the same, further training left out */
    struct lethe_quartiles fold;                 /* KL to the retrain on the sample: before / now */
    struct lethe_quartiles heldout;              /* accuracy of the half sliders are judged by */
    struct lethe_quartiles parameters;
    struct lethe_quartiles seconds; /* selection, curvature, step: what a removal costs */
};

/* lfoci, gradnorm, random, weights, weights at each budget, whole model */
enum { LETHE_SINGLE_WAYS = 5 + LETHE_BUDGETS_MOST };

struct lethe_leave_one_out {
    struct lethe_single_way way[LETHE_SINGLE_WAYS];
    size_t ways, samples;
    size_t empty;                         /* L-FOCI found no unit: nothing was changed */
    size_t unconverged;                   /* retrainings that did not end at a minimum */
    double heldout_before;                /* accuracy */
    struct lethe_quartiles kl_before;     /* of the model as it is, on the sample */
    struct lethe_quartiles retraining;    /* seconds */
    double gradient;                      /* |grad F_S|_inf of the model all start from */
    double curvature_seconds;             /* spent once for all of them; 0: for each anew */
    size_t curvature_samples;             /* behind that one; 0 */
    double together_before, together_now; /* mean KL when all go at once; NAN: not made */
};

/* The first `samples` of the stand's forget set, each on a stand of its own; then all of them at
 * once on this one, which is prepared, with a step of the whole model where that is among the ways.
 * Needs all training samples. training: where the retrainings are kept, so that a comparison that
 * was stopped goes on where it was; NULL: nowhere. */
enum lethe_err lethe_leave_one_out_run(struct lethe_leave_one_out *one_by_one,
                                       struct lethe_comparison_base *base, size_t samples,
                                       const struct lethe_budgets *budgets,
                                       const struct lethe_training_context *training,
                                       struct lethe_watch *watch, struct lethe_error *err);

#endif
