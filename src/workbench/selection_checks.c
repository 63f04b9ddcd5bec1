/* SPDX-License-Identifier: MIT
 * What was found out about the selection: kept and dropped. */
#include "workbench/selection_checks.h"

#include <math.h>

#include "base/alloc.h"
#include "study/probe.h"
#include "workbench/workbench.h"

void lethe_selection_checks_release(struct lethe_selection_checks *checks)
{
    lethe_free(checks->stable.times);
    lethe_free(checks->seen.activation);
    lethe_free(checks->seen.loss);
    *checks = (struct lethe_selection_checks){0};
}

void lethe_workbench_saw(struct lethe_workbench *wb, const struct lethe_probe *probe, size_t unit,
                         size_t given, const struct lethe_codec_value *score)
{
    const struct lethe_perturbation *noisy = &probe->noisy;
    struct lethe_seen *seen = &wb->checks.seen;
    double *activation = lethe_alloc(noisy->count, sizeof *activation);
    double *loss = lethe_alloc(noisy->count, sizeof *loss);
    if (!activation || !loss) {
        lethe_free(activation);
        lethe_free(loss);
        return;
    }
    for (size_t i = 0; i < noisy->count; i++) {
        activation[i] = (double)noisy->a[i * noisy->units + unit];
        loss[i] = noisy->loss[i];
    }
    lethe_free(seen->activation);
    lethe_free(seen->loss);
    *seen = (struct lethe_seen){.unit = unit,
                                .sample = probe->sample,
                                .given = given,
                                .count = noisy->count,
                                .activation = activation,
                                .loss = loss,
                                .score = score->defined ? score->value : NAN};
    wb->version++;
}
