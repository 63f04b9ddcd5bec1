/* SPDX-License-Identifier: MIT
 * Perturbing one sample and asking the copies. */
#include "study/probe.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "removal/head_snapshot.h"

static void take_options(struct lethe_probe *probe, const struct lethe_settings *settings)
{
    struct lethe_perturb_options *perturb = &probe->perturb;
    struct lethe_foci_options *foci = &probe->foci;
    *perturb = lethe_perturb_defaults();
    perturb->count = lethe_settings_count(settings, LETHE_SET_PERTURB_COUNT);
    perturb->sigma = lethe_settings_real(settings, LETHE_SET_PERTURB_SIGMA);
    perturb->tokens = lethe_settings_count(settings, LETHE_SET_PERTURB_TOKENS);
    perturb->seed = lethe_settings_count(settings, LETHE_SET_SEED);
    foci->codec.seed = perturb->seed;
    foci->codec.scaling = strcmp(settings->text[LETHE_SET_SELECT_SCALING], "none") == 0
                              ? LETHE_SCALING_NONE
                              : LETHE_SCALING_SD;
    foci->codec.jitter = lethe_settings_real(settings, LETHE_SET_SELECT_JITTER);
    foci->max = lethe_settings_count(settings, LETHE_SET_SELECT_MAX);
    foci->stop = strcmp(settings->text[LETHE_SET_SELECT_STOP], "on") == 0;
}

enum lethe_err lethe_probe_init(struct lethe_probe *probe, struct lethe_graph *graph,
                                struct lethe_dataset *data, const double *w, size_t sample,
                                const struct lethe_settings *settings, struct lethe_error *err)
{
    const size_t size = lethe_graph_size(graph) + lethe_graph_buffers(graph);
    *probe = (struct lethe_probe){.graph = lethe_graph_ref(graph),
                                  .data = lethe_dataset_ref(data),
                                  .w = lethe_alloc(size, sizeof *probe->w),
                                  .sample = sample};
    if (!probe->w)
        return lethe_fail_memory(err, "weights", size, sizeof *probe->w);
    memcpy(probe->w, w, size * sizeof *probe->w);
    take_options(probe, settings);
    return LETHE_OK;
}

void lethe_probe_release(struct lethe_probe *probe)
{
    lethe_perturbation_release(&probe->noisy);
    lethe_snapshot_unref(probe->snapshot);
    lethe_graph_unref(probe->graph);
    lethe_dataset_unref(probe->data);
    lethe_free(probe->w);
    *probe = (struct lethe_probe){0};
}

void lethe_probe_confine(struct lethe_probe *probe, struct lethe_snapshot *snapshot)
{
    if (snapshot->head_only)
        probe->snapshot = lethe_snapshot_ref(snapshot);
}

/* The copies as units of the network: those below its last layer are constant, and dead. */
static enum lethe_err spread(struct lethe_perturbation *noisy, const struct lethe_graph *graph,
                             struct lethe_error *err)
{
    const size_t own = noisy->units, units = lethe_unit_count(graph);
    const size_t first = lethe_unit_number(graph, lethe_graph_layer_count(graph) - 1, 0);
    float *a = lethe_alloc_zero(noisy->count, units * sizeof *a);
    unsigned char *dead = lethe_alloc(units, 1);
    if (!a || !dead) {
        lethe_free(a);
        lethe_free(dead);
        return lethe_fail_memory(err, "activations", noisy->count, units * sizeof *a);
    }
    for (size_t i = 0; i < noisy->count; i++)
        memcpy(a + i * units + first, noisy->a + i * own, own * sizeof *a);
    memset(dead, 1, units);
    memcpy(dead + first, noisy->dead, own);
    lethe_free(noisy->a);
    lethe_free(noisy->dead);
    noisy->a = a;
    noisy->dead = dead;
    noisy->units = units;
    return LETHE_OK;
}

