/* SPDX-License-Identifier: MIT
 * U-LiRA (Hayes et al., 2024; Kurmanji et al., NeurIPS 2023): can a sample that was learnt and
 * removed be told from one never seen, by its margin under a model? For each sample a Gaussian over
 * the models that unlearned it and one over those that never saw it; every margin is judged by
 * Gaussians fitted without it, so that nothing is scored by itself. Chance is 0.5.
 * Check: margins of both kinds from one distribution give 0.5 within 3 / sqrt(2 N n). */
#include "lethe/audit.h"

#include <math.h>

#include "base/alloc.h"
#include "eval/gauss.h"
#include "eval/measure.h"

/* Mean and sd of column i without model `without` (models: none is left out). Two passes: the
 * margins may be far from 0. */
static double fitted(double x, const struct lethe_margins *m, size_t i, size_t without)
{
    double sum = 0, square = 0, count = (double)(m->models - (without < m->models));
    for (size_t k = 0; k < m->models; k++)
        if (k != without)
            sum += m->phi[k * m->n + i];
    double mean = sum / count;
    for (size_t k = 0; k < m->models; k++)
        if (k != without)
            square += (m->phi[k * m->n + i] - mean) * (m->phi[k * m->n + i] - mean);
    return lethe_log_normal(x, mean, sqrt(square / (count - 1)));
}

/* Log ratio "unlearned over never seen" of each margin of one kind: ratio is (models, n). */
static void judge(double *ratio, const struct lethe_ensembles *e, int unlearned)
{
    const struct lethe_margins *own = unlearned ? &e->unlearned : &e->retrained;
    for (size_t k = 0; k < own->models; k++)
        for (size_t i = 0; i < own->n; i++) {
            double x = own->phi[k * own->n + i];
            ratio[k * own->n + i] =
                fitted(x, &e->unlearned, i, unlearned ? k : e->unlearned.models) -
                fitted(x, &e->retrained, i, unlearned ? e->retrained.models : k);
        }
}

/* Share of right answers for sample i, both kinds weighing the same. */
static double sample_accuracy(const double *member, const double *other,
                              const struct lethe_ensembles *e, size_t i)
{
    double right = 0, wrong = 0;
    size_t n = e->unlearned.n;
    for (size_t k = 0; k < e->unlearned.models; k++)
        right += member[k * n + i] > 0;
    for (size_t k = 0; k < e->retrained.models; k++)
        wrong += other[k * n + i] > 0;
    return 0.5 * (1 + right / (double)e->unlearned.models - wrong / (double)e->retrained.models);
}

enum lethe_err lethe_ulira_measure(struct lethe_ulira *ulira, const struct lethe_ensembles *models,
                                   struct lethe_error *err)
{
    size_t ku = models->unlearned.models, kr = models->retrained.models;
    size_t n = models->unlearned.n, least = ku < kr ? ku : kr;
    if (least < LETHE_AUDIT_MODELS || !n) {
        lethe_measure_needs(&ulira->accuracy, "N", n ? least : 0, LETHE_AUDIT_MODELS);
        ulira->auc = ulira->worst = ulira->accuracy;
        return LETHE_OK;
    }
    double *member = lethe_alloc(ku + kr, n * sizeof *member);
    if (!member)
        return lethe_fail_memory(err, "U-LiRA", ku + kr, n * sizeof *member);
    double *other = member + ku * n, sum = 0, worst = 0;
    judge(member, models, 1);
    judge(other, models, 0);
    for (size_t i = 0; i < n; i++) {
        double accuracy = sample_accuracy(member, other, models, i);
        sum += accuracy;
        worst = fmax(worst, accuracy);
    }
    lethe_measure_set(&ulira->accuracy, sum / (double)n);
    lethe_measure_set(&ulira->worst, worst);
    const struct lethe_pool pool = {member, other, ku * n, kr * n};
    enum lethe_err code = lethe_auc(&ulira->auc, &pool, err);
    ulira->auc.low = ulira->auc.high = NAN; /* margins of one model are not independent */
    lethe_free(member);
    return code;
}
