/* SPDX-License-Identifier: MIT
 * The network that an unlearning method trains: mini-batches of the forget and retained samples
 * forward and backward, with any derivative by the logits between, and the optimiser's step. Rows
 * 0 .. forget - 1 are the forget samples, the retained ones follow. Networks with batch statistics
 * are in training mode. Belongs to one thread. */
#ifndef LETHE_UNLEARN_METHODS_STUDENT_H
#define LETHE_UNLEARN_METHODS_STUDENT_H

#include "lethe/methods.h"
#include "lethe/problem.h"

struct lethe_trainer;

/* Streams of LETHE_RNG_UNLEARN, k. */
enum lethe_unlearn_stream {
    LETHE_STREAM_FORGET = 1, /* order of the forget samples */
    LETHE_STREAM_RETAIN,     /* of the retained ones */
    LETHE_STREAM_BOTH,       /* of both together */
    LETHE_STREAM_LABELS,     /* drawn labels */
    LETHE_STREAM_SUBSET,     /* drawn samples */
    LETHE_STREAM_NOISE       /* noise on the weights */
};

struct lethe_student {
    const struct lethe_unlearn_input *input;
    struct lethe_unlearn_report *report;
    struct lethe_watch *watch;
    struct lethe_problem *problem;              /* over U, then R; without decay */
    struct lethe_trainer *trainer;              /* NULL: the problem's executor does */
    size_t size, classes, batch, forget, count; /* count: samples of U and R */
    double *x, *split;
    const double **inputs;
    size_t n;                        /* samples of the batch at work */
    int *labels;                     /* (batch) of it */
    double *logits, *slope, *losses; /* (batch, classes) twice, (batch) */
    double *gradient, *moments;      /* (size), (2 size) */
    double *work;                    /* (2 classes) */
    const unsigned char *may;        /* (size) entries that change; NULL: all */
    double momentum;
    int adam;
    int inference; /* the running statistics normalise, also where the batch's own would */
    size_t *order; /* (count) */
    size_t total;  /* steps that are expected, for the bar */
};

/* What is minimised on a batch after forward: fills slope and returns the mean over its samples,
 * which stand at `rows`. */
typedef double lethe_student_loss(struct lethe_student *student, const size_t *rows, void *user);

/* A pass in mini-batches over samples first .. first + count - 1. */
struct lethe_student_pass {
    size_t first, count, batch, epoch;
    enum lethe_unlearn_stream stream;
    double rate;
    lethe_student_loss *loss;
    void *user;
};

/* For batches of at most `batch` samples. report and watch are the caller's. */
enum lethe_err lethe_student_init(struct lethe_student *student,
                                  const struct lethe_unlearn_input *input, size_t batch,
                                  struct lethe_unlearn_report *report, struct lethe_watch *watch,
                                  struct lethe_error *err);
void lethe_student_release(struct lethe_student *student); /* zeroed ok */

/* logits and labels of the samples at `rows`; running statistics in w move. */
enum lethe_err lethe_student_forward(struct lethe_student *student, double *w, const size_t *rows,
                                     size_t n, struct lethe_error *err);
/* Adds the gradient of what slope is the derivative of. */
enum lethe_err lethe_student_backward(struct lethe_student *student, struct lethe_error *err);
/* slope = weight / n times the derivative of the summed cross-entropy to these labels; returns its
 * mean. */
double lethe_student_cross_entropy(struct lethe_student *student, const int *labels, double weight);
/* slope += weight times the derivative of the mean over samples of KL(teacher || student) of
 * logits divided by `temperature`; teacher (n, classes) are logits. Returns that mean. */
double lethe_student_distill(struct lethe_student *student, const double *teacher, double weight,
                             double temperature);
/* One step of SGD or Adam along the gradient and the decay, on the entries that may change; the
 * gradient is 0 again. loss: of the batch, for the report. */
enum lethe_err lethe_student_move(struct lethe_student *student, double *w, double rate,
                                  double loss, struct lethe_error *err);
/* Whether the steps allowed are made. */
int lethe_student_over(const struct lethe_student *student);

/* In the order of the epoch and stream, until the steps allowed are made. *mean (NULL ok): of the
 * losses over the samples. */
enum lethe_err lethe_student_epoch(struct lethe_student *student, double *w, double *mean,
                                   const struct lethe_student_pass *pass, struct lethe_error *err);

/* So many of them, from pass->epoch on; total is theirs. */
enum lethe_err lethe_student_epochs(struct lethe_student *student, double *w,
                                    struct lethe_student_pass *pass, size_t epochs,
                                    struct lethe_error *err);

/* order[0 .. count - 1] = first ..., shuffled for an epoch. */
void lethe_student_shuffle(struct lethe_student *student, size_t first, size_t count, size_t epoch,
                           enum lethe_unlearn_stream stream);
/* Logits (count, classes) of all samples of U and R under w, in inference mode. */
enum lethe_err lethe_student_logits(struct lethe_student *student, double *logits, const double *w,
                                    struct lethe_error *err);

#endif
