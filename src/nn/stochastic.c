/* SPDX-License-Identifier: MIT
 * Steps of the minimisers that see one mini-batch at a time. */
#include "nn/optim.h"

#include <math.h>

void lethe_sgd_step(double *w, double *velocity, const double *g, size_t n, double rate,
                    double momentum)
{
    for (size_t i = 0; i < n; i++) {
        velocity[i] = momentum * velocity[i] + g[i];
        w[i] -= rate * velocity[i];
    }
}

void lethe_adam_step(double *w, double *moments, const double *g, size_t n, double rate, long step)
{
    const double keep1 = 0.9, keep2 = 0.999, epsilon = 1e-8;
    double *first = moments, *second = moments + n;
    double unbias1 = 1 - pow(keep1, (double)step), unbias2 = 1 - pow(keep2, (double)step);
    for (size_t i = 0; i < n; i++) {
        first[i] = keep1 * first[i] + (1 - keep1) * g[i];
        second[i] = keep2 * second[i] + (1 - keep2) * g[i] * g[i];
        w[i] -= rate * (first[i] / unbias1) / (sqrt(second[i] / unbias2) + epsilon);
    }
}
