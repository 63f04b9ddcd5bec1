/* SPDX-License-Identifier: MIT
 * dump: what the workbench works with, as arrays in an NPZ file. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "lethe/perturb.h"
#include "workbench/workbench.h"

enum { DUMP_ACTIVATIONS, DUMP_LOSSES, DUMP_SCORES, DUMP_DELTA };
enum { MOST = 64, NAME = 48 };

/* The members of the file so far; arrays are owned. */
struct dump {
    struct lethe_snapshot *snapshot; /* of activations; NULL */
    struct lethe_settings settings;
    struct lethe_npz_member members[MOST];
    char names[MOST][NAME];
    size_t count;
    char *path;
};

static void free_dump(void *arg)
{
    struct dump *dump = arg;
    for (size_t i = 0; i < dump->count; i++)
        lethe_array_release(&dump->members[i].array);
    lethe_snapshot_unref(dump->snapshot);
    lethe_free(dump->path);
    lethe_free(dump);
}

/* A new array (rows, columns) of doubles, or (rows) when columns is 0; NULL with err filled. */
static double *add(struct dump *dump, const char *name, size_t rows, size_t columns,
                   struct lethe_error *err)
{
    if (dump->count == MOST) {
        lethe_fail(err, LETHE_EARG, "more than %d arrays: choose fewer samples", (int)MOST);
        return NULL;
    }
    struct lethe_npz_member *member = &dump->members[dump->count];
    const size_t size = columns ? rows * columns : rows;
    double *data = lethe_alloc(size, sizeof *data);
    if (!data) {
        lethe_fail_memory(err, name, size, sizeof *data);
        return NULL;
    }
    snprintf(dump->names[dump->count], NAME, "%s", name);
    member->name = dump->names[dump->count++];
    member->array = (struct lethe_array){.type = LETHE_DOUBLE,
                                         .ndim = columns ? 2 : 1,
                                         .dims = {rows, columns ? columns : 0},
                                         .count = size,
                                         .data = data};
    return data;
}

static enum lethe_err add_ids(struct dump *dump, const char *name, const size_t *ids, size_t count,
                              struct lethe_error *err)
{
    double *to = add(dump, name, count, 0, err);
    for (size_t i = 0; to && i < count; i++)
        to[i] = (double)ids[i];
    return to ? LETHE_OK : err->code;
}

/* ---- activations ------------------------------------------------------------------------------
 */

static enum lethe_err add_activations(struct dump *dump, struct lethe_watch *watch,
                                      struct lethe_error *err)
{
    const struct lethe_snapshot *snapshot = dump->snapshot;
    struct lethe_perturb_options options = lethe_perturb_defaults();
    options.count = lethe_settings_count(&dump->settings, LETHE_SET_PERTURB_COUNT);
    options.sigma = lethe_settings_real(&dump->settings, LETHE_SET_PERTURB_SIGMA);
    options.seed = snapshot->seed;
    enum lethe_err code =
        add_ids(dump, "samples", snapshot->forget.at, snapshot->forget.count, err);
    for (size_t i = 0; !code && i < snapshot->forget.count; i++) {
        struct lethe_perturbation p = {0};
        char name[NAME];
        code = lethe_perturb(&p, snapshot->graph, snapshot->train, snapshot->w,
                             snapshot->forget.at[i], &options, watch, err);
        snprintf(name, sizeof name, "activations_%zu", snapshot->forget.at[i]);
        double *a = code ? NULL : add(dump, name, p.count, p.units, err);
        for (size_t k = 0; a && k < p.count * p.units; k++)
            a[k] = (double)p.a[k];
        snprintf(name, sizeof name, "losses_%zu", snapshot->forget.at[i]);
        double *losses = a ? add(dump, name, p.count, 0, err) : NULL;
        if (losses)
            memcpy(losses, p.loss, p.count * sizeof *losses);
        else if (!code)
            code = err->code;
        lethe_perturbation_release(&p);
    }
    return code;
}

static enum lethe_err work_dump(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct dump *dump = arg;
    struct lethe_error own = {0};
    enum lethe_err code = dump->snapshot ? add_activations(dump, watch, &own) : LETHE_OK;
    if (!code)
        code = lethe_npz_write(dump->path, dump->members, dump->count, &own);
    if (code && err)
        *err = own;
    return code;
}

/* ---- losses, scores, delta --------------------------------------------------------------------
 */

/* Losses and margins of every sample of one set under one model. */
static enum lethe_err add_reading(struct dump *dump, const char *model,
                                  const struct lethe_evaluation *evaluation, enum lethe_side side,
                                  const char *set, struct lethe_error *err)
{
    const struct lethe_outputs out = {evaluation->logits[side], evaluation->labels[side],
                                      evaluation->count[side], evaluation->classes};
    char name[NAME];
    snprintf(name, sizeof name, "%s_loss_%s", set, model);
    double *losses = add(dump, name, out.n, 0, err);
    snprintf(name, sizeof name, "%s_margin_%s", set, model);
    double *margins = losses ? add(dump, name, out.n, 0, err) : NULL;
    if (!margins)
        return err->code;
    lethe_rows_score(margins, losses, NULL, &out);
    return LETHE_OK;
}

