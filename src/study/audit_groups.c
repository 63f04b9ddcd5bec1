/* SPDX-License-Identifier: MIT
 * Two groups of models: measured, and shuffled. */
#include "study/audit_groups.h"

#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"

enum { SHUFFLE_STREAM = 100 }; /* of LETHE_RNG_EVAL, away from the attacks' own */

/* phi[group][set] of any two groups of n models. */
static enum lethe_err measure(struct lethe_group_figures *figures,
                              const struct lethe_audit_records *records, double *const first[3],
                              double *const second[3], struct lethe_error *err)
{
    struct lethe_group_figures made;
    enum lethe_err code = LETHE_OK;
    for (int s = 0; !code && s < 3; s++) {
        const size_t n = records->count[s];
        const struct lethe_ensembles both = {{first[s], records->n, n}, {second[s], records->n, n}};
        struct lethe_klom klom;
        code = lethe_klom_measure(&klom, NULL, &both, err);
        if (code)
            break;
        made.at[LETHE_GROUP_KLOM + 2 * s] = klom.median;
        made.at[LETHE_GROUP_KLOM_95 + 2 * s] = klom.q95;
        if (s > 0)
            continue;
        struct lethe_ulira ulira;
        struct lethe_forgetting forgetting;
        code = lethe_ulira_measure(&ulira, &both, err);
        if (!code)
            code = lethe_forgetting_measure(&forgetting, NULL, &both, err);
        if (code)
            break;
        made.at[LETHE_GROUP_ULIRA] = ulira.accuracy;
        made.at[LETHE_GROUP_ULIRA_AUC] = ulira.auc;
        made.at[LETHE_GROUP_ULIRA_WORST] = ulira.worst;
        made.at[LETHE_GROUP_FORGETTING] = forgetting.quality;
        made.epsilon_limit = forgetting.epsilon_limit;
    }
    if (!code)
        *figures = made;
    return code;
}

enum lethe_err lethe_audit_groups_measure(struct lethe_group_figures *figures,
                                          const struct lethe_audit_records *records,
                                          enum lethe_group_of_models group, struct lethe_error *err)
{
    return measure(figures, records, records->phi[group], records->phi[LETHE_RETRAINED], err);
}

/* Rows of removals and retrains in the order of `models`: the first n into one group. */
static void deal(double *first, double *second, const struct lethe_audit_records *records, int s,
                 const size_t *models)
{
    const size_t n = records->n, width = records->count[s];
    for (size_t k = 0; k < 2 * n; k++) {
        const size_t from = models[k];
        const double *row = records->phi[from < n ? LETHE_NOW : LETHE_RETRAINED][s];
        double *to = k < n ? first + k * width : second + (k - n) * width;
        memcpy(to, row + (from < n ? from : from - n) * width, width * sizeof *to);
    }
}

enum lethe_err lethe_audit_groups_shuffled(struct lethe_group_figures *figures,
                                           const struct lethe_audit_records *records, uint64_t seed,
                                           uint64_t draw, struct lethe_error *err)
{
    const size_t n = records->n, width = records->count[0] + records->count[1] + records->count[2];
    struct lethe_rng rng;
    size_t *models = lethe_alloc(2 * n, sizeof *models);
    double *phi = lethe_alloc(2 * n, width * sizeof *phi), *first[3], *second[3], *at = phi;
    enum lethe_err code = LETHE_OK;
    if (!models || !phi) {
        code = lethe_fail_memory(err, "shuffled margins", 2 * n, width * sizeof *phi);
        goto out;
    }
    for (size_t k = 0; k < 2 * n; k++)
        models[k] = k;
    lethe_rng_init(&rng, seed, LETHE_RNG_EVAL, SHUFFLE_STREAM, draw);
    lethe_rng_shuffle(&rng, models, 2 * n);
    for (int s = 0; s < 3; s++) {
        first[s] = at;
        second[s] = at + n * records->count[s];
        at += 2 * n * records->count[s];
        deal(first[s], second[s], records, s, models);
    }
    code = measure(figures, records, first, second, err);
out:
    lethe_free(models);
    lethe_free(phi);
    return code;
}
