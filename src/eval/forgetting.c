/* SPDX-License-Identifier: MIT
 * The forgetting quality of the NeurIPS 2023 unlearning competition (Triantafillou et al., 2024).
 * Per sample, tests that tell the margins of N unlearned from those of N retrained models give
 *   eps = max(log((1 - d - FPR) / FNR), log((1 - d - FNR) / FPR)), d = 1e-5,
 * over all single thresholds (above = the kind with the larger median) and all intervals (inside =
 * the kind with the smaller range); both rates 0: infinite; exactly one 0: the test is discarded.
 * eps is clipped to [0, 50] and is 50 when one range is below 1 % of the other.
 * H = 2 / 2^n, n = the bin of eps of width 0.5, counted from 1; beyond ceil(log(N - 1)) H = 0.
 * Check: the same margins twice: eps 0, H 1; separated: eps 50, H 0; N = 512: 14 bins. */
#include "lethe/audit.h"

#include <math.h>

#include "base/alloc.h"
#include "eval/measure.h"
#include "eval/order.h"

static const double delta = 1e-5, eps_most = 50;

/* Sorted margins of one sample: of the two kinds, and the distinct values of both. */
struct columns {
    double *unlearned, *retrained; /* (nu), (nr) */
    double *cuts;                  /* (count) */
    size_t nu, nr, count;
};

static double test_epsilon(double fpr, double fnr)
{
    if (fpr <= 0 && fnr <= 0)
        return eps_most;
    if (fpr <= 0 || fnr <= 0)
        return 0;
    double a = 1 - delta - fpr, b = 1 - delta - fnr, eps = 0;
    if (a > 0)
        eps = fmax(eps, log(a / fnr));
    if (b > 0)
        eps = fmax(eps, log(b / fpr));
    return fmin(eps, eps_most);
}

/* Shares of each kind with low <= phi < high, cut indices; count stands for infinity. */
static double interval_epsilon(const double *below_u, const double *below_r, size_t low,
                               size_t high, int inside_is_unlearned)
{
    double in_u = below_u[high] - below_u[low], in_r = below_r[high] - below_r[low];
    return inside_is_unlearned ? test_epsilon(in_r, 1 - in_u) : test_epsilon(1 - in_r, in_u);
}

static void fill(double *sorted, const struct lethe_margins *m, size_t i)
{
    for (size_t k = 0; k < m->models; k++)
        sorted[k] = m->phi[k * m->n + i];
    lethe_sort(sorted, m->models);
}

static void fill_cuts(struct columns *c)
{
    size_t all = c->nu + c->nr, used = 0;
    for (size_t k = 0; k < all; k++)
        c->cuts[k] = k < c->nu ? c->unlearned[k] : c->retrained[k - c->nu];
    lethe_sort(c->cuts, all);
    for (size_t k = 0; k < all; k++)
        if (!used || c->cuts[k] > c->cuts[used - 1])
            c->cuts[used++] = c->cuts[k];
    c->count = used;
}

static double sample_epsilon(const struct columns *c, double *below_u, double *below_r)
{
    double range_u = c->unlearned[c->nu - 1] - c->unlearned[0];
    double range_r = c->retrained[c->nr - 1] - c->retrained[0];
    if (fmin(range_u, range_r) < 0.01 * fmax(range_u, range_r))
        return eps_most;
    for (size_t k = 0; k <= c->count; k++) {
        int end = k == c->count;
        below_u[k] =
            end ? 1 : (double)lethe_count_below(c->unlearned, c->nu, c->cuts[k]) / (double)c->nu;
        below_r[k] =
            end ? 1 : (double)lethe_count_below(c->retrained, c->nr, c->cuts[k]) / (double)c->nr;
    }
    int upper =
        lethe_quantile(c->unlearned, c->nu, 0.5) >= lethe_quantile(c->retrained, c->nr, 0.5);
    int inside = range_u <= range_r;
    double eps = 0;
    for (size_t low = 0; low < c->count; low++) {
        eps = fmax(eps, interval_epsilon(below_u, below_r, low, c->count, upper));
        for (size_t high = low + 1; high <= c->count; high++)
            eps = fmax(eps, interval_epsilon(below_u, below_r, low, high, inside));
    }
    return eps;
}

static double sample_quality(double eps, double limit)
{
    return eps >= limit ? 0 : 2 / exp2(floor(eps / 0.5) + 1);
}

enum lethe_err lethe_forgetting_measure(struct lethe_forgetting *forgetting, double *epsilon,
                                        const struct lethe_ensembles *models,
                                        struct lethe_error *err)
{
    size_t nu = models->unlearned.models, nr = models->retrained.models;
    size_t n = models->unlearned.n, least = nu < nr ? nu : nr, all = nu + nr;
    forgetting->epsilon_limit = least > 1 ? ceil(log((double)(least - 1))) : 0;
    if (least < LETHE_AUDIT_MODELS || !n) {
        lethe_measure_needs(&forgetting->quality, "N", n ? least : 0, LETHE_AUDIT_MODELS);
        for (size_t i = 0; epsilon && i < n; i++)
            epsilon[i] = NAN;
        return LETHE_OK;
    }
    double *work = lethe_alloc(4 * all + 2, sizeof *work);
    if (!work)
        return lethe_fail_memory(err, "the forgetting score", 4 * all + 2, sizeof *work);
    struct columns c = {work, work + nu, work + all, nu, nr, 0};
    double *below_u = work + 2 * all, *below_r = below_u + all + 1, sum = 0;
    for (size_t i = 0; i < n; i++) {
        fill(c.unlearned, &models->unlearned, i);
        fill(c.retrained, &models->retrained, i);
        fill_cuts(&c);
        double eps = sample_epsilon(&c, below_u, below_r);
        sum += sample_quality(eps, forgetting->epsilon_limit);
        if (epsilon)
            epsilon[i] = eps;
    }
    lethe_measure_set(&forgetting->quality, sum / (double)n);
    lethe_free(work);
    return LETHE_OK;
}

double lethe_forgetting_score(double quality, const struct lethe_figures *now,
                              const struct lethe_figures *retrain)
{
    return quality * now->retain.accuracy / retrain->retain.accuracy * now->heldout.accuracy /
           retrain->heldout.accuracy;
}
