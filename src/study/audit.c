/* SPDX-License-Identifier: MIT
 * Makes the models in three steps (trainings, removals, measurements), each on all processors. */
#include "study/audit.h"

#include <assert.h>

#include "base/alloc.h"
#include "study/audit_arrays.h"
#include "study/audit_table.h"
#include "study/ensemble_run.h"

enum {
    ORIGINALS_FROM = 1000000
}; /* seeds and draws of originals: a retrain that
     shared one would be its twin. Retrains: as `retrain cold` */

double lethe_audit_share(const struct lethe_snapshot *snapshot)
{
    return snapshot->head_only || lethe_graph_layer_count(snapshot->graph) == 1 ? 0.5 : 1;
}

/* ---- models ---------------------------------------------------------------------------------- */

static enum lethe_err trainings(struct lethe_member *originals, struct lethe_member *retrains,
                                size_t n, const struct lethe_ensemble *ensemble,
                                struct lethe_watch *watch, struct lethe_error *err)
{
    const uint64_t seed = ensemble->snapshot->seed;
    enum lethe_err code = LETHE_OK;
    for (size_t k = 0; !code && k < n; k++) {
        code = lethe_member_init(&originals[k], ensemble, LETHE_MEMBER_ORIGINAL, ORIGINALS_FROM + k,
                                 seed + ORIGINALS_FROM + 1 + k, err);
        if (!code)
            code = lethe_member_init(&retrains[k], ensemble, LETHE_MEMBER_RETRAIN, k, seed + 1 + k,
                                     err);
    }
    assert(retrains == originals + n); /* one list of work */
    return code ? code : lethe_ensemble_make(originals, 2 * n, ensemble, "training", watch, err);
}

static enum lethe_err removals(struct lethe_member *removed, const struct lethe_member *originals,
                               size_t n, const struct lethe_ensemble *ensemble,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    for (size_t k = 0; !code && k < n; k++) {
        code = lethe_member_init(&removed[k], ensemble, LETHE_MEMBER_REMOVAL, originals[k].draw,
                                 originals[k].kept.seed, err);
        removed[k].from = originals[k].kept.w;
    }
    return code ? code : lethe_ensemble_make(removed, n, ensemble, "removing", watch, err);
}

static enum lethe_err count_samples(struct lethe_audit *audit,
                                    const struct lethe_ensemble *ensemble, struct lethe_error *err)
{
    struct lethe_ids ids = {0};
    enum lethe_err code = lethe_ensemble_ids(&ids, ensemble, 0, 0, err);
    audit->retrained = ids.count;
    audit->trained = ids.count + ensemble->snapshot->forget.count;
    audit->share = ensemble->share;
    lethe_free(ids.at);
    return code;
}

static enum lethe_err run(struct lethe_audit *audit, size_t n, const char *arrays,
                          const struct lethe_ensemble *ensemble, struct lethe_watch *watch,
                          struct lethe_error *err)
{
    struct lethe_audit made = {.n = n};
    struct lethe_audit_records records = {0};
    struct lethe_member *members = lethe_alloc_zero(3 * n, sizeof *members);
    if (!members)
        return lethe_fail_memory(err, "an audit", 3 * n, sizeof *members);
    struct lethe_member *groups[LETHE_GROUPS] = {members, members + 2 * n, members + n};
    enum lethe_err code = count_samples(&made, ensemble, err);
    if (!code)
        code = trainings(groups[LETHE_BEFORE], groups[LETHE_RETRAINED], n, ensemble, watch, err);
    if (!code)
        code = removals(groups[LETHE_NOW], groups[LETHE_BEFORE], n, ensemble, watch, err);
    for (size_t k = 0; !code && k < n; k++)
        made.seconds_removing += groups[LETHE_NOW][k].kept.report.seconds;
    for (size_t k = 0; !code && k < 2 * n; k++) {
        made.seconds_training += members[k].kept.report.seconds;
        made.unconverged += !members[k].kept.report.converged;
    }
    if (!code)
        code = lethe_audit_records_measure(&records, n, groups, ensemble, watch, err);
    if (!code)
        code = lethe_audit_fill(&made, &records, ensemble->snapshot->seed, watch, err);
    if (!code && arrays)
        code = lethe_audit_arrays_write(arrays, n, groups, ensemble, watch, err);
    if (!code)
        *audit = made;
    lethe_audit_records_release(&records);
    for (size_t i = 0; i < 3 * n; i++)
        lethe_member_release(&members[i]);
    lethe_free(members);
    return code;
}

enum lethe_err lethe_audit_run(struct lethe_audit *audit, size_t n, const char *arrays,
                               const struct lethe_ensemble *ensemble, struct lethe_watch *watch,
                               struct lethe_error *err)
{
    struct lethe_ensemble own;
    struct lethe_training_context training;
    enum lethe_err code = lethe_snapshot_whole(ensemble->snapshot, "audit", err);
    if (!code)
        code = lethe_ensemble_movable(&own, &training, ensemble, watch, err);
    return code ? code : run(audit, n, arrays, &own, watch, err);
}
