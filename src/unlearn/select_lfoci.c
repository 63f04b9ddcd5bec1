/* SPDX-License-Identifier: MIT
 * L-FOCI: the blanket of every deciding forget sample from its own perturbations, then their union;
 * or one blanket from one table of them all (several.h).
 * A union is ordered by how many samples chose the unit above the line, then by the sum of its
 * gains in cumulative T; one sample keeps FOCI's own order. Units found only below the line follow
 * in the same order of their own. More than 50 forget samples: 50 drawn from the seed decide; of a
 * large network as few as take a minute or two. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "unlearn/perturber.h"
#include "unlearn/selectors.h"
#include "unlearn/several.h"

struct tally {
    size_t unit, votes, below_votes; /* samples that chose it above, below the line */
    double gain, below_gain;         /* summed gains in cumulative T */
};

static int by_votes(const void *a, const void *b)
{
    const struct tally *x = a, *y = b;
    if (x->votes != y->votes)
        return x->votes > y->votes ? -1 : 1;
    if (x->gain != y->gain)
        return x->gain > y->gain ? -1 : 1;
    if (x->below_votes != y->below_votes)
        return x->below_votes > y->below_votes ? -1 : 1;
    if (x->below_gain != y->below_gain)
        return x->below_gain > y->below_gain ? -1 : 1;
    return x->unit < y->unit ? -1 : x->unit > y->unit;
}

static void count_votes(struct tally *tally, const struct lethe_foci_result *foci)
{
    double before = 0;
    for (size_t k = 0; k < foci->count; k++) {
        struct tally *t = &tally[foci->steps[k].column];
        double gain = foci->steps[k].cumulative - before;
        before = foci->steps[k].cumulative;
        if (k < foci->selected) {
            t->votes++;
            t->gain += gain;
        } else {
            t->below_votes++;
            t->below_gain += gain;
        }
    }
}

/* One table decides: FOCI's order and conditional T as they are. */
static enum lethe_err keep(struct lethe_selection *out, const struct lethe_foci_result *foci,
                           struct lethe_error *err)
{
    out->picks = lethe_alloc_zero(foci->count, sizeof *out->picks);
    if (!out->picks)
        return lethe_fail_memory(err, "a blanket", foci->count, sizeof *out->picks);
    for (size_t k = 0; k < foci->count; k++)
        out->picks[k] = (struct lethe_pick){.unit = foci->steps[k].column,
                                            .score = foci->steps[k].conditional,
                                            .cumulative = foci->steps[k].cumulative,
                                            .votes = k < foci->selected};
    out->count = foci->count;
    out->accepted = foci->selected;
    out->stopped = lethe_foci_stop_name(foci->stopped);
    return LETHE_OK;
}

static enum lethe_err unite(struct lethe_selection *out, struct tally *tally, size_t max,
                            struct lethe_error *err)
{
    double sum = 0;
    size_t above = 0;
    out->united = 1;
    out->picks = lethe_alloc_zero(out->units, sizeof *out->picks);
    if (!out->picks)
        return lethe_fail_memory(err, "a blanket", out->units, sizeof *out->picks);
    qsort(tally, out->units, sizeof *tally, by_votes);
    for (size_t k = 0; k < out->units && k < max; k++) {
        const struct tally *t = &tally[k];
        if (t->votes == 0 && t->below_votes == 0)
            break;
        double gain = t->votes ? t->gain : t->below_gain;
        sum += gain;
        out->picks[out->count++] = (struct lethe_pick){
            .unit = t->unit, .score = gain, .cumulative = sum, .votes = t->votes};
        out->accepted += t->votes > 0;
    }
    for (size_t k = 0; k < out->units; k++)
        above += tally[k].votes > 0;
    out->stopped = above == 0           ? "no gain"
                   : above > out->count ? "max"
                                        : "union of the samples' blankets";
    return LETHE_OK;
}

/* Forget samples that decide at most: fewer where the copies of each are much work. */
static size_t most_deciding(const struct lethe_graph *graph, size_t copies)
{
    enum { FEWEST = 4 };
    const double operations = 6.5e12; /* multiplications: a minute or two */
    const double passes = 3;          /* one forward, one backward */
    const double each = passes * (double)copies * fmax(lethe_graph_work(graph), 1);
    const double fit = operations / each;
    return fit < FEWEST ? FEWEST : fit < LETHE_SELECT_SAMPLES ? (size_t)fit : LETHE_SELECT_SAMPLES;
}

