/* SPDX-License-Identifier: MIT
 * Membership inference by the loss alone (Yeom et al., CSF 2018): forget samples against held-out
 * samples of the same classes, score minus the loss. Population attacks overstate privacy (Hayes et
 * al., 2024); the target is the value of the retrained model, not one half.
 * Check: losses 0.1 0.4 | 0.3 0.9 give AUC 0.75 and percentile 25. */
#include "lethe/audit.h"

#include <math.h>

#include "base/alloc.h"
#include "eval/measure.h"

static enum lethe_err measure_scores(struct lethe_attack *attack, const struct lethe_pool *scores,
                                     uint64_t seed, struct lethe_error *err)
{
    enum lethe_err code = lethe_auc(&attack->auc, scores, err);
    if (!code)
        code = lethe_balanced_accuracy(&attack->balanced_accuracy, scores, seed, err);
    if (!code)
        code = lethe_tpr_at(&attack->tpr_100, scores, 100, err);
    if (!code)
        code = lethe_tpr_at(&attack->tpr_1000, scores, 1000, err);
    if (code)
        return code;
    attack->percentile = attack->auc;
    if (!isnan(attack->auc.value)) {
        /* a member's percentile among the losses is the share of pairs the attack loses */
        attack->percentile.value = 100 * (1 - attack->auc.value);
        attack->percentile.low = 100 * (1 - attack->auc.high);
        attack->percentile.high = 100 * (1 - attack->auc.low);
    }
    if (scores->members == 1 && !isnan(attack->auc.value))
        lethe_measure_absent(&attack->auc, "n/a (one sample: see percentile)");
    return LETHE_OK;
}

enum lethe_err lethe_attack_losses(struct lethe_attack *attack, const struct lethe_pool *losses,
                                   uint64_t seed, struct lethe_error *err)
{
    size_t m = losses->members, n = losses->nonmembers;
    double *score = lethe_alloc(m + n, sizeof *score);
    if (!score)
        return lethe_fail_memory(err, "the attack", m + n, sizeof *score);
    for (size_t i = 0; i < m; i++)
        score[i] = -losses->member[i];
    for (size_t i = 0; i < n; i++)
        score[m + i] = -losses->nonmember[i];
    *attack = (struct lethe_attack){.members = m, .nonmembers = n};
    const struct lethe_pool scores = {score, score + m, m, n};
    enum lethe_err code = measure_scores(attack, &scores, seed, err);
    lethe_free(score);
    return code;
}

enum lethe_err lethe_attack_scores(struct lethe_attack *attack, const double *score,
                                   const unsigned char *member, size_t n, uint64_t seed,
                                   struct lethe_error *err)
{
    double *sorted = lethe_alloc(n, sizeof *sorted); /* members from the front, others behind */
    if (!sorted)
        return lethe_fail_memory(err, "the attack", n, sizeof *sorted);
    size_t members = 0, others = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(score[i]) && member[i])
            sorted[members++] = score[i];
    for (size_t i = 0; i < n; i++)
        if (!isnan(score[i]) && !member[i])
            sorted[members + others++] = score[i];
    *attack = (struct lethe_attack){.members = members, .nonmembers = others};
    const struct lethe_pool pool = {sorted, sorted + members, members, others};
    enum lethe_err code = measure_scores(attack, &pool, seed, err);
    lethe_free(sorted);
    return code;
}
