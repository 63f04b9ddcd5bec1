/* SPDX-License-Identifier: MIT
 * SCRUB: the student leaves its teacher, the trained network, on the forget samples and stays with
 * it on the retained ones. In the first `max.epochs` epochs a pass over U that maximises
 *     T^2 * mean KL(teacher || student), logits divided by T
 * and in all of them a pass over R that minimises
 *     gamma * mean CE + alpha * T^2 * mean KL(teacher || student).
 * The rate is multiplied by `drop` after epochs 5, 8 and 9. rewind=1 (SCRUB+R) keeps the weights
 * after every epoch and takes those whose error on U is nearest to the error that the last ones
 * make on held-out samples (the half for choosing) of the same classes in the same shares. Source:
 * Kurmanji et al., Towards Unbounded Machine Unlearning, NeurIPS 2023, and its program: gamma 0.99,
 * alpha 0.001, T 4, 10 epochs, the first 3 with a maximising pass, SGD with momentum 0.9, rate
 * 5e-4, batches of 64 (R) and 32 (U). */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "unlearn/methods/rows.h"

enum {
    ALPHA,
    GAMMA,
    TEMPERATURE,
    EPOCHS,
    MAX_EPOCHS,
    RATE,
    DROP,
    MOMENTUM,
    BATCH,
    FORGET_BATCH,
    REWIND
};

static const struct lethe_unlearn_param params[] = {
    {"alpha", "weight of the KL to the teacher on R", 0.001, 1e-4, 1, 0, 100, LETHE_UNLEARN_SCALE},
    {"gamma", "weight of the loss on R", 0.99, 0.1, 1, 0, 100, 0},
    {"temperature", "what logits are divided by", 4, 1, 8, 0.01, 1000, 0},
    LETHE_PARAM_EPOCHS(10),
    {"max.epochs", "epochs that begin with a maximising pass", 3, 1, 10, 0, 1000,
     LETHE_UNLEARN_WHOLE},
    LETHE_PARAM_RATE(5e-4, 1e-5, 1e-1),
    {"drop", "factor on the rate after epochs 5, 8 and 9", 0.1, 0.1, 1, 1e-6, 1, 0},
    LETHE_PARAM_MOMENTUM,
    LETHE_PARAM_BATCH(64),
    LETHE_PARAM_FORGET_BATCH,
    {"rewind", "1: SCRUB+R", 0, 0, 1, 0, 1, LETHE_UNLEARN_WHOLE}};
_Static_assert(LETHE_PARAM_COUNT(params) <= LETHE_UNLEARN_PARAMS, "room for the values");

struct scrub {
    const struct lethe_unlearn_input *input;
    double *teacher; /* (count, classes) logits of U and R */
    double *taught;  /* (batch, classes) of the batch at work */
    double *kept;    /* (epochs, weights) after each; NULL: no rewind */
    size_t weights;
};

static void gather(struct scrub *scrub, const struct lethe_student *student, const size_t *rows)
{
    for (size_t i = 0; i < student->n; i++)
        memcpy(scrub->taught + i * student->classes, scrub->teacher + rows[i] * student->classes,
               student->classes * sizeof *scrub->taught);
}

static double maximised(struct lethe_student *student, const size_t *rows, void *user)
{
    struct scrub *scrub = user;
    const double t = scrub->input->values.at[TEMPERATURE];
    gather(scrub, student, rows);
    return -t * t * lethe_student_distill(student, scrub->taught, -t * t, t);
}

static double minimised(struct lethe_student *student, const size_t *rows, void *user)
{
    struct scrub *scrub = user;
    const double *v = scrub->input->values.at, t = v[TEMPERATURE];
    gather(scrub, student, rows);
    const double loss = v[GAMMA] * lethe_student_cross_entropy(student, student->labels, v[GAMMA]);
    return loss +
           v[ALPHA] * t * t * lethe_student_distill(student, scrub->taught, v[ALPHA] * t * t, t);
}

static double rate_at(const struct lethe_unlearn_input *input, size_t epoch)
{
    const size_t number = epoch + 1;
    return input->values.at[RATE] *
           pow(input->values.at[DROP], (double)((number > 5) + (number > 8) + (number > 9)));
}

