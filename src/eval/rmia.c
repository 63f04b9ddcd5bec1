/* SPDX-License-Identifier: MIT
 * RMIA with offline reference models (Zarifzadeh et al., ICML 2024):
 *   ratio_x = p(x) / ((1 + a)/2 * mean_out p(x) + (1 - a)/2),
 *   score_x = share of population samples z with ratio_x / ratio_z > gamma.
 * Works from one reference model on. Check: a = 1, one reference, p = (0.9, 0.5) over 0.5, 0.5
 * against z with ratios (1, 2): scores 0.5 and 0. */
#include "lethe/audit.h"

#include <math.h>

#include "base/alloc.h"
#include "eval/order.h"

/* ratio(n) of one group of samples. */
static void ratios(double *ratio, const double *losses, const double *references, size_t n,
                   const struct lethe_rmia *rmia)
{
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t k = 0; k < rmia->models; k++)
            sum += exp(-references[k * n + i]);
        double out = sum / (double)rmia->models;
        double mean = 0.5 * (1 + rmia->offline_a) * out + 0.5 * (1 - rmia->offline_a);
        /* both may underflow to 0: then nothing speaks either way */
        ratio[i] = mean > 0 ? exp(-losses[i]) / mean : 1;
    }
}

enum lethe_err lethe_rmia_scores(double *score, const struct lethe_rmia *rmia,
                                 struct lethe_error *err)
{
    if (!rmia->models || !rmia->z)
        return lethe_fail(err, LETHE_EARG,
                          "RMIA needs a reference model and population samples, not %zu and %zu",
                          rmia->models, rmia->z);
    if (!(rmia->offline_a >= 0 && rmia->offline_a <= 1 && rmia->gamma > 0))
        return lethe_fail(err, LETHE_EARG, "RMIA needs a in [0, 1] and gamma > 0, not %g and %g",
                          rmia->offline_a, rmia->gamma);
    double *population = lethe_alloc(rmia->z, sizeof *population);
    if (!population)
        return lethe_fail_memory(err, "RMIA", rmia->z, sizeof *population);
    ratios(population, rmia->population, rmia->population_references, rmia->z, rmia);
    ratios(score, rmia->target, rmia->references, rmia->n, rmia);
    lethe_sort(population, rmia->z);
    for (size_t i = 0; i < rmia->n; i++) {
        size_t passed = lethe_count_below(population, rmia->z, score[i] / rmia->gamma);
        score[i] = (double)passed / (double)rmia->z;
    }
    lethe_free(population);
    return LETHE_OK;
}
