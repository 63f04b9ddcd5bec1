/* SPDX-License-Identifier: MIT
 * A row for every way and figure, a column for every sample. */
#include "study/single_figures.h"

#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "eval/order.h"

enum { ROWS = LETHE_SINGLE_WAYS * LETHE_SINGLE_FIGURES };

enum lethe_err lethe_single_figures_init(struct lethe_single_figures *figures, size_t samples,
                                         struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    double **all = &figures->value[0][0];
    *figures = (struct lethe_single_figures){0};
    for (size_t i = 0; i < ROWS; i++)
        if (!(all[i] = lethe_alloc(samples, sizeof **all)))
            code = LETHE_ENOMEM;
    figures->kl = lethe_alloc(samples, sizeof *figures->kl);
    figures->retraining = lethe_alloc(samples, sizeof *figures->retraining);
    figures->scratch = lethe_alloc(samples, sizeof *figures->scratch);
    if (!code && figures->kl && figures->retraining && figures->scratch)
        return LETHE_OK;
    lethe_single_figures_release(figures);
    return lethe_fail_memory(err, "figures", samples, sizeof(double));
}

void lethe_single_figures_release(struct lethe_single_figures *figures)
{
    double **all = &figures->value[0][0];
    for (size_t i = 0; i < ROWS; i++)
        lethe_free(all[i]);
    lethe_free(figures->kl);
    lethe_free(figures->retraining);
    lethe_free(figures->scratch);
    *figures = (struct lethe_single_figures){0};
}

void lethe_single_figures_enter(struct lethe_single_figures *figures,
                                struct lethe_leave_one_out *out, size_t w,
                                const struct lethe_variant *variant)
{
    struct lethe_single_way *way = &out->way[w];
    const double unknown = variant->failed ? NAN : 1;
    const double fold = lethe_distance_nearer(figures->kl[figures->done], variant->kl_forget);
    const double values[LETHE_SINGLE_FIGURES] = {
        [LETHE_SINGLE_RECOVERY_PROBS] = variant->recovery_probs * unknown,
        [LETHE_SINGLE_RECOVERY_PROBS_TRAIN] = variant->recovery_probs_train * unknown,
        [LETHE_SINGLE_CHANGE_PROBS_TRAIN] = variant->change_probs_train * unknown,
        [LETHE_SINGLE_RECOVERY] = variant->recovery * unknown,
        [LETHE_SINGLE_CHANGE_PROBS] = variant->change_probs * unknown,
        [LETHE_SINGLE_CHANGE] = variant->change * unknown,
        [LETHE_SINGLE_FOLD] = fold * unknown,
        [LETHE_SINGLE_HELDOUT] = variant->figures.heldout.accuracy * unknown,
        [LETHE_SINGLE_PARAMETERS] = (double)variant->parameters,
        [LETHE_SINGLE_SECONDS] = variant->seconds * unknown,
    };
    for (size_t f = 0; f < LETHE_SINGLE_FIGURES; f++)
        figures->value[w][f][way->count] = values[f];
    if (variant->failed && !way->failed)
        snprintf(way->note, sizeof way->note, "%s", variant->note);
    way->count++;
    way->failed += variant->failed != 0;
}

static struct lethe_quartiles quartiles(const struct lethe_single_figures *figures,
                                        const double *values, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            figures->scratch[count++] = values[i];
    if (!count)
        return (struct lethe_quartiles){NAN, NAN, NAN};
    lethe_sort(figures->scratch, count);
    return (struct lethe_quartiles){lethe_quantile(figures->scratch, count, 0.25),
                                    lethe_quantile(figures->scratch, count, 0.5),
                                    lethe_quantile(figures->scratch, count, 0.75)};
}

void lethe_single_figures_sum(const struct lethe_single_figures *figures,
                              struct lethe_leave_one_out *out)
{
    for (size_t k = 0; k < out->ways; k++) {
        struct lethe_single_way *way = &out->way[k];
        struct lethe_quartiles *to[LETHE_SINGLE_FIGURES] = {
            [LETHE_SINGLE_RECOVERY_PROBS] = &way->recovery_probs,
            [LETHE_SINGLE_RECOVERY_PROBS_TRAIN] = &way->recovery_probs_train,
            [LETHE_SINGLE_CHANGE_PROBS_TRAIN] = &way->change_probs_train,
            [LETHE_SINGLE_RECOVERY] = &way->recovery,
            [LETHE_SINGLE_CHANGE_PROBS] = &way->change_probs,
            [LETHE_SINGLE_CHANGE] = &way->change,
            [LETHE_SINGLE_FOLD] = &way->fold,
            [LETHE_SINGLE_HELDOUT] = &way->heldout,
            [LETHE_SINGLE_PARAMETERS] = &way->parameters,
            [LETHE_SINGLE_SECONDS] = &way->seconds,
        };
        for (size_t f = 0; f < LETHE_SINGLE_FIGURES; f++)
            *to[f] = quartiles(figures, figures->value[k][f], way->count);
    }
    out->kl_before = quartiles(figures, figures->kl, figures->done);
    out->retraining = quartiles(figures, figures->retraining, figures->done);
}
