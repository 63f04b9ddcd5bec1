/* SPDX-License-Identifier: MIT
 * All tier-0 figures of one model in one call. The attack compares the forget samples with the
 * held-out samples of the same classes: against all classes it would measure how easy a class is.
 * The largest cost is one exp per logit: 0.3 ms for 1,800 samples of 10 classes. */
#include "lethe/eval.h"

#include <stddef.h>

#include "base/alloc.h"

/* Keeps the losses of rows whose label some forget sample has; returns how many. */
static size_t same_classes(double *losses, const struct lethe_outputs *heldout,
                           const struct lethe_outputs *forget, unsigned char *present)
{
    for (size_t i = 0; i < forget->n; i++)
        present[forget->labels[i]] = 1;
    size_t kept = 0;
    for (size_t i = 0; i < heldout->n; i++)
        if (present[heldout->labels[i]])
            losses[kept++] = losses[i];
    return kept;
}

static enum lethe_err attack(struct lethe_attack *result, const struct lethe_figures_input *input,
                             struct lethe_error *err)
{
    const struct lethe_outputs *forget = &input->forget, *heldout = &input->heldout;
    size_t all = forget->n + heldout->n;
    size_t classes = forget->classes > heldout->classes ? forget->classes : heldout->classes;
    double *losses = lethe_alloc(all, sizeof *losses);
    unsigned char *present = lethe_alloc_zero(classes, 1);
    enum lethe_err code = LETHE_ENOMEM;
    if (!losses || !present) {
        lethe_fail_memory(err, "the attack", all, sizeof *losses);
        goto out;
    }
    double *outside = losses + forget->n;
    lethe_rows_score(NULL, losses, NULL, forget);
    lethe_rows_score(NULL, outside, NULL, heldout);
    size_t kept = same_classes(outside, heldout, forget, present);
    const struct lethe_pool pool = {losses, outside, forget->n, kept};
    code = lethe_attack_losses(result, &pool, input->seed, err);
out:
    lethe_free(losses);
    lethe_free(present);
    return code;
}

enum lethe_err lethe_figures_measure(struct lethe_figures *figures,
                                     const struct lethe_figures_input *input,
                                     struct lethe_error *err)
{
    enum lethe_err code = lethe_outputs_check(&input->forget, "forget", err);
    if (!code)
        code = lethe_outputs_check(&input->retain, "retained", err);
    if (!code)
        code = lethe_outputs_check(&input->heldout, "held-out", err);
    struct lethe_figures result;
    if (!code)
        code = attack(&result.attack, input, err);
    if (code)
        return code;
    lethe_set_measure(&result.forget, &input->forget);
    lethe_set_measure(&result.retain, &input->retain);
    lethe_set_measure(&result.heldout, &input->heldout);
    *figures = result;
    return LETHE_OK;
}