static enum lethe_err epoch_of(struct lethe_student *student, struct scrub *scrub, double *w,
                               size_t epoch, struct lethe_error *err)
{
    const struct lethe_unlearn_input *in = scrub->input;
    struct lethe_student_pass pass = {.count = in->forget_count,
                                      .batch = lethe_unlearn_whole(in, FORGET_BATCH),
                                      .epoch = epoch,
                                      .stream = LETHE_STREAM_FORGET,
                                      .rate = rate_at(in, epoch),
                                      .loss = maximised,
                                      .user = scrub};
    enum lethe_err code = LETHE_OK;
    if (epoch < lethe_unlearn_whole(in, MAX_EPOCHS))
        code = lethe_student_epoch(student, w, NULL, &pass, err);
    pass.first = in->forget_count;
    pass.count = in->retain_count;
    pass.batch = lethe_unlearn_whole(in, BATCH);
    pass.stream = LETHE_STREAM_RETAIN;
    pass.loss = minimised;
    if (!code)
        code = lethe_student_epoch(student, w, NULL, &pass, err);
    if (!code && scrub->kept)
        memcpy(scrub->kept + epoch * scrub->weights, w, scrub->weights * sizeof *w);
    return code;
}

/* ---- rewind ---------------------------------------------------------------------------------- */

static int is_wrong(const double *logits, size_t classes, int label)
{
    size_t best = 0;
    for (size_t c = 1; c < classes; c++)
        best = logits[c] > logits[best] ? c : best;
    return best != (size_t)label;
}

/* Share of wrong ones over the classes of U: each class weighs as it does in `shares`. */
static double error_of(const double *logits, const int *labels, size_t count, size_t classes,
                       const double *shares)
{
    double sum = 0, weight = 0;
    for (size_t c = 0; c < classes; c++) {
        double wrong = 0, all = 0;
        for (size_t i = 0; i < count; i++)
            if (labels[i] == (int)c) {
                all++;
                wrong += is_wrong(logits + i * classes, classes, labels[i]);
            }
        if (all > 0 && shares[c] > 0) {
            sum += shares[c] * wrong / all;
            weight += shares[c];
        }
    }
    return weight > 0 ? sum / weight : NAN;
}

static enum lethe_err error_on(double *error, struct lethe_problem *problem, const double *w,
                               const double *shares, struct lethe_watch *watch,
                               struct lethe_error *err)
{
    const size_t count = lethe_problem_count(problem),
                 classes = lethe_graph_classes(lethe_problem_graph(problem));
    double *logits = lethe_alloc(count, classes * sizeof *logits);
    if (!logits)
        return lethe_fail_memory(err, "logits", count, classes * sizeof *logits);
    enum lethe_err code = lethe_problem_logits(problem, logits, w, watch, err);
    if (!code)
        *error = error_of(logits, lethe_problem_labels(problem), count, classes, shares);
    lethe_free(logits);
    return code;
}

static enum lethe_err open_rewind(struct lethe_problem **forget, struct lethe_problem **heldout,
                                  const struct lethe_unlearn_input *in, struct lethe_error *err)
{
    struct lethe_problem_spec spec = {.graph = in->graph,
                                      .data = in->data,
                                      .ids = in->forget,
                                      .count = in->forget_count,
                                      .dtype = in->dtype,
                                      .threads = in->threads};
    enum lethe_err code = lethe_problem_new(forget, &spec, err);
    spec.data = in->heldout;
    spec.ids = in->tune;
    spec.count = in->tune_count;
    return code ? code : lethe_problem_new(heldout, &spec, err);
}

