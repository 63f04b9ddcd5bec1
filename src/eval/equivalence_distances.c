/* SPDX-License-Identifier: MIT
 * Mean distance between two groups of models less the mean distance within one of them,
 *   D = mean_{i,j} d(u_i, r_j) - mean_{i != j} d(r_i, r_j),
 * has terms that share models: its error is the jackknife's over both groups (Arvesen, Annals of
 * Mathematical Statistics 1969), each model left out in turn. */
#include <math.h>

#include "lethe/equivalence.h"

struct sums {
    const double *own, *among; /* (n, k), (k, k) */
    size_t n, k;
    double own_sum, among_sum; /* the diagonal left out */
};

static double row(const double *x, size_t width, size_t i, int square)
{
    double sum = 0;
    for (size_t j = 0; j < width; j++)
        sum += square && j == i ? 0 : x[i * width + j];
    return sum;
}

static double column(const double *x, size_t height, size_t width, size_t j, int square)
{
    double sum = 0;
    for (size_t i = 0; i < height; i++)
        sum += square && j == i ? 0 : x[i * width + j];
    return sum;
}

static double off_diagonal(size_t k)
{
    return (double)k * (double)(k - 1);
}

/* D without removal i. */
static double without_removal(const struct sums *s, size_t i)
{
    const double own = s->own_sum - row(s->own, s->k, i, 0);
    return own / ((double)(s->n - 1) * (double)s->k) - s->among_sum / off_diagonal(s->k);
}

/* D without retrain j. */
static double without_retrain(const struct sums *s, size_t j)
{
    const double own = s->own_sum - column(s->own, s->n, s->k, j, 0);
    const double among =
        s->among_sum - row(s->among, s->k, j, 1) - column(s->among, s->k, s->k, j, 1);
    return own / ((double)s->n * (double)(s->k - 1)) - among / off_diagonal(s->k - 1);
}

/* (count - 1) / count times the squared distances of the values left to their mean. */
static double jackknife(const struct sums *s, double (*without)(const struct sums *, size_t),
                        size_t count)
{
    double mean = 0, square = 0;
    for (size_t i = 0; i < count; i++)
        mean += without(s, i) / (double)count;
    for (size_t i = 0; i < count; i++)
        square += (without(s, i) - mean) * (without(s, i) - mean);
    return square * (double)(count - 1) / (double)count;
}

/* Standard deviation of a retrain's mean distance to the others. */
static double spread(const struct sums *s)
{
    const double mean = s->among_sum / off_diagonal(s->k);
    double square = 0;
    for (size_t j = 0; j < s->k; j++) {
        const double off = row(s->among, s->k, j, 1) / (double)(s->k - 1) - mean;
        square += off * off;
    }
    return sqrt(square / (double)(s->k - 1));
}

void lethe_equivalence_distances(struct lethe_equivalence *e, const double *own, size_t n,
                                 const double *among, size_t k, double bound)
{
    struct sums s = {own, among, n, k, 0, 0};
    struct lethe_equivalence_input in = {.difference = NAN};
    if (n < 2 || k < 3) {
        lethe_equivalence_judge(e, &in);
        return;
    }
    for (size_t i = 0; i < n; i++)
        s.own_sum += row(own, k, i, 0);
    for (size_t j = 0; j < k; j++)
        s.among_sum += row(among, k, j, 1);
    const double a = jackknife(&s, without_removal, n), b = jackknife(&s, without_retrain, k);
    const double parts = a * a / (double)(n - 1) + b * b / (double)(k - 1);
    const double to_retrains = s.own_sum / ((double)n * (double)k);
    in.difference = to_retrains - s.among_sum / off_diagonal(k);
    in.error = sqrt(a + b);
    in.freedom = parts > 0 ? (a + b) * (a + b) / parts : (double)(n + k - 2);
    in.bound = bound * spread(&s);
    in.scale = fmax(fabs(to_retrains), fabs(s.among_sum / off_diagonal(k)));
    lethe_equivalence_judge(e, &in);
}
