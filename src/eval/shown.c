/* SPDX-License-Identifier: MIT
 * One figure in the form it is shown in: before | now | retrain mean | sd | z. A sd from two
 * retrains says nothing, so it starts at three; z = (now - mean) / sd needs sd > 0. Retrains that
 * agree to six digits, of the largest value in the row, have come to the same minimum: what differs
 * is where training stopped.
 * Check: now 5, retrains 1 2 3 give mean 2, sd 1, z 3. */
#include "lethe/eval.h"

#include <math.h>

void lethe_shown_fill(struct lethe_shown *shown, double before, double now, const double *retrains,
                      size_t k)
{
    *shown = (struct lethe_shown){before, now, NAN, NAN, NAN, 0, LETHE_LIKE_UNKNOWN};
    double sum = 0, square = 0;
    for (size_t i = 0; i < k; i++)
        if (!isnan(retrains[i])) {
            sum += retrains[i];
            shown->k++;
        }
    if (!shown->k)
        return;
    shown->retrain = sum / (double)shown->k;
    if (shown->k < 3)
        return;
    for (size_t i = 0; i < k; i++)
        if (!isnan(retrains[i]))
            square += (retrains[i] - shown->retrain) * (retrains[i] - shown->retrain);
    shown->sd = sqrt(square / (double)(shown->k - 1));
    double scale = fabs(shown->retrain);
    scale = fmax(scale, fabs(before)); /* fmax leaves a NAN out */
    scale = fmax(scale, fabs(now));
    if (shown->sd <= LETHE_ROUNDING * scale)
        shown->sd = 0;
    if (shown->sd > 0)
        shown->z = (now - shown->retrain) / shown->sd;
    struct lethe_equivalence e;
    lethe_equivalence_one(&e, now, retrains, k, LETHE_BOUND_OF_ONE);
    shown->says = e.verdict;
}

int lethe_over_unlearned(const struct lethe_shown *auc, const struct lethe_shown *forget_loss)
{
    /* a comparison with NAN is false: without retrains nothing is flagged */
    return (auc->k >= 5 && auc->z < -2) || forget_loss->z > 2;
}
