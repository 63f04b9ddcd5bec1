/* SPDX-License-Identifier: MIT
 * Intervals: Clopper and Pearson (Biometrika 1934) by inverting the binomial tail through the
 * incomplete beta function; the score interval of an AUC after Newcombe (Statistics in Medicine
 * 2006, method 5), whose variance is
 *   V(t) = t (1 - t) (1 + N (1 - t) / (2 - t) + N t / (1 + t)) / (m n),  N = (m + n) / 2 - 1.
 * Student's t comes from the same beta function: P(T < -t) = I_{v / (v + t^2)}(v / 2, 1/2) / 2.
 * Check: 3 of 10 gives [0.066740, 0.652453]; 0 of 10 gives [0, 0.308497]; the 95 % point of t with
 * 61 degrees of freedom is 1.670219. */
#include "eval/interval.h"

#include <math.h>

static const double z95 = 1.959963984540054;

double lethe_normal_cdf(double x)
{
    return 0.5 * erfc(-x * 0.70710678118654752440);
}

/* Bisection on the distribution function down to the last bit. */
double lethe_normal_quantile(double p)
{
    if (p > 0.5)
        return -lethe_normal_quantile(1 - p);
    double low = -40, high = 0;
    for (int i = 0; i < 60; i++) {
        double middle = 0.5 * (low + high);
        if (lethe_normal_cdf(middle) < p)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

/* Continued fraction of the incomplete beta function (Lentz), for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double x, double a, double b)
{
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double f = d;
    for (int k = 1; k < 10000; k++) {
        double even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k));
        double odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1));
        double terms[2] = {even, odd}, step = 1;
        for (int half = 0; half < 2; half++) {
            d = 1 + terms[half] * d;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = 1 + terms[half] / c;
            if (fabs(c) < tiny)
                c = tiny;
            step = c * d;
            f *= step;
        }
        if (fabs(step - 1) < 1e-15)
            break;
    }
    return f;
}

double lethe_beta_cdf(double x, double a, double b)
{
    if (x <= 0)
        return 0;
    if (x >= 1)
        return 1;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(x, a, b) / a;
    return 1 - front * beta_fraction(1 - x, b, a) / b;
}

double lethe_t_cdf(double t, double freedom)
{
    const double tail = 0.5 * lethe_beta_cdf(freedom / (freedom + t * t), freedom / 2, 0.5);
    return t < 0 ? tail : 1 - tail;
}

/* Bisection, after the end of the interval was moved far enough out. */
double lethe_t_quantile(double p, double freedom)
{
    if (p > 0.5)
        return -lethe_t_quantile(1 - p, freedom);
    double low = -1, high = 0;
    while (lethe_t_cdf(low, freedom) > p && low > -1e300)
        low *= 2;
    for (int i = 0; i < 100; i++) {
        const double middle = 0.5 * (low + high);
        if (lethe_t_cdf(middle, freedom) < p)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

static double beta_quantile(double p, double a, double b)
{
    double low = 0, high = 1;
    for (int i = 0; i < 60; i++) {
        double middle = 0.5 * (low + high);
        if (lethe_beta_cdf(middle, a, b) < p)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

void lethe_clopper_pearson(double *low, double *high, size_t hits, size_t n)
{
    double k = (double)hits, rest = (double)(n - hits);
    *low = hits == 0 ? 0 : beta_quantile(0.025, k, rest + 1);
    *high = hits == n ? 1 : beta_quantile(0.975, k + 1, rest);
}

/* (t - auc)^2 - z^2 V(t): negative inside the interval. */
static double score_excess(double t, double auc, double m, double n)
{
    double pairs = 0.5 * (m + n) - 1;
    double spread = t * (1 - t) * (1 + pairs * (1 - t) / (2 - t) + pairs * t / (1 + t)) / (m * n);
    return (t - auc) * (t - auc) - z95 * z95 * spread;
}

static double score_end(double inside, double end, double auc, double m, double n)
{
    if (score_excess(end, auc, m, n) <= 0)
        return end;
    for (int i = 0; i < 60; i++) {
        double middle = 0.5 * (inside + end);
        if (score_excess(middle, auc, m, n) <= 0)
            inside = middle;
        else
            end = middle;
    }
    return inside;
}

void lethe_auc_score_interval(double *low, double *high, double auc, size_t members,
                              size_t nonmembers)
{
    double m = (double)members, n = (double)nonmembers;
    *low = score_end(auc, 0, auc, m, n);
    *high = score_end(auc, 1, auc, m, n);
}
