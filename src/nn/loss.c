/* SPDX-License-Identifier: MIT
 * Cross-entropy and softmax in double, shifted by the largest logit. Check: logits (0, ln 3) and
 * label 0 cost ln 4. */
#include "lethe/nn.h"

#include <math.h>

static double softmax_row(double *p, const double *z, size_t classes)
{
    double top = z[0], sum = 0;
    for (size_t c = 1; c < classes; c++)
        top = z[c] > top ? z[c] : top;
    for (size_t c = 0; c < classes; c++) {
        double e = exp(z[c] - top);
        sum += e;
        if (p)
            p[c] = e;
    }
    for (size_t c = 0; p && c < classes; c++)
        p[c] /= sum;
    return top + log(sum);
}

double lethe_cross_entropy(double *losses, double *dlogits, const double *logits, const int *labels,
                           size_t n, size_t classes, double weight)
{
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        const double *z = logits + i * classes;
        double *d = dlogits ? dlogits + i * classes : NULL;
        size_t y = (size_t)labels[i];
        double loss = softmax_row(d, z, classes) - z[y];
        if (losses)
            losses[i] = loss;
        total += loss;
        if (d)
            d[y] -= 1;
        for (size_t c = 0; d && c < classes; c++)
            d[c] *= weight;
    }
    return total;
}

void lethe_softmax(double *probabilities, const double *logits, size_t n, size_t classes)
{
    for (size_t i = 0; i < n; i++)
        softmax_row(probabilities + i * classes, logits + i * classes, classes);
}
