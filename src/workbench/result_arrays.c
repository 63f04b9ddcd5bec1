/* SPDX-License-Identifier: MIT
 * Activations, losses, scores and the step as named arrays of doubles. */
#include "workbench/result_arrays.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/perturb.h"
#include "workbench/workbench.h"

enum { NAME = LETHE_ARRAYS_NAME, MOST = LETHE_ARRAYS_MOST };

void lethe_result_arrays_release(struct lethe_result_arrays *arrays)
{
    for (size_t i = 0; i < arrays->count; i++)
        lethe_array_release(&arrays->members[i].array);
    arrays->count = 0;
}

double *lethe_arrays_add(struct lethe_result_arrays *out, const char *name, size_t rows,
                         size_t columns, struct lethe_error *err)
{
    if (out->count == MOST) {
        lethe_fail(err, LETHE_EARG, "more than %d arrays: choose fewer samples", (int)MOST);
        return NULL;
    }
    struct lethe_npz_member *member = &out->members[out->count];
    const size_t size = columns ? rows * columns : rows;
    double *data = lethe_alloc(size, sizeof *data);
    if (!data) {
        lethe_fail_memory(err, name, size, sizeof *data);
        return NULL;
    }
    snprintf(out->names[out->count], NAME, "%s", name);
    member->name = out->names[out->count++];
    member->array = (struct lethe_array){.type = LETHE_DOUBLE,
                                         .ndim = columns ? 2 : 1,
                                         .dims = {rows, columns ? columns : 0},
                                         .count = size,
                                         .data = data};
    return data;
}

static enum lethe_err add_ids(struct lethe_result_arrays *out, const char *name, const size_t *ids,
                              size_t count, struct lethe_error *err)
{
    double *to = lethe_arrays_add(out, name, count, 0, err);
    for (size_t i = 0; to && i < count; i++)
        to[i] = (double)ids[i];
    return to ? LETHE_OK : err->code;
}

enum lethe_err lethe_arrays_activations(struct lethe_result_arrays *out,
                                        const struct lethe_snapshot *snapshot,
                                        const struct lethe_settings *settings,
                                        struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_perturb_options options = lethe_perturb_defaults();
    options.count = lethe_settings_count(settings, LETHE_SET_PERTURB_COUNT);
    options.sigma = lethe_settings_real(settings, LETHE_SET_PERTURB_SIGMA);
    options.seed = snapshot->seed;
    enum lethe_err code = add_ids(out, "samples", snapshot->forget.at, snapshot->forget.count, err);
    for (size_t i = 0; !code && i < snapshot->forget.count; i++) {
        struct lethe_perturbation p = {0};
        char name[NAME];
        code = lethe_perturb(&p, snapshot->graph, snapshot->train, snapshot->w,
                             snapshot->forget.at[i], &options, watch, err);
        snprintf(name, sizeof name, "activations_%zu", snapshot->forget.at[i]);
        double *a = code ? NULL : lethe_arrays_add(out, name, p.count, p.units, err);
        for (size_t k = 0; a && k < p.count * p.units; k++)
            a[k] = (double)p.a[k];
        snprintf(name, sizeof name, "losses_%zu", snapshot->forget.at[i]);
        double *losses = a ? lethe_arrays_add(out, name, p.count, 0, err) : NULL;
        if (losses)
            memcpy(losses, p.loss, p.count * sizeof *losses);
        else if (!code)
            code = err->code;
        lethe_perturbation_release(&p);
    }
    return code;
}

/* Losses, margins and logits of every sample of one set under one model. */
static enum lethe_err add_reading(struct lethe_result_arrays *out, const char *model,
                                  const struct lethe_evaluation *evaluation, enum lethe_side side,
                                  const char *set, struct lethe_error *err)
{
    const struct lethe_outputs rows = {evaluation->logits[side], evaluation->labels[side],
                                       evaluation->count[side], evaluation->classes};
    char name[NAME];
    snprintf(name, sizeof name, "%s_loss_%s", set, model);
    double *losses = lethe_arrays_add(out, name, rows.n, 0, err);
    snprintf(name, sizeof name, "%s_margin_%s", set, model);
    double *margins = losses ? lethe_arrays_add(out, name, rows.n, 0, err) : NULL;
    if (!margins)
        return err->code;
    lethe_rows_score(margins, losses, NULL, &rows);
    snprintf(name, sizeof name, "%s_logits_%s", set, model);
    double *logits = lethe_arrays_add(out, name, rows.n, rows.classes, err);
    if (!logits)
        return err->code;
    if (rows.n)
        memcpy(logits, rows.logits, rows.n * rows.classes * sizeof *logits);
    return LETHE_OK;
}

