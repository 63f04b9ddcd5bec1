/* SPDX-License-Identifier: MIT
 * Two sums of gaps to the retrained model: the average gap of Fan et al. (ICLR 2024, SalUn), and
 * the tug of war of Zhao et al. (NeurIPS 2024, RUM), prod (1 - |acc - acc_re|).
 * Check: accuracies 0.5 0.9 0.8 against 0.25 1 0.8, AUC 0.6 against 0.55: gap 0.1, ToW 0.675. */
#include "lethe/eval.h"

#include <math.h>

double lethe_average_gap(const struct lethe_figures *now, const struct lethe_figures *retrain)
{
    /* the percentile is 100 (1 - AUC), and defined for one forget sample too */
    const double gaps[] = {
        fabs(now->forget.accuracy - retrain->forget.accuracy),
        fabs(now->retain.accuracy - retrain->retain.accuracy),
        fabs(now->heldout.accuracy - retrain->heldout.accuracy),
        fabs(now->attack.percentile.value - retrain->attack.percentile.value) / 100,
    };
    double sum = 0;
    size_t used = 0;
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++)
        if (!isnan(gaps[i])) {
            sum += gaps[i];
            used++;
        }
    return used ? sum / (double)used : NAN;
}

double lethe_tug_of_war(const struct lethe_figures *now, const struct lethe_figures *retrain)
{
    return (1 - fabs(now->forget.accuracy - retrain->forget.accuracy)) *
           (1 - fabs(now->retain.accuracy - retrain->retain.accuracy)) *
           (1 - fabs(now->heldout.accuracy - retrain->heldout.accuracy));
}
