/* SPDX-License-Identifier: MIT
 * The rows of the table of unlearning methods, each in the file of its method, and what several
 * methods share. */
#ifndef LETHE_UNLEARN_METHODS_ROWS_H
#define LETHE_UNLEARN_METHODS_ROWS_H

#include "unlearn/methods/student.h"

extern const struct lethe_unlearn_method lethe_unlearn_finetune, lethe_unlearn_ascent,
    lethe_unlearn_negplus, lethe_unlearn_randomlabel, lethe_unlearn_salun, lethe_unlearn_scrub,
    lethe_unlearn_ssd, lethe_unlearn_fisher, lethe_unlearn_badteacher,
    lethe_unlearn_relabel_nearest;

/* Parameters that several methods have. */
#define LETHE_PARAM_EPOCHS(usual)                                                                  \
    {                                                                                              \
        "epochs", "passes over the samples", usual, 1, 30, 1, 1000,                                \
            LETHE_UNLEARN_WHOLE | LETHE_UNLEARN_SCALE                                              \
    }
#define LETHE_PARAM_RATE(usual, low, high)                                                         \
    {                                                                                              \
        "rate", "learning rate", usual, low, high, 1e-12, 1e3, LETHE_UNLEARN_SCALE                 \
    }
#define LETHE_PARAM_BATCH(usual)                                                                   \
    {                                                                                              \
        "batch", "samples of a mini-batch", usual, 16, 256, 1, 65536,                              \
            LETHE_UNLEARN_WHOLE | LETHE_UNLEARN_SCALE | LETHE_UNLEARN_BATCH                        \
    }
#define LETHE_PARAM_FORGET_BATCH                                                                   \
    {                                                                                              \
        "forget.batch", "forget samples of a mini-batch", 32, 8, 128, 1, 65536,                    \
            LETHE_UNLEARN_WHOLE | LETHE_UNLEARN_SCALE | LETHE_UNLEARN_BATCH                        \
    }
#define LETHE_PARAM_MOMENTUM                                                                       \
    {                                                                                              \
        "momentum", "momentum of SGD", 0.9, 0, 0.95, 0, 0.999999, LETHE_UNLEARN_MOMENTUM           \
    }
#define LETHE_PARAM_COUNT(params) (sizeof(params) / sizeof *(params))

/* A whole number among the values. */
size_t lethe_unlearn_whole(const struct lethe_unlearn_input *input, size_t param);
/* Batches of a pass over so many samples. */
size_t lethe_unlearn_batches(size_t samples, size_t batch);

/* Labels of the forget samples, drawn anew for each epoch from the classes that are not their own;
 * labels has room for all of them. */
void lethe_unlearn_draw_labels(int *labels, const struct lethe_student *student, size_t epoch);
/* Passes over both sets with drawn labels on the forget samples: random labels, and SalUn. */
enum lethe_err lethe_unlearn_relabelled(struct lethe_student *student, double *w, size_t epochs,
                                        size_t batch, double rate, struct lethe_error *err);

#endif
