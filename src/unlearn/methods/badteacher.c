/* SPDX-License-Identifier: MIT
 * Bad teaching: on the forget samples the student follows a network with fresh weights, on a share
 * of the retained ones the trained network.
 *     loss = mean over a mini-batch of KL(teacher of the sample || student), logits divided by T
 * Source: Chundawat et al., AAAI 2023, and its program: Adam, rate 1e-4, 1 epoch, batches of 256, T
 * 1, 30 % of the retained samples. (Its program divides by the classes as well, which Adam does not
 * notice.) */
#include <string.h>

#include "base/alloc.h"
#include "unlearn/methods/rows.h"

enum { EPOCHS, RATE, BATCH, TEMPERATURE, SHARE };

static const struct lethe_unlearn_param params[] = {
    LETHE_PARAM_EPOCHS(1),
    LETHE_PARAM_RATE(1e-4, 1e-6, 1e-1),
    LETHE_PARAM_BATCH(256),
    {"temperature", "what logits are divided by", 1, 0.5, 8, 0.01, 1000, 0},
    {"share", "of the retained samples that are trained on", 0.3, 0.1, 1, 0, 1, 0}};

struct teachers {
    double *logits; /* (count, classes): the incompetent teacher's on U, the trained one's on R */
    double *taught; /* (batch, classes) of the batch at work */
    size_t *chosen; /* (count) retained samples in a drawn order */
    size_t *rows;   /* (batch) of the batch at work */
    double temperature;
};

/* Samples of a pass are numbered U first, then the chosen retained ones. */
static double loss_of(struct lethe_student *student, const size_t *rows, void *user)
{
    const struct teachers *t = user;
    for (size_t i = 0; i < student->n; i++)
        memcpy(t->taught + i * student->classes, t->logits + rows[i] * student->classes,
               student->classes * sizeof *t->taught);
    return lethe_student_distill(student, t->taught, 1, t->temperature);
}

static enum lethe_err pass_over(struct lethe_student *student, double *w, struct teachers *t,
                                size_t count, size_t epoch, struct lethe_error *err)
{
    const struct lethe_unlearn_input *in = student->input;
    lethe_student_shuffle(student, 0, count, epoch, LETHE_STREAM_BOTH);
    for (size_t at = 0, n; at < count && !lethe_student_over(student); at += n) {
        n = count - at < student->batch ? count - at : student->batch;
        for (size_t i = 0; i < n; i++) {
            const size_t number = student->order[at + i];
            t->rows[i] = number < student->forget ? number : t->chosen[number - student->forget];
        }
        enum lethe_err code = lethe_student_forward(student, w, t->rows, n, err);
        if (code)
            return code;
        const double loss = loss_of(student, t->rows, t);
        code = lethe_student_backward(student, err);
        if (!code)
            code = lethe_student_move(student, w, in->values.at[RATE], loss, err);
        if (code)
            return code;
    }
    return LETHE_OK;
}

/* The teachers' logits, and which retained samples are trained on: *count of all samples. */
static enum lethe_err open_teachers(struct teachers *t, size_t *count,
                                    struct lethe_student *student, const double *w,
                                    struct lethe_error *err)
{
    const struct lethe_unlearn_input *in = student->input;
    const size_t weights = student->size + lethe_graph_buffers(in->graph);
    const size_t cells = student->count * student->classes;
    double *fresh = lethe_alloc(weights, sizeof *fresh), *other = lethe_alloc(cells, sizeof *other);
    enum lethe_err code = LETHE_OK;
    t->logits = lethe_alloc(cells, sizeof *t->logits);
    t->taught = lethe_alloc(student->batch, student->classes * sizeof *t->taught);
    t->chosen = lethe_alloc(student->count, sizeof *t->chosen);
    t->rows = lethe_alloc(student->batch, sizeof *t->rows);
    if (!fresh || !other || !t->logits || !t->taught || !t->chosen || !t->rows)
        code = lethe_fail_memory(err, "two teachers", 2 * cells + weights, sizeof(double));
    if (!code) {
        lethe_graph_init(in->graph, in->seed, fresh);
        code = lethe_student_logits(student, t->logits, w, err);
    }
    if (!code)
        code = lethe_student_logits(student, other, fresh, err);
    if (!code) {
        memcpy(t->logits, other, student->forget * student->classes * sizeof *other);
        const size_t retained = student->count - student->forget;
        lethe_student_shuffle(student, student->forget, retained, 0, LETHE_STREAM_SUBSET);
        memcpy(t->chosen, student->order, retained * sizeof *t->chosen);
        *count = student->forget + (size_t)(in->values.at[SHARE] * (double)retained + 0.5);
    }
    lethe_free(fresh);
    lethe_free(other);
    return code;
}

static enum lethe_err run(struct lethe_student *student, double *w, struct lethe_error *err)
{
    const struct lethe_unlearn_input *in = student->input;
    const size_t epochs = lethe_unlearn_whole(in, EPOCHS);
    struct teachers teachers = {.temperature = in->values.at[TEMPERATURE]};
    size_t count = 0;
    student->adam = 1;
    enum lethe_err code = open_teachers(&teachers, &count, student, w, err);
    student->total = epochs * lethe_unlearn_batches(count, student->batch);
    for (size_t e = 0; !code && e < epochs && !lethe_student_over(student); e++)
        code = pass_over(student, w, &teachers, count, e, err);
    lethe_free(teachers.logits);
    lethe_free(teachers.taught);
    lethe_free(teachers.chosen);
    lethe_free(teachers.rows);
    return code;
}

const struct lethe_unlearn_method lethe_unlearn_badteacher = {
    .name = "badteacher",
    .summary = "follow a network with fresh weights on U, the trained one on R (bad teaching)",
    .formula = "w <- w - Adam grad mean KL(fresh on U, w0 on R || w)",
    .source = "Chundawat et al., AAAI 2023",
    .params = params,
    .count = LETHE_PARAM_COUNT(params),
    .masked = LETHE_MASK_MAY,
    .run = run,
};