/* w becomes that of the epoch whose error on U is nearest to the reference. */
static enum lethe_err rewind_to(double *w, struct scrub *scrub, size_t epochs,
                                struct lethe_unlearn_report *report, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    const size_t classes = lethe_graph_classes(scrub->input->graph);
    struct lethe_problem *forget = NULL, *heldout = NULL;
    double *shares = lethe_alloc_zero(classes, sizeof *shares), reference = NAN, best = HUGE_VAL;
    size_t chosen = epochs - 1;
    enum lethe_err code = shares ? open_rewind(&forget, &heldout, scrub->input, err)
                                 : lethe_fail_memory(err, "shares", classes, sizeof *shares);
    for (size_t i = 0; !code && i < scrub->input->forget_count; i++)
        shares[lethe_problem_labels(forget)[i]]++;
    if (!code)
        code = error_on(&reference, heldout, w, shares, watch, err);
    for (size_t e = 0; !code && e < epochs; e++) {
        double error = NAN;
        code = error_on(&error, forget, scrub->kept + e * scrub->weights, shares, watch, err);
        if (!code && fabs(error - reference) <= best) {
            best = fabs(error - reference);
            chosen = e;
        }
    }
    if (!code)
        memcpy(w, scrub->kept + chosen * scrub->weights, scrub->weights * sizeof *w);
    if (!code && isnan(reference)) /* the last weights stay */
        report->ended = "not rewound: no held-out samples of the forgotten classes are there";
    else if (!code && chosen + 1 < epochs)
        report->ended = "rewound to an earlier epoch";
    lethe_problem_free(forget);
    lethe_problem_free(heldout);
    lethe_free(shares);
    return code;
}

/* ---- the method ------------------------------------------------------------------------------ */

static enum lethe_err open_scrub(struct scrub *scrub, struct lethe_student *student,
                                 const double *w, size_t epochs, struct lethe_error *err)
{
    const struct lethe_unlearn_input *in = scrub->input;
    const int rewinds = lethe_unlearn_whole(in, REWIND) == 1;
    if (rewinds && (!in->heldout || !in->tune_count))
        return lethe_fail(err, LETHE_EARG,
                          "rewind=1 chooses by held-out samples, and there are "
                          "none: rewind=0 goes without");
    scrub->weights = student->size + lethe_graph_buffers(in->graph);
    scrub->teacher = lethe_alloc(student->count, student->classes * sizeof *scrub->teacher);
    scrub->taught = lethe_alloc(student->batch, student->classes * sizeof *scrub->taught);
    scrub->kept = rewinds ? lethe_alloc(epochs, scrub->weights * sizeof *scrub->kept) : NULL;
    if (!scrub->teacher || !scrub->taught || (rewinds && !scrub->kept))
        return lethe_fail_memory(err, "a teacher", student->count,
                                 student->classes * sizeof(double));
    return lethe_student_logits(student, scrub->teacher, w, err);
}

static enum lethe_err run(struct lethe_student *student, double *w, struct lethe_error *err)
{
    const struct lethe_unlearn_input *in = student->input;
    const size_t epochs = lethe_unlearn_whole(in, EPOCHS),
                 most = lethe_unlearn_whole(in, MAX_EPOCHS);
    const size_t batch = lethe_unlearn_whole(in, BATCH),
                 other = lethe_unlearn_whole(in, FORGET_BATCH);
    struct scrub scrub = {.input = in};
    size_t done = 0;
    enum lethe_err code = open_scrub(&scrub, student, w, epochs, err);
    student->total =
        epochs * lethe_unlearn_batches(in->retain_count, batch) +
        (epochs < most ? epochs : most) * lethe_unlearn_batches(in->forget_count, other);
    for (; !code && done < epochs && !lethe_student_over(student); done++)
        code = epoch_of(student, &scrub, w, done, err);
    if (!code && scrub.kept && done)
        code = rewind_to(w, &scrub, done, student->report, student->watch, err);
    lethe_free(scrub.teacher);
    lethe_free(scrub.taught);
    lethe_free(scrub.kept);
    return code;
}

const struct lethe_unlearn_method lethe_unlearn_scrub = {
    .name = "scrub",
    .summary = "leave the trained network on U, stay with it on R (SCRUB, SCRUB+R)",
    .formula = "max on U: T^2 KL(w0 || w); min on R: gamma CE + alpha T^2 KL(w0 || w)",
    .source = "Kurmanji et al., NeurIPS 2023",
    .params = params,
    .count = LETHE_PARAM_COUNT(params),
    .masked = LETHE_MASK_MAY,
    .needs_retained = 1,
    .run = run,
};
