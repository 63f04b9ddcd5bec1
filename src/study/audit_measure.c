/* SPDX-License-Identifier: MIT
 * One item of work is number k of all three groups: a removal is compared with its original. */
#include "study/audit_measure.h"

#include <string.h>

#include "base/alloc.h"
#include "base/parallel_for.h"

static const enum lethe_side sides[3] = {LETHE_SIDE_FORGET, LETHE_SIDE_RETAIN, LETHE_SIDE_TUNE};

struct measuring {
    struct lethe_audit_records *records;
    struct lethe_member *const *members; /* (LETHE_GROUPS) */
    const struct lethe_ensemble *ensemble;
};

static struct lethe_outputs outputs(const struct lethe_evaluation *evaluation, enum lethe_side side)
{
    return (struct lethe_outputs){evaluation->logits[side], evaluation->labels[side],
                                  evaluation->count[side], evaluation->classes};
}

/* The retained samples of a reading that are among ids, moved to the front. */
static void keep_trained(struct lethe_evaluation *evaluation, const struct lethe_ids *retain,
                         const struct lethe_ids *ids)
{
    const size_t classes = evaluation->classes;
    double *z = evaluation->logits[LETHE_SIDE_RETAIN];
    int *labels = evaluation->labels[LETHE_SIDE_RETAIN];
    size_t kept = 0, at = 0;
    for (size_t i = 0; i < retain->count; i++) {
        while (at < ids->count && ids->at[at] < retain->at[i])
            at++;
        if (at == ids->count || ids->at[at] != retain->at[i])
            continue;
        memmove(z + kept * classes, z + i * classes, classes * sizeof *z);
        labels[kept++] = labels[i];
    }
    evaluation->count[LETHE_SIDE_RETAIN] = kept;
}

int lethe_metric_in_audit(const struct lethe_metric *metric)
{
    return metric->of_model && !(metric->flags & LETHE_METRIC_NOT_IN_AUDIT);
}

/* Margins and forget logits are kept, then the reading is cut to what the model was trained on. */
static enum lethe_err record(struct measuring *m, int group, size_t k,
                             struct lethe_evaluation *evaluation,
                             struct lethe_worker_problems *worker, double target,
                             struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_audit_records *records = m->records;
    struct lethe_ids ids = {0};
    const struct lethe_snapshot *snapshot = m->ensemble->snapshot;
    struct lethe_audit_record *to = &records->at[group][k];
    for (int s = 0; s < 3; s++) {
        const struct lethe_outputs all = outputs(evaluation, sides[s]);
        lethe_rows_score(records->phi[group][s] + k * records->count[s], NULL, NULL, &all);
    }
    memcpy(to->logits, evaluation->logits[LETHE_SIDE_FORGET],
           evaluation->count[LETHE_SIDE_FORGET] * evaluation->classes * sizeof *to->logits);
    enum lethe_err code = lethe_ensemble_ids(&ids, m->ensemble, m->members[group][k].draw, 0, err);
    if (code)
        return code;
    keep_trained(evaluation, &snapshot->retain, &ids);
    lethe_free(ids.at);
    const struct lethe_figures_input input = {outputs(evaluation, LETHE_SIDE_FORGET),
                                              outputs(evaluation, LETHE_SIDE_RETAIN),
                                              outputs(evaluation, LETHE_SIDE_TUNE), snapshot->seed};
    code = lethe_figures_measure(&to->figures, &input, err);
    const struct lethe_metric_input all = {&to->figures, input.forget, input.retain, input.heldout};
    for (size_t i = 0; i < lethe_metric_count() && !code; i++)
        if (lethe_metric_in_audit(lethe_metric(i)))
            lethe_metric(i)->of_model(&to->of_model[i], &all);
    if (!code)
        code =
            lethe_attack_metrics_measure(&to->attack, snapshot, worker, m->members[group][k].kept.w,
                                         evaluation, target, watch, err);
    return code;
}

