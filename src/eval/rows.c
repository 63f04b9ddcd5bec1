/* SPDX-License-Identifier: MIT
 * Margin, loss and prediction of every row, and the mean of each over a set.
 *   phi = z_y - logsumexp_{c != y} z_c        loss = log(1 + exp(-phi))
 * The margin is the log odds of the label (Carlini et al., S&P 2022); taken from the logits, never
 * through 1 - p, it stays exact where p rounds to 1.
 * Check: z = (1, 2, 3), y = 2 gives phi = 0.6867383, loss = 0.4076060. */
#include "eval/rows.h"

#include <math.h>
#include <string.h>

#include "lethe/eval.h"

static double row_margin(const double *z, size_t label, size_t classes)
{
    if (classes < 2) /* nothing speaks against the label */
        return INFINITY;
    size_t rival = label == 0;
    for (size_t c = 0; c < classes; c++)
        if (c != label && z[c] > z[rival])
            rival = c;
    double others = 0;
    for (size_t c = 0; c < classes; c++)
        if (c != label && c != rival)
            others += exp(z[c] - z[rival]);
    return z[label] - z[rival] - log1p(others);
}

static double margin_loss(double margin)
{
    return margin > 0 ? log1p(exp(-margin)) : log1p(exp(margin)) - margin;
}

size_t lethe_row_argmax(const double *z, size_t classes)
{
    size_t best = 0;
    for (size_t c = 1; c < classes; c++)
        if (z[c] > z[best])
            best = c;
    return best;
}

void lethe_rows_score(double *margins, double *losses, int *predicted,
                      const struct lethe_outputs *out)
{
    for (size_t i = 0; i < out->n; i++) {
        const double *z = out->logits + i * out->classes;
        if (predicted)
            predicted[i] = (int)lethe_row_argmax(z, out->classes);
        if (!margins && !losses)
            continue;
        double margin = row_margin(z, (size_t)out->labels[i], out->classes);
        if (margins)
            margins[i] = margin;
        if (losses)
            losses[i] = margin_loss(margin);
    }
}

enum lethe_err lethe_outputs_check(const struct lethe_outputs *out, const char *what,
                                   struct lethe_error *err)
{
    for (size_t i = 0; i < out->n; i++) {
        if (out->labels[i] < 0 || (size_t)out->labels[i] >= out->classes)
            return lethe_fail(err, LETHE_EARG, "%s sample %zu has label %d, the model %zu classes",
                              what, i, out->labels[i], out->classes);
        for (size_t c = 0; c < out->classes; c++)
            if (!isfinite(out->logits[i * out->classes + c]))
                return lethe_fail(err, LETHE_ENUM,
                                  "%s sample %zu has a logit that is not finite (class %zu)", what,
                                  i, c);
    }
    return LETHE_OK;
}

static void set_close(struct lethe_set_figures *set, double loss)
{
    double n = (double)set->n;
    set->accuracy = set->n ? (double)set->correct / n : NAN;
    set->loss = set->n ? loss / n : NAN;
}

void lethe_set_measure(struct lethe_set_figures *set, const struct lethe_outputs *out)
{
    *set = (struct lethe_set_figures){.n = out->n};
    double sum = 0;
    for (size_t i = 0; i < out->n; i++) {
        const double *z = out->logits + i * out->classes;
        set->correct += lethe_row_argmax(z, out->classes) == (size_t)out->labels[i];
        sum += margin_loss(row_margin(z, (size_t)out->labels[i], out->classes));
    }
    set_close(set, sum);
}

void lethe_set_join(struct lethe_set_figures *total, const struct lethe_set_figures *part)
{
    double sum = (total->n ? total->loss * (double)total->n : 0) +
                 (part->n ? part->loss * (double)part->n : 0);
    total->n += part->n;
    total->correct += part->correct;
    total->accuracy = total->n ? (double)total->correct / (double)total->n : NAN;
    total->loss = total->n ? sum / (double)total->n : NAN;
}

void lethe_set_per_class(struct lethe_set_figures *per, const struct lethe_outputs *out)
{
    memset(per, 0, out->classes * sizeof *per);
    for (size_t i = 0; i < out->n; i++) {
        const double *z = out->logits + i * out->classes;
        struct lethe_set_figures *set = &per[out->labels[i]];
        set->n++;
        set->correct += lethe_row_argmax(z, out->classes) == (size_t)out->labels[i];
        set->loss += margin_loss(row_margin(z, (size_t)out->labels[i], out->classes));
    }
    for (size_t c = 0; c < out->classes; c++)
        set_close(&per[c], per[c].loss);
}

void lethe_loss_change(double *change, const struct lethe_outputs *before,
                       const struct lethe_outputs *now)
{
    for (size_t i = 0; i < now->n; i++) {
        size_t at = i * now->classes, label = (size_t)now->labels[i];
        change[i] = margin_loss(row_margin(now->logits + at, label, now->classes)) -
                    margin_loss(row_margin(before->logits + at, label, before->classes));
    }
}
