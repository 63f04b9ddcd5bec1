/* SPDX-License-Identifier: MIT
 * Welch's t for two means and the two one-sided tests of equivalence (Schuirmann, Journal of
 * Pharmacokinetics and Biopharmaceutics 1987), which reject together when the 90 % interval of the
 * difference lies within -bound ... bound.
 *   error^2 = v1 / n + v2 / k      freedom = error^4 / (v1^2 / (n^2 (n-1)) + v2^2 / (k^2 (k-1)))
 * One model is tested by the prediction interval of a further retrain, error^2 = v (1 + 1 / k);
 * that it lies within the bound of the retrains' mean has the mean's error alone, v / k. Check: (1,
 * 2, 3, 4) against (3, 4, 5, 6): difference -2, error 0.9129, z -2.1909, p 0.0710. */
#include "lethe/equivalence.h"

#include <math.h>

#include "eval/interval.h"

static const double level = 0.05;

struct group {
    double mean, variance, largest; /* variance: divisor count - 1 */
    size_t count;
};

static struct group group_of(const double *x, size_t n)
{
    struct group g = {0};
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i])) {
            g.mean += x[i];
            g.largest = fmax(g.largest, fabs(x[i]));
            g.count++;
        }
    g.mean /= (double)g.count;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i]))
            g.variance += (x[i] - g.mean) * (x[i] - g.mean);
    g.variance = g.count > 1 ? g.variance / (double)(g.count - 1) : 0;
    return g;
}

static enum lethe_likeness answer(int alike, int different)
{
    return alike ? LETHE_LIKE_RETRAINED : different ? LETHE_LIKE_DIFFERENT : LETHE_LIKE_UNDECIDED;
}

/* Without spread there is nothing to test: what differs, differs. */
static void decide(struct lethe_equivalence *e)
{
    if (e->error > 0)
        e->verdict = answer(e->low > -e->bound && e->high < e->bound, e->p < level);
    else
        e->verdict = answer(fabs(e->difference) <= e->bound, 1);
}

static void unknown(struct lethe_equivalence *e)
{
    *e = (struct lethe_equivalence){NAN, NAN, NAN, NAN, NAN, NAN, NAN, LETHE_LIKE_UNKNOWN};
}

/* inner: error of the interval, where it is not that of the difference. */
static void judge(struct lethe_equivalence *e, const struct lethe_equivalence_input *in,
                  double inner)
{
    const double rounding = LETHE_ROUNDING * in->scale;
    if (isnan(in->difference)) {
        unknown(e);
        return;
    }
    *e = (struct lethe_equivalence){.difference = in->difference,
                                    .error = in->error > rounding ? in->error : 0,
                                    .z = NAN,
                                    .p = NAN,
                                    .bound = fmax(in->bound, rounding)};
    double reach = 0;
    if (e->error > 0) {
        e->z = in->difference / in->error;
        e->p = 2 * lethe_t_cdf(-fabs(e->z), in->freedom);
        reach = inner * lethe_t_quantile(1 - level, in->freedom);
    }
    e->low = in->difference - reach;
    e->high = in->difference + reach;
    decide(e);
}

void lethe_equivalence_judge(struct lethe_equivalence *e, const struct lethe_equivalence_input *in)
{
    judge(e, in, in->error);
}

void lethe_equivalence_means(struct lethe_equivalence *e, const double *now, size_t n,
                             const double *retrains, size_t k, double bound)
{
    const struct group a = group_of(now, n), b = group_of(retrains, k);
    const double na = (double)a.count, nb = (double)b.count;
    if (a.count < 2 || b.count < 3) {
        unknown(e);
        return;
    }
    const double va = a.variance / na, vb = b.variance / nb, square = va + vb;
    const double spread = va * va / (na - 1) + vb * vb / (nb - 1);
    const struct lethe_equivalence_input in = {
        .difference = a.mean - b.mean,
        .error = sqrt(square),
        .freedom = spread > 0 ? square * square / spread : na + nb - 2,
        .bound = bound * sqrt(b.variance),
        .scale = fmax(a.largest, b.largest),
    };
    lethe_equivalence_judge(e, &in);
}

void lethe_equivalence_one(struct lethe_equivalence *e, double now, const double *retrains,
                           size_t k, double bound)
{
    const struct group b = group_of(retrains, k);
    const double count = (double)b.count, sd = sqrt(b.variance);
    if (b.count < 3 || isnan(now)) {
        unknown(e);
        return;
    }
    const struct lethe_equivalence_input in = {
        .difference = now - b.mean,
        .error = sd * sqrt(1 + 1 / count),
        .freedom = count - 1,
        .bound = bound * sd,
        .scale = fmax(fabs(now), b.largest),
    };
    judge(e, &in, sd / sqrt(count));
}

void lethe_equivalence_one_sided(struct lethe_equivalence *e, int sign)
{
    if (e->verdict == LETHE_LIKE_UNKNOWN)
        return;
    const double worst = sign > 0 ? e->high : -e->low, off = sign * e->difference;
    const double p = off > 0 ? e->p / 2 : 1 - e->p / 2;
    if (e->error > 0)
        e->verdict = answer(worst < e->bound, p < level);
    else
        e->verdict = answer(off <= e->bound, 1);
}

const char *lethe_likeness_words(enum lethe_likeness verdict)
{
    static const char *const words[] = {
        [LETHE_LIKE_UNKNOWN] = "",
        [LETHE_LIKE_RETRAINED] = "as retraining",
        [LETHE_LIKE_DIFFERENT] = "different",
        [LETHE_LIKE_UNDECIDED] = "cannot tell",
    };
    return words[verdict];
}
