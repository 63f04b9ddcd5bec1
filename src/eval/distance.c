/* SPDX-License-Identifier: MIT
 * Distances between the predictions p (now) and q (retrained) on the same samples:
 *   KL   = mean sum_c q log(q / p)                    from log-softmax, so no p is ever 0
 *   JS   = mean (KL(p || a) + KL(q || a)) / 2,        a = (p + q) / 2
 *   activation distance = mean |p - q|_2 (Chundawat et al., AAAI 2023), churn = share of
 * different predictions. Check: p = (1/2, 1/2), q = (3/4, 1/4): KL 0.130812, JS 0.033822. */
#include "lethe/eval.h"

#include <math.h>

#include "eval/rows.h"

/* log sum exp of a row; *best is its first largest entry. */
static double row_normaliser(const double *z, size_t classes, size_t *best)
{
    *best = lethe_row_argmax(z, classes);
    double others = 0;
    for (size_t c = 0; c < classes; c++)
        if (c != *best)
            others += exp(z[c] - z[*best]);
    return z[*best] + log1p(others);
}

/* p log(p / ((p + q) / 2)) from logarithms; 0 for p = 0. */
static double toward_middle(double p, double log_p, double log_q)
{
    double further = log_q - log_p;
    if (p == 0)
        return 0;
    double middle = further > 0 ? further + log1p(exp(-further)) : log1p(exp(further));
    return p * (0.69314718055994530942 - middle);
}

static void add_row(struct lethe_distance *sum, const double *now, const double *retrain,
                    size_t classes)
{
    size_t best_now, best_retrain;
    double lse_now = row_normaliser(now, classes, &best_now);
    double lse_retrain = row_normaliser(retrain, classes, &best_retrain);
    double kl = 0, js = 0, square = 0;
    for (size_t c = 0; c < classes; c++) {
        double log_p = now[c] - lse_now, log_q = retrain[c] - lse_retrain;
        double p = exp(log_p), q = exp(log_q);
        if (q > 0)
            kl += q * (log_q - log_p);
        js += 0.5 * (toward_middle(p, log_p, log_q) + toward_middle(q, log_q, log_p));
        square += (p - q) * (p - q);
    }
    sum->kl += fmax(0, kl); /* rounding may leave -1e-17 between equal rows */
    sum->js += fmax(0, js);
    sum->activation += sqrt(square);
    sum->churn += best_now != best_retrain;
}

void lethe_distance_measure(struct lethe_distance *distance, const double *logits_now,
                            const double *logits_retrain, size_t n, size_t classes)
{
    struct lethe_distance sum = {0, 0, 0, 0};
    for (size_t i = 0; i < n; i++)
        add_row(&sum, logits_now + i * classes, logits_retrain + i * classes, classes);
    double count = (double)n; /* n = 0 gives NAN, as it should */
    *distance = (struct lethe_distance){sum.kl / count, sum.js / count, sum.activation / count,
                                        sum.churn / count};
}

double lethe_distance_nearer(double before, double now)
{
    const double rounding = 1e-15; /* of a sum of p log(p / q) in double */
    return before > rounding || now > rounding ? before / fmax(now, rounding) : NAN;
}

double lethe_kl_to_retrains(const double *logits_now, const double *const *retrains, size_t models,
                            size_t n, size_t classes)
{
    double sum = 0;
    for (size_t k = 0; k < models; k++) {
        struct lethe_distance distance;
        lethe_distance_measure(&distance, logits_now, retrains[k], n, classes);
        sum += distance.kl;
    }
    return models ? sum / (double)models : NAN;
}

double lethe_noise_floor(const double *const *logits, size_t models, size_t n, size_t classes)
{
    double sum = 0;
    for (size_t k = 0; k < models; k++) /* a model's distance to itself adds nothing */
        sum += lethe_kl_to_retrains(logits[k], logits, models, n, classes);
    return models < 2 ? NAN : sum / (double)(models - 1);
}
