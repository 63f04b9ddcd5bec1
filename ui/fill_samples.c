/* SPDX-License-Identifier: MIT
 * What the samples pane shows: the ledger of training samples, with the losses and classes that are
 * known of each. */
#include <math.h>

#include "lethe/eval.h"
#include "ui/fill.h"

/* Predicted classes of a set; NULL when there are none. */
static int *classes_of(struct lethe_fill *fill, const struct lethe_evaluation *outcome,
                       enum lethe_side set)
{
    size_t n = outcome->count[set];
    int *classes = lethe_arena_alloc(&fill->arena, n, sizeof *classes);
    if (!classes || !n || !outcome->logits[set])
        return NULL;
    const struct lethe_outputs outputs = {outcome->logits[set], outcome->labels[set], n,
                                          outcome->classes};
    lethe_rows_score(NULL, NULL, classes, &outputs);
    return classes;
}

double *lethe_fill_scores(struct lethe_fill *fill, const struct lethe_evaluation *outcome,
                          enum lethe_side set, int margins)
{
    size_t n = outcome->count[set];
    double *values = lethe_arena_alloc(&fill->arena, n, sizeof *values);
    if (!values || !n || !outcome->logits[set])
        return NULL;
    const struct lethe_outputs outputs = {outcome->logits[set], outcome->labels[set], n,
                                          outcome->classes};
    lethe_rows_score(margins ? values : NULL, margins ? NULL : values, NULL, &outputs);
    return values;
}

enum column { BEFORE, NOW, RETRAIN };

static void spread(struct lethe_fill *fill, struct lethe_view_sample *rows,
                   const struct lethe_snapshot *snapshot, const struct lethe_evaluation *outcome,
                   enum column column)
{
    static const enum lethe_side sets[] = {LETHE_SIDE_FORGET, LETHE_SIDE_RETAIN};
    for (int s = 0; s < 2; s++) {
        const struct lethe_ids *ids = lethe_snapshot_ids(snapshot, sets[s]);
        const double *losses = lethe_fill_scores(fill, outcome, sets[s], 0);
        const int *classes = column == RETRAIN ? NULL : classes_of(fill, outcome, sets[s]);
        for (size_t k = 0; losses && k < ids->count && k < outcome->count[sets[s]]; k++) {
            struct lethe_view_sample *row = &rows[ids->at[k]];
            *(column == BEFORE ? &row->before
              : column == NOW  ? &row->now
                               : &row->retrain) = losses[k];
            if (classes)
                *(column == BEFORE ? &row->before_class : &row->now_class) = classes[k];
        }
    }
}

void lethe_fill_samples(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_dataset *train = wb->project.train;
    const struct lethe_ids *forget = &wb->project.forget;
    const struct lethe_preview *preview = wb->preview;
    const struct lethe_retrained *warm = wb->warm;
    const struct lethe_leverage *leverage = wb->leverage;
    size_t n = fill->anew && train ? lethe_dataset_count(train) : 0;
    if (!n)
        return;
    if (leverage && leverage->count != n)
        leverage = NULL;
    struct lethe_view_sample *rows = lethe_arena_alloc(&fill->arena, n, sizeof *rows);
    if (!rows)
        return;
    for (size_t k = 0; k < n; k++)
        rows[k] = (struct lethe_view_sample){
            .id = k,
            .label = lethe_dataset_label(train, k),
            .class = lethe_dataset_class_name(train, (size_t)lethe_dataset_label(train, k)),
            .true_label = lethe_dataset_true_label(train, k),
            .true_class =
                lethe_dataset_class_name(train, (size_t)lethe_dataset_true_label(train, k)),
            .before = NAN,
            .now = NAN,
            .retrain = NAN,
            .before_class = -1,
            .now_class = -1,
            .leverage = leverage ? leverage->h[k] : NAN};
    for (size_t k = 0; k < forget->count; k++)
        rows[forget->at[k]].forget = 1;
    const double *losses = fill->survey ? lethe_survey_losses(fill->survey, wb, n) : NULL;
    for (size_t k = 0; losses && k < n; k++) {
        rows[k].before = losses[k];
        rows[k].before_class = fill->survey->predicted[k];
    }
    fill->view.samples = rows;
    fill->view.sample_count = n;
    /* Results fit the snapshot of the moment, or the workbench would have dropped them. */
    const struct lethe_snapshot *snapshot = wb->snapshot;
    if (!snapshot)
        return;
    for (size_t k = 0; preview && preview->leverage && k < forget->count; k++)
        rows[forget->at[k]].leverage = preview->leverage[k];
    if (preview) {
        spread(fill, rows, snapshot, &preview->before, BEFORE);
        spread(fill, rows, snapshot, &preview->now, NOW);
    }
    if (warm)
        spread(fill, rows, snapshot, &warm->outcome, RETRAIN);
}
