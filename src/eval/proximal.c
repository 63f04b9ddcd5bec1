/* SPDX-License-Identifier: MIT
 * A step beside the difference that retraining makes, over several training seeds, from inner
 * products that are summed row by row:
 *   change = 1 - sqrt(<d,d> - 2 <d,D> + <D,D>) / sqrt(<D,D>)       along = <d,D> / <D,D>
 * Check: d = D / 2 gives change 0.5 and along 0.5; d orthogonal to D and as long 1 - sqrt(2) and 0.
 */
#include <math.h>

#include "base/alloc.h"
#include "eval/rows.h"
#include "lethe/eval.h"

/* Inner products of d (index 0) and the differences D_s (1 + s); spread[s][t] = |S_s - S_t|^2. */
struct products {
    size_t seeds;
    double *gram;   /* (1 + seeds, 1 + seeds) */
    double *spread; /* (seeds, seeds) */
    double *row;    /* (1 + 2 seeds, classes): d, D_s, then S_s of one sample */
    double *seen;   /* (2, classes) */
};

/* A row of logits as it is compared: centred, or through the softmax. */
static void see(double *to, const double *z, size_t classes, int probs)
{
    double sum = 0, top = z[lethe_row_argmax(z, classes)];
    for (size_t k = 0; k < classes; k++) {
        to[k] = probs ? exp(z[k] - top) : z[k];
        sum += to[k];
    }
    for (size_t k = 0; k < classes; k++)
        to[k] = probs ? to[k] / sum : to[k] - sum / (double)classes;
}

static void difference(double *to, struct products *p, const double *a, const double *b,
                       size_t classes, int probs)
{
    see(p->seen, a, classes, probs);
    see(p->seen + classes, b, classes, probs);
    for (size_t k = 0; k < classes; k++)
        to[k] = p->seen[k] - p->seen[classes + k];
}

static void add_row(struct products *p, const struct lethe_proximal_input *in, size_t i)
{
    const size_t c = in->classes, at = i * c, seeds = p->seeds;
    double *controls = p->row + (1 + seeds) * c;
    difference(p->row, p, in->now + at, in->old + at, c, in->probs);
    for (size_t s = 0; s < seeds; s++) {
        difference(p->row + (1 + s) * c, p, in->retrain[s] + at, in->control[s] + at, c, in->probs);
        see(controls + s * c, in->control[s] + at, c, in->probs);
    }
    for (size_t a = 0; a <= seeds; a++)
        for (size_t b = 0; b <= seeds; b++)
            for (size_t k = 0; k < c; k++)
                p->gram[a * (1 + seeds) + b] += p->row[a * c + k] * p->row[b * c + k];
    for (size_t s = 0; s < seeds; s++)
        for (size_t t = 0; t < seeds; t++)
            for (size_t k = 0; k < c; k++) {
                const double off = controls[s * c + k] - controls[t * c + k];
                p->spread[s * seeds + t] += off * off;
            }
}

/* 1 - |a - b| / |b|, from inner products. */
static double share(const struct products *p, size_t a, size_t b)
{
    const size_t n = 1 + p->seeds;
    const double aa = p->gram[a * n + a], ab = p->gram[a * n + b], bb = p->gram[b * n + b];
    return 1 - sqrt(fmax(0, aa - 2 * ab + bb)) / sqrt(bb);
}

static void sum_up(struct lethe_proximal *out, const struct products *p)
{
    const double seeds = (double)p->seeds, pairs = seeds * (seeds - 1);
    struct lethe_proximal sum = {0};
    for (size_t s = 0; s < p->seeds; s++) {
        const double square = p->gram[(1 + s) * (2 + p->seeds)];
        sum.moved += sqrt(square) / seeds;
        sum.change += share(p, 0, 1 + s) / seeds;
        sum.along += p->gram[1 + s] / square / seeds;
        for (size_t t = 0; t < p->seeds; t++)
            if (t != s) {
                sum.others += share(p, 1 + t, 1 + s) / pairs;
                sum.control += sqrt(p->spread[s * p->seeds + t] / square) / pairs;
            }
    }
    if (p->seeds < 2)
        sum.others = sum.control = NAN;
    *out = sum;
}

enum lethe_err lethe_proximal_measure(struct lethe_proximal *proximal,
                                      const struct lethe_proximal_input *input,
                                      struct lethe_error *err)
{
    const size_t seeds = input->seeds, c = input->classes, all = 1 + seeds;
    const size_t room = all * all + seeds * seeds + (all + seeds + 2) * c;
    double *work = lethe_alloc_zero(room, sizeof *work);
    if (!work)
        return lethe_fail_memory(err, "a comparison with retraining", room, sizeof *work);
    struct products p = {.seeds = seeds, .gram = work, .spread = work + all * all};
    p.row = p.spread + seeds * seeds;
    p.seen = p.row + (all + seeds) * c;
    for (size_t i = 0; i < input->n; i++)
        add_row(&p, input, i);
    sum_up(proximal, &p);
    lethe_free(work);
    return LETHE_OK;
}
