/* SPDX-License-Identifier: MIT
 * The loss attack at one threshold, moved by hand: whoever has a loss of at most that much is
 * called a member. Members are the forget samples, the others held-out ones of the same classes. */
#ifndef LETHE_WORKBENCH_ATTACK_THRESHOLD_H
#define LETHE_WORKBENCH_ATTACK_THRESHOLD_H

#include "removal/evaluation.h"
#include "text/result.h"

struct lethe_workbench;

struct lethe_attack_losses {
    double *member, *other; /* (members), (others) losses in nats, ascending */
    size_t members, others;
};
/* Release it. LETHE_ENOMEM only. */
enum lethe_err lethe_attack_losses_of(struct lethe_attack_losses *losses,
                                      const struct lethe_evaluation *evaluation,
                                      struct lethe_error *err);
void lethe_attack_losses_release(struct lethe_attack_losses *losses); /* zeroed ok */

/* How many of the ascending losses (n) are at most `threshold`. */
size_t lethe_attack_below(const double *losses, size_t n, double threshold);
/* The next loss of either group above (below) the threshold, the threshold itself when there is
 * none; 0, which is none: the loss in the middle of the others. */
double lethe_attack_next(const struct lethe_attack_losses *losses, double threshold, int above);

/* The workbench's threshold and what it says of before, now and retrained; nothing when there is no
 * threshold or no preview. */
void lethe_attack_put_threshold(struct lethe_value *out, const struct lethe_workbench *wb);

#endif