enum lethe_err lethe_arrays_losses(struct lethe_result_arrays *out,
                                   const struct lethe_workbench *wb, struct lethe_error *err)
{
    static const struct {
        enum lethe_side side;
        const char *name;
    } sets[] = {
        {LETHE_SIDE_FORGET, "forget"}, {LETHE_SIDE_RETAIN, "retain"}, {LETHE_SIDE_TUNE, "tune"}};
    enum lethe_err code = LETHE_OK;
    if (!wb->preview)
        return lethe_fail(err, LETHE_EARG, "there is no preview yet: 'preview' first");
    for (size_t s = 0; !code && s < sizeof sets / sizeof *sets; s++) {
        const struct lethe_ids *ids = lethe_snapshot_ids(wb->snapshot, sets[s].side);
        const struct lethe_evaluation *before = &wb->preview->before;
        code = add_ids(out, sets[s].name, ids->at, ids->count, err);
        double *labels = NULL;
        char name[NAME];
        snprintf(name, sizeof name, "%s_label", sets[s].name);
        if (!code && !(labels = lethe_arrays_add(out, name, ids->count, 0, err)))
            code = err->code;
        for (size_t i = 0; labels && i < ids->count; i++)
            labels[i] = before->labels[sets[s].side][i];
        if (!code)
            code = add_reading(out, "before", before, sets[s].side, sets[s].name, err);
        if (!code)
            code = add_reading(out, "now", &wb->preview->now, sets[s].side, sets[s].name, err);
        if (!code && wb->warm)
            code = add_reading(out, "retrain", &wb->warm->outcome, sets[s].side, sets[s].name, err);
        if (!code && wb->warm)
            code = add_reading(out, "control", &wb->warm->control, sets[s].side, sets[s].name, err);
    }
    return code;
}

enum lethe_err lethe_arrays_scores(struct lethe_result_arrays *out,
                                   const struct lethe_workbench *wb, struct lethe_error *err)
{
    if (!wb->selected)
        return lethe_fail(err, LETHE_EARG, "there is no selection yet: 'select' first");
    const struct lethe_selection *selection = &wb->selected->selection;
    const size_t n = selection->count;
    double *layer = lethe_arrays_add(out, "layer", n, 0, err),
           *index = layer ? lethe_arrays_add(out, "index", n, 0, err) : NULL;
    double *score = index ? lethe_arrays_add(out, "score", n, 0, err) : NULL;
    double *cumulative = score ? lethe_arrays_add(out, "cumulative", n, 0, err) : NULL;
    double *votes = cumulative ? lethe_arrays_add(out, "votes", n, 0, err) : NULL;
    if (!votes)
        return err->code;
    for (size_t i = 0; i < n; i++) {
        const struct lethe_unit unit = lethe_unit_at(wb->snapshot->graph, selection->picks[i].unit);
        layer[i] = unit.group ? -1 : (double)unit.layer;
        index[i] = (double)unit.index;
        score[i] = selection->picks[i].score;
        cumulative[i] = selection->picks[i].cumulative;
        votes[i] = (double)selection->picks[i].votes;
    }
    double *marginal =
        selection->marginal ? lethe_arrays_add(out, "marginal", selection->units, 0, err) : NULL;
    if (selection->marginal && !marginal)
        return err->code;
    if (marginal)
        memcpy(marginal, selection->marginal, selection->units * sizeof *marginal);
    return LETHE_OK;
}

enum lethe_err lethe_arrays_delta(struct lethe_result_arrays *out, const struct lethe_workbench *wb,
                                  struct lethe_error *err)
{
    if (!wb->preview)
        return lethe_fail(err, LETHE_EARG, "there is no preview yet: 'preview' first");
    const size_t size =
        lethe_graph_size(wb->snapshot->graph) + lethe_graph_buffers(wb->snapshot->graph);
    double *before = lethe_arrays_add(out, "before", size, 0, err),
           *now = before ? lethe_arrays_add(out, "now", size, 0, err) : NULL;
    double *delta = now ? lethe_arrays_add(out, "delta", size, 0, err) : NULL;
    if (!delta)
        return err->code;
    memcpy(before, wb->snapshot->w, size * sizeof *before);
    memcpy(now, wb->preview->w, size * sizeof *now);
    for (size_t i = 0; i < size; i++)
        delta[i] = now[i] - before[i];
    return LETHE_OK;
}
