/* SPDX-License-Identifier: MIT
 * One pass over the samples: a block's logits go to every set that holds the sample. */
#include "study/evaluate_sets.h"

#include <string.h>

#include "base/alloc.h"

enum lethe_err lethe_evaluated_set_init(struct lethe_evaluated_set *set, const char *name,
                                        size_t classes, struct lethe_error *err)
{
    *set = (struct lethe_evaluated_set){
        .name = name, .per_class = lethe_alloc_zero(classes, sizeof *set->per_class)};
    return set->per_class ? LETHE_OK : lethe_fail_memory(err, "figures", classes, sizeof(double));
}

void lethe_evaluated_set_release(struct lethe_evaluated_set *set)
{
    lethe_free(set->ids.at);
    lethe_free(set->per_class);
    *set = (struct lethe_evaluated_set){0};
}

/* Adds the samples of a block that belong to a set; ids NULL: all do. */
static enum lethe_err join(struct lethe_evaluated_set *set, const struct lethe_outputs *block,
                           const size_t *ids, struct lethe_error *err)
{
    size_t classes = block->classes, n = 0;
    double *logits = lethe_alloc(block->n, classes * sizeof *logits);
    int *labels = lethe_alloc(block->n, sizeof *labels);
    struct lethe_set_figures part, *per = lethe_alloc_zero(classes, sizeof *per);
    enum lethe_err code = LETHE_OK;
    if (!logits || !labels || !per)
        code = lethe_fail_memory(err, "logits", block->n * classes, sizeof *logits);
    for (size_t i = 0; i < block->n && !code; i++) {
        if (ids && !lethe_ids_has(&set->ids, ids[i]))
            continue;
        memcpy(logits + n * classes, block->logits + i * classes, classes * sizeof *logits);
        labels[n++] = block->labels[i];
    }
    const struct lethe_outputs out = {logits, labels, n, classes};
    if (!code && n)
        code = lethe_outputs_check(&out, set->name, err);
    if (!code && n) {
        lethe_set_measure(&part, &out);
        lethe_set_join(&set->figures, &part);
        lethe_set_per_class(per, &out);
        for (size_t c = 0; c < classes; c++)
            lethe_set_join(&set->per_class[c], &per[c]);
    }
    lethe_free(logits);
    lethe_free(labels);
    lethe_free(per);
    return code;
}

/* count samples of data, those of ids where ids are given. */
static enum lethe_err measure(struct lethe_evaluated_set *sets, size_t set_count,
                              const struct lethe_evaluated_model *model, struct lethe_dataset *data,
                              const size_t *ids, size_t count, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    const struct lethe_problem_spec spec = {
        .graph = model->graph, .data = data, .ids = ids, .count = count, .dtype = model->dtype};
    const size_t classes = lethe_graph_classes(model->graph);
    struct lethe_problem *problem = NULL;
    double *logits = lethe_alloc(count, classes * sizeof *logits);
    enum lethe_err code =
        logits ? LETHE_OK : lethe_fail_memory(err, "logits", count * classes, sizeof *logits);
    if (!code)
        code = lethe_problem_new(&problem, &spec, err);
    if (!code)
        code = lethe_problem_logits(problem, logits, model->w, watch, err);
    for (size_t k = 0; k < set_count && !code; k++) {
        const struct lethe_outputs out = {logits, lethe_problem_labels(problem), count, classes};
        code = join(&sets[k], &out, ids, err);
    }
    lethe_problem_free(problem);
    lethe_free(logits);
    return code;
}

enum lethe_err lethe_evaluate_sets(struct lethe_evaluated_set *sets, size_t count,
                                   const struct lethe_evaluated_model *model,
                                   struct lethe_dataset *data, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    const struct lethe_ids *all = &sets[0].ids;
    enum lethe_err code = LETHE_OK;
    for (size_t first = 0; first < all->count && !code; first += LETHE_EVALUATE_BLOCK) {
        const size_t left = all->count - first;
        const size_t n = left < LETHE_EVALUATE_BLOCK ? left : LETHE_EVALUATE_BLOCK;
        code = measure(sets, count, model, data, all->at + first, n, watch, err);
    }
    return code;
}

enum lethe_err lethe_evaluate_stream(struct lethe_evaluated_set *set,
                                     const struct lethe_evaluated_model *model,
                                     struct lethe_stream *stream, struct lethe_watch *watch,
                                     struct lethe_error *err)
{
    struct lethe_dataset *block = NULL;
    enum lethe_err code;
    do {
        code = lethe_stream_next(stream, &block, err);
        const size_t n = block ? lethe_dataset_count(block) : 0;
        if (!code && block)
            code = measure(set, 1, model, block, NULL, n, watch, err);
        set->ids.count += n;
        lethe_dataset_unref(block);
    } while (!code && block);
    return code;
}
