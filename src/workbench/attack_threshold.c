/* SPDX-License-Identifier: MIT
 * Counts below a threshold; ties with it are below. */
#include "workbench/attack_threshold.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "eval/rows.h"
#include "workbench/workbench.h"

static double *losses_of(const struct lethe_evaluation *evaluation, enum lethe_side side,
                         struct lethe_error *err)
{
    const struct lethe_outputs out = {evaluation->logits[side], evaluation->labels[side],
                                      evaluation->count[side], evaluation->classes};
    double *losses = lethe_alloc(out.n + !out.n, sizeof *losses);
    if (!losses)
        lethe_fail_memory(err, "losses", out.n, sizeof *losses);
    else if (out.n)
        lethe_rows_score(NULL, losses, NULL, &out);
    return losses;
}

/* Samples of classes that are being forgotten move to the front; how many. */
static size_t same_classes(double *losses, const struct lethe_evaluation *evaluation)
{
    const int *forgotten = evaluation->labels[LETHE_SIDE_FORGET];
    size_t kept = 0;
    for (size_t i = 0; i < evaluation->count[evaluation->heldout]; i++)
        for (size_t j = 0; j < evaluation->count[LETHE_SIDE_FORGET]; j++)
            if (evaluation->labels[evaluation->heldout][i] == forgotten[j]) {
                losses[kept++] = losses[i];
                break;
            }
    return kept;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum lethe_err lethe_attack_losses_of(struct lethe_attack_losses *losses,
                                      const struct lethe_evaluation *evaluation,
                                      struct lethe_error *err)
{
    struct lethe_attack_losses made = {.member = losses_of(evaluation, LETHE_SIDE_FORGET, err),
                                       .members = evaluation->count[LETHE_SIDE_FORGET]};
    if (made.member)
        made.other = losses_of(evaluation, evaluation->heldout, err);
    if (!made.member || !made.other) {
        lethe_attack_losses_release(&made);
        return LETHE_ENOMEM;
    }
    made.others = same_classes(made.other, evaluation);
    qsort(made.member, made.members, sizeof *made.member, by_size);
    qsort(made.other, made.others, sizeof *made.other, by_size);
    *losses = made;
    return LETHE_OK;
}

void lethe_attack_losses_release(struct lethe_attack_losses *losses)
{
    lethe_free(losses->member);
    lethe_free(losses->other);
    *losses = (struct lethe_attack_losses){0};
}

size_t lethe_attack_below(const double *losses, size_t n, double threshold)
{
    size_t low = 0;
    while (low < n) { /* those before low are below, those from n on are not */
        const size_t middle = low + (n - low) / 2;
        if (losses[middle] <= threshold)
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}

double lethe_attack_next(const struct lethe_attack_losses *losses, double threshold, int above)
{
    const double *const group[] = {losses->member, losses->other};
    const size_t count[] = {losses->members, losses->others};
    double best = threshold;
    if (!(threshold > 0))
        return losses->others ? losses->other[losses->others / 2] : 0;
    for (int g = 0; g < 2; g++) {
        size_t k = lethe_attack_below(group[g], count[g], threshold);
        if (above && k < count[g] && (best == threshold || group[g][k] < best))
            best = group[g][k];
        while (!above && k > 0 && group[g][k - 1] >= threshold)
            k--;
        if (!above && k > 0 && (best == threshold || group[g][k - 1] > best))
            best = group[g][k - 1];
    }
    return best > 0 ? best : threshold;
}

static void put_model(struct lethe_value *out, const char *key,
                      const struct lethe_evaluation *evaluation, double threshold)
{
    struct lethe_attack_losses losses = {0};
    if (lethe_attack_losses_of(&losses, evaluation, NULL))
        return;
    struct lethe_value *model = lethe_put_object(out, key);
    lethe_put_count(model, "recognised",
                    lethe_attack_below(losses.member, losses.members, threshold));
    lethe_put_count(model, "members", losses.members);
    lethe_put_count(model, "mistaken", lethe_attack_below(losses.other, losses.others, threshold));
    lethe_put_count(model, "others", losses.others);
    lethe_attack_losses_release(&losses);
}

void lethe_attack_put_threshold(struct lethe_value *out, const struct lethe_workbench *wb)
{
    if (!wb->preview || !(wb->attack_threshold > 0))
        return;
    struct lethe_value *at = lethe_put_group(out, "threshold");
    lethe_put_real(at, "loss", wb->attack_threshold);
    put_model(at, "before", &wb->preview->before, wb->attack_threshold);
    put_model(at, "now", &wb->preview->now, wb->attack_threshold);
    if (wb->warm)
        put_model(at, "retrain", &wb->warm->outcome, wb->attack_threshold);
}
