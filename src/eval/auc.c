/* SPDX-License-Identifier: MIT
 * Area under the ROC curve, ties half: AUC = (#{s_i > t_j} + #{s_i = t_j} / 2) / (m n).
 * Variance of DeLong et al. (Biometrics 1988) from the placements V_i = share of non-members below
 * member i and W_j = share of members above non-member j: var(V) / m + var(W) / n.
 * Placements from fewer than ten, or all equal (complete separation), say too little about their
 * own variance: there Newcombe's score interval is used.
 * Check: scores 3 1 | 2 0 give AUC 0.75. */
#include "lethe/eval.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "eval/interval.h"
#include "eval/measure.h"
#include "eval/order.h"

enum { FEW = 10 };

/* Placements of each x among sorted y: share below, ties half; *mean and *var (divisor nx - 1). */
static void placements(double *mean, double *var, const double *x, size_t nx, const double *y,
                       size_t ny)
{
    double sum = 0, square = 0; /* in half pairs: whole numbers, exact up to 2^53 */
    for (size_t i = 0; i < nx; i++)
        sum += (double)(lethe_count_below(y, ny, x[i]) + lethe_count_upto(y, ny, x[i]));
    double scale = 2 * (double)ny;
    *mean = sum / (scale * (double)nx);
    for (size_t i = 0; i < nx; i++) {
        double twice = (double)(lethe_count_below(y, ny, x[i]) + lethe_count_upto(y, ny, x[i]));
        double off = twice / scale - *mean;
        square += off * off;
    }
    *var = nx > 1 ? square / (double)(nx - 1) : 0;
}

static void delong(struct lethe_measure *auc, const double *member, size_t m,
                   const double *nonmember, size_t n)
{
    double area, below, var_member, var_nonmember;
    placements(&area, &var_member, member, m, nonmember, n);
    placements(&below, &var_nonmember, nonmember, n, member, m);
    lethe_measure_set(auc, area);
    double var = var_member / (double)m + var_nonmember / (double)n;
    if (m < FEW || n < FEW || var <= 0) {
        lethe_auc_score_interval(&auc->low, &auc->high, area, m, n);
        return;
    }
    double half = lethe_normal_quantile(0.975) * sqrt(var);
    auc->low = fmax(0, area - half);
    auc->high = fmin(1, area + half);
}

enum lethe_err lethe_auc(struct lethe_measure *auc, const struct lethe_pool *pool,
                         struct lethe_error *err)
{
    if (!pool->members || !pool->nonmembers) {
        lethe_measure_absent(auc, "n/a (%s)", pool->members ? "no non-members" : "no members");
        return LETHE_OK;
    }
    double *member = lethe_sorted_copy(pool->member, pool->members, "scores", err);
    double *nonmember =
        member ? lethe_sorted_copy(pool->nonmember, pool->nonmembers, "scores", err) : NULL;
    if (nonmember)
        delong(auc, member, pool->members, nonmember, pool->nonmembers);
    enum lethe_err code = nonmember ? LETHE_OK : LETHE_ENOMEM;
    lethe_free(member);
    lethe_free(nonmember);
    return code;
}

enum lethe_err lethe_percentiles(double *percent, const struct lethe_pool *pool,
                                 struct lethe_error *err)
{
    double *sorted = lethe_sorted_copy(pool->nonmember, pool->nonmembers, "losses", err);
    if (!sorted)
        return LETHE_ENOMEM;
    size_t n = pool->nonmembers;
    for (size_t i = 0; i < pool->members; i++) {
        size_t twice = lethe_count_below(sorted, n, pool->member[i]) +
                       lethe_count_upto(sorted, n, pool->member[i]);
        percent[i] = n ? 50.0 * (double)twice / (double)n : NAN;
    }
    lethe_free(sorted);
    return LETHE_OK;
}

enum lethe_err lethe_tpr_at(struct lethe_measure *tpr, const struct lethe_pool *pool, size_t one_in,
                            struct lethe_error *err)
{
    size_t n = pool->nonmembers;
    if (n < one_in || !pool->members) {
        if (!pool->members)
            lethe_measure_absent(tpr, "n/a (no members)");
        else
            lethe_measure_needs(tpr, "N", n, one_in);
        return LETHE_OK;
    }
    double *sorted = lethe_sorted_copy(pool->nonmember, n, "scores", err);
    if (!sorted)
        return LETHE_ENOMEM;
    /* order statistic ceil((1 - f)(N + 1)), f = 1 / one_in, in whole numbers */
    double threshold = sorted[n - (n + 1) / one_in];
    lethe_free(sorted);
    size_t hits = 0;
    for (size_t i = 0; i < pool->members; i++)
        hits += pool->member[i] > threshold;
    lethe_measure_set(tpr, (double)hits / (double)pool->members);
    lethe_clopper_pearson(&tpr->low, &tpr->high, hits, pool->members);
    return LETHE_OK;
}
