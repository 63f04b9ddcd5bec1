/* SPDX-License-Identifier: MIT
 * leverage: which training samples hold most of the curvature by themselves. */
#include <math.h>
#include <stdlib.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "workbench/pipeline.h"
#include "workbench/put_class.h"
#include "workbench/workbench.h"

struct asking {
    struct lethe_pipeline *work; /* NULL: what is asked for is there */
    size_t top;
};

struct entry {
    size_t id;
    double h;
};

static int by_leverage(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->h != y->h)
        return x->h > y->h ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static void put_top(struct lethe_value *out, const struct lethe_workbench *wb,
                    const struct entry *entries, size_t count)
{
    struct lethe_value *list = lethe_put_list(out, "samples");
    for (size_t i = 0; i < count; i++) {
        const size_t id = entries[i].id;
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_hint(lethe_put_count(row, "id", id), LETHE_HINT_PLAIN);
        lethe_put_real(row, "leverage", entries[i].h);
        if (wb->leverage->drawn)
            lethe_put_real(row, "error", wb->leverage->errors[id]);
        lethe_put_class(row, "label", "class", wb->project.train,
                        lethe_dataset_label(wb->project.train, id));
        lethe_put_text(row, "set", lethe_ids_has(&wb->snapshot->forget, id) ? "forget" : "retain");
    }
}

static void put_totals(struct lethe_value *out, const struct lethe_workbench *wb, double sum,
                       size_t known)
{
    const struct lethe_leverage *l = wb->leverage;
    char words[LETHE_CURVATURE_WORDS];
    lethe_put_real(out, "mean", known ? sum / (double)known : NAN);
    lethe_put_real(out, "degrees_of_freedom", l->freedom);
    lethe_put_count(out, "parameters", l->parameters);
    lethe_put_count(out, "units", l->units);
    lethe_put_text(out, "curvature", lethe_workbench_curvature(words, wb));
    if (l->drawn) {
        lethe_put_count(out, "labels_drawn", l->drawn);
        lethe_put_note(out,
                       "leverages are estimates from %zu labels drawn for each sample, the error "
                       "beside them: exact ones would take %zu classes of %zu samples. The %zu "
                       "that may be the highest are exact, error 0",
                       l->drawn, lethe_graph_classes(wb->project.graph), known, l->exact);
    }
    lethe_put_real(out, "damping", l->mu);
    lethe_hint(lethe_put_real(out, "time", l->seconds), LETHE_HINT_SECONDS);
    size_t above = 0;
    for (size_t id = 0; id < l->count; id++)
        above += l->h[id] >= 1; /* a NAN compares false */
    if (above)
        lethe_put_note(
            out,
            "%zu samples have a leverage of 1 or more: the curvature was made from a draw "
            "they are not in, so use 'curvature samples=%zu'",
            above, wb->snapshot->retain.count);
}

static enum lethe_err put_leverage(struct lethe_value *out, const struct lethe_workbench *wb,
                                   size_t top, struct lethe_error *err)
{
    const struct lethe_leverage *l = wb->leverage;
    struct entry *entries = lethe_alloc(l->count, sizeof *entries);
    size_t known = 0;
    double sum = 0;
    if (!entries)
        return lethe_fail_memory(err, "leverages", l->count, sizeof *entries);
    for (size_t id = 0; id < l->count; id++) {
        if (isnan(l->h[id]))
            continue;
        entries[known++] = (struct entry){id, l->h[id]};
        sum += l->h[id];
    }
    qsort(entries, known, sizeof *entries, by_leverage);
    put_top(out, wb, entries, top < known ? top : known);
    put_totals(out, wb, sum, known);
    lethe_free(entries);
    return LETHE_OK;
}

static enum lethe_err run_work(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct asking *asking = arg;
    return lethe_pipeline_run(asking->work, watch, err);
}

static enum lethe_err finish(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                             struct lethe_error *err)
{
    struct asking *asking = arg;
    enum lethe_err code = lethe_pipeline_adopt(wb, asking->work, err);
    if (!code && !wb->leverage)
        code = lethe_fail(err, LETHE_ECANCEL, "the settings changed meanwhile: 'leverage' again");
    return code ? code : put_leverage(out, wb, asking->top, err);
}

static void free_asking(void *arg)
{
    struct asking *asking = arg;
    lethe_pipeline_release(asking->work);
    lethe_free(asking);
}

static int fits(const struct lethe_workbench *wb)
{
    return wb->leverage && wb->leverage->units == lethe_workbench_units(wb) &&
           wb->leverage->mu == lethe_workbench_damping(wb);
}

static enum lethe_err run_leverage(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const size_t top = lethe_args_count(&call->args, "top", 20);
    if (fits(wb))
        return put_leverage(call->out, wb, top, err);
    struct asking *asking = lethe_alloc_zero(1, sizeof *asking);
    if (!asking)
        return lethe_fail_memory(err, "leverages", 1, sizeof *asking);
    asking->top = top;
    lethe_call_task(call, run_work, finish, free_asking, asking);
    return lethe_pipeline_leverage(wb, &asking->work, err);
}

static const struct lethe_arg_spec leverage_args[] = {
    {.name = "top",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 1000000,
     .help = "samples to list, highest first (20)"},
};

const struct lethe_command lethe_command_leverage = {
    .name = "leverage",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET,
    .summary = "List the training samples that hold most of the curvature",
    .detail =
        "The leverage of a sample is the largest eigenvalue of B (H + mu I)^-1 B' / n, B the root "
        "of "
        "its Gauss-Newton term: its share of the curvature in the direction where it weighs most, "
        "from 0 to below 1. Without it 1 - h of the curvature there is left. The forget samples "
        "are "
        "shown as if they were behind the curvature like all others. The degrees of freedom are "
        "the "
        "sum of the traces over the retained samples. With very many classes and samples they are "
        "estimated from drawn labels: a column of standard errors then stands beside them, and the "
        "highest are measured again with every class. For blankets of up to 4,000 parameters.",
    .examples = "blanket all; leverage top=5",
    LETHE_ARGS(leverage_args),
    .run = run_leverage,
};
