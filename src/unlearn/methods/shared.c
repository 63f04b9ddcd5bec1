/* SPDX-License-Identifier: MIT
 * What several unlearning methods share: counting, and training with random labels. */
#include "base/alloc.h"
#include "lethe/rng.h"
#include "unlearn/methods/rows.h"

size_t lethe_unlearn_whole(const struct lethe_unlearn_input *input, size_t param)
{
    return (size_t)(input->values.at[param] + 0.5);
}

size_t lethe_unlearn_batches(size_t samples, size_t batch)
{
    return (samples + batch - 1) / batch;
}

void lethe_unlearn_draw_labels(int *labels, const struct lethe_student *student, size_t epoch)
{
    const int *truth = lethe_problem_labels(student->problem);
    struct lethe_rng rng;
    lethe_rng_init(&rng, student->input->seed, LETHE_RNG_UNLEARN, epoch, LETHE_STREAM_LABELS);
    for (size_t i = 0; i < student->forget; i++) {
        const int other = (int)lethe_rng_below(&rng, student->classes - 1);
        labels[i] = other + (other >= truth[i]);
    }
}

/* Drawn labels where the row is a forget sample, else the sample's own. */
struct relabelled {
    const int *drawn;
    int *labels;
};

static double loss_of(struct lethe_student *student, const size_t *rows, void *user)
{
    const struct relabelled *r = user;
    for (size_t i = 0; i < student->n; i++)
        r->labels[i] = rows[i] < student->forget ? r->drawn[rows[i]] : student->labels[i];
    return lethe_student_cross_entropy(student, r->labels, 1);
}

enum lethe_err lethe_unlearn_relabelled(struct lethe_student *student, double *w, size_t epochs,
                                        size_t batch, double rate, struct lethe_error *err)
{
    int *drawn = lethe_alloc(student->forget, sizeof *drawn);
    int *labels = lethe_alloc(student->batch, sizeof *labels);
    enum lethe_err code =
        drawn && labels ? LETHE_OK : lethe_fail_memory(err, "labels", student->forget, sizeof(int));
    struct relabelled relabelled = {drawn, labels};
    struct lethe_student_pass pass = {.count = student->count,
                                      .batch = batch,
                                      .stream = LETHE_STREAM_BOTH,
                                      .rate = rate,
                                      .loss = loss_of,
                                      .user = &relabelled};
    student->total = epochs * lethe_unlearn_batches(student->count, batch);
    for (; !code && pass.epoch < epochs && !lethe_student_over(student); pass.epoch++) {
        lethe_unlearn_draw_labels(drawn, student, pass.epoch);
        code = lethe_student_epoch(student, w, NULL, &pass, err);
    }
    lethe_free(drawn);
    lethe_free(labels);
    return code;
}
