/* SPDX-License-Identifier: MIT
 * What a removal costs the samples that stay: change of their loss, predictions lost and gained,
 * and the loss attack on them before and now (removal can make retained samples easier to find;
 * Hayes et al., 2024). Check: losses that all rise by 0.5 give mean, q95 and worst 0.5. */
#include "lethe/audit.h"

#include <math.h>

#include "base/alloc.h"
#include "eval/order.h"
#include "eval/rows.h"

/* AUC of the loss attack on retained against held-out samples of one model. losses has room for
 * both. */
static enum lethe_err retained_auc(double *auc, double *losses, const struct lethe_outputs *retain,
                                   const struct lethe_outputs *heldout, struct lethe_error *err)
{
    double *outside = losses + retain->n;
    lethe_rows_score(NULL, losses, NULL, retain);
    lethe_rows_score(NULL, outside, NULL, heldout);
    for (size_t i = 0; i < retain->n + heldout->n; i++)
        losses[i] = -losses[i];
    struct lethe_measure measure;
    const struct lethe_pool pool = {losses, outside, retain->n, heldout->n};
    enum lethe_err code = lethe_auc(&measure, &pool, err);
    if (!code)
        *auc = measure.value;
    return code;
}

static void changes(struct lethe_harm *harm, double *change, const struct lethe_outputs *before,
                    const struct lethe_outputs *now)
{
    size_t n = now->n, classes = now->classes;
    lethe_loss_change(change, before, now);
    harm->mean_change = lethe_mean(change, n);
    lethe_sort(change, n);
    harm->q95_change = lethe_quantile(change, n, 0.95);
    harm->worst_change = n ? change[n - 1] : NAN;
    for (size_t i = 0; i < n; i++) {
        size_t label = (size_t)now->labels[i];
        int was = lethe_row_argmax(before->logits + i * classes, classes) == label;
        int is = lethe_row_argmax(now->logits + i * classes, classes) == label;
        harm->lost += was && !is;
        harm->gained += is && !was;
    }
}

enum lethe_err lethe_harm_measure(struct lethe_harm *harm, const struct lethe_harm_input *input,
                                  struct lethe_error *err)
{
    size_t n = input->retain_now.n, room = n + input->heldout_now.n;
    if (input->retain_before.n != n || input->heldout_before.n != input->heldout_now.n)
        return lethe_fail(err, LETHE_EARG, "harm compares the same samples: %zu and %zu retained",
                          input->retain_before.n, n);
    double *losses = lethe_alloc(room, sizeof *losses);
    if (!losses)
        return lethe_fail_memory(err, "harm to retained samples", room, sizeof *losses);
    struct lethe_harm result = {.auc_before = NAN};
    enum lethe_err code = retained_auc(&result.auc_before, losses, &input->retain_before,
                                       &input->heldout_before, err);
    if (!code)
        code = retained_auc(&result.auc_now, losses, &input->retain_now, &input->heldout_now, err);
    if (!code) {
        changes(&result, losses, &input->retain_before, &input->retain_now);
        *harm = result;
    }
    lethe_free(losses);
    return code;
}
