/* SPDX-License-Identifier: MIT
 * Mini-batches through an executor, or through a trainer where the batch's statistics matter.
 * Passes may be in float; logits, their derivatives, sums and steps are in double. */
#include "unlearn/methods/student.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "nn/optim.h"
#include "nn/trainer.h"
#include "unlearn/inputs.h"

static enum lethe_err open_problem(struct lethe_student *s, struct lethe_error *err)
{
    const struct lethe_unlearn_input *in = s->input;
    size_t *ids = lethe_alloc(s->count, sizeof *ids);
    if (!ids)
        return lethe_fail_memory(err, "sample ids", s->count, sizeof *ids);
    memcpy(ids, in->forget, in->forget_count * sizeof *ids);
    if (in->retain_count)
        memcpy(ids + in->forget_count, in->retain, in->retain_count * sizeof *ids);
    const struct lethe_problem_spec spec = {.graph = in->graph,
                                            .data = in->data,
                                            .ids = ids,
                                            .count = s->count,
                                            .dtype = in->dtype,
                                            .batch = s->batch,
                                            .threads = in->threads};
    enum lethe_err code = lethe_problem_new(&s->problem, &spec, err);
    lethe_free(ids);
    return code;
}

static enum lethe_err allocate(struct lethe_student *s, struct lethe_error *err)
{
    const size_t width = lethe_dataset_width(s->input->data), cells = s->batch * s->classes;
    s->x = lethe_alloc_aligned(s->batch * width, sizeof *s->x);
    s->split = lethe_alloc_aligned(s->batch * width, sizeof *s->split);
    s->inputs = lethe_alloc(lethe_graph_inputs(s->input->graph), sizeof *s->inputs);
    s->labels = lethe_alloc(s->batch, sizeof *s->labels);
    s->logits = lethe_alloc(cells, sizeof *s->logits);
    s->slope = lethe_alloc_zero(cells, sizeof *s->slope);
    s->losses = lethe_alloc(s->batch, sizeof *s->losses);
    s->gradient = lethe_alloc_zero(s->size, sizeof *s->gradient);
    s->moments = lethe_alloc_zero(2 * s->size, sizeof *s->moments);
    s->work = lethe_alloc(2 * s->classes, sizeof *s->work);
    s->order = lethe_alloc(s->count, sizeof *s->order);
    if (s->x && s->split && s->inputs && s->labels && s->logits && s->slope && s->losses &&
        s->gradient && s->moments && s->work && s->order)
        return LETHE_OK;
    return lethe_fail_memory(err, "mini-batches", 3 * s->size + 2 * s->batch * width,
                             sizeof(double));
}

enum lethe_err lethe_student_init(struct lethe_student *s, const struct lethe_unlearn_input *input,
                                  size_t batch, struct lethe_unlearn_report *report,
                                  struct lethe_watch *watch, struct lethe_error *err)
{
    *s = (struct lethe_student){.input = input,
                                .report = report,
                                .watch = watch,
                                .size = lethe_graph_size(input->graph),
                                .classes = lethe_graph_classes(input->graph),
                                .forget = input->forget_count,
                                .count = input->forget_count + input->retain_count,
                                .may = input->may,
                                .momentum = 0.9};
    s->batch = batch < s->count ? batch : s->count;
    enum lethe_err code = open_problem(s, err);
    if (!code)
        code = allocate(s, err);
    if (!code && lethe_trainer_wanted(input->graph)) {
        s->trainer = lethe_trainer_new(input->graph, input->dtype, s->batch, err);
        code = s->trainer ? LETHE_OK : err && err->code ? err->code : LETHE_ENOMEM;
    }
    if (code)
        lethe_student_release(s);
    return code;
}

void lethe_student_release(struct lethe_student *s)
{
    lethe_problem_free(s->problem);
    lethe_trainer_free(s->trainer);
    void *blocks[] = {s->x,      s->split,    s->inputs,  s->labels, s->logits, s->slope,
                      s->losses, s->gradient, s->moments, s->work,   s->order};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        lethe_free(blocks[i]);
    *s = (struct lethe_student){0};
}

enum lethe_err lethe_student_forward(struct lethe_student *s, double *w, const size_t *rows,
                                     size_t n, struct lethe_error *err)
{
    const enum lethe_err code = lethe_watch_check(s->watch, "unlearning", err);
    if (code)
        return code;
    lethe_problem_gather(s->problem, s->x, s->labels, rows, n);
    lethe_inputs_split(s->inputs, s->split, s->input->graph, s->x, n);
    s->n = n;
    memset(s->slope, 0, n * s->classes * sizeof *s->slope);
    if (s->trainer) {
        const struct lethe_trainer_batch batch = {
            .inputs = s->inputs, .n = n, .inference = s->inference, .watch = s->watch};
        return lethe_trainer_forward(s->trainer, s->logits, w, &batch, err);
    }
    lethe_problem_weights(s->problem, w);
    return lethe_exec_forward(lethe_problem_exec(s->problem), s->logits, s->inputs, n, err);
}

