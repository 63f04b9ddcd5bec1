/* SPDX-License-Identifier: MIT
 * Three sets of samples under the neighbours of all samples and under those of the retained ones.
 */
#include "study/knn_baseline.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "lethe/rng.h"

/* One set of samples under both models. */
struct side {
    const struct lethe_dataset *data;
    size_t *ids, n;
    int *labels;
    double *before, *after; /* (n, classes) */
};

static void release(struct side *side)
{
    lethe_free(side->ids);
    lethe_free(side->labels);
    lethe_free(side->before);
    lethe_free(side->after);
}

/* At most `most` of the ids, drawn from the seed, in increasing order. */
static enum lethe_err take(struct side *side, const struct lethe_dataset *data,
                           const struct lethe_ids *ids, size_t most, uint64_t seed, size_t classes,
                           struct lethe_error *err)
{
    const size_t room = ids->count < most ? ids->count : most;
    struct lethe_rng rng;
    *side = (struct side){.data = data,
                          .ids = lethe_alloc(room, sizeof *side->ids),
                          .labels = lethe_alloc(room, sizeof *side->labels),
                          .before = lethe_alloc(room, classes * sizeof(double)),
                          .after = lethe_alloc(room, classes * sizeof(double))};
    if (!side->ids || !side->labels || !side->before || !side->after)
        return lethe_fail_memory(err, "samples", room, classes * sizeof(double));
    lethe_rng_init(&rng, seed, LETHE_RNG_SUBSET, 1, 0);
    for (size_t i = 0; i < ids->count; i++) /* each of those left with its chance */
        if (lethe_rng_below(&rng, ids->count - i) < room - side->n) {
            side->labels[side->n] = lethe_dataset_label(data, ids->at[i]);
            side->ids[side->n++] = ids->at[i];
        }
    return LETHE_OK;
}

static enum lethe_err measure(struct lethe_knn_baseline *b, const struct side sides[3],
                              size_t classes, uint64_t seed, struct lethe_error *err)
{
    struct lethe_outputs out[2][3];
    for (size_t s = 0; s < 3; s++) {
        out[0][s] = (struct lethe_outputs){sides[s].before, sides[s].labels, sides[s].n, classes};
        out[1][s] = (struct lethe_outputs){sides[s].after, sides[s].labels, sides[s].n, classes};
    }
    const struct lethe_figures_input before = {out[0][0], out[0][1], out[0][2], seed};
    const struct lethe_figures_input after = {out[1][0], out[1][1], out[1][2], seed};
    enum lethe_err code = lethe_figures_measure(&b->before, &before, err);
    return code ? code : lethe_figures_measure(&b->after, &after, err);
}

/* All samples that are not forgotten yet, and which of them are to be. */
static enum lethe_err remember(size_t **ids, unsigned char **deleted, size_t *count,
                               const struct lethe_snapshot *snapshot, struct lethe_error *err)
{
    const size_t most = snapshot->forget.count + snapshot->retain.count;
    *ids = lethe_alloc(most, sizeof **ids);
    *deleted = lethe_alloc(most, 1);
    if (!*ids || !*deleted)
        return lethe_fail_memory(err, "samples", most, sizeof **ids);
    size_t f = 0, r = 0;
    for (*count = 0; *count < most; ++*count) {
        const int from_forget =
            r == snapshot->retain.count ||
            (f < snapshot->forget.count && snapshot->forget.at[f] < snapshot->retain.at[r]);
        (*deleted)[*count] = (unsigned char)from_forget;
        (*ids)[*count] = from_forget ? snapshot->forget.at[f++] : snapshot->retain.at[r++];
    }
    return LETHE_OK;
}

enum lethe_err lethe_knn_baseline_measure(struct lethe_knn_baseline *baseline,
                                          const struct lethe_snapshot *snapshot, size_t k,
                                          struct lethe_watch *watch, struct lethe_error *err)
{
    const double start = lethe_clock();
    struct side sides[3] = {{.n = 0}, {.n = 0}, {.n = 0}};
    struct lethe_knn knn = {.data = snapshot->train, .k = k};
    struct lethe_knn_baseline made = {.retained = 0};
    size_t *ids = NULL;
    unsigned char *deleted = NULL;
    knn.classes = lethe_graph_classes(snapshot->graph);
    enum lethe_err code = remember(&ids, &deleted, &knn.count, snapshot, err);
    knn.ids = ids;
    knn.deleted = deleted;
    if (!code)
        code = take(&sides[0], snapshot->train, &snapshot->forget, SIZE_MAX, 0, knn.classes, err);
    if (!code)
        code = take(&sides[1], snapshot->train, &snapshot->retain, LETHE_KNN_BASELINE_RETAINED,
                    snapshot->seed, knn.classes, err);
    if (!code)
        code = take(&sides[2], snapshot->heldout, &snapshot->tune, SIZE_MAX, 0, knn.classes, err);
    for (size_t s = 0; !code && s < 3; s++)
        code = lethe_knn_logits(sides[s].before, sides[s].after, &knn, sides[s].data, sides[s].ids,
                                sides[s].n, watch, err);
    if (!code)
        code = measure(&made, sides, knn.classes, snapshot->seed, err);
    made.retained = sides[1].n;
    made.seconds = lethe_clock() - start;
    for (size_t s = 0; s < 3; s++)
        release(&sides[s]);
    lethe_free(ids);
    lethe_free(deleted);
    if (!code)
        *baseline = made;
    return code;
}
