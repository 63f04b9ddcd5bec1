/* SPDX-License-Identifier: MIT
 * The models come from an ensemble; their figures are measured anew, for they depend on more than
 * the weights. */
#include "study/cold_retrains.h"

#include "base/alloc.h"
#include "base/parallel_for.h"
#include "removal/head_snapshot.h"
#include "removal/stage_common.h"
#include "study/ensemble_run.h"

struct evaluation {
    struct lethe_snapshot *snapshot, *movable; /* which is what members are models of */
    struct lethe_retrained **made;
    struct lethe_member *members; /* (count); their weights are taken by the truths */
    const size_t *open;           /* which truths they become */
};

/* The layer's weights become the network's. */
static enum lethe_err spread(struct lethe_retrained *retrained, const struct evaluation *r,
                             struct lethe_error *err)
{
    double *all = lethe_stage_weights(r->snapshot, err);
    if (!all)
        return LETHE_ENOMEM;
    lethe_head_put(all, retrained->w, r->movable);
    lethe_free(retrained->w);
    retrained->w = all;
    return LETHE_OK;
}

static enum lethe_err read_one(void *arg, size_t item, struct lethe_watch *watch,
                               struct lethe_error *err)
{
    const struct evaluation *r = arg;
    struct lethe_kept *kept = &r->members[item].kept;
    struct lethe_worker_problems worker = {.threads = 1}; /* several of these run at once */
    struct lethe_retrained *retrained = lethe_alloc_zero(1, sizeof *retrained);
    if (!retrained)
        return lethe_fail_memory(err, "a retrained model", 1, sizeof *retrained);
    *retrained = (struct lethe_retrained){.refs = 1,
                                          .cold = 1,
                                          .head_only = r->snapshot->head_only,
                                          .seed = kept->seed,
                                          .w = kept->w,
                                          .report = kept->report};
    kept->w = NULL;
    enum lethe_err code = lethe_evaluation_measure(&retrained->outcome, r->movable, &worker,
                                                   retrained->w, LETHE_SIDE_TUNE, watch, err);
    if (!code && r->movable != r->snapshot)
        code = spread(retrained, r, err);
    lethe_worker_problems_release(&worker);
    if (code)
        lethe_retrained_unref(retrained);
    else
        r->made[r->open[item]] = retrained;
    return code;
}

enum lethe_err lethe_cold_retrains_make(struct lethe_retrained **made, const uint64_t *seeds,
                                        size_t count, struct lethe_snapshot *snapshot,
                                        const struct lethe_training_context *training,
                                        struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_ensemble whole = {.snapshot = snapshot, .training = training, .share = 1};
    struct lethe_ensemble ensemble = whole;
    struct lethe_training_context own;
    size_t *open = lethe_alloc(count, sizeof *open), missing = 0;
    struct lethe_member *members = lethe_alloc_zero(count, sizeof *members);
    enum lethe_err code = lethe_snapshot_whole(snapshot, "cold retrain", err);
    if (!code && (!open || !members))
        code = lethe_fail_memory(err, "retrained models", count, sizeof *members);
    if (!code)
        code = lethe_ensemble_movable(&ensemble, &own, &whole, watch, err);
    struct evaluation r = {snapshot, ensemble.snapshot, made, members, open};
    for (size_t i = 0; !code && i < count; i++) {
        if (made[i])
            continue;
        open[missing] = i;
        code = lethe_member_init(&members[missing++], &ensemble, LETHE_MEMBER_RETRAIN, 0, seeds[i],
                                 err);
    }
    const struct lethe_parallel_for team = {.count = missing,
                                            .threads = training->threads,
                                            .stage = "measuring",
                                            .run = read_one,
                                            .arg = &r};
    if (!code)
        code = lethe_ensemble_make(members, missing, &ensemble, "retraining", watch, err);
    if (!code)
        code = lethe_parallel_for_run(&team, watch, err);
    for (size_t i = 0; members && i < missing; i++)
        lethe_member_release(&members[i]);
    lethe_free(members);
    lethe_free(open);
    return code;
}
