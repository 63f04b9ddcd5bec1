/* SPDX-License-Identifier: MIT
 * Makes the models in three steps (trainings, removals, measurements), each on all processors, and
 * fills the table in its order. */
#include "study/audit.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "eval/order.h"
#include "study/audit_groups.h"
#include "study/ensemble_run.h"

enum {
    ORIGINALS_FROM = 1000000
}; /* seeds and draws of originals: a retrain that
     shared one would be its twin. Retrains: as `retrain cold` */

double lethe_audit_share(const struct lethe_graph *graph)
{
    return lethe_graph_layer_count(graph) == 1 ? 0.5 : 1;
}

const char *lethe_audit_says(const struct lethe_audit_row *row)
{
    if (row->note[0])
        return row->note;
    if (isnan(row->shown.z))
        return "";
    return row->shown.z > 2 ? row->above : row->shown.z < -2 ? row->below : "as retraining";
}

/* ---- models -----------------------------------------------------------------------------------
 */

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

/* ---- rows -------------------------------------------------------------------------------------
 */

struct table {
    struct lethe_audit *audit;
    const struct lethe_audit_records *records;
    double *values; /* (LETHE_GROUPS, n) of the row that is being filled */
};

static struct lethe_audit_row *add(struct table *t, const char *key, const char *label,
                                   const char *above, const char *below)
{
    assert(t->audit->count < LETHE_AUDIT_ROWS);
    struct lethe_audit_row *row = &t->audit->rows[t->audit->count++];
    *row = (struct lethe_audit_row){.key = key, .label = label, .above = above, .below = below};
    lethe_shown_fill(&row->shown, NAN, NAN, NULL, 0);
    return row;
}

static double mean_known(const double *x, size_t n)
{
    double sum = 0;
    size_t known = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i])) {
            sum += x[i];
            known++;
        }
    return known ? sum / (double)known : NAN;
}

/* A row from values of every model. */
static void fill(struct table *t, struct lethe_audit_row *row)
{
    const size_t n = t->records->n;
    lethe_shown_fill(&row->shown, mean_known(t->values, n), mean_known(t->values + n, n),
                     t->values + 2 * n, n);
}

typedef double read_fn(const struct lethe_audit_record *record);
#define READ(name, expression)                                                                     \
    static double name(const struct lethe_audit_record *r)                                         \
    {                                                                                              \
        return expression;                                                                         \
    }
READ(forget_accuracy, r->figures.forget.accuracy)
READ(forget_loss, r->figures.forget.loss)
READ(retain_accuracy, r->figures.retain.accuracy)
READ(heldout_accuracy, r->figures.heldout.accuracy)
READ(attack_auc, r->figures.attack.auc.value)
READ(balanced, r->figures.attack.balanced_accuracy.value)
READ(percentile, r->figures.attack.percentile.value)
READ(logistic, r->attack.logistic.value)
READ(probe, r->attack.probe.value)
READ(relearn, lethe_attack_metrics_steps(&r->attack))

static const struct {
    const char *key, *label, *above, *below;
    int percent;
    read_fn *read;
} plain[] = {
    {"forget.accuracy", "forget accuracy", "still known", "worse than unseen", 1, forget_accuracy},
    {"forget.loss", "forget loss", "worse than unseen", "still known", 0, forget_loss},
    {"retain.accuracy", "retain accuracy", "fits the rest better", "the rest is damaged", 1,
     retain_accuracy},
    {"heldout.accuracy", "held-out accuracy", "better than retrained", "costs accuracy", 1,
     heldout_accuracy},
    {"attack.auc", "attack AUC", "members can be found", "marked by their loss", 0, attack_auc},
    {"attack.balanced_accuracy", "attack bal. acc", "members can be found", "marked less", 1,
     balanced},
    {"attack.percentile", "loss percentile", "marked by their loss", "still remembered", 0,
     percentile},
    {"attack.logistic", "logistic attack", "members can be told", "told less", 1, logistic},
    {"probe", "linear probe", "the features tell", "told less", 1, probe},
    {"relearn_steps", "relearn steps", "harder to learn again", "quick to learn again", 0, relearn},
};

static void put_plain(struct table *t)
{
    const size_t n = t->records->n;
    assert(n > 0);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        struct lethe_audit_row *row =
            add(t, plain[i].key, plain[i].label, plain[i].above, plain[i].below);
        row->percent = plain[i].percent;
        for (size_t k = 0; k < LETHE_GROUPS * n; k++)
            t->values[k] = plain[i].read(&t->records->at[k / n][k % n]);
        fill(t, row);
        if (!strcmp(row->key, "attack.auc") && isnan(row->shown.now))
            snprintf(row->note, sizeof row->note, "%s",
                     t->records->at[LETHE_NOW][0].figures.attack.auc.note);
    }
}

