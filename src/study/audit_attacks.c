/* SPDX-License-Identifier: MIT
 * Attacks on one model at a time that take the retrains, which never saw the forget samples, for
 * their references. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "study/audit_groups.h"

/* Who is attacked: the forget samples first, then those held-out samples (positions rows) that are
 * non-members; for RMIA some more as its population. */
struct targets {
    size_t members, others, population;
    size_t *rows; /* (others + population) positions among the held-out samples */
};

static int same_class(const struct lethe_audit_records *r, size_t heldout)
{
    for (size_t i = 0; i < r->count[0]; i++)
        if (r->labels[0][i] == r->labels[2][heldout])
            return 1;
    return 0;
}

/* With a population every second held-out sample goes into it, whatever its class. */
static enum lethe_err choose(struct targets *t, const struct lethe_audit_records *r,
                             int with_population, struct lethe_error *err)
{
    *t =
        (struct targets){.members = r->count[0], .rows = lethe_alloc(r->count[2], sizeof *t->rows)};
    if (!t->rows)
        return lethe_fail_memory(err, "samples", r->count[2], sizeof *t->rows);
    for (size_t i = 0; i < r->count[2]; i++)
        if (same_class(r, i) && !(with_population && i % 2))
            t->rows[t->others++] = i;
    for (size_t i = 1; with_population && i < r->count[2]; i += 2)
        t->rows[t->others + t->population++] = i;
    return LETHE_OK;
}

/* Margins of model k about members, others and population, in this order. */
static void gather(double *to, const struct targets *t, const struct lethe_audit_records *r,
                   int group, size_t k)
{
    memcpy(to, r->phi[group][0] + k * t->members, t->members * sizeof *to);
    const double *heldout = r->phi[group][2] + k * r->count[2];
    for (size_t i = 0; i < t->others + t->population; i++)
        to[t->members + i] = heldout[t->rows[i]];
}

static enum lethe_err area(double *auc, const double *score, const struct targets *t, uint64_t seed,
                           struct lethe_error *err)
{
    const size_t n = t->members + t->others;
    struct lethe_attack attack;
    unsigned char *member = lethe_alloc(n, 1);
    if (!member)
        return lethe_fail_memory(err, "an attack", n, 1);
    for (size_t i = 0; i < n; i++)
        member[i] = i < t->members;
    enum lethe_err code = lethe_attack_scores(&attack, score, member, n, seed, err);
    if (!code)
        *auc = attack.auc.value;
    lethe_free(member);
    return code;
}

/* How an attack scores target (width) by the references (models, width). */
typedef enum lethe_err score_fn(double *score, const double *target, const double *references,
                                size_t models, const struct targets *t, struct lethe_error *err);

static enum lethe_err attack_all(double *auc, const struct lethe_audit_records *r,
                                 int with_population, size_t least, score_fn *score_by,
                                 uint64_t seed, struct lethe_error *err)
{
    struct targets t = {0};
    enum lethe_err code = choose(&t, r, with_population, err);
    const size_t width = t.members + t.others + t.population;
    double *references = lethe_alloc(r->n, width * sizeof *references);
    double *target = lethe_alloc(width, sizeof *target);
    double *score = lethe_alloc(width, sizeof *score);
    if (!code && (!references || !target || !score))
        code = lethe_fail_memory(err, "an attack", r->n + 2, width * sizeof *target);
    for (size_t k = 0; k < LETHE_GROUPS * r->n; k++)
        auc[k] = NAN;
    for (int group = 0; !code && group < LETHE_GROUPS; group++)
        for (size_t k = 0; !code && k < r->n; k++) {
            size_t models = 0;
            for (size_t j = 0; j < r->n; j++)
                if (group != LETHE_RETRAINED || j != k)
                    gather(references + models++ * width, &t, r, LETHE_RETRAINED, j);
            if (models < least || !t.others || (with_population && !t.population))
                continue;
            gather(target, &t, r, group, k);
            code = score_by(score, target, references, models, &t, err);
            if (!code)
                code = area(&auc[(size_t)group * r->n + k], score, &t, seed, err);
        }
    lethe_free(references);
    lethe_free(target);
    lethe_free(score);
    lethe_free(t.rows);
    return code;
}

static enum lethe_err score_lira(double *score, const double *target, const double *references,
                                 size_t models, const struct targets *t, struct lethe_error *err)
{
    const size_t n = t->members + t->others;
    unsigned char *in = lethe_alloc_zero(models, n);
    if (!in)
        return lethe_fail_memory(err, "LiRA", models, n);
    const struct lethe_lira lira = {{references, models, n}, in, 1};
    enum lethe_err code = lethe_lira_scores(score, target, &lira, err);
    lethe_free(in);
    return code;
}

/* -log p of the true label from its margin. */
static double loss_of(double phi)
{
    return phi > 0 ? log1p(exp(-phi)) : log1p(exp(phi)) - phi;
}

static enum lethe_err score_rmia(double *score, const double *target, const double *references,
                                 size_t models, const struct targets *t, struct lethe_error *err)
{
    const size_t n = t->members + t->others, z = t->population, width = n + z;
    double *losses = lethe_alloc(models + 1, width * sizeof *losses);
    if (!losses)
        return lethe_fail_memory(err, "RMIA", models + 1, width * sizeof *losses);
    double *known = losses + width, *of_population = known + models * n;
    for (size_t i = 0; i < width; i++)
        losses[i] = loss_of(target[i]);
    for (size_t k = 0; k < models; k++)
        for (size_t i = 0; i < width; i++) {
            const double loss = loss_of(references[k * width + i]);
            if (i < n)
                known[k * n + i] = loss;
            else
                of_population[k * z + i - n] = loss;
        }
    const struct lethe_rmia rmia = {.target = losses,
                                    .population = losses + n,
                                    .references = known,
                                    .population_references = of_population,
                                    .n = n,
                                    .z = z,
                                    .models = models,
                                    .offline_a = 0.3,
                                    .gamma = 1};
    enum lethe_err code = lethe_rmia_scores(score, &rmia, err);
    lethe_free(losses);
    return code;
}

enum lethe_err lethe_audit_groups_lira(double *auc, const struct lethe_audit_records *records,
                                       uint64_t seed, struct lethe_error *err)
{
    return attack_all(auc, records, 0, 2, score_lira, seed, err);
}

enum lethe_err lethe_audit_groups_rmia(double *auc, const struct lethe_audit_records *records,
                                       uint64_t seed, struct lethe_error *err)
{
    return attack_all(auc, records, 1, 1, score_rmia, seed, err);
}
