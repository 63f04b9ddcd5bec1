/* SPDX-License-Identifier: MIT
 * Gradient ascent: the loss of the forget samples is raised.
 *     w <- w - rate * momentum-averaged [ - grad of mean CE on a mini-batch of U + lambda w ]
 * It ends after its epochs, or once the mean loss over an epoch has reached `stop` times ln C, the
 * loss of guessing: without a stop the loss has no upper end, and the network is ruined.
 * Source: Graves et al., 2021; Thudi et al., 2022; epochs and ranges of Fan et al., SalUn, ICLR
 * 2024: 5 epochs, rate 1e-5 to 1e-3, momentum 0.9, batches of 256. The stop is ours. */
#include <math.h>

#include "unlearn/methods/rows.h"

enum { EPOCHS, RATE, MOMENTUM, BATCH, STOP };

static const struct lethe_unlearn_param params[] = {
    LETHE_PARAM_EPOCHS(5),
    LETHE_PARAM_RATE(1e-4, 1e-6, 1e-1),
    LETHE_PARAM_MOMENTUM,
    LETHE_PARAM_BATCH(256),
    {"stop", "loss at which it ends, in multiples of ln C; 0: never", 1, 0.1, 2, 0, 1000, 0}};

static double loss_of(struct lethe_student *student, const size_t *rows, void *user)
{
    (void)rows;
    (void)user;
    return -lethe_student_cross_entropy(student, student->labels, -1);
}

static enum lethe_err run(struct lethe_student *student, double *w, struct lethe_error *err)
{
    const struct lethe_unlearn_input *in = student->input;
    const size_t epochs = lethe_unlearn_whole(in, EPOCHS);
    const double stop = in->values.at[STOP] * log((double)student->classes);
    struct lethe_student_pass pass = {.count = in->forget_count,
                                      .batch = lethe_unlearn_whole(in, BATCH),
                                      .stream = LETHE_STREAM_FORGET,
                                      .rate = in->values.at[RATE],
                                      .loss = loss_of};
    student->total = epochs * lethe_unlearn_batches(pass.count, pass.batch);
    for (; pass.epoch < epochs && !lethe_student_over(student); pass.epoch++) {
        double mean = 0;
        enum lethe_err code = lethe_student_epoch(student, w, &mean, &pass, err);
        if (code)
            return code;
        if (stop > 0 && -mean >= stop) {
            student->report->ended = "the forget samples' loss reached the stop";
            break;
        }
    }
    return LETHE_OK;
}

const struct lethe_unlearn_method lethe_unlearn_ascent = {
    .name = "ascent",
    .summary = "raise the loss of the forget samples, with a stop",
    .formula = "w <- w + rate grad mean CE(U batch) - rate lambda w",
    .source = "Graves et al. 2021; Thudi et al. 2022; defaults of Fan et al. (SalUn), ICLR 2024",
    .params = params,
    .count = LETHE_PARAM_COUNT(params),
    .masked = LETHE_MASK_MAY,
    .run = run,
};
