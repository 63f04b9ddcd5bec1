/* SPDX-License-Identifier: MIT
 * The unlearning methods of the field, beside the Newton step: each changes trained weights w so
 * that they know less of the forget samples U, with or without the retained ones R. A method is one
 * row of one table, with its formula, its source and its hyper-parameters: their published
 * defaults and the ranges that are searched. All follow the weight decay of the training that made
 * w, where a published program has one of its own. */
#ifndef LETHE_METHODS_H
#define LETHE_METHODS_H

#include "lethe/cancel.h"
#include "lethe/dataset.h"
#include "lethe/nn.h"

enum { LETHE_UNLEARN_PARAMS = 12, LETHE_UNLEARN_MASK = 32, LETHE_UNLEARN_TEXT = 320 };

enum {
    LETHE_UNLEARN_WHOLE = 1,   /* a whole number */
    LETHE_UNLEARN_SCALE = 2,   /* searched, and moved by sliders, on a logarithmic scale */
    LETHE_UNLEARN_BATCH = 4,   /* samples of a mini-batch: the largest is what there is room for */
    LETHE_UNLEARN_MOMENTUM = 8 /* that of the optimiser */
};

enum {
    LETHE_MASK_OWN = 1, /* takes `mask=`: "saliency", its own, or a selector */
    LETHE_MASK_MAY = 2  /* takes `mask=`: "none", or a selector */
};

struct lethe_unlearn_param {
    const char *key, *meaning; /* "rate", "learning rate" */
    double usual;              /* as published */
    double low, high;          /* what is searched */
    double least, most;        /* what is allowed */
    unsigned flags;            /* LETHE_UNLEARN_WHOLE ... */
};

/* Values of a method's parameters. */
struct lethe_unlearn_values {
    double at[LETHE_UNLEARN_PARAMS];
    char mask[LETHE_UNLEARN_MASK]; /* where the method takes one: "saliency" or "none", or a
                                      selector */
};

struct lethe_unlearn_input {
    struct lethe_graph *graph;
    struct lethe_dataset *data;    /* training data */
    struct lethe_dataset *heldout; /* NULL: none */
    const size_t *forget, *retain; /* ids in data: U and R */
    size_t forget_count, retain_count;
    const size_t *tune; /* ids in heldout, for methods that choose among what they made */
    size_t tune_count;
    double decay;             /* lambda, >= 0 */
    enum lethe_dtype dtype;   /* of the passes; steps are in double */
    unsigned threads;         /* of an executor, 0: one for each processor */
    uint64_t seed;            /* order of the samples, labels, noise */
    const unsigned char *may; /* (parameters) entries of w that may change; NULL: all, or what the
                                 method's own mask says */
    size_t most;              /* optimiser steps at most, 0: as the parameters say */
    struct lethe_unlearn_values values;
};

struct lethe_unlearn_report {
    size_t steps;      /* optimiser steps; 0 for methods without */
    size_t touched;    /* entries of w that changed */
    double loss;       /* mean loss of the last mini-batch; NAN where there is none */
    const char *ended; /* why it ended before its time, static text; NULL: it did not */
    double seconds;
};

struct lethe_student;

struct lethe_unlearn_method {
    const char *name, *summary, *formula, *source;
    const struct lethe_unlearn_param *params; /* (count) */
    size_t count;
    int masked;         /* LETHE_MASK_..., 0: whatever it changes it chooses itself */
    int needs_retained; /* refused where no sample is retained */
    /* w (size + buffers) goes from the trained weights to the unlearned ones, which the student, a
     * network at work, is made for. NULL: the Newton step, which update.h makes. */
    enum lethe_err (*run)(struct lethe_student *student, double *w, struct lethe_error *err);
};

/* The n-th row, NULL after the last; static, never freed. The first is "newton". */
const struct lethe_unlearn_method *lethe_unlearn_method_at(size_t n);
/* *method is a row, borrowed for good. LETHE_EARG lists the methods there are. */
enum lethe_err lethe_unlearn_find(const struct lethe_unlearn_method **method, const char *name,
                                  struct lethe_error *err);
void lethe_unlearn_defaults(struct lethe_unlearn_values *values,
                            const struct lethe_unlearn_method *method);
/* Puts one value; LETHE_EARG says what is allowed, or which parameters there are. The name of a
 * mask is taken as it is. */
enum lethe_err lethe_unlearn_put(struct lethe_unlearn_values *values,
                                 const struct lethe_unlearn_method *method, const char *key,
                                 const char *value, struct lethe_error *err);
/* "saliency", "none", or "" of a method that takes no mask; static. */
const char *lethe_unlearn_usual_mask(const struct lethe_unlearn_method *method);
/* All values as "epochs=10,rate=0.01", each as short as it reads back the same (mask=none is left
 * out), and back: keys that are missing keep the usual value. */
void lethe_unlearn_write(char text[LETHE_UNLEARN_TEXT], const struct lethe_unlearn_values *values,
                         const struct lethe_unlearn_method *method);
enum lethe_err lethe_unlearn_read(struct lethe_unlearn_values *values,
                                  const struct lethe_unlearn_method *method, const char *text,
                                  struct lethe_error *err);
/* Runs a method (its run is not NULL). On failure and when cancelled w is as it was. LETHE_EARG
 * where samples it needs are missing. */
enum lethe_err lethe_unlearn(double *w, struct lethe_unlearn_report *report,
                             const struct lethe_unlearn_method *method,
                             const struct lethe_unlearn_input *input, struct lethe_watch *watch,
                             struct lethe_error *err);

#endif