/* The forget samples that decide, in ascending position; *count of them. */
static enum lethe_err deciding(size_t **chosen, size_t *count,
                               const struct lethe_select_input *input,
                               const struct lethe_select_options *options, struct lethe_error *err)
{
    const size_t most = most_deciding(input->graph, options->perturb.count);
    *count = input->m < most ? input->m : most;
    *chosen = lethe_alloc(*count, sizeof **chosen);
    if (!*chosen)
        return lethe_fail_memory(err, "forget samples", *count, sizeof **chosen);
    *count = lethe_curvature_samples(*chosen, input->forget, input->m, *count, options->seed);
    return LETHE_OK;
}

/* FOCI on a table of perturbations, which it releases. */
static enum lethe_err order(struct lethe_foci_result *foci, struct lethe_perturbation *p,
                            const struct lethe_select_options *options, struct lethe_watch *watch,
                            struct lethe_error *err)
{
    const struct lethe_codec_input table = {
        .n = p->count, .p = p->units, .x32 = p->a, .y = p->loss, .dead = p->dead};
    const struct lethe_foci_options how = {.codec = {.seed = options->seed,
                                                     .scaling = options->scaling,
                                                     .jitter = options->jitter,
                                                     .threads = options->threads},
                                           .max = options->max,
                                           .stop = options->stop,
                                           .past_stop = 1};
    const enum lethe_err rc = lethe_foci_run(foci, &table, &how, watch, err);
    lethe_perturbation_release(p);
    return rc;
}

/* One table, one order. */
static enum lethe_err whole(struct lethe_selection *out, const struct lethe_select_input *input,
                            const struct lethe_select_options *options, const size_t *samples,
                            size_t count, struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_foci_result foci = {0};
    struct lethe_perturbation p = {0};
    enum lethe_err rc = count == 1
                            ? lethe_perturb(&p, input->graph, input->data, input->w, samples[0],
                                            &options->perturb, watch, err)
                            : lethe_perturb_several(&p, input, options, samples, count, watch, err);
    if (!rc)
        rc = order(&foci, &p, options, watch, err);
    if (rc)
        return rc;
    memcpy(out->marginal, foci.marginal, out->units * sizeof *out->marginal);
    rc = keep(out, &foci, err);
    lethe_foci_result_release(&foci);
    return rc;
}

static enum lethe_err united(struct lethe_selection *out, const struct lethe_select_input *input,
                             const struct lethe_select_options *options, const size_t *samples,
                             size_t count, struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_perturber *perturber = NULL;
    struct tally *tally = lethe_alloc_zero(out->units, sizeof *tally);
    if (!tally)
        return lethe_fail_memory(err, "a blanket", out->units, sizeof *tally);
    enum lethe_err rc = lethe_perturber_new(&perturber, input->graph, input->data, input->w,
                                            &options->perturb, err);
    for (size_t u = 0; u < out->units; u++)
        tally[u].unit = u;
    for (size_t k = 0; !rc && k < count; k++) {
        struct lethe_foci_result foci = {0};
        struct lethe_perturbation p = {0};
        const struct lethe_watch_span outside = lethe_watch_enter(
            watch, "selecting", (double)k / (double)count, (double)(k + 1) / (double)count);
        rc = lethe_perturber_run(perturber, &p, samples[k], watch, err);
        if (!rc)
            rc = order(&foci, &p, options, watch, err);
        lethe_watch_leave(watch, outside);
        if (rc)
            break;
        count_votes(tally, &foci);
        for (size_t u = 0; u < out->units; u++)
            out->marginal[u] += foci.marginal[u] / (double)count;
        lethe_foci_result_release(&foci);
        rc = lethe_watch_step(watch, "selecting", (long)k + 1, (long)count, err);
    }
    if (!rc)
        rc = unite(out, tally, options->max, err);
    lethe_perturber_free(perturber);
    lethe_free(tally);
    return rc;
}

LETHE_SELECT_ROW(lethe_select_lfoci)
{
    size_t *chosen = NULL, count = 0;
    out->marginal = lethe_alloc_zero(out->units, sizeof *out->marginal);
    enum lethe_err rc =
        out->marginal ? deciding(&chosen, &count, input, options, err)
                      : lethe_fail_memory(err, "a blanket", out->units, sizeof *out->marginal);
    if (!rc && (count == 1 || options->several != LETHE_SEVERAL_UNION))
        rc = whole(out, input, options, chosen, count, watch, err);
    else if (!rc)
        rc = united(out, input, options, chosen, count, watch, err);
    out->samples = count;
    lethe_free(chosen);
    return rc;
}
