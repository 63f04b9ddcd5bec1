/* SPDX-License-Identifier: MIT
 * Relearning time and its ratio to the retrained model's (anamnesis index, Chundawat et al., TIFS
 * 2023): a sample that is quickly learnt again was not forgotten.
 * Check: losses 3 2 1 reach 1.5 at step 2. */
#include "lethe/audit.h"

#include <stdint.h>

#include "eval/measure.h"

size_t lethe_relearn_steps(const double *losses, size_t count, double target)
{
    for (size_t k = 0; k < count; k++)
        if (losses[k] <= target)
            return k;
    return SIZE_MAX;
}

void lethe_relearn_ratio(struct lethe_measure *ratio, size_t steps_now, size_t steps_retrain)
{
    if (steps_retrain == SIZE_MAX)
        lethe_measure_absent(ratio, "n/a (the retrained model never relearnt)");
    else if (steps_retrain == 0)
        lethe_measure_absent(ratio, "n/a (the retrained model knows them already)");
    else if (steps_now == SIZE_MAX)
        lethe_measure_absent(ratio, "n/a (never relearnt)");
    else
        lethe_measure_set(ratio, (double)steps_now / (double)steps_retrain);
}
