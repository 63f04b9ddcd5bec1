/* SPDX-License-Identifier: MIT
 * The penalty on shifts of units: its value over a batch, and what it adds to the adjoints of the
 * units' values. */
#include <math.h>

#include "nn/trainer_inside.h"

/* Where the unit's numbers of a site lie: behind the normalisation where there is one, for what a
 * normalisation scales up again would cost nothing before it. */
static size_t value_of(const struct lethe_trainer *t, const struct lethe_site *site)
{
    return site->norm == LETHE_NONE ? site->preact : t->graph->nodes[site->norm].out[0];
}

/* Index of position p of sample i of unit j in a site's value. */
static size_t index_of(const struct lethe_site *site, size_t units, size_t n, size_t i, size_t j,
                       size_t p)
{
    if (site->conv)
        return (i * units + j) * site->inner + p;
    return ((p / site->inner * n + i) * site->inner + p % site->inner) * units + j;
}

static void add(const struct lethe_trainer *t, void *to, size_t i, double x)
{
    if (t->dtype == LETHE_F32)
        ((float *)to)[i] += (float)x;
    else
        ((double *)to)[i] += x;
}

/* out (n): what the unit makes of the samples, the mean over its positions. */
static void read_unit(double *out, const struct lethe_trainer *t,
                      const struct lethe_layer_info *layer, size_t j, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = 0;
    for (size_t s = 0; s < layer->site_count; s++) {
        const struct lethe_site *site = &layer->sites[s];
        const void *x = t->x[value_of(t, site)];
        for (size_t i = 0; i < n; i++)
            for (size_t p = 0; p < site->outer * site->inner; p++)
                out[i] += lethe_trainer_entry(t, x, index_of(site, layer->pub.units, n, i, j, p)) /
                          (double)layer->pub.positions;
    }
}

/* slope (n): of the sum the network minimises, by what the unit makes of the samples. */
static void add_adjoints(struct lethe_trainer *t, const struct lethe_layer_info *layer, size_t j,
                         const double *slope, size_t n)
{
    for (size_t s = 0; s < layer->site_count; s++) {
        const struct lethe_site *site = &layer->sites[s];
        void *dx = t->dx[value_of(t, site)];
        for (size_t i = 0; dx && i < n; i++)
            for (size_t p = 0; p < site->outer * site->inner; p++)
                add(t, dx, index_of(site, layer->pub.units, n, i, j, p),
                    slope[i] / (double)layer->pub.positions);
    }
}

/* The shift of a unit that makes a (n) of the samples; a becomes the derivative of strength / 2
 * times its square. With c = mean of contrast_i a_i, m and v mean and variance of a, the shift is
 * c / sqrt(v), and its derivative by a_i (contrast_i - c (a_i - m) / v) / (n sqrt(v)). */
static double shift_of(double *a, const double *contrast, size_t n, double strength)
{
    double mean = 0, variance = 0, c = 0;
    for (size_t i = 0; i < n; i++) {
        mean += a[i] / (double)n;
        c += contrast[i] * a[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++)
        variance += (a[i] - mean) * (a[i] - mean) / (double)n;
    const double shift = variance > 0 ? c / sqrt(variance) : 0;
    for (size_t i = 0; i < n; i++)
        a[i] = variance > 0 ? strength * shift * (contrast[i] - c * (a[i] - mean) / variance) /
                                  ((double)n * sqrt(variance))
                            : 0;
    return shift;
}

double lethe_trainer_add_penalty(struct lethe_trainer *t, const struct lethe_trainer_batch *batch)
{
    const struct lethe_trainer_penalty *penalty = batch->penalty;
    double value = 0;
    for (size_t k = 0; k < penalty->count; k++) {
        const struct lethe_unit_place *at = &penalty->units[k];
        const struct lethe_layer_info *layer = &t->graph->layers[at->layer];
        read_unit(t->losses, t, layer, at->unit, batch->n);
        const double shift = shift_of(t->losses, penalty->contrast, batch->n, penalty->strength);
        value += penalty->strength / 2 * shift * shift;
        add_adjoints(t, layer, at->unit, t->losses, batch->n);
    }
    return value;
}
