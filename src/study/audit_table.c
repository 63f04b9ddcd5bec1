/* SPDX-License-Identifier: MIT
 * Rows in their order, each with its test, and what they say together. Figures that every model has
 * are tested by the means of two groups; figures of two groups by what they are when both groups
 * are shuffled; distances to retrains by the jackknife. */
#include "study/audit_table.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "eval/interval.h"
#include "study/audit_groups.h"

/* What is known of a row before anything is measured. */
struct row_of {
    const char *key, *label, *above, *below;
    int percent, of_forget;
};

struct table {
    struct lethe_audit *audit;
    const struct lethe_audit_records *records;
    double *values; /* (LETHE_GROUPS, n) of the row that is being filled */
};

static struct lethe_audit_row *add(struct table *t, const struct row_of *of)
{
    assert(t->audit->count < LETHE_AUDIT_ROWS);
    struct lethe_audit_row *row = &t->audit->rows[t->audit->count++];
    *row = (struct lethe_audit_row){.key = of->key,
                                    .label = of->label,
                                    .above = of->above,
                                    .below = of->below,
                                    .percent = of->percent,
                                    .of_forget = of->of_forget};
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
    const double *before = t->values, *now = before + n, *retrains = now + n;
    lethe_shown_fill(&row->shown, mean_known(before, n), mean_known(now, n), retrains, n);
    lethe_equivalence_means(&row->before, before, n, retrains, n, LETHE_BOUND_OF_MEANS);
    lethe_equivalence_means(&row->now, now, n, retrains, n, LETHE_BOUND_OF_MEANS);
    row->shown.z = row->now.z;
    row->shown.says = row->now.verdict;
}

/* ---- figures of one model -------------------------------------------------------------------- */

typedef double read_fn(const struct lethe_audit_record *record);
#define READ(name, expression)                                                                     \
    static double name(const struct lethe_audit_record *r)                                         \
    {                                                                                              \
        return expression;                                                                         \
    }
READ(logistic, r->attack.logistic.value)
READ(probe, r->attack.probe.value)
READ(relearn, lethe_attack_metrics_steps(&r->attack))

typedef const char *note_fn(const struct lethe_audit_record *record);
static const char *logistic_note(const struct lethe_audit_record *r)
{
    return r->attack.logistic.note;
}
static const char *probe_note(const struct lethe_audit_record *r)
{
    return r->attack.probe.note;
}

static const struct {
    struct row_of of;
    read_fn *read;
    note_fn *note; /* why there is none; NULL: there always is one */
} plain[] = {
    {{"attack.logistic", "logistic attack", "members can be told", "told less", 1, 1},
     logistic,
     logistic_note},
    {{"probe", "linear probe", "the features tell", "told less", 1, 1}, probe, probe_note},
    {{"relearn_steps", "relearn steps", "harder to learn again", "quick to learn again", 0, 1},
     relearn,
     NULL},
};

/* Figures of the table of metrics. */
static void put_of_model(struct table *t)
{
    const size_t n = t->records->n;
    assert(n > 0); /* an audit has models */
    for (size_t i = 0; i < lethe_metric_count(); i++) {
        const struct lethe_metric *metric = lethe_metric(i);
        if (!lethe_metric_in_audit(metric))
            continue;
        const struct row_of of = {metric->name,
                                  metric->title ? metric->title : metric->label,
                                  metric->above,
                                  metric->below,
                                  metric->look == LETHE_LOOK_PERCENT,
                                  (metric->flags & LETHE_METRIC_OF_FORGET) != 0};
        struct lethe_audit_row *row = add(t, &of);
        for (size_t k = 0; k < LETHE_GROUPS * n; k++)
            t->values[k] = t->records->at[k / n][k % n].of_model[i].value;
        fill(t, row);
        if (isnan(row->shown.now))
            snprintf(row->note, sizeof row->note, "%s",
                     t->records->at[LETHE_NOW][0].of_model[i].note);
    }
}

static void put_plain(struct table *t)
{
    const size_t n = t->records->n;
    assert(n > 0);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        struct lethe_audit_row *row = add(t, &plain[i].of);
        for (size_t k = 0; k < LETHE_GROUPS * n; k++)
            t->values[k] = plain[i].read(&t->records->at[k / n][k % n]);
        fill(t, row);
        if (plain[i].note && isnan(row->shown.now))
            snprintf(row->note, sizeof row->note, "%s",
                     plain[i].note(&t->records->at[LETHE_NOW][0]));
    }
}

/* ---- attacks with the retrains as references ------------------------------------------------- */

/* Why an attack has no figure: too few models, or too few samples for a curve. */
static void tell_none(struct lethe_audit_row *row, const struct table *t, size_t needs)
{
    const size_t n = t->records->n, m = t->records->count[0];
    if (n < needs)
        snprintf(row->note, sizeof row->note, "n/a (N = %zu, needs %zu)", n, needs);
    else if (m < 2 && isnan(row->shown.now))
        snprintf(row->note, sizeof row->note, "n/a (m = %zu, needs 2)", m);
}

