/* SPDX-License-Identifier: MIT
 * Forgetting quality from one pair of models, samples pooled: how well one threshold on a feature
 * of the prediction tells the unlearned from the retrained model. Features: entropy of softmax(z /
 * 2) clipped to [0, 2.5] and log(p_max / (1 - p_max)) clipped to [-2.5, 10]; 51 thresholds, both
 * directions; eps = max(0, min(log((1-d-FPR)/FNR), log((1-d-FNR)/FPR))), d = 1e-5; attack = 1 -
 * 2^-eps; score = 1 - the strongest attack. For comparison with papers that print it: pooling
 * hides what per-sample attacks see. Check: equal models score 1, separated ones 0. */
#include "lethe/audit.h"

#include <math.h>

#include "base/alloc.h"
#include "eval/order.h"
#include "eval/rows.h"

enum { THRESHOLDS = 51 };
static const double delta = 1e-5;

static double softened_entropy(const double *z, size_t classes)
{
    size_t top = lethe_row_argmax(z, classes);
    double sum = 1, moment = 0;
    for (size_t c = 0; c < classes; c++) {
        double t = (z[c] - z[top]) / 2;
        sum += c == top ? 0 : exp(t);
        moment += t * exp(t);
    }
    return fmax(0, fmin(2.5, log(sum) - moment / sum));
}

static double confidence(const double *z, size_t classes)
{
    int predicted = (int)lethe_row_argmax(z, classes);
    const struct lethe_outputs row = {z, &predicted, 1, classes};
    double margin;
    lethe_rows_score(&margin, NULL, NULL, &row);
    return fmax(-2.5, fmin(10, margin));
}

static double attack(double fpr, double fnr)
{
    if (fpr >= 1 - delta || fnr >= 1 - delta)
        return 0;
    if (fpr <= 0 && fnr <= 0)
        return 1;
    double eps = fmin(log(1 - delta - fpr) - log(fnr), log(1 - delta - fnr) - log(fpr));
    return 1 - exp2(-fmax(0, eps));
}

/* The strongest attack on one feature; both arrays sorted. */
static double strongest(const double *now, const double *retrain, size_t n, double low, double high)
{
    double best = 0;
    for (int t = 0; t < THRESHOLDS; t++) {
        double cut = low + (high - low) * t / (THRESHOLDS - 1);
        double now_upto = (double)lethe_count_upto(now, n, cut) / (double)n;
        double retrain_upto = (double)lethe_count_upto(retrain, n, cut) / (double)n;
        best = fmax(best, attack(1 - retrain_upto, now_upto)); /* above: unlearned */
        best = fmax(best, attack(retrain_upto, 1 - now_upto)); /* below: unlearned */
    }
    return best;
}

enum lethe_err lethe_fqs(double *score, const double *logits_now, const double *logits_retrain,
                         size_t n, size_t classes, struct lethe_error *err)
{
    if (!n || classes < 2)
        return lethe_fail(err, LETHE_EARG,
                          "forgetting quality needs samples and two classes, not %zu and %zu", n,
                          classes);
    double *feature = lethe_alloc(n, 4 * sizeof *feature);
    if (!feature)
        return lethe_fail_memory(err, "forgetting quality", n, 4 * sizeof *feature);
    for (size_t i = 0; i < n; i++) {
        feature[i] = softened_entropy(logits_now + i * classes, classes);
        feature[n + i] = softened_entropy(logits_retrain + i * classes, classes);
        feature[2 * n + i] = confidence(logits_now + i * classes, classes);
        feature[3 * n + i] = confidence(logits_retrain + i * classes, classes);
    }
    for (size_t f = 0; f < 4; f++)
        lethe_sort(feature + f * n, n);
    *score = 1 - fmax(strongest(feature, feature + n, n, 0, 2.5),
                      strongest(feature + 2 * n, feature + 3 * n, n, -2.5, 10));
    lethe_free(feature);
    return LETHE_OK;
}
