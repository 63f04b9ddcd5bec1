/* SPDX-License-Identifier: MIT
 * The verdict under a preview: what was reached, against retraining, and what to do next, in one
 * sentence. A pure function of a few facts, so that it can be tested on any; the facts are those of
 * the figures above it, and it promises nothing beyond them. */
#ifndef LETHE_WORKBENCH_VERDICT_H
#define LETHE_WORKBENCH_VERDICT_H

#include "base/text.h"
#include "workbench/workbench.h"

struct lethe_verdict_facts {
    size_t units, parameters;                         /* of the blanket; units 0: it is empty */
    int all;                                          /* it is the whole network */
    int weights;                                      /* of single weights */
    size_t forget;                                    /* samples to be forgotten */
    struct lethe_shown accuracy, retain, heldout, kl; /* kl: on the forget samples */
    double recovery;                                  /* of probabilities; NAN: not known */
    double reach; /* share of the whole step the blanket can make; NAN: not known */
    double damping;
    double objective_before, objective_now; /* of the retained samples; NAN: not to be judged */
    double promised;                        /* change of it that the step promised */
    size_t curvature, retained;             /* samples of the curvature, and those there are */
    const char *method;                     /* NULL: the Newton step */
    int partial;                            /* a first look: not all samples are measured yet */
    int unfinished;          /* the model was not at a minimum, and the retraining went on to one */
    int nothing, over;       /* nothing to unlearn; over-unlearned */
    int under_way, possible; /* a retraining runs; could be done at all */
};

enum lethe_verdict_kind {
    LETHE_VERDICT_EMPTY,      /* nothing moves */
    LETHE_VERDICT_NOTHING,    /* there is nothing to unlearn */
    LETHE_VERDICT_WORSE,      /* than doing nothing */
    LETHE_VERDICT_UNKNOWN,    /* there is no retraining to compare with */
    LETHE_VERDICT_UNFINISHED, /* what retraining changes is mostly further training */
    LETHE_VERDICT_REACH,      /* the blanket is too small for the step */
    LETHE_VERDICT_OVER,       /* further than retraining goes */
    LETHE_VERDICT_REACHED,    /* nine tenths and more of the way */
    LETHE_VERDICT_PART        /* less */
};

enum lethe_verdict_next {
    LETHE_NEXT_NONE,
    LETHE_NEXT_COMMIT,
    LETHE_NEXT_RETRAIN,
    LETHE_NEXT_WAIT,
    LETHE_NEXT_ALL,     /* the whole network */
    LETHE_NEXT_REACH,   /* the whole network, or units by gain */
    LETHE_NEXT_UNITS,   /* any units at all */
    LETHE_NEXT_DAMPING, /* more */
    LETHE_NEXT_LESS,    /* less damping */
    LETHE_NEXT_SAMPLES, /* of the curvature */
    LETHE_NEXT_STEPS,
    LETHE_NEXT_TRAIN, /* the model itself, to its minimum */
    LETHE_NEXT_TUNE   /* the method's parameters */
};

struct lethe_verdict {
    enum lethe_verdict_kind kind;
    enum lethe_verdict_next next;
    char reached[240];  /* "15 of 100 points of forgetting" */
    double damping;     /* the one recommended, with LETHE_NEXT_DAMPING and _LESS */
    size_t samples;     /* with LETHE_NEXT_SAMPLES */
    const char *method; /* with LETHE_NEXT_TUNE, borrowed from the facts */
};

void lethe_verdict_make(struct lethe_verdict *verdict, const struct lethe_verdict_facts *facts);
/* The sentence; keys: what to do next is said in keys of the screen, not in commands. */
void lethe_verdict_put(struct lethe_text *out, const struct lethe_verdict *verdict, int keys);
/* What to do next alone, behind "; "; nothing when there is nothing. */
void lethe_verdict_put_next(struct lethe_text *out, const struct lethe_verdict *verdict, int keys);

/* Of the workbench's preview, which must be there. */
void lethe_workbench_verdict(const struct lethe_workbench *wb, const struct lethe_figure_rows *rows,
                             struct lethe_verdict *verdict);

#endif
