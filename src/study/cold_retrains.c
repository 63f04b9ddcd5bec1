/* SPDX-License-Identifier: MIT
 * The models come from a cohort; their figures are measured anew, for they depend on more than the
 * weights. */
#include "study/cold_retrains.h"

#include "base/alloc.h"
#include "study/ensemble_run.h"
#include "base/parallel_for.h"

struct reading {
    struct lethe_scene *scene;
    struct lethe_truth **made;
    struct lethe_member *members; /* (count); their weights are taken by the truths */
    const size_t *open;           /* which truths they become */
};

static enum lethe_err read_one(void *arg, size_t item, struct lethe_watch *watch,
                               struct lethe_error *err)
{
    const struct reading *r = arg;
    struct lethe_kept *kept = &r->members[item].kept;
    struct lethe_kit kit = {.threads = 1}; /* several of these run at once */
    struct lethe_truth *truth = lethe_alloc_zero(1, sizeof *truth);
    if (!truth)
        return lethe_fail_memory(err, "a retrained model", 1, sizeof *truth);
    *truth = (struct lethe_truth){
        .refs = 1, .cold = 1, .seed = kept->seed, .w = kept->w, .report = kept->report};
    kept->w = NULL;
    enum lethe_err code = lethe_reading_measure(&truth->outcome, r->scene, &kit, truth->w,
                                                LETHE_SIDE_TUNE, watch, err);
    lethe_kit_release(&kit);
    if (code)
        lethe_truth_unref(truth);
    else
        r->made[r->open[item]] = truth;
    return code;
}

enum lethe_err lethe_colds_make(struct lethe_truth **made, const uint64_t *seeds, size_t count,
                                struct lethe_scene *scene, const struct lethe_workshop *workshop,
                                struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_cohort cohort = {.scene = scene, .workshop = workshop, .share = 1};
    size_t *open = lethe_alloc(count, sizeof *open), missing = 0;
    struct lethe_member *members = lethe_alloc_zero(count, sizeof *members);
    struct reading r = {scene, made, members, open};
    enum lethe_err code = lethe_scene_whole(scene, "cold retrain", err);
    if (!code && (!open || !members))
        code = lethe_fail_memory(err, "retrained models", count, sizeof *members);
    for (size_t i = 0; !code && i < count; i++) {
        if (made[i])
            continue;
        open[missing] = i;
        code =
            lethe_member_init(&members[missing++], &cohort, LETHE_MEMBER_RETRAIN, 0, seeds[i], err);
    }
    const struct lethe_team team = {.count = missing,
                                    .threads = workshop->threads,
                                    .stage = "measuring",
                                    .run = read_one,
                                    .arg = &r};
    if (!code)
        code = lethe_cohort_make(members, missing, &cohort, "retraining", watch, err);
    if (!code)
        code = lethe_team_work(&team, watch, err);
    for (size_t i = 0; members && i < missing; i++)
        lethe_member_release(&members[i]);
    lethe_free(members);
    lethe_free(open);
    return code;
}
