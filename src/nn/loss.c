/* SPDX-License-Identifier: MIT
 * Cross-entropy of logits, stable for any finite input. Check: z = (1, 2, 3), y = 1 gives
 * 1.4076059644443803. */
#include "lethe/nn.h"

#include <math.h>

/* Fills p with softmax(z) and returns logsumexp(z). */
static double softmax_row(double *p, const double *z, size_t classes)
{
    double top = z[0], sum = 0;
    for (size_t c = 1; c < classes; c++)
        top = z[c] > top ? z[c] : top;
    for (size_t c = 0; c < classes; c++)
        sum += p[c] = exp(z[c] - top);
    for (size_t c = 0; c < classes; c++)
        p[c] /= sum;
    return top + log(sum);
}

static double logsumexp(const double *z, size_t classes)
{
    double top = z[0], sum = 0;
    for (size_t c = 1; c < classes; c++)
        top = z[c] > top ? z[c] : top;
    for (size_t c = 0; c < classes; c++)
        sum += exp(z[c] - top);
    return top + log(sum);
}

double lethe_cross_entropy(double *losses, double *dlogits, const double *logits, const int *labels,
                           size_t n, size_t classes, double weight)
{
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        const double *z = logits + i * classes;
        double *d = dlogits ? dlogits + i * classes : NULL;
        double lse = d ? softmax_row(d, z, classes) : logsumexp(z, classes);
        losses[i] = lse - z[labels[i]];
        total += losses[i];
        if (!d)
            continue;
        d[labels[i]] -= 1;
        for (size_t c = 0; c < classes; c++)
            d[c] *= weight;
    }
    return total;
}

void lethe_softmax(double *probabilities, const double *logits, size_t n, size_t classes)
{
    for (size_t i = 0; i < n; i++)
        softmax_row(probabilities + i * classes, logits + i * classes, classes);
}
