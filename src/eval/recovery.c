/* SPDX-License-Identifier: MIT
 * Retrain recovery with its control: how much of the change that retraining makes was made.
 *   recovery = 1 - |z_now - z_re| / |z_S - z_re|
 * z are logits centred per sample (a softmax does not see a shift), the norm is Frobenius's, and
 * z_S comes from the same warm retrain with nothing removed. Without that control a step that only
 * finishes the training looks like unlearning; it is told when z_old is far from z_S.
 * Where the training was not finished both retrains go on with it, and |z_old - z_S| may be many
 * times what the removal changes; `change` leaves that out,
 *   change = 1 - |(z_now - z_old) - (z_re - z_S)| / |z_re - z_S|,
 * and is the same as recovery where z_old = z_S. Check: now half way from S to re on a line gives
 * 0.5; now = re gives 1. */
#include "lethe/eval.h"

#include <math.h>

/* Frobenius norm of (now - old) - (retrain - control) after centring each row. */
static double missed_change(const struct lethe_recovery_input *in)
{
    double square = 0;
    for (size_t i = 0; i < in->n; i++) {
        double mean = 0, sum = 0;
        for (size_t c = 0, at = i * in->classes; c < in->classes; c++, at++) {
            const double d = (in->now[at] - in->old[at]) - (in->retrain[at] - in->control[at]);
            mean += d;
            sum += d * d;
        }
        square += sum - mean * mean / (double)in->classes;
    }
    return sqrt(fmax(square, 0));
}

/* Frobenius norm of the difference of two (n, classes) matrices after centring each row. */
static double centred_distance(const double *a, const double *b, size_t n, size_t classes)
{
    double square = 0;
    for (size_t i = 0; i < n; i++) {
        const double *x = a + i * classes, *y = b + i * classes;
        double mean = 0;
        for (size_t c = 0; c < classes; c++)
            mean += x[c] - y[c];
        mean /= (double)classes;
        for (size_t c = 0; c < classes; c++)
            square += (x[c] - y[c] - mean) * (x[c] - y[c] - mean);
    }
    return sqrt(square);
}

static double centred_norm(const double *a, size_t n, size_t classes)
{
    double square = 0;
    for (size_t i = 0; i < n; i++) {
        const double *x = a + i * classes;
        double mean = 0;
        for (size_t c = 0; c < classes; c++)
            mean += x[c];
        mean /= (double)classes;
        for (size_t c = 0; c < classes; c++)
            square += (x[c] - mean) * (x[c] - mean);
    }
    return sqrt(square);
}

void lethe_recovery_measure(struct lethe_recovery *recovery,
                            const struct lethe_recovery_input *input)
{
    size_t n = input->n, classes = input->classes;
    struct lethe_recovery r = {
        .old_to_control = centred_distance(input->old, input->control, n, classes),
        .old_to_retrain = centred_distance(input->old, input->retrain, n, classes),
        .control_to_retrain = centred_distance(input->control, input->retrain, n, classes),
        .now_to_retrain = centred_distance(input->now, input->retrain, n, classes),
    };
    /* a change in the last nine digits is rounding of two retrains to the same minimum */
    if (r.control_to_retrain <= 1e-9 * centred_norm(input->retrain, n, classes)) {
        r.verdict = LETHE_RECOVERY_NOTHING;
        r.value = r.change = NAN;
    } else {
        r.verdict = r.old_to_control > 0.1 * r.old_to_retrain ? LETHE_RECOVERY_UNCONVERGED
                                                              : LETHE_RECOVERY_OK;
        r.value = 1 - r.now_to_retrain / r.control_to_retrain;
        r.change = 1 - missed_change(input) / r.control_to_retrain;
    }
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
