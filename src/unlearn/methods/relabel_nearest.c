/* SPDX-License-Identifier: MIT
 * Boundary shrink: the forget samples are given the class on the other side of the nearest
 * boundary, and training goes on with them alone. x' = x + bound * sign(grad_x CE(x, y)) (fast
 * gradient sign, at the trained w) y' = the class other than y with the largest logit at x' w <- w
 * - rate * momentum-averaged grad mean CE(x, y') on a mini-batch of U Source: Chen et al., Boundary
 * Unlearning, CVPR 2023: bound 0.1, 10 epochs, rate 1e-5, momentum 0.9, batches of 64. The bound is
 * on normalised inputs here, and x' is not cut to a range. */
#include "base/alloc.h"
#include "nn/trainer.h"
#include "unlearn/inputs.h"
#include "unlearn/methods/rows.h"

enum { BOUND, EPOCHS, RATE, MOMENTUM, BATCH };

static const struct lethe_unlearn_param params[] = {
    {"bound", "how far an input is moved to find the nearest boundary", 0.1, 0.01, 1, 0, 1e6,
     LETHE_UNLEARN_SCALE},
    LETHE_PARAM_EPOCHS(10),
    LETHE_PARAM_RATE(1e-5, 1e-6, 1e-1),
    LETHE_PARAM_MOMENTUM,
    LETHE_PARAM_BATCH(64)};

static int nearest_of(const double *logits, size_t classes, int own)
{
    size_t best = own == 0;
    for (size_t c = 0; c < classes; c++)
        if ((int)c != own && logits[c] > logits[best])
            best = c;
    return (int)best;
}

/* labels of the n forget samples at `rows`. x holds room for their inputs twice. */
static enum lethe_err label_batch(int *labels, struct lethe_student *student,
                                  struct lethe_trainer *trainer, double *w, double *x,
                                  const size_t *rows, size_t n, struct lethe_error *err)
{
    const size_t width = lethe_dataset_width(student->input->data), classes = student->classes;
    const double bound = student->input->values.at[BOUND];
    const double *inputs[] = {student->x};
    const struct lethe_trainer_batch batch = {
        .inputs = inputs, .n = n, .inference = 1, .watch = student->watch};
    student->n = n;
    lethe_problem_gather(student->problem, student->x, student->labels, rows, n);
    enum lethe_err code = lethe_trainer_forward(trainer, student->logits, w, &batch, err);
    if (code)
        return code;
    lethe_student_cross_entropy(student, student->labels, 1);
    code = lethe_trainer_backward(trainer, student->gradient, student->slope, &batch, err);
    if (code)
        return code;
    lethe_trainer_input_gradient(trainer, x, 0);
    for (size_t i = 0; i < n * width; i++)
        student->x[i] += bound * ((x[i] > 0) - (x[i] < 0));
    code = lethe_trainer_forward(trainer, student->logits, w, &batch, err);
    for (size_t i = 0; !code && i < n; i++)
        labels[rows[i]] = nearest_of(student->logits + i * classes, classes, student->labels[i]);
    return code;
}

static enum lethe_err find_labels(int *labels, struct lethe_student *student, double *w,
                                  struct lethe_error *err)
{
    const size_t width = lethe_dataset_width(student->input->data);
    struct lethe_trainer *trainer = lethe_trainer_with_inputs(
        student->input->graph, student->input->dtype, student->batch, err);
    double *x = lethe_alloc(student->batch, width * sizeof *x);
    enum lethe_err code = !trainer ? (err && err->code ? err->code : LETHE_ENOMEM)
                          : !x     ? lethe_fail_memory(err, "inputs", student->batch, width * 8)
                                   : LETHE_OK;
    for (size_t at = 0, n; !code && at < student->forget; at += n) {
        n = student->forget - at < student->batch ? student->forget - at : student->batch;
        for (size_t i = 0; i < n; i++)
            student->order[i] = at + i;
        code = lethe_watch_step(student->watch, "nearest classes", (long)at, (long)student->forget,
                                err);
        if (!code)
            code = label_batch(labels, student, trainer, w, x, student->order, n, err);
    }
    for (size_t i = 0; i < student->size; i++)
        student->gradient[i] = 0;
    lethe_free(x);
    lethe_trainer_free(trainer);
    return code;
}

static double loss_of(struct lethe_student *student, const size_t *rows, void *user)
{
    const int *nearest = user;
    for (size_t i = 0; i < student->n; i++)
        student->labels[i] = nearest[rows[i]];
    return lethe_student_cross_entropy(student, student->labels, 1);
}

static enum lethe_err run(struct lethe_student *student, double *w, struct lethe_error *err)
{
    const struct lethe_unlearn_input *in = student->input;
    if (lethe_graph_inputs(in->graph) != 1 ||
        lethe_graph_input_kind(in->graph, 0, NULL) != LETHE_INPUT_REAL)
        return lethe_fail(err, LETHE_EARG,
                          "relabel-nearest moves inputs along a gradient, which "
                          "is for networks of one input of real numbers");
    int *labels = lethe_alloc(student->forget, sizeof *labels);
    enum lethe_err code = labels ? find_labels(labels, student, w, err)
                                 : lethe_fail_memory(err, "labels", student->forget, sizeof(int));
    struct lethe_student_pass pass = {.count = in->forget_count,
                                      .batch = lethe_unlearn_whole(in, BATCH),
                                      .stream = LETHE_STREAM_FORGET,
                                      .rate = in->values.at[RATE],
                                      .loss = loss_of,
                                      .user = labels};
    if (!code)
        code = lethe_student_epochs(student, w, &pass, lethe_unlearn_whole(in, EPOCHS), err);
    lethe_free(labels);
    return code;
}

const struct lethe_unlearn_method lethe_unlearn_relabel_nearest = {
    .name = "relabel-nearest",
    .summary = "train U towards the class across its nearest boundary (boundary shrink)",
    .formula =
        "w <- w - rate grad mean CE(x, y'), y' of the nearest other class at x + bound sign(dx)",
    .source = "Chen et al., CVPR 2023",
    .params = params,
    .count = LETHE_PARAM_COUNT(params),
    .masked = LETHE_MASK_MAY,
    .run = run,
};
