/* SPDX-License-Identifier: MIT
 * LiRA (Carlini et al., S&P 2022): a Gaussian per sample over shadow models that were trained on it
 * and one over those that were not; centre = median.
 *   online  score = log N(phi; in) - log N(phi; out)      offline score = Phi((phi - out) / s_out)
 * With fewer than 16 shadows on a side the spread is pooled over the samples: root mean square
 * distance to each sample's own median, for each side from its own models.
 * Check: phi 2, in (1.9, 2.0, 2.1), out (-0.1, 0, 0.1): log ratio 300 with both sds sqrt(2/300). */
#include "lethe/audit.h"

#include <math.h>

#include "base/alloc.h"
#include "eval/gauss.h"
#include "eval/interval.h"
#include "eval/order.h"

enum { LEAST = 2, OWN_SPREAD = 16 };

struct side {
    double centre, square; /* median; sum of squared distances to it */
    size_t count;
};

static struct side side_of(const struct lethe_lira *lira, size_t i, int in, double *scratch)
{
    struct side s = {NAN, 0, 0};
    for (size_t k = 0; k < lira->shadows.models; k++)
        if (!lira->in[k * lira->shadows.n + i] == !in)
            scratch[s.count++] = lira->shadows.phi[k * lira->shadows.n + i];
    lethe_sort(scratch, s.count);
    s.centre = lethe_quantile(scratch, s.count, 0.5);
    for (size_t k = 0; k < s.count; k++)
        s.square += (scratch[k] - s.centre) * (scratch[k] - s.centre);
    return s;
}

static double spread(const struct side *s, double pooled)
{
    return s->count < OWN_SPREAD ? pooled : sqrt(s->square / (double)s->count);
}

/* Root mean square distance to the own median over all samples of one side. */
static double pooled_spread(const struct side *sides, size_t n)
{
    double square = 0;
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        square += sides[2 * i].square;
        count += sides[2 * i].count;
    }
    return count ? sqrt(square / (double)count) : NAN;
}

enum lethe_err lethe_lira_scores(double *score, const double *target, const struct lethe_lira *lira,
                                 struct lethe_error *err)
{
    size_t n = lira->shadows.n;
    double *scratch = lethe_alloc(lira->shadows.models, sizeof *scratch);
    struct side *sides = lethe_alloc(n, 2 * sizeof *sides); /* (n, 2): out, in */
    enum lethe_err code = LETHE_OK;
    if (!scratch || !sides) {
        code = lethe_fail_memory(err, "LiRA", n, 2 * sizeof *sides);
        goto out;
    }
    for (size_t i = 0; i < n; i++)
        for (int in = 0; in < 2; in++)
            sides[2 * i + (size_t)in] = side_of(lira, i, in, scratch);
    double pooled_out = pooled_spread(sides, n), pooled_in = pooled_spread(sides + 1, n);
    for (size_t i = 0; i < n; i++) {
        const struct side *out = &sides[2 * i], *in = &sides[2 * i + 1];
        double sd_out = spread(out, pooled_out);
        if (out->count < LEAST || (!lira->offline && in->count < LEAST))
            score[i] = NAN;
        else if (lira->offline)
            score[i] = lethe_normal_cdf((target[i] - out->centre) / fmax(sd_out, LETHE_SD_FLOOR));
        else
            score[i] = lethe_log_normal(target[i], in->centre, spread(in, pooled_in)) -
                       lethe_log_normal(target[i], out->centre, sd_out);
    }
out:
    lethe_free(scratch);
    lethe_free(sides);
    return code;
}
