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

/* Frobenius norm of (a - b) - (c - d), all (n, classes), after centring each row; NULL: zeros. */
static double centred(const double *a, const double *b, const double *c, const double *d, size_t n,
                      size_t classes)
{
    double square = 0;
    for (size_t i = 0; i < n; i++) {
        double mean = 0;
        for (int pass = 0; pass < 2; pass++) {
            for (size_t k = 0, at = i * classes; k < classes; k++, at++) {
                const double x = (a[at] - (b ? b[at] : 0)) - (c ? c[at] - d[at] : 0);
                if (pass)
                    square += (x - mean) * (x - mean);
                else
                    mean += x / (double)classes;
            }
        }
    }
    return sqrt(square);
}

static double distance(const double *a, const double *b, const struct lethe_recovery_input *in)
{
    return centred(a, b, NULL, NULL, in->n, in->classes);
}

void lethe_recovery_measure(struct lethe_recovery *recovery,
                            const struct lethe_recovery_input *input)
{
    struct lethe_recovery r = {
        .old_to_control = distance(input->old, input->control, input),
        .old_to_retrain = distance(input->old, input->retrain, input),
        .control_to_retrain = distance(input->control, input->retrain, input),
        .now_to_retrain = distance(input->now, input->retrain, input),
    };
    const double missed =
        centred(input->now, input->old, input->retrain, input->control, input->n, input->classes);
    /* a change in the last nine digits is rounding of two retrains to the same minimum */
    if (r.control_to_retrain <= 1e-9 * distance(input->retrain, NULL, input)) {
        r.verdict = LETHE_RECOVERY_NOTHING;
        r.value = r.change = NAN;
    } else {
        r.verdict = r.old_to_control > 0.1 * r.old_to_retrain ? LETHE_RECOVERY_UNCONVERGED
                                                              : LETHE_RECOVERY_OK;
        r.value = 1 - r.now_to_retrain / r.control_to_retrain;
        r.change = 1 - missed / r.control_to_retrain;
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
