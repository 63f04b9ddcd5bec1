/* SPDX-License-Identifier: MIT
 * Removals of the same samples by many settings, from the same weights: made on all processors and
 * ranks, kept with the session, and measured alike beside the same warm retraining. */
#ifndef LETHE_STUDY_METHOD_TRIALS_H
#define LETHE_STUDY_METHOD_TRIALS_H

#include "study/training_context.h"
#include "study/variant.h"

struct lethe_method_trial {
    struct lethe_settings settings; /* the method and its parameters, and all else that decides */
    size_t rung;                    /* of a search: how far it came */
    int tuned;                      /* its parameters were searched */
    struct lethe_variant variant;
    double score; /* lethe_method_score; HUGE_VAL where the removal could not be made */
};

/* Whether its method's parameters are the published ones; the Newton step has none. */
int lethe_method_trial_published(const struct lethe_method_trial *trial);
/* Sum of the KL to the warm retraining on forget, retained and held-out samples (the half for
 * choosing), in nats; HUGE_VAL where it is not known. */
double lethe_method_score(const struct lethe_variant *variant);

/* Makes and measures trials (count). A removal that runs away, or is not for this network, fails
 * its trial and not the call. base is prepared. */
enum lethe_err lethe_method_trials_run(struct lethe_method_trial *trials, size_t count,
                                       const struct lethe_comparison_base *base,
                                       const struct lethe_training_context *training,
                                       struct lethe_watch *watch, struct lethe_error *err);

#endif