static enum lethe_err add_losses(struct dump *dump, const struct lethe_workbench *wb,
                                 struct lethe_error *err)
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
        code = add_ids(dump, sets[s].name, ids->at, ids->count, err);
        double *labels = NULL;
        char name[NAME];
        snprintf(name, sizeof name, "%s_label", sets[s].name);
        if (!code && !(labels = add(dump, name, ids->count, 0, err)))
            code = err->code;
        for (size_t i = 0; labels && i < ids->count; i++)
            labels[i] = before->labels[sets[s].side][i];
        if (!code)
            code = add_reading(dump, "before", before, sets[s].side, sets[s].name, err);
        if (!code)
            code = add_reading(dump, "now", &wb->preview->now, sets[s].side, sets[s].name, err);
        if (!code && wb->warm)
            code =
                add_reading(dump, "retrain", &wb->warm->outcome, sets[s].side, sets[s].name, err);
    }
    return code;
}

static enum lethe_err add_scores(struct dump *dump, const struct lethe_workbench *wb,
                                 struct lethe_error *err)
{
    if (!wb->selected)
        return lethe_fail(err, LETHE_EARG, "there is no selection yet: 'select' first");
    const struct lethe_selection *selection = &wb->selected->selection;
    const size_t n = selection->count;
    double *layer = add(dump, "layer", n, 0, err),
           *index = layer ? add(dump, "index", n, 0, err) : NULL;
    double *score = index ? add(dump, "score", n, 0, err) : NULL;
    double *cumulative = score ? add(dump, "cumulative", n, 0, err) : NULL;
    double *votes = cumulative ? add(dump, "votes", n, 0, err) : NULL;
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
    double *marginal = selection->marginal ? add(dump, "marginal", selection->units, 0, err) : NULL;
    if (selection->marginal && !marginal)
        return err->code;
    if (marginal)
        memcpy(marginal, selection->marginal, selection->units * sizeof *marginal);
    return LETHE_OK;
}

static enum lethe_err add_delta(struct dump *dump, const struct lethe_workbench *wb,
                                struct lethe_error *err)
{
    if (!wb->preview)
        return lethe_fail(err, LETHE_EARG, "there is no preview yet: 'preview' first");
    const size_t size =
        lethe_graph_size(wb->snapshot->graph) + lethe_graph_buffers(wb->snapshot->graph);
    double *before = add(dump, "before", size, 0, err),
           *now = before ? add(dump, "now", size, 0, err) : NULL;
    double *delta = now ? add(dump, "delta", size, 0, err) : NULL;
    if (!delta)
        return err->code;
    memcpy(before, wb->snapshot->w, size * sizeof *before);
    memcpy(now, wb->preview->w, size * sizeof *now);
    for (size_t i = 0; i < size; i++)
        delta[i] = now[i] - before[i];
    return LETHE_OK;
}

/* ---- command ----------------------------------------------------------------------------------
 */

static enum lethe_err finish_dump(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                  struct lethe_error *err)
{
    const struct dump *dump = arg;
    (void)wb;
    (void)err;
    lethe_put_text(out, "path", dump->path);
    struct lethe_value *list = lethe_put_list(out, "arrays");
    for (size_t i = 0; i < dump->count; i++) {
        const struct lethe_array *array = &dump->members[i].array;
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_text(item, "array", dump->names[i]);
        lethe_put_count(item, "rows", array->dims[0]);
        lethe_put_count(item, "columns", array->ndim > 1 ? array->dims[1] : 1);
    }
    return LETHE_OK;
}

static enum lethe_err run_dump(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    struct lethe_snapshot *snapshot;
    struct lethe_error own = {0};
    const char *path = lethe_args_text(&call->args, "to", "");
    enum lethe_err code = lethe_workbench_snapshot(wb, &snapshot, err);
    if (code)
        return code;
    struct dump *dump = lethe_alloc_zero(1, sizeof *dump);
    if (!dump)
        return lethe_fail_memory(err, "arrays", 1, sizeof *dump);
    call->task = (struct lethe_task){.run = work_dump,
                                     .finish = finish_dump,
                                     .release = free_dump,
                                     .arg = dump,
                                     .lane = LETHE_LANE_INTERACTIVE};
    dump->path = lethe_strdup(path);
    dump->settings = wb->settings;
    if (!dump->path)
        return lethe_fail_memory(err, "a path", strlen(path), 1);
    switch (lethe_args_choice(&call->args, "WHAT", 0)) {
    case DUMP_ACTIVATIONS:
        dump->snapshot = lethe_snapshot_ref(snapshot);
        break;
    case DUMP_LOSSES:
        code = add_losses(dump, wb, &own);
        break;
    case DUMP_SCORES:
        code = add_scores(dump, wb, &own);
        break;
    default:
        code = add_delta(dump, wb, &own);
    }
    if (code && err)
        *err = own;
    return code;
}

static const struct lethe_arg_spec dump_args[] = {
    {.name = "WHAT",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_NEEDED,
     .choices = "activations|losses|scores|delta",
     .help = "which arrays, see below"},
    {.name = "to",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_NEEDED | LETHE_ARG_KEYED,
     .help = "NPZ file"},
};

const struct lethe_command lethe_command_dump = {
    .name = "dump",
    .group = LETHE_GROUP_LOOK,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET,
    .summary = "Write arrays to an NPZ file",
    .detail = "activations: of each forget sample its perturbed copies' pre-activations (copies, "
              "units) and losses, what 'select' ranks. losses: labels, losses and margins of the "
              "forget, retained and held-out (tune half) samples before, now and retrained. "
              "scores: the selection in its order, the layer's number and the unit's within it, "
              "and the marginal T of every unit. delta: all weights before and now, and the "
              "difference. All in double.",
    .examples = "preview; dump losses to=losses.npz\nforget add 17; dump activations to=a.npz",
    LETHE_ARGS(dump_args),
    .run = run_dump,
};
