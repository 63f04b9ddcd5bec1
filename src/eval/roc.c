/* SPDX-License-Identifier: MIT
 * The ROC curve, its best threshold, and balanced accuracy fitted on one half of each group and
 * counted on the other (both ways round): fitted and counted on the same samples it would be
 * optimistic by about 1 / sqrt(m). Equal scores move together. The rule may call members those
 * below the threshold: samples that a removal has pushed out are found as surely as those it left
 * in. Check: scores 3 1 | 2 0 pass through (0, 1/2), (1/2, 1/2), (1/2, 1). */
#include "eval/roc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "eval/measure.h"
#include "lethe/rng.h"

static int descending(const void *a, const void *b)
{
    double x = ((const struct lethe_ranked *)a)->score, y = ((const struct lethe_ranked *)b)->score;
    return (x < y) - (x > y);
}

void lethe_rank_pool(struct lethe_ranked *ranked, const struct lethe_pool *pool)
{
    size_t all = pool->members + pool->nonmembers;
    for (size_t i = 0; i < all; i++) {
        int member = i < pool->members;
        ranked[i].member = member;
        ranked[i].score = member ? pool->member[i] : pool->nonmember[i - pool->members];
    }
    if (all > 1)
        qsort(ranked, all, sizeof *ranked, descending);
}

/* Counts the group of equal scores that begins at `at` and returns where it ends. */
static size_t group_end(const struct lethe_ranked *ranked, size_t at, size_t all, size_t hits[2])
{
    double score = ranked[at].score;
    for (; at < all && ranked[at].score == score; at++)
        hits[ranked[at].member]++;
    return at;
}

struct lethe_threshold lethe_best_threshold(const struct lethe_ranked *ranked,
                                            const struct lethe_pool *pool)
{
    size_t all = pool->members + pool->nonmembers, hits[2] = {0, 0};
    double best = 0;
    struct lethe_threshold rule = {INFINITY, 0};
    for (size_t at = 0; at < all;) {
        double score = ranked[at].score;
        at = group_end(ranked, at, all, hits);
        double gain =
            (double)hits[1] / (double)pool->members - (double)hits[0] / (double)pool->nonmembers;
        if (fabs(gain) > best) {
            best = fabs(gain);
            rule.at = at < all ? 0.5 * (score + ranked[at].score) : score;
            rule.below = gain < 0;
        }
    }
    return rule;
}

enum lethe_err lethe_roc(struct lethe_roc_point *points, size_t *count,
                         const struct lethe_pool *pool, struct lethe_error *err)
{
    size_t all = pool->members + pool->nonmembers, hits[2] = {0, 0}, used = 0;
    if (!pool->members || !pool->nonmembers)
        return lethe_fail(err, LETHE_EARG,
                          "a ROC curve needs members and non-members, not %zu and %zu",
                          pool->members, pool->nonmembers);
    struct lethe_ranked *ranked = lethe_alloc(all, sizeof *ranked);
    if (!ranked)
        return lethe_fail_memory(err, "the ROC curve", all, sizeof *ranked);
    lethe_rank_pool(ranked, pool);
    points[used++] = (struct lethe_roc_point){0, 0, INFINITY};
    for (size_t at = 0; at < all;) {
        double score = ranked[at].score;
        at = group_end(ranked, at, all, hits);
        points[used++] = (struct lethe_roc_point){
            .fpr = (double)hits[0] / (double)pool->nonmembers,
            .tpr = (double)hits[1] / (double)pool->members,
            .threshold = score,
        };
    }
    *count = used;
    lethe_free(ranked);
    return LETHE_OK;
}

/* Copies x in a random order, so that its two halves are random halves. */
static void shuffled(double *copy, const double *x, size_t n, uint64_t seed, uint64_t group)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, seed, LETHE_RNG_EVAL, group, n);
    memcpy(copy, x, n * sizeof *copy);
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)lethe_rng_below(&rng, i);
        double kept = copy[i - 1];
        copy[i - 1] = copy[j];
        copy[j] = kept;
    }
}

static double counted(const struct lethe_pool *pool, struct lethe_threshold rule)
{
    size_t tp = 0, fp = 0;
    for (size_t i = 0; i < pool->members; i++)
        tp += pool->member[i] >= rule.at;
    for (size_t i = 0; i < pool->nonmembers; i++)
        fp += pool->nonmember[i] >= rule.at;
    const double gain = (double)tp / (double)pool->members - (double)fp / (double)pool->nonmembers;
    return 0.5 * (1 + (rule.below ? -gain : gain));
}

static double both_ways(const struct lethe_pool half[2], struct lethe_ranked *ranked)
{
    double sum = 0;
    for (int fit = 0; fit < 2; fit++) {
        lethe_rank_pool(ranked, &half[fit]);
        sum += counted(&half[1 - fit], lethe_best_threshold(ranked, &half[fit]));
    }
    return sum / 2;
}

enum lethe_err lethe_balanced_accuracy(struct lethe_measure *accuracy,
                                       const struct lethe_pool *pool, uint64_t seed,
                                       struct lethe_error *err)
{
    size_t m = pool->members, n = pool->nonmembers;
    if (m < 2 || n < 2) {
        lethe_measure_needs(accuracy, m < 2 ? "m" : "N", m < 2 ? m : n, 2);
        return LETHE_OK;
    }
    double *copy = lethe_alloc(m + n, sizeof *copy);
    struct lethe_ranked *ranked = lethe_alloc(m + n, sizeof *ranked);
    enum lethe_err code = LETHE_OK;
    if (!copy || !ranked) {
        code = lethe_fail_memory(err, "the attack", m + n, sizeof *ranked + sizeof *copy);
        goto out;
    }
    shuffled(copy, pool->member, m, seed, 0);
    shuffled(copy + m, pool->nonmember, n, seed, 1);
    const struct lethe_pool half[2] = {
        {copy, copy + m, m / 2, n / 2},
        {copy + m / 2, copy + m + n / 2, m - m / 2, n - n / 2},
    };
    lethe_measure_set(accuracy, both_ways(half, ranked));
out:
    lethe_free(copy);
    lethe_free(ranked);
    return code;
}
