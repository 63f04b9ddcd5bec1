/* SPDX-License-Identifier: MIT
 * Looking for a method's parameters: random search over its ranges with successive halving. Judged
 * by the warm retraining and the half of the held-out samples for choosing alone; the other half is
 * never looked at. */
#ifndef LETHE_STUDY_TUNE_H
#define LETHE_STUDY_TUNE_H

#include "lethe/methods.h"
#include "study/method_trials.h"

enum { LETHE_TUNE_RUNGS = 3 }; /* a quarter, a half and all of the epochs */

struct lethe_tuning {
    struct lethe_method_trial *trials; /* (count) the first has the published parameters */
    size_t count, best;
    size_t made; /* removals in all */
    int out_of_time;
    double seconds;
};
struct lethe_tune_options {
    const struct lethe_unlearn_method *method; /* not newton */
    size_t trials;                             /* at least 1 */
    double budget;                             /* seconds, 0: no end; with one, results depend on
                                                  the machine */
};
/* base is prepared and has a warm retraining; the other settings are its own. */
enum lethe_err lethe_tune(struct lethe_tuning *tuning, const struct lethe_comparison_base *base,
                          const struct lethe_training_context *training,
                          const struct lethe_tune_options *options, struct lethe_watch *watch,
                          struct lethe_error *err);
void lethe_tuning_release(struct lethe_tuning *tuning); /* zeroed ok */

#endif