static enum lethe_err put_attacks(struct table *t, uint64_t seed, struct lethe_error *err)
{
    static const struct row_of
        lira = {"lira", "LiRA AUC", "members can be found", "marked as unlikely", 0, 1},
        rmia = {"rmia", "RMIA AUC", "members can be found", "marked as unlikely", 0, 1};
    enum lethe_err code = lethe_audit_groups_lira(t->values, t->records, seed, err);
    if (code)
        return code;
    struct lethe_audit_row *row = add(t, &lira);
    fill(t, row);
    tell_none(row, t, 3);
    code = lethe_audit_groups_rmia(t->values, t->records, seed, err);
    if (code)
        return code;
    row = add(t, &rmia);
    fill(t, row);
    tell_none(row, t, 2);
    return LETHE_OK;
}

/* ---- distances to the retrains --------------------------------------------------------------- */

/* kl (n, n): of model i of a group to retrain j, forget samples. */
static void distances(double *kl, const struct lethe_audit_records *r, int group)
{
    for (size_t i = 0; i < r->n; i++)
        for (size_t j = 0; j < r->n; j++) {
            struct lethe_distance d;
            lethe_distance_measure(&d, r->at[group][i].logits, r->at[LETHE_RETRAINED][j].logits,
                                   r->count[0], r->classes);
            kl[i * r->n + j] = d.kl;
        }
}

static double mean_distance(const double *kl, size_t n, size_t i, int among)
{
    double sum = 0;
    for (size_t j = 0; j < n; j++)
        sum += among && i == j ? 0 : kl[i * n + j];
    return sum / (double)(n - (among ? 1 : 0)); /* one retrain has no other: NAN */
}

/* A retrain's distances are to the others. */
static enum lethe_err put_kl(struct table *t, struct lethe_error *err)
{
    static const struct row_of of = {
        "kl.forget", "KL to retrains", "further than retrains", "nearer than retrains", 0, 1};
    const size_t n = t->records->n;
    assert(n > 0); /* an audit has models */
    double *kl = lethe_alloc(LETHE_GROUPS * n, n * sizeof *kl);
    if (!kl)
        return lethe_fail_memory(err, "distances", LETHE_GROUPS * n, n * sizeof *kl);
    for (int group = 0; group < LETHE_GROUPS; group++)
        distances(kl + (size_t)group * n * n, t->records, group);
    for (size_t k = 0; k < LETHE_GROUPS * n; k++)
        t->values[k] = mean_distance(kl + k / n * n * n, n, k % n, k / n == LETHE_RETRAINED);
    struct lethe_audit_row *row = add(t, &of);
    const double *among = kl + LETHE_RETRAINED * n * n;
    fill(t, row);
    lethe_equivalence_distances(&row->before, kl, n, among, n, LETHE_BOUND_OF_MEANS);
    lethe_equivalence_distances(&row->now, kl + LETHE_NOW * n * n, n, among, n,
                                LETHE_BOUND_OF_MEANS);
    row->shown.z = row->now.z;
    row->shown.says = row->now.verdict;
    t->audit->floor = row->shown.retrain;
    lethe_free(kl);
    return LETHE_OK;
}

static enum lethe_err put_fqs(struct table *t, struct lethe_error *err)
{
    static const struct row_of of = {"fqs", "FQS (pooled)", "told less", "told by one threshold", 0,
                                     1};
    const struct lethe_audit_records *r = t->records;
    const size_t n = r->n;
    assert(n > 0); /* an audit has models */
    enum lethe_err code = LETHE_OK;
    for (size_t k = 0; !code && k < LETHE_GROUPS * n; k++) {
        const size_t other = k / n == LETHE_RETRAINED ? (k + 1) % n : k % n;
        t->values[k] = NAN;
        if (k / n != LETHE_RETRAINED || n > 1)
            code = lethe_fqs(&t->values[k], r->at[k / n][k % n].logits,
                             r->at[LETHE_RETRAINED][other].logits, r->count[0], r->classes, err);
    }
    if (!code)
        fill(t, add(t, &of));
    return code;
}

/* Of the groups' mean predictions: one figure of them all, so there is nothing to test. */
static enum lethe_err put_recovery(struct table *t, struct lethe_error *err)
{
    static const struct row_of of[] = {{"recovery", "recovery, logits", 0, 0, 0, 1},
                                       {"recovery_probs", "recovery, probs", 0, 0, 0, 1}};
    const double whole = 1;
    enum lethe_err code = LETHE_OK;
    for (int probs = 1; !code && probs >= 0; probs--) {
        double value;
        code = lethe_audit_groups_recovery(&value, t->records, probs, err);
        if (!code)
            lethe_shown_fill(&add(t, &of[probs])->shown, isnan(value) ? NAN : 0, value, &whole,
                             isnan(value) ? 0U : 1U);
    }
    return code;
}

