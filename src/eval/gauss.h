/* SPDX-License-Identifier: MIT
 * Gaussians fitted to a few margins. */
#ifndef LETHE_EVAL_GAUSS_H
#define LETHE_EVAL_GAUSS_H

#include <math.h>

/* A fitted sd never counts for less: a handful of equal margins is not certainty. */
#define LETHE_SD_FLOOR 1e-3

static inline double lethe_log_normal(double x, double mean, double sd)
{
    double s = sd > LETHE_SD_FLOOR ? sd : LETHE_SD_FLOOR, t = (x - mean) / s;
    return -0.5 * t * t - log(s) - 0.91893853320467274178;
}

#endif