static enum lethe_err make_noisy(struct lethe_probe *probe, struct lethe_watch *watch,
                                 struct lethe_error *err)
{
    struct lethe_snapshot *at = NULL;
    if (!probe->snapshot)
        return lethe_perturb(&probe->noisy, probe->graph, probe->data, probe->w, probe->sample,
                             &probe->perturb, watch, err);
    enum lethe_err code = lethe_snapshot_movable(&at, probe->snapshot, watch, err);
    if (!code)
        code = lethe_perturb(&probe->noisy, at->graph, at->train, at->w, probe->sample,
                             &probe->perturb, watch, err);
    return code ? code : spread(&probe->noisy, probe->graph, err);
}

static enum lethe_err perturb(struct lethe_codec_input *input, struct lethe_probe *probe,
                              struct lethe_watch *watch, struct lethe_error *err)
{
    lethe_perturbation_release(&probe->noisy);
    enum lethe_err code = make_noisy(probe, watch, err);
    if (!code)
        *input = (struct lethe_codec_input){.n = probe->noisy.count,
                                            .p = probe->noisy.units,
                                            .x32 = probe->noisy.a,
                                            .y = probe->noisy.loss,
                                            .dead = probe->noisy.dead};
    return code;
}

enum lethe_err lethe_probe_why(struct lethe_codec_pairs *pairs, struct lethe_probe *probe,
                               size_t unit, const size_t *given, size_t given_count,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_codec_input input;
    const struct lethe_codec_sets sets = {
        .given = given, .given_count = given_count, .added = &unit, .added_count = 1};
    enum lethe_err code = perturb(&input, probe, watch, err);
    return code ? code : lethe_codec_why(pairs, &input, &sets, &probe->foci.codec, watch, err);
}

enum lethe_err lethe_probe_null(double *band, double **marginal, struct lethe_probe *probe,
                                size_t permutations, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    struct lethe_codec_input input;
    struct lethe_foci_result result = {0};
    struct lethe_foci_options once = probe->foci;
    once.max = 1;
    enum lethe_err code = perturb(&input, probe, watch, err);
    if (!code)
        code = lethe_codec_null(band, NULL, &input, permutations, &probe->foci.codec, watch, err);
    if (!code)
        code = lethe_foci_run(&result, &input, &once, watch, err);
    if (!code) {
        *marginal = result.marginal;
        result.marginal = NULL;
    }
    lethe_foci_result_release(&result);
    return code;
}

enum lethe_err lethe_probe_stability(size_t **times, struct lethe_probe *probe, size_t runs,
                                     struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_codec_input input;
    enum lethe_err code = perturb(&input, probe, watch, err);
    if (code)
        return code;
    size_t *made = lethe_alloc_zero(probe->noisy.units, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "counts", probe->noisy.units, sizeof *made);
    code = lethe_foci_stability(made, &input, runs, &probe->foci, watch, err);
    if (code)
        lethe_free(made);
    else
        *times = made;
    return code;
}

struct counted {
    size_t unit, times;
};

static int by_times(const void *a, const void *b)
{
    const struct counted *x = a, *y = b;
    if (x->times != y->times)
        return x->times < y->times ? 1 : -1;
    return (x->unit > y->unit) - (x->unit < y->unit);
}

size_t *lethe_probe_order(size_t *count, const size_t *times, size_t units, struct lethe_error *err)
{
    struct counted *all = lethe_alloc(units, sizeof *all);
    size_t *order = lethe_alloc(units, sizeof *order), n = 0;
    if (!all || !order) {
        lethe_free(all);
        lethe_free(order);
        lethe_fail_memory(err, "counts", units, sizeof *all);
        return NULL;
    }
    for (size_t u = 0; u < units; u++)
        if (times[u])
            all[n++] = (struct counted){u, times[u]};
    qsort(all, n, sizeof *all, by_times);
    for (size_t i = 0; i < n; i++)
        order[i] = all[i].unit;
    lethe_free(all);
    *count = n;
    return order;
}

size_t lethe_probe_loudest(size_t *copies, size_t room, const struct lethe_codec_pairs *pairs)
{
    size_t count = 0;
    for (size_t i = 0; i < pairs->n; i++) {
        size_t at = count;
        while (at > 0 && pairs->pair[copies[at - 1]].gain < pairs->pair[i].gain)
            at--;
        if (at == room)
            continue;
        count += count < room;
        for (size_t k = count - 1; k > at; k--)
            copies[k] = copies[k - 1];
        copies[at] = i;
    }
    return count;
}
