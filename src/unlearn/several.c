/* SPDX-License-Identifier: MIT
 * Several samples' perturbations in one table: their batch mean, which is how the paper treats a
 * batch, or all of them with the differences between samples taken out. */
#include "unlearn/several.h"

#include <string.h>

#include "base/alloc.h"
#include "unlearn/perturber.h"

static enum lethe_err open_table(struct lethe_perturbation *t, size_t rows, size_t units,
                                 struct lethe_error *err)
{
    *t = (struct lethe_perturbation){.count = rows, .units = units};
    t->a = lethe_alloc_aligned(rows * units, sizeof *t->a);
    t->loss = lethe_alloc_zero(rows, sizeof *t->loss);
    t->dead = lethe_alloc(units, sizeof *t->dead);
    if (!t->a || !t->loss || !t->dead)
        return lethe_fail_memory(err, "perturbations of several samples", rows * units,
                                 sizeof *t->a);
    memset(t->a, 0, rows * units * sizeof *t->a);
    memset(t->dead, 1, units);
    return LETHE_OK;
}

/* sums (count, units) and t->loss grow by p's share of the mean. */
static void add_to_mean(struct lethe_perturbation *t, double *sums,
                        const struct lethe_perturbation *p, double share)
{
    for (size_t i = 0; i < p->count * p->units; i++)
        sums[i] += share * p->a[i];
    for (size_t c = 0; c < p->count; c++)
        t->loss[c] += share * p->loss[c];
}

/* The rows of p from row `first` of t on, less p's means. */
static void put_centred(struct lethe_perturbation *t, const struct lethe_perturbation *p,
                        size_t first)
{
    double mean = 0;
    for (size_t c = 0; c < p->count; c++)
        mean += p->loss[c] / (double)p->count;
    for (size_t c = 0; c < p->count; c++)
        t->loss[first + c] = p->loss[c] - mean;
    for (size_t u = 0; u < p->units; u++) {
        mean = 0;
        for (size_t c = 0; c < p->count; c++)
            mean += p->a[c * p->units + u] / (double)p->count;
        for (size_t c = 0; c < p->count; c++)
            t->a[(first + c) * t->units + u] = (float)(p->a[c * p->units + u] - mean);
    }
}

enum lethe_err lethe_perturb_several(struct lethe_perturbation *out,
                                     const struct lethe_select_input *input,
                                     const struct lethe_select_options *options,
                                     const size_t *samples, size_t count, struct lethe_watch *watch,
                                     struct lethe_error *err)
{
    const int mean = options->several == LETHE_SEVERAL_MEAN;
    const size_t copies = options->perturb.count, units = lethe_unit_count(input->graph);
    struct lethe_perturbation t = {0};
    double *sums = mean ? lethe_alloc_zero(copies * units, sizeof *sums) : NULL;
    enum lethe_err rc = mean && !sums
                            ? lethe_fail_memory(err, "perturbations", copies * units, sizeof *sums)
                            : open_table(&t, mean ? copies : count * copies, units, err);
    struct lethe_perturber *perturber = NULL;
    if (!rc)
        rc = lethe_perturber_new(&perturber, input->graph, input->data, input->w, &options->perturb,
                                 err);
    for (size_t k = 0; !rc && k < count; k++) {
        struct lethe_perturbation p = {0};
        rc = lethe_perturber_run(perturber, &p, samples[k], watch, err);
        if (rc)
            break;
        if (mean)
            add_to_mean(&t, sums, &p, 1 / (double)count);
        else
            put_centred(&t, &p, k * copies);
        for (size_t u = 0; u < units; u++)
            t.dead[u] &= p.dead[u];
        t.loss_clean += p.loss_clean / (double)count;
        lethe_perturbation_release(&p);
    }
    for (size_t i = 0; !rc && mean && i < copies * units; i++)
        t.a[i] = (float)sums[i];
    lethe_free(sums);
    lethe_perturber_free(perturber);
    if (!rc) {
        *out = t;
        t = (struct lethe_perturbation){0};
    }
    lethe_perturbation_release(&t);
    return rc;
}
