/* SPDX-License-Identifier: MIT
 * Fine-tuning: training goes on on the retained samples, and the forgotten ones fade (catastrophic
 * forgetting).
 *     w <- w - rate * momentum-averaged [ grad of mean CE on a mini-batch of R + lambda w ]
 * Source: Warnecke et al., 2021; defaults and ranges of Fan et al., SalUn, ICLR 2024, appendix B:
 * 10 epochs, rate 1e-3 to 1e-1, SGD with momentum 0.9, batches of 256. */
#include "unlearn/methods/rows.h"

enum { EPOCHS, RATE, MOMENTUM, BATCH };

static const struct lethe_unlearn_param params[] = {LETHE_PARAM_EPOCHS(10),
                                                    LETHE_PARAM_RATE(0.01, 1e-4, 0.3),
                                                    LETHE_PARAM_MOMENTUM, LETHE_PARAM_BATCH(256)};

static double loss_of(struct lethe_student *student, const size_t *rows, void *user)
{
    (void)rows;
    (void)user;
    return lethe_student_cross_entropy(student, student->labels, 1);
}

static enum lethe_err run(struct lethe_student *student, double *w, struct lethe_error *err)
{
    const struct lethe_unlearn_input *in = student->input;
    struct lethe_student_pass pass = {.first = in->forget_count,
                                      .count = in->retain_count,
                                      .batch = lethe_unlearn_whole(in, BATCH),
                                      .stream = LETHE_STREAM_RETAIN,
                                      .rate = in->values.at[RATE],
                                      .loss = loss_of};
    return lethe_student_epochs(student, w, &pass, lethe_unlearn_whole(in, EPOCHS), err);
}

const struct lethe_unlearn_method lethe_unlearn_finetune = {
    .name = "finetune",
    .summary = "train on with the retained samples, so that the others fade",
    .formula = "w <- w - rate grad [mean CE(R batch) + lambda/2 |w|^2]",
    .source = "Warnecke et al. 2021; defaults of Fan et al. (SalUn), ICLR 2024",
    .params = params,
    .count = LETHE_PARAM_COUNT(params),
    .masked = LETHE_MASK_MAY,
    .needs_retained = 1,
    .run = run,
};