static enum lethe_err put_attacks(struct table *t, uint64_t seed, struct lethe_error *err)
{
    const size_t n = t->records->n;
    enum lethe_err code = lethe_audit_groups_lira(t->values, t->records, seed, err);
    if (code)
        return code;
    struct lethe_audit_row *row =
        add(t, "lira", "LiRA AUC", "members can be found", "marked as unlikely");
    fill(t, row);
    if (n < 3)
        snprintf(row->note, sizeof row->note, "n/a (N = %zu, needs 3)", n);
    code = lethe_audit_groups_rmia(t->values, t->records, seed, err);
    if (code)
        return code;
    row = add(t, "rmia", "RMIA AUC", "members can be found", "marked as unlikely");
    fill(t, row);
    if (n < 2)
        snprintf(row->note, sizeof row->note, "n/a (N = %zu, needs 2)", n);
    return LETHE_OK;
}

/* Distances of the forget samples' predictions to the retrains'. A retrain's are to the others. */
static enum lethe_err put_distances(struct table *t, struct lethe_error *err)
{
    const struct lethe_audit_records *r = t->records;
    const size_t n = r->n, m = r->count[0], c = r->classes;
    const double **others = lethe_alloc(n, sizeof *others);
    assert(n > 0);
    if (!others)
        return lethe_fail_memory(err, "logits", n, sizeof *others);
    for (size_t k = 0; k < LETHE_GROUPS * n; k++) {
        size_t count = 0;
        for (size_t j = 0; j < n; j++)
            if (k / n != LETHE_RETRAINED || j != k % n)
                others[count++] = r->at[LETHE_RETRAINED][j].logits;
        t->values[k] = lethe_kl_to_retrains(r->at[k / n][k % n].logits, others, count, m, c);
    }
    lethe_free(others);
    struct lethe_audit_row *row =
        add(t, "kl.forget", "KL to retrains", "further than retrains", "nearer than retrains");
    fill(t, row);
    t->audit->floor = row->shown.retrain;
    t->audit->nothing_to_unlearn = row->shown.before <= row->shown.retrain;
    enum lethe_err code = LETHE_OK;
    for (size_t k = 0; !code && k < LETHE_GROUPS * n; k++) {
        const size_t other = k / n == LETHE_RETRAINED ? (k + 1) % n : k % n;
        t->values[k] = NAN;
        if (k / n != LETHE_RETRAINED || n > 1)
            code = lethe_fqs(&t->values[k], r->at[k / n][k % n].logits,
                             r->at[LETHE_RETRAINED][other].logits, m, c, err);
    }
    fill(t, add(t, "fqs", "FQS (pooled)", "told less", "told by one threshold"));
    return code;
}

static const struct {
    const char *key, *label, *above, *below;
} of_groups[LETHE_GROUP_FIGURES] = {
    [LETHE_GROUP_ULIRA] = {"ulira.accuracy", "U-LiRA accuracy", "told from unseen",
                           "closer than chance"},
    [LETHE_GROUP_ULIRA_AUC] = {"ulira.auc", "U-LiRA AUC", "told from unseen", "closer than chance"},
    [LETHE_GROUP_ULIRA_WORST] = {"ulira.worst", "U-LiRA worst", "one sample is told",
                                 "closer than chance"},
    [LETHE_GROUP_FORGETTING] = {"forgetting_score", "forgetting quality", "better than chance",
                                "forgets less"},
    [LETHE_GROUP_KLOM] = {"klom.forget", "KLOM forget", "further than retrains",
                          "closer than chance"},
    [LETHE_GROUP_KLOM_95] = {"klom.forget_95", "KLOM forget 95%", "further than retrains",
                             "closer than chance"},
    [LETHE_GROUP_KLOM + 2] = {"klom.retain", "KLOM retain", "the rest is shifted",
                              "closer than chance"},
    [LETHE_GROUP_KLOM + 3] = {"klom.retain_95", "KLOM retain 95%", "the rest is shifted",
                              "closer than chance"},
    [LETHE_GROUP_KLOM + 4] = {"klom.heldout", "KLOM held-out", "held-out is shifted",
                              "closer than chance"},
    [LETHE_GROUP_KLOM + 5] = {"klom.heldout_95", "KLOM held-out 95%", "held-out is shifted",
                              "closer than chance"},
};