/* ---- figures of two groups ------------------------------------------------------------------- */

/* A bound in standard deviations of one model's margins, as it shows in a figure of two groups of
 * Gaussian margins that far apart. */
static double bound_of_accuracy(double chance)
{
    (void)chance;
    return lethe_normal_cdf(LETHE_BOUND_OF_MEANS / 2) - 0.5;
}

static double bound_of_auc(double chance)
{
    (void)chance;
    return lethe_normal_cdf(LETHE_BOUND_OF_MEANS / sqrt(2)) - 0.5;
}

static double bound_of_kl(double chance)
{
    (void)chance;
    return LETHE_BOUND_OF_MEANS * LETHE_BOUND_OF_MEANS / 2;
}

/* The score halves with every half of epsilon. */
static double bound_of_score(double chance)
{
    return chance / 2;
}

static const struct {
    struct row_of of;
    double (*bound)(double chance);
    int worse; /* 1: more than chance is bad, -1: less is */
} of_groups[LETHE_GROUP_FIGURES] = {
    [LETHE_GROUP_ULIRA] = {{"ulira.accuracy", "U-LiRA accuracy", "told from unseen", "", 0, 1},
                           bound_of_accuracy,
                           1},
    [LETHE_GROUP_ULIRA_AUC] = {{"ulira.auc", "U-LiRA AUC", "told from unseen", "", 0, 1},
                               bound_of_auc,
                               1},
    [LETHE_GROUP_ULIRA_WORST] = {{"ulira.worst", "U-LiRA worst", "one sample is told", "", 0, 1},
                                 bound_of_accuracy,
                                 1},
    [LETHE_GROUP_FORGETTING] =
        {{"forgetting_score", "forgetting quality", "", "forgets less", 0, 1}, bound_of_score, -1},
    [LETHE_GROUP_KLOM] = {{"klom.forget", "KLOM forget", "further than retrains", "", 0, 1},
                          bound_of_kl,
                          1},
    [LETHE_GROUP_KLOM_95] =
        {{"klom.forget_95", "KLOM forget 95%", "further than retrains", "", 0, 1}, bound_of_kl, 1},
    [LETHE_GROUP_KLOM +
        2] = {{"klom.retain", "KLOM retain", "the rest is shifted", "", 0, 0}, bound_of_kl, 1},
    [LETHE_GROUP_KLOM + 3] =
        {{"klom.retain_95", "KLOM retain 95%", "the rest is shifted", "", 0, 0}, bound_of_kl, 1},
    [LETHE_GROUP_KLOM +
        4] = {{"klom.heldout", "KLOM held-out", "held-out is shifted", "", 0, 0}, bound_of_kl, 1},
    [LETHE_GROUP_KLOM + 5] =
        {{"klom.heldout_95", "KLOM held-out 95%", "held-out is shifted", "", 0, 0}, bound_of_kl, 1},
};

/* One figure beside what it is by chance. */
static void judge_group(struct lethe_equivalence *e, const struct lethe_shown *shown, double value,
                        int figure)
{
    const double k = (double)shown->k;
    const struct lethe_equivalence_input in = {
        .difference = value - shown->retrain,
        .error = shown->sd * sqrt(1 + 1 / k),
        .freedom = k - 1,
        .bound = of_groups[figure].bound(shown->retrain),
        .scale = fmax(fabs(value), fabs(shown->retrain)),
    };
    lethe_equivalence_judge(e, &in);
    lethe_equivalence_one_sided(e, of_groups[figure].worse);
}

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
        struct lethe_audit_row *row = add(t, &of_groups[f].of);
        for (int draw = 0; draw < LETHE_AUDIT_SHUFFLES; draw++)
            by_chance[draw] = chance[draw].at[f].value;
        lethe_shown_fill(&row->shown, before.at[f].value, now.at[f].value, by_chance,
                         LETHE_AUDIT_SHUFFLES);
        snprintf(row->note, sizeof row->note, "%s", now.at[f].note);
        judge_group(&row->before, &row->shown, row->shown.before, f);
        judge_group(&row->now, &row->shown, row->shown.now, f);
        row->shown.z = row->now.z;
        row->shown.says = row->now.verdict;
    }
    return LETHE_OK;
}

/* ---- harm ------------------------------------------------------------------------------------ */

