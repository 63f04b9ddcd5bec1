/* SPDX-License-Identifier: MIT
 * A preview beside the retrained model: distances, recovery, gaps. */
#include "removal/stage_common.h"

#include <math.h>
#include <string.h>

/* Logits of forget, retain and held-out samples in one block, for figures over all of them. */
static double *joined(const struct lethe_evaluation *outcome, size_t *n)
{
    const enum lethe_side sets[] = {LETHE_SIDE_FORGET, LETHE_SIDE_RETAIN, outcome->heldout};
    *n = 0;
    for (size_t k = 0; k < 3; k++)
        *n += outcome->count[sets[k]];
    double *all = lethe_alloc(*n * outcome->classes, sizeof *all), *to = all;
    for (size_t k = 0; all && k < 3; k++) {
        size_t size = outcome->count[sets[k]] * outcome->classes;
        if (size)
            memcpy(to, outcome->logits[sets[k]], size * sizeof *to);
        to += size;
    }
    return all;
}

static void recover(struct lethe_compared *compared, const struct lethe_preview *preview,
                    const struct lethe_retrained *retrained)
{
    size_t n, unused;
    double *old = joined(&preview->before, &n), *now = joined(&preview->now, &unused);
    double *retrain = joined(&retrained->outcome, &unused),
           *control_ = joined(&retrained->control, &unused);
    struct lethe_recovery_input input = {old, now, retrain, control_, n, preview->before.classes};
    lethe_recovery_none(&compared->recovery);
    lethe_recovery_none(&compared->trained);
    if (old && now && retrain && control_ && !retrained->cold && !preview->partial) {
        lethe_recovery_measure(&compared->recovery, &input);
        input.n =
            preview->before.count[LETHE_SIDE_FORGET] + preview->before.count[LETHE_SIDE_RETAIN];
        lethe_recovery_measure(&compared->trained, &input);
    }
    lethe_free(old);
    lethe_free(now);
    lethe_free(retrain);
    lethe_free(control_);
}

void lethe_compared_make(struct lethe_compared *compared, const struct lethe_preview *preview,
                         const struct lethe_retrained *retrained)
{
    const enum lethe_side sets[] = {LETHE_SIDE_FORGET, LETHE_SIDE_RETAIN, preview->now.heldout};
    for (size_t k = 0; k < 3; k++) {
        const struct lethe_distance none = {NAN, NAN, NAN, NAN};
        const double *retrain = retrained->outcome.logits[sets[k]];
        size_t n = preview->now.count[sets[k]];
        compared->before[k] = compared->now[k] = none;
        if (!n || !retrain)
            continue;
        lethe_distance_measure(&compared->before[k], preview->before.logits[sets[k]], retrain, n,
                               preview->now.classes);
        lethe_distance_measure(&compared->now[k], preview->now.logits[sets[k]], retrain, n,
                               preview->now.classes);
    }
    compared->fold = lethe_distance_nearer(compared->before[0].kl, compared->now[0].kl);
    recover(compared, preview, retrained);
    compared->gap_before = lethe_average_gap(&preview->before.figures, &retrained->outcome.figures);
    compared->gap_now = lethe_average_gap(&preview->now.figures, &retrained->outcome.figures);
    compared->tow_before = lethe_tug_of_war(&preview->before.figures, &retrained->outcome.figures);
    compared->tow = lethe_tug_of_war(&preview->now.figures, &retrained->outcome.figures);
}
