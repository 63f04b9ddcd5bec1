/* SPDX-License-Identifier: MIT
 * Recovery of many models: with P the mean over a group of models of what they say about the forget
 * samples, as probabilities or centred logits,
 *   recovery = 1 - |P_removed - P_retrained| / |P_original - P_retrained|,
 * the originals in the place of the control. The spread of single models averages out. */
#include <math.h>

#include "base/alloc.h"
#include "study/audit_groups.h"

/* A row as it is compared, added to `to` with a weight. */
static void add_row(double *to, const double *z, size_t classes, int probs, double weight)
{
    double top = z[0], sum = 0;
    for (size_t k = 1; k < classes; k++)
        top = fmax(top, z[k]);
    for (size_t k = 0; k < classes; k++)
        sum += probs ? exp(z[k] - top) : z[k] / (double)classes;
    for (size_t k = 0; k < classes; k++)
        to[k] += weight * (probs ? exp(z[k] - top) / sum : z[k] - sum);
}

enum lethe_err lethe_audit_groups_recovery(double *recovery, const struct lethe_audit_records *r,
                                           int probs, struct lethe_error *err)
{
    const size_t size = r->count[0] * r->classes;
    double *mean = lethe_alloc_zero(LETHE_GROUPS, size * sizeof *mean), missed = 0, whole = 0;
    if (!mean)
        return lethe_fail_memory(err, "mean predictions", LETHE_GROUPS, size * sizeof *mean);
    for (int group = 0; group < LETHE_GROUPS; group++)
        for (size_t k = 0; k < r->n; k++)
            for (size_t i = 0; i < size; i += r->classes)
                add_row(mean + (size_t)group * size + i, r->at[group][k].logits + i, r->classes,
                        probs, 1 / (double)r->n);
    const double *before = mean, *now = mean + LETHE_NOW * size,
                 *retrained = mean + LETHE_RETRAINED * size;
    for (size_t i = 0; i < size; i++) {
        missed += (now[i] - retrained[i]) * (now[i] - retrained[i]);
        whole += (before[i] - retrained[i]) * (before[i] - retrained[i]);
    }
    *recovery = whole > 0 ? 1 - sqrt(missed / whole) : NAN;
    lethe_free(mean);
    return LETHE_OK;
}