static enum lethe_err measure_all(struct measuring *m, size_t k,
                                  struct lethe_evaluation readings[LETHE_GROUPS],
                                  struct lethe_worker_problems *worker, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    double target = 0;
    for (int group = 0; !code && group < LETHE_GROUPS; group++) {
        code = lethe_evaluation_measure(&readings[group], m->ensemble->snapshot, worker,
                                        m->members[group][k].kept.w, LETHE_SIDE_TUNE, watch, err);
        if (!code && group == LETHE_BEFORE)
            target = lethe_attack_metrics_target(readings[group].figures.forget.loss);
        if (!code)
            code = record(m, group, k, &readings[group], worker, target, watch, err);
    }
    if (code)
        return code;
    const struct lethe_harm_input harm = {outputs(&readings[LETHE_BEFORE], LETHE_SIDE_RETAIN),
                                          outputs(&readings[LETHE_NOW], LETHE_SIDE_RETAIN),
                                          outputs(&readings[LETHE_BEFORE], LETHE_SIDE_TUNE),
                                          outputs(&readings[LETHE_NOW], LETHE_SIDE_TUNE)};
    return lethe_harm_measure(&m->records->at[LETHE_NOW][k].harm, &harm, err);
}

static enum lethe_err measure_one(void *arg, size_t k, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    struct measuring *m = arg;
    struct lethe_evaluation readings[LETHE_GROUPS];
    struct lethe_worker_problems worker = {.threads = 1}; /* several of these run at once */
    memset(readings, 0, sizeof readings);
    enum lethe_err code = measure_all(m, k, readings, &worker, watch, err);
    for (int group = 0; group < LETHE_GROUPS; group++)
        lethe_evaluation_release(&readings[group]);
    lethe_worker_problems_release(&worker);
    return code;
}

static enum lethe_err allocate(struct lethe_audit_records *records,
                               const struct lethe_snapshot *snapshot, struct lethe_error *err)
{
    const size_t n = records->n, m = records->count[0];
    int missing = 0;
    for (int group = 0; group < LETHE_GROUPS; group++) {
        records->at[group] = lethe_alloc_zero(n, sizeof *records->at[group]);
        for (int s = 0; s < 3; s++) {
            records->phi[group][s] = lethe_alloc(n, records->count[s] * sizeof(double));
            missing |= !records->phi[group][s];
        }
        for (size_t k = 0; records->at[group] && k < n; k++) {
            records->at[group][k].logits = lethe_alloc(m, records->classes * sizeof(double));
            records->at[group][k].of_model =
                lethe_alloc_zero(lethe_metric_count(), sizeof *records->at[group][k].of_model);
            missing |= !records->at[group][k].logits || !records->at[group][k].of_model;
        }
        missing |= !records->at[group];
    }
    for (int s = 0; s < 3; s++) {
        const struct lethe_ids *ids = lethe_snapshot_ids(snapshot, sides[s]);
        const struct lethe_dataset *data = s == 2 ? snapshot->heldout : snapshot->train;
        records->labels[s] = lethe_alloc(ids->count, sizeof(int));
        missing |= !records->labels[s];
        for (size_t i = 0; records->labels[s] && i < ids->count; i++)
            records->labels[s][i] = lethe_dataset_label(data, ids->at[i]);
    }
    return missing ? lethe_fail_memory(err, "margins of many models", n, m * sizeof(double))
                   : LETHE_OK;
}

enum lethe_err lethe_audit_records_measure(struct lethe_audit_records *records, size_t n,
                                           struct lethe_member *const members[LETHE_GROUPS],
                                           const struct lethe_ensemble *ensemble,
                                           struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_audit_records made = {.n = n,
                                       .classes = lethe_graph_classes(ensemble->snapshot->graph)};
    struct measuring m = {&made, members, ensemble};
    const struct lethe_parallel_for team = {.count = n,
                                            .threads = ensemble->training->threads,
                                            .stage = "measuring",
                                            .run = measure_one,
                                            .arg = &m};
    for (int s = 0; s < 3; s++)
        made.count[s] = lethe_snapshot_ids(ensemble->snapshot, sides[s])->count;
    enum lethe_err code = allocate(&made, ensemble->snapshot, err);
    if (!code)
        code = lethe_parallel_for_run(&team, watch, err);
    if (code)
        lethe_audit_records_release(&made);
    else
        *records = made;
    return code;
}

void lethe_audit_records_release(struct lethe_audit_records *records)
{
    for (int group = 0; group < LETHE_GROUPS; group++) {
        for (size_t k = 0; records->at[group] && k < records->n; k++) {
            lethe_free(records->at[group][k].logits);
            lethe_free(records->at[group][k].of_model);
        }
        lethe_free(records->at[group]);
        for (int s = 0; s < 3; s++)
            lethe_free(records->phi[group][s]);
    }
    for (int s = 0; s < 3; s++)
        lethe_free(records->labels[s]);
    *records = (struct lethe_audit_records){0};
}
