/* SPDX-License-Identifier: MIT
 * Retrain recovery with its control: how much of the change that retraining makes was made.
 *   recovery = 1 - |z_now - z_re| / |z_S - z_re|
 * z are softmax outputs, or logits centred per sample (a softmax does not see a shift), the norm is
 * Frobenius's, and z_S comes from the same warm retrain with nothing removed. Without that control
 * a step that only finishes the training looks like unlearning; it is told when z_old is far from
 * z_S. Where the training was not finished both retrains go on with it, and |z_old - z_S| may be
 * many times what the removal changes; `change` leaves that out, change = 1 - |(z_now - z_old) -
 * (z_re - z_S)| / |z_re - z_S|, and is the same as recovery where z_old = z_S. Check: now half way
 * from S to re on a line gives 0.5; now = re gives 1. */
#include "lethe/eval.h"

#include <math.h>

#include "eval/rows.h"

enum { OLD, NOW, RETRAIN, CONTROL, MODELS };
enum form { LOGITS, PROBS, FORMS };

/* Squared Frobenius norms of differences, in one form. */
struct squares {
    double old_control, old_retrain, control_retrain, now_retrain, missed, retrain;
};

/* What is taken off a row's logits before they are compared: their mean, or log sum exp. */
static double row_level(const double *z, size_t classes, enum form form)
{
    double sum = 0, top = z[lethe_row_argmax(z, classes)];
    for (size_t k = 0; k < classes; k++)
        sum += form == PROBS ? exp(z[k] - top) : z[k] / (double)classes;
    return form == PROBS ? top + log(sum) : sum;
}

static void add(struct squares *sum, const double x[MODELS])
{
    const double whole = x[RETRAIN] - x[CONTROL], missed = x[NOW] - x[OLD] - whole;
    sum->old_control += (x[OLD] - x[CONTROL]) * (x[OLD] - x[CONTROL]);
    sum->old_retrain += (x[OLD] - x[RETRAIN]) * (x[OLD] - x[RETRAIN]);
    sum->now_retrain += (x[NOW] - x[RETRAIN]) * (x[NOW] - x[RETRAIN]);
    sum->control_retrain += whole * whole;
    sum->missed += missed * missed;
    sum->retrain += x[RETRAIN] * x[RETRAIN];
}

static void add_row(struct squares *sum, const double *const z[MODELS], size_t classes,
                    enum form form)
{
    double level[MODELS], x[MODELS];
    for (int m = 0; m < MODELS; m++)
        level[m] = row_level(z[m], classes, form);
    for (size_t k = 0; k < classes; k++) {
        for (int m = 0; m < MODELS; m++)
            x[m] = form == PROBS ? exp(z[m][k] - level[m]) : z[m][k] - level[m];
        add(sum, x);
    }
}

/* Shares of the retraining's change that were made; NAN when there is none. */
static void shares(double *value, double *change, const struct squares *s)
{
    const double whole = sqrt(s->control_retrain);
    *value = *change = NAN;
    /* a change in the last nine digits is rounding of two retrains to the same minimum */
    if (whole <= 1e-9 * sqrt(s->retrain))
        return;
    *value = 1 - sqrt(s->now_retrain) / whole;
    *change = 1 - sqrt(s->missed) / whole;
}

void lethe_recovery_none(struct lethe_recovery *recovery)
{
    *recovery = (struct lethe_recovery){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, LETHE_RECOVERY_OK};
}

void lethe_recovery_measure(struct lethe_recovery *recovery,
                            const struct lethe_recovery_input *input)
{
    const size_t classes = input->classes;
    struct squares sum[FORMS] = {{0}};
    struct lethe_recovery r;
    for (size_t i = 0; i < input->n; i++) {
        const double *const z[MODELS] = {input->old + i * classes, input->now + i * classes,
                                         input->retrain + i * classes,
                                         input->control + i * classes};
        for (int form = 0; form < FORMS; form++)
            add_row(&sum[form], z, classes, (enum form)form);
    }
    const struct squares *logits = &sum[LOGITS];
    lethe_recovery_none(&r);
    r.old_to_control = sqrt(logits->old_control);
    r.old_to_retrain = sqrt(logits->old_retrain);
    r.control_to_retrain = sqrt(logits->control_retrain);
    r.now_to_retrain = sqrt(logits->now_retrain);
    shares(&r.probs, &r.change_probs, &sum[PROBS]);
    shares(&r.value, &r.change, logits);
    if (isnan(r.value))
        r.verdict = LETHE_RECOVERY_NOTHING;
    else if (r.old_to_control > 0.1 * r.old_to_retrain)
        r.verdict = LETHE_RECOVERY_UNCONVERGED;
    *recovery = r;
}

const char *lethe_recovery_words(enum lethe_recovery_verdict verdict)
{
    static const char *const words[] = {
        [LETHE_RECOVERY_OK] = "",
        [LETHE_RECOVERY_UNCONVERGED] = "model not converged",
        [LETHE_RECOVERY_NOTHING] = "nothing to unlearn",
    };
    return words[verdict];
}
