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

static enum lethe_err run(double *w, struct lethe_unlearn_report *report,
                          const struct lethe_unlearn_input *input, struct lethe_watch *watch,
                          struct lethe_error *err)
{
    const size_t epochs = lethe_unlearn_whole(input, EPOCHS);
    struct lethe_student student = {0};
    struct lethe_student_pass pass = {.first = input->forget_count,
                                      .count = input->retain_count,
                                      .batch = lethe_unlearn_whole(input, BATCH),
                                      .stream = LETHE_STREAM_RETAIN,
                                      .rate = input->values.at[RATE],
                                      .loss = loss_of};
    enum lethe_err code = lethe_unlearn_needs_retained(input, err);
    if (!code)
        code = lethe_student_init(&student, input, pass.batch, report, watch, err);
    student.momentum = input->values.at[MOMENTUM];
    student.total = epochs * lethe_unlearn_batches(pass.count, pass.batch);
    for (; !code && pass.epoch < epochs && !lethe_student_over(&student); pass.epoch++)
        code = lethe_student_epoch(&student, w, NULL, &pass, err);
    lethe_student_release(&student);
    return code;
}

const struct lethe_unlearn_method lethe_unlearn_finetune = {
    .name = "finetune",
    .summary = "train on with the retained samples, so that the others fade",
    .formula = "w <- w - rate grad [mean CE(R batch) + lambda/2 |w|^2]",
    .source = "Warnecke et al. 2021; defaults of Fan et al. (SalUn), ICLR 2024",
    .params = params,
    .count = LETHE_PARAM_COUNT(params),
    .run = run,
};
