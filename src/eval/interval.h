/* SPDX-License-Identifier: MIT
 * Intervals and the distribution functions behind them. */
#ifndef LETHE_EVAL_INTERVAL_H
#define LETHE_EVAL_INTERVAL_H

#include <stddef.h>

double lethe_normal_cdf(double x);
double lethe_normal_quantile(double p); /* p in (0, 1) */
/* Student's t with `freedom` > 0 degrees of freedom; p in (0, 1). */
double lethe_t_cdf(double t, double freedom);
double lethe_t_quantile(double p, double freedom);
/* Regularised incomplete beta function I_x(a, b), a and b > 0, x in [0, 1]. */
double lethe_beta_cdf(double x, double a, double b);
/* Exact two-sided 95 % interval of a share, hits of n; n >= 1. */
void lethe_clopper_pearson(double *low, double *high, size_t hits, size_t n);
/* 95 % score interval of an AUC from the two group sizes alone. */
void lethe_auc_score_interval(double *low, double *high, double auc, size_t members,
                              size_t nonmembers);

#endif
