/* SPDX-License-Identifier: MIT
 * NegGrad+: descent on the retained and ascent on the forget samples in one step.
 *     loss = alpha * mean CE on a mini-batch of R - (1 - alpha) * mean CE on a mini-batch of U
 * An epoch is a pass over R; mini-batches of U follow one another and begin again at the end.
 * Source: Kurmanji et al., Towards Unbounded Machine Unlearning, NeurIPS 2023, and its program:
 * alpha 0.9999, 10 epochs, rate 0.01, momentum 0.9, batches of 64 (R) and 32 (U). */
#include <string.h>

#include "base/alloc.h"
#include "unlearn/methods/rows.h"

enum { ALPHA, EPOCHS, RATE, MOMENTUM, BATCH, FORGET_BATCH };

static const struct lethe_unlearn_param params[] = {
    {"alpha", "weight of the retained samples' loss", 0.9999, 0.5, 1, 0, 1, 0},
    LETHE_PARAM_EPOCHS(10),
    LETHE_PARAM_RATE(0.01, 1e-5, 0.1),
    LETHE_PARAM_MOMENTUM,
    LETHE_PARAM_BATCH(64),
    LETHE_PARAM_FORGET_BATCH};

struct cycle {
    size_t *rows, count, at, round;
};

/* The next mini-batch of the forget samples; a new order when all were there. */
static const size_t *next(size_t *n, struct cycle *cycle, struct lethe_student *student,
                          size_t batch)
{
    if (cycle->at == cycle->count) {
        lethe_student_shuffle(student, 0, cycle->count, cycle->round++, LETHE_STREAM_FORGET);
        memcpy(cycle->rows, student->order, cycle->count * sizeof *cycle->rows);
        cycle->at = 0;
    }
    *n = cycle->count - cycle->at < batch ? cycle->count - cycle->at : batch;
    cycle->at += *n;
    return cycle->rows + cycle->at - *n;
}

static enum lethe_err add(double *loss, struct lethe_student *student, double *w, double weight,
                          const size_t *rows, size_t n, struct lethe_error *err)
{
    enum lethe_err code = lethe_student_forward(student, w, rows, n, err);
    if (code)
        return code;
    *loss += weight * lethe_student_cross_entropy(student, student->labels, weight);
    return lethe_student_backward(student, err);
}

static enum lethe_err epoch(struct lethe_student *student, double *w, size_t *order,
                            struct cycle *cycle, size_t number, struct lethe_error *err)
{
    const struct lethe_unlearn_input *in = student->input;
    const double alpha = in->values.at[ALPHA];
    const size_t batch = lethe_unlearn_whole(in, BATCH), count = in->retain_count;
    lethe_student_shuffle(student, in->forget_count, count, number, LETHE_STREAM_RETAIN);
    memcpy(order, student->order, count * sizeof *order);
    for (size_t at = 0; at < count && !lethe_student_over(student); at += batch) {
        double loss = 0;
        size_t n = 0;
        enum lethe_err code =
            add(&loss, student, w, alpha, order + at, count - at < batch ? count - at : batch, err);
        const size_t *rows = next(&n, cycle, student, lethe_unlearn_whole(in, FORGET_BATCH));
        if (!code)
            code = add(&loss, student, w, alpha - 1, rows, n, err);
        if (!code)
            code = lethe_student_move(student, w, in->values.at[RATE], loss, err);
        if (code)
            return code;
    }
    return LETHE_OK;
}

static enum lethe_err run(struct lethe_student *student, double *w, struct lethe_error *err)
{
    const struct lethe_unlearn_input *in = student->input;
    const size_t epochs = lethe_unlearn_whole(in, EPOCHS);
    struct cycle cycle = {.count = in->forget_count, .at = in->forget_count};
    size_t *order = lethe_alloc(in->retain_count, sizeof *order);
    cycle.rows = lethe_alloc(cycle.count, sizeof *cycle.rows);
    enum lethe_err code = order && cycle.rows
                              ? LETHE_OK
                              : lethe_fail_memory(err, "orders", student->count, sizeof *order);
    student->total =
        epochs * lethe_unlearn_batches(in->retain_count, lethe_unlearn_whole(in, BATCH));
    for (size_t e = 0; !code && e < epochs && !lethe_student_over(student); e++)
        code = epoch(student, w, order, &cycle, e, err);
    lethe_free(order);
    lethe_free(cycle.rows);
    return code;
}

const struct lethe_unlearn_method lethe_unlearn_negplus = {
    .name = "negplus",
    .summary = "descent on the retained and ascent on the forget samples (NegGrad+)",
    .formula = "w <- w - rate grad [alpha CE(R batch) - (1 - alpha) CE(U batch)]",
    .source = "Kurmanji et al., NeurIPS 2023",
    .params = params,
    .count = LETHE_PARAM_COUNT(params),
    .masked = LETHE_MASK_MAY,
    .needs_retained = 1,
    .run = run,
};
