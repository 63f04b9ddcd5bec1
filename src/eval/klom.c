/* SPDX-License-Identifier: MIT
 * KLOM (Georgiev et al., 2024): per sample the KL divergence of the margins of unlearned models
 * from those of retrained ones, from histograms of 20 bins over their joint range; margins are
 * clipped to +-100 and empty bins of the retrained side count 1e-5. Two equal ensembles do not give
 * 0 but the noise of N draws in 20 bins: read it beside retrains against retrains. Check: margins
 * (0, 1) against (0, 1) 0; (0, 0) against (1, 1) log 1e5 = 11.512925. */
#include "lethe/audit.h"

#include <math.h>

#include "base/alloc.h"
#include "eval/measure.h"
#include "eval/order.h"

enum { BINS = 20 };

static double clipped(double phi)
{
    return fmax(-100, fmin(100, phi));
}

static void widen(double range[2], const struct lethe_margins *m, size_t i)
{
    for (size_t k = 0; k < m->models; k++) {
        double phi = clipped(m->phi[k * m->n + i]);
        range[0] = fmin(range[0], phi);
        range[1] = fmax(range[1], phi);
    }
}

static void histogram(double share[BINS], const struct lethe_margins *m, size_t i,
                      const double range[2])
{
    for (int b = 0; b < BINS; b++)
        share[b] = 0;
    double width = (range[1] - range[0]) / BINS;
    for (size_t k = 0; k < m->models; k++) {
        int b = width > 0 ? (int)((clipped(m->phi[k * m->n + i]) - range[0]) / width) : 0;
        share[b < BINS ? b : BINS - 1] += 1 / (double)m->models;
    }
}

static double sample_klom(const struct lethe_ensembles *models, size_t i)
{
    double range[2] = {INFINITY, -INFINITY}, p[BINS], q[BINS], kl = 0;
    widen(range, &models->unlearned, i);
    widen(range, &models->retrained, i);
    histogram(p, &models->unlearned, i, range);
    histogram(q, &models->retrained, i, range);
    for (int b = 0; b < BINS; b++)
        if (p[b] > 0)
            kl += p[b] * log(p[b] / fmax(q[b], 1e-5));
    return kl;
}

enum lethe_err lethe_klom_measure(struct lethe_klom *klom, double *per_sample,
                                  const struct lethe_ensembles *models, struct lethe_error *err)
{
    size_t n = models->unlearned.n;
    size_t least = models->unlearned.models < models->retrained.models ? models->unlearned.models
                                                                       : models->retrained.models;
    if (least < LETHE_AUDIT_MODELS || !n) {
        lethe_measure_needs(&klom->median, "N", n ? least : 0, LETHE_AUDIT_MODELS);
        klom->q95 = klom->median;
        for (size_t i = 0; per_sample && i < n; i++)
            per_sample[i] = NAN;
        return LETHE_OK;
    }
    double *values = lethe_alloc(n, sizeof *values);
    if (!values)
        return lethe_fail_memory(err, "KLOM", n, sizeof *values);
    for (size_t i = 0; i < n; i++) {
        values[i] = sample_klom(models, i);
        if (per_sample)
            per_sample[i] = values[i];
    }
    lethe_sort(values, n);
    lethe_measure_set(&klom->median, lethe_quantile(values, n, 0.5));
    lethe_measure_set(&klom->q95, lethe_quantile(values, n, 0.95));
    lethe_free(values);
    return LETHE_OK;
}
