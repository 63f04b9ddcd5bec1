/* SPDX-License-Identifier: MIT
 * Random labels: training goes on with the forget samples under labels y' drawn anew for every
 * epoch from the classes that are not their own.
 *     loss = mean over a mini-batch of U and R of CE(x, y' in U, y in R)
 * Source: Golatkar et al., CVPR 2020; defaults and ranges of Fan et al., SalUn, ICLR 2024: 10
 * epochs, rate 1e-3 to 1e-1, momentum 0.9, batches of 256. */
#include "unlearn/methods/rows.h"

enum { EPOCHS, RATE, MOMENTUM, BATCH };

static const struct lethe_unlearn_param params[] = {LETHE_PARAM_EPOCHS(10),
                                                    LETHE_PARAM_RATE(0.01, 1e-4, 0.1),
                                                    LETHE_PARAM_MOMENTUM, LETHE_PARAM_BATCH(256)};

static enum lethe_err run(struct lethe_student *student, double *w, struct lethe_error *err)
{
    const struct lethe_unlearn_input *in = student->input;
    return lethe_unlearn_relabelled(student, w, lethe_unlearn_whole(in, EPOCHS),
                                    lethe_unlearn_whole(in, BATCH), in->values.at[RATE], err);
}

const struct lethe_unlearn_method lethe_unlearn_randomlabel = {
    .name = "randomlabel",
    .summary = "train on with random labels on the forget samples",
    .formula = "w <- w - rate grad mean CE(batch of U and R), y' != y on U",
    .source = "Golatkar et al., CVPR 2020; defaults of Fan et al. (SalUn), ICLR 2024",
    .params = params,
    .count = LETHE_PARAM_COUNT(params),
    .masked = LETHE_MASK_MAY,
    .run = run,
};