enum lethe_err lethe_student_backward(struct lethe_student *s, struct lethe_error *err)
{
    const struct lethe_trainer_batch batch = {
        .inputs = s->inputs, .n = s->n, .inference = s->inference, .watch = s->watch};
    if (!s->trainer)
        return lethe_exec_gradient(lethe_problem_exec(s->problem), s->gradient, s->slope, err);
    return lethe_trainer_backward(s->trainer, s->gradient, s->slope, &batch, err);
}

double lethe_student_cross_entropy(struct lethe_student *s, const int *labels, double weight)
{
    const double n = (double)s->n;
    return lethe_cross_entropy(s->losses, s->slope, s->logits, labels, s->n, s->classes,
                               weight / n) /
           n;
}

/* p = log softmax(z / temperature) */
static void log_softmax(double *p, const double *z, size_t classes, double temperature)
{
    double most = -HUGE_VAL, sum = 0;
    for (size_t c = 0; c < classes; c++)
        most = fmax(most, z[c] / temperature);
    for (size_t c = 0; c < classes; c++)
        sum += exp(z[c] / temperature - most);
    for (size_t c = 0; c < classes; c++)
        p[c] = z[c] / temperature - most - log(sum);
}

double lethe_student_distill(struct lethe_student *s, const double *teacher, double weight,
                             double temperature)
{
    const size_t classes = s->classes;
    double *own = s->work, *taught = s->work + classes, sum = 0;
    for (size_t i = 0; i < s->n; i++) {
        log_softmax(own, s->logits + i * classes, classes, temperature);
        log_softmax(taught, teacher + i * classes, classes, temperature);
        for (size_t c = 0; c < classes; c++) {
            const double p = exp(taught[c]);
            sum += p > 0 ? p * (taught[c] - own[c]) : 0;
            s->slope[i * classes + c] += weight / temperature * (exp(own[c]) - p) / (double)s->n;
        }
    }
    return sum / (double)s->n;
}

enum lethe_err lethe_student_move(struct lethe_student *s, double *w, double rate, double loss,
                                  struct lethe_error *err)
{
    const size_t step = s->report->steps;
    double worst = fabs(loss);
    for (size_t i = 0; i < s->size; i++) {
        const int moves = !s->may || s->may[i];
        s->gradient[i] = moves ? s->gradient[i] + s->input->decay * w[i] : 0;
        worst += fabs(s->gradient[i]);
    }
    if (!isfinite(worst))
        return lethe_fail(err, LETHE_ENUM,
                          "unlearning ran away at step %zu: the loss is not a finite number; a "
                          "smaller rate may help",
                          step + 1);
    if (s->adam)
        lethe_adam_step(w, s->moments, s->gradient, s->size, rate, (long)step + 1);
    else
        lethe_sgd_step(w, s->moments, s->gradient, s->size, rate, s->momentum);
    memset(s->gradient, 0, s->size * sizeof *s->gradient);
    s->report->steps++;
    s->report->loss = loss;
    return lethe_watch_step(s->watch, "unlearning", (long)s->report->steps, (long)s->total, err);
}

int lethe_student_over(const struct lethe_student *s)
{
    return s->input->most && s->report->steps >= s->input->most;
}

void lethe_student_shuffle(struct lethe_student *s, size_t first, size_t count, size_t epoch,
                           enum lethe_unlearn_stream stream)
{
    struct lethe_rng rng;
    for (size_t i = 0; i < count; i++)
        s->order[i] = first + i;
    lethe_rng_init(&rng, s->input->seed, LETHE_RNG_UNLEARN, epoch, stream);
    lethe_rng_shuffle(&rng, s->order, count);
}

enum lethe_err lethe_student_epoch(struct lethe_student *s, double *w, double *mean,
                                   const struct lethe_student_pass *pass, struct lethe_error *err)
{
    double sum = 0;
    size_t seen = 0;
    lethe_student_shuffle(s, pass->first, pass->count, pass->epoch, pass->stream);
    for (size_t at = 0, n; at < pass->count && !lethe_student_over(s); at += n) {
        const size_t *rows = s->order + at;
        n = pass->count - at < pass->batch ? pass->count - at : pass->batch;
        enum lethe_err code = lethe_student_forward(s, w, rows, n, err);
        if (code)
            return code;
        const double loss = pass->loss(s, rows, pass->user);
        code = lethe_student_backward(s, err);
        if (!code)
            code = lethe_student_move(s, w, pass->rate, loss, err);
        if (code)
            return code;
        sum += loss * (double)n;
        seen += n;
    }
    if (mean)
        *mean = seen ? sum / (double)seen : NAN;
    return LETHE_OK;
}

enum lethe_err lethe_student_epochs(struct lethe_student *s, double *w,
                                    struct lethe_student_pass *pass, size_t epochs,
                                    struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    s->total = epochs * ((pass->count + pass->batch - 1) / pass->batch);
    for (; !code && pass->epoch < epochs && !lethe_student_over(s); pass->epoch++)
        code = lethe_student_epoch(s, w, NULL, pass, err);
    return code;
}

enum lethe_err lethe_student_logits(struct lethe_student *s, double *logits, const double *w,
                                    struct lethe_error *err)
{
    return lethe_problem_logits(s->problem, logits, w, s->watch, err);
}