/* What the removal did to the samples that stay: of the removals alone. */
static void put_harm(struct table *t)
{
    static const struct row_of rows[] = {{"harm.mean_change", "retained loss, mean", 0, 0, 0, 0},
                                         {"harm.q95_change", "retained loss, 95%", 0, 0, 0, 0},
                                         {"harm.lost", "retained lost", 0, 0, 0, 0},
                                         {"harm.gained", "retained gained", 0, 0, 0, 0},
                                         {"harm.auc", "AUC of retained", 0, 0, 0, 0}};
    const size_t n = t->records->n;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double now[5] = {0}, before = 0;
        struct lethe_audit_row *row = add(t, &rows[i]);
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

/* ---- together -------------------------------------------------------------------------------- */

static const struct lethe_audit_row *row_named(const struct lethe_audit *audit, const char *key)
{
    for (size_t i = 0; i < audit->count; i++)
        if (!strcmp(audit->rows[i].key, key))
            return &audit->rows[i];
    return NULL;
}

static int is_off(const struct lethe_audit *audit, const char *key, int sign)
{
    const struct lethe_audit_row *row = row_named(audit, key);
    return row && row->now.verdict == LETHE_LIKE_DIFFERENT && sign * row->now.difference > 0;
}

/* Rows about the forget samples that a test has an answer to. */
static size_t tested(const struct lethe_audit *audit)
{
    size_t count = 0;
    for (size_t i = 0; i < audit->count; i++)
        count += audit->rows[i].of_forget && audit->rows[i].now.verdict != LETHE_LIKE_UNKNOWN;
    return count;
}

/* The removals are told from retraining when one row says so at a level that holds for all rows
 * together (Bonferroni); of several the first, for the sharpest stand first. They are as retraining
 * when the sharpest row says so and none speaks against it. */
static void conclude(struct lethe_audit *audit)
{
    const double level = 0.05 / (double)tested(audit);
    const struct lethe_audit_row *sharpest = row_named(audit, "ulira.accuracy");
    int any = 0;
    audit->by = SIZE_MAX;
    audit->verdict = tested(audit) ? LETHE_LIKE_UNDECIDED : LETHE_LIKE_UNKNOWN;
    for (size_t i = 0; i < audit->count; i++) {
        const struct lethe_equivalence *e = &audit->rows[i].now;
        if (!audit->rows[i].of_forget || e->verdict != LETHE_LIKE_DIFFERENT)
            continue;
        any = 1;
        if (audit->by == SIZE_MAX && (isnan(e->p) || e->p < level))
            audit->by = i;
    }
    if (audit->by != SIZE_MAX) {
        audit->verdict = LETHE_LIKE_DIFFERENT;
    } else if (!any && sharpest && sharpest->now.verdict == LETHE_LIKE_RETRAINED) {
        audit->verdict = LETHE_LIKE_RETRAINED;
        audit->by = (size_t)(sharpest - audit->rows);
    }
    audit->over_unlearned = is_off(audit, "attack.auc", -1) || is_off(audit, "forget.loss", 1);
}

/* Nothing tells originals or removals from retrains, and originals are as near as retrains. */
static int nothing_to_unlearn(const struct lethe_audit *audit)
{
    const struct lethe_audit_row *kl = row_named(audit, "kl.forget");
    for (size_t i = 0; i < audit->count; i++)
        if (audit->rows[i].of_forget && (audit->rows[i].before.verdict == LETHE_LIKE_DIFFERENT ||
                                         audit->rows[i].now.verdict == LETHE_LIKE_DIFFERENT))
            return 0;
    return kl && kl->shown.before <= kl->shown.retrain;
}

const char *lethe_audit_says(const struct lethe_audit_row *row)
{
    return row->note[0] ? row->note : lethe_likeness_words(row->now.verdict);
}

const char *lethe_audit_means(const struct lethe_audit_row *row)
{
    const char *means = row->now.difference > 0 ? row->above : row->below;
    return row->now.verdict == LETHE_LIKE_DIFFERENT && means ? means : "";
}

enum lethe_err lethe_audit_fill(struct lethe_audit *audit,
                                const struct lethe_audit_records *records, uint64_t seed,
                                struct lethe_watch *watch, struct lethe_error *err)
{
    struct table t = {audit, records, lethe_alloc(records->n, LETHE_GROUPS * sizeof *t.values)};
    if (!t.values)
        return lethe_fail_memory(err, "an audit", records->n, LETHE_GROUPS * sizeof *t.values);
    enum lethe_err code = put_groups(&t, seed, watch, err);
    if (!code)
        code = put_attacks(&t, seed, err);
    if (!code) {
        put_of_model(&t);
        put_plain(&t);
    }
    if (!code)
        code = put_kl(&t, err);
    if (!code)
        code = put_fqs(&t, err);
    if (!code)
        code = put_recovery(&t, err);
    if (!code) {
        put_harm(&t);
        conclude(audit);
        audit->nothing_to_unlearn = nothing_to_unlearn(audit);
    }
    lethe_free(t.values);
    return code;
}