static enum lethe_err put_groups(struct table *t, uint64_t seed, struct lethe_watch *watch,
                                 struct lethe_error *err)
{
    struct lethe_group_figures before, now, chance[LETHE_AUDIT_SHUFFLES];
    enum lethe_err code = lethe_audit_groups_measure(&before, t->records, LETHE_BEFORE, err);
    if (!code)
        code = lethe_audit_groups_measure(&now, t->records, LETHE_NOW, err);
    for (uint64_t draw = 0; !code && draw < LETHE_AUDIT_SHUFFLES; draw++) {
        code = lethe_watch_step(watch, "shuffling", (long)draw, LETHE_AUDIT_SHUFFLES, err);
        if (!code)
            code = lethe_audit_groups_shuffled(&chance[draw], t->records, seed, draw, err);
    }
    if (code)
        return code;
    t->audit->epsilon_limit = now.epsilon_limit;
    for (int f = 0; f < LETHE_GROUP_FIGURES; f++) {
        double by_chance[LETHE_AUDIT_SHUFFLES];
        struct lethe_audit_row *row =
            add(t, of_groups[f].key, of_groups[f].label, of_groups[f].above, of_groups[f].below);
        for (int draw = 0; draw < LETHE_AUDIT_SHUFFLES; draw++)
            by_chance[draw] = chance[draw].at[f].value;
        lethe_shown_fill(&row->shown, before.at[f].value, now.at[f].value, by_chance,
                         LETHE_AUDIT_SHUFFLES);
        snprintf(row->note, sizeof row->note, "%s", now.at[f].note);
    }
    return LETHE_OK;
}

/* What the removal did to the samples that stay: of the removals alone. */
static void put_harm(struct table *t)
{
    const size_t n = t->records->n;
    const struct {
        const char *key, *label;
    } rows[] = {{"harm.mean_change", "retained loss, mean"},
                {"harm.q95_change", "retained loss, 95%"},
                {"harm.lost", "retained lost"},
                {"harm.gained", "retained gained"},
                {"harm.auc", "AUC of retained"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double now[5] = {0}, before = 0;
        struct lethe_audit_row *row = add(t, rows[i].key, rows[i].label, "", "");
        for (size_t k = 0; k < n; k++) {
            const struct lethe_harm *h = &t->records->at[LETHE_NOW][k].harm;
            const double values[5] = {h->mean_change, h->q95_change, (double)h->lost,
                                      (double)h->gained, h->auc_now};
            now[i] += values[i] / (double)n;
            before += h->auc_before / (double)n;
        }
        row->shown.now = now[i];
        row->shown.before = i == 4 ? before : NAN;
    }
}

static void conclude(struct lethe_audit *audit)
{
    const struct lethe_shown *auc = NULL, *loss = NULL;
    for (size_t i = 0; i < audit->count; i++) {
        if (!strcmp(audit->rows[i].key, "attack.auc"))
            auc = &audit->rows[i].shown;
        if (!strcmp(audit->rows[i].key, "forget.loss"))
            loss = &audit->rows[i].shown;
    }
    audit->over_unlearned = auc && loss && lethe_over_unlearned(auc, loss);
}

static enum lethe_err put_rows(struct lethe_audit *audit, const struct lethe_audit_records *records,
                               const struct lethe_ensemble *ensemble, struct lethe_watch *watch,
                               struct lethe_error *err)
{
    const uint64_t seed = ensemble->snapshot->seed;
    struct table t = {audit, records, lethe_alloc(records->n, LETHE_GROUPS * sizeof *t.values)};
    if (!t.values)
        return lethe_fail_memory(err, "an audit", records->n, LETHE_GROUPS * sizeof *t.values);
    enum lethe_err code = put_groups(&t, seed, watch, err);
    if (!code)
        code = put_attacks(&t, seed, err);
    if (!code)
        put_plain(&t);
    if (!code)
        code = put_distances(&t, err);
    if (!code)
        put_harm(&t);
    if (!code)
        conclude(audit);
    lethe_free(t.values);
    return code;
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

enum lethe_err lethe_audit_run(struct lethe_audit *audit, size_t n,
                               const struct lethe_ensemble *ensemble, struct lethe_watch *watch,
                               struct lethe_error *err)
{
    struct lethe_audit made = {.n = n};
    struct lethe_audit_records records = {0};
    struct lethe_member *members = lethe_alloc_zero(3 * n, sizeof *members);
    if (!members)
        return lethe_fail_memory(err, "an audit", 3 * n, sizeof *members);
    enum lethe_err code = lethe_snapshot_whole(ensemble->snapshot, "audit", err);
    struct lethe_member *groups[LETHE_GROUPS] = {members, members + 2 * n, members + n};
    if (!code)
        code = count_samples(&made, ensemble, err);
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
        code = put_rows(&made, &records, ensemble, watch, err);
    if (!code)
        *audit = made;
    lethe_audit_records_release(&records);
    for (size_t i = 0; i < 3 * n; i++)
        lethe_member_release(&members[i]);
    lethe_free(members);
    return code;
}
