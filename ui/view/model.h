/* SPDX-License-Identifier: MIT
 * What the screen shows, as plain structs: struct lethe_view is the state of the work, struct
 * lethe_screen the state of the looking (focus, cursors, overlays). Panes are pure functions of the
 * two. Text and arrays are borrowed; NULL text shows as nothing, NaN as "not known yet". */
#ifndef LETHE_VIEW_MODEL_H
#define LETHE_VIEW_MODEL_H

#include <stddef.h>
#include "ui/chart/chart.h"
#include "ui/chart/plane.h"
#include "ui/chart/scatter.h"

struct lethe_view_layer {
    const char *name;
    size_t units;
    const double *scores;        /* marginal T of each unit, NaN: dead or not scored; of single
                                    weights the share of the unit's that is in the blanket */
    const unsigned char *chosen; /* 1: in the blanket; may be NULL */
};

struct lethe_view_unit {
    const char *name;  /* "fc3[1]" */
    double gain;       /* what the selection went by: see score_name */
    double cumulative; /* T of the blanket up to here */
    size_t parameters;
    int after_stop;     /* taken after FOCI would have stopped */
    size_t times, runs; /* selected again on resampled copies; runs 0: not known */
    size_t votes;       /* deciding samples that chose it; 0: there was one */
    double reach; /* share of the whole step the blanket up to here can make; NaN: not known */
    int reach_is_estimate;
    size_t of; /* single weights: those the unit has, `parameters` of them taken */
};

enum lethe_figure_kind {
    LETHE_FIGURE_PERCENT,  /* 0.9056 shows as 90.56 */
    LETHE_FIGURE_FRACTION, /* .247 */
    LETHE_FIGURE_LOSS,     /* three significant digits, scientific when tiny */
};

struct lethe_view_figure {
    const char *name;
    double before, now, retrain, sd, z;
    enum lethe_figure_kind kind;
    int partial;      /* computed on part of the samples so far */
    int warning;      /* over-unlearned, worse than before, ... */
    const char *says; /* "as retraining", "different", "cannot tell"; NULL: not judged */
};

enum lethe_slider {
    LETHE_SLIDER_BLANKET,
    LETHE_SLIDER_DAMPING,
    LETHE_SLIDER_PARAM, /* of the unlearning method: screen->param says which */
    LETHE_SLIDERS
};

/* A number of the unlearning method that is set. */
struct lethe_view_param {
    const char *key, *meaning; /* "rate" */
    double value, usual;       /* usual: as published, marked on its slider */
    const double *steps;       /* (step_count) ascending, with the two above among them */
    size_t step_count;
};

struct lethe_view_surface {
    const size_t *sizes;    /* blanket sizes, one per row */
    const double *dampings; /* one per column; 0 first */
    const double *values;   /* (rows, cols) row-major */
    size_t rows, cols;
    struct lethe_view_rule {
        const char *name; /* "tenth"; its first letter marks the place */
        double damping;
    } rules[4]; /* dampings worth trying */
    size_t rule_count;
    const char *figure; /* what the values are: "KL to retrain, forget" */
};

struct lethe_view_sample {
    size_t id;
    int label, true_label;
    double before, now, retrain;    /* losses */
    double leverage;                /* share of the curvature it holds by itself */
    int before_class, now_class;    /* predicted; -1: not known */
    int forget;                     /* selected for forgetting */
    const char *class, *true_class; /* names of label and true_label, or NULL */
};

struct lethe_view_commit {
    const char *id, *message, *forget, *figures; /* figures: "KL .003  AUC .002" */
    const char *branches;                        /* names that stand here: "main"; NULL: none */
    int lane;                                    /* column of the graph, 0: the way to the head */
    unsigned lanes, joins; /* bits: lanes that pass by; lanes that begin at this state */
    int head, undone;
};

struct lethe_view_job {
    size_t id;
    const char *name, *state, *stage;
    double fraction, seconds; /* fraction NaN: not known */
    double left;              /* seconds its stage will still take; NaN: not known */
};

struct lethe_view_plot {
    const char *kind; /* what the pane stays with while plots come and go: "roc" */
    const char *title;
    const struct lethe_series *series;
    size_t count;
    struct lethe_axes axes;
    int pictured;              /* 1: `plot KIND` draws it as a picture */
    double threshold;          /* a loss set by hand; 0: none */
    double below[2], above[2]; /* the next ones, and ten further; 0: none are known */
    int histogram; /* 1: y holds raw values, drawn as one histogram per series; axes.log_x counts */
    const struct lethe_plot *sheet; /* drawn instead of all that; NULL: none */
};

enum { LETHE_VIEW_BEFORE, LETHE_VIEW_NOW, LETHE_VIEW_RETRAINED, LETHE_VIEW_COMPARED };

/* What three models make of one sample. */
struct lethe_view_probabilities {
    const double *at[LETHE_VIEW_COMPARED]; /* (classes); NULL: not known */
    size_t count;            /* of classes that are listed, the likeliest of any model first */
    const size_t *order;     /* (count) their numbers */
    const char *const *name; /* (count) */
    int label;
};

struct lethe_view_picture {
    const char *caption;  /* "#17  label 1  was 9" */
    const char *facts[6]; /* what is known about it, line by line; NULL after the last */
    struct lethe_picture image;
    const char *text; /* for samples that are text; NULL otherwise */
    struct lethe_view_probabilities probabilities;
};

/* Classes beside each other, and what is taken for what. */
struct lethe_view_classes {
    size_t count;        /* of classes; 0: there is nothing yet */
    const size_t *order; /* (count) most changed first */
    const size_t *samples;
    const double
        *at[LETHE_VIEW_COMPARED]; /* (count, 3) accuracy, loss, attack AUC; NULL: unknown */
    const char *const *names;     /* (count) */
    const char *set;              /* "held-out" */
    int stale;                    /* the models have changed since */
};
struct lethe_view_confusion {
    size_t count;
    const double
        *at[LETHE_VIEW_COMPARED]; /* (count, count) samples, truth in rows; NULL: unknown */
    const char *const *names;
    const char *set;
    int stale;
};

/* How alike two models are, layer by layer. */
struct lethe_view_cka {
    size_t count;
    const char *const *names;
    const double *cka, *share; /* (count) NAN: not known; share of the change of the weights */
    const char *a, *b;         /* "before", "now" */
    int stale;
};

/* Features before the last layer, on the same two axes for three models. */
struct lethe_view_embedding {
    size_t count;
    const double *at[LETHE_VIEW_COMPARED]; /* (count, 2); NULL: unknown */
    const size_t *id;
    const int *label;
    const unsigned char *mark; /* (count) enum lethe_scatter_mark */
    double low[2], high[2];    /* of all of it */
    double share[2];
    int discriminants;
    const char *const *class_names; /* (classes) */
    size_t classes;
    int stale;
};

/* Unlearning methods, or masks, beside retraining. The figures in the order of the columns. */
enum lethe_view_table_figure {
    LETHE_VIEW_TABLE_KL_FORGET,
    LETHE_VIEW_TABLE_KL_RETAIN,
    LETHE_VIEW_TABLE_FORGET, /* accuracies */
    LETHE_VIEW_TABLE_HELDOUT,
    LETHE_VIEW_TABLE_AUC,
    LETHE_VIEW_TABLE_RETAIN,
    LETHE_VIEW_TABLE_KL_HELDOUT,
    LETHE_VIEW_TABLE_RECOVERY,
    LETHE_VIEW_TABLE_GAP,
    LETHE_VIEW_TABLE_Z, /* of the attack AUC, in sd of retraining */
    LETHE_VIEW_TABLE_FIGURES
};
struct lethe_view_table {
    size_t count; /* of rows; 0: nothing was compared yet */
    const struct lethe_view_table_row {
        const char *name;
        const char *word; /* to explain; NULL: the pane's own */
        const char *line; /* that makes the removal so; NULL: no method */
        const char *note; /* "" mostly, or NULL */
        int set;          /* it is the one that is set */
        double figure[LETHE_VIEW_TABLE_FIGURES], seconds;
    } * rows;
    size_t retrains;
    int masks, tuned;
    const char
        *own;  /* the method whose parameters are neither published nor searched; NULL: none */
    int stale; /* of other samples, or another model */
};

struct lethe_view_plane {
    struct lethe_plane_chart chart; /* count 0: there is none; its cursor is the screen's */
    const char *const *class_names; /* (chart.classes); NULL: numbers */
    int cut;                        /* principal components of more than two inputs */
    double share;                   /* of the variance that the cut shows */
    int through;                    /* the model has two inputs: the plane is all of it */
    const char *why;                /* why there is none; NULL: it is on its way, or there */
};

/* The lesson that is taken: one thing at a time, in a strip above the line. */
struct lethe_view_lesson {
    const char *title; /* NULL: none is taken */
    const char *step_title;
    size_t step, steps;      /* from 1; step beyond steps: it has ended */
    const char *said;        /* its reply to the last turn; "" none */
    int said_bad;            /* that was a wrong one */
    const char *read, *task; /* NULL: none */
    const char *ask;         /* a question, with (choice_count) answers a, b, ... */
    const char *choices[4];
    size_t choice_count;
    const char *point_kind, *point; /* "pane", "plane"; NULL: it points at nothing */
};

/* How it is shown to an audience. */
struct lethe_view_staging {
    int on;
    const char *const *panes; /* (pane_count) names; none: the focused one */
    size_t pane_count;
    const char *caption, *spot; /* a line above the panes, the figure that stands out; NULL: none */
};

struct lethe_view {
    const char *model, *branch, *forget, *curvature, *form, *method;
    size_t train, heldout, classes;
    size_t forgetting; /* samples chosen to be forgotten */
    int uncommitted;
    int unkept;       /* the session ends with the program */
    int reading;      /* it may not be written: the session is open for reading only */
    const char *loss; /* what leaving now would lose, for a question; NULL: nothing */
    size_t gone;      /* samples forgotten up to the head */
    size_t resumed;   /* commits there were when the session was taken up; 0: it began here */

    const struct lethe_view_layer *layers;
    size_t layer_count;
    double null_band;      /* NaN: not computed */
    size_t null_sample;    /* it was computed on this one */
    int null_of_many;      /* ... of several that the scores are a mean over */
    const char *stability; /* "5/5": of five selections, those with the least stable unit */

    const struct lethe_view_unit *blanket; /* in order, runners-up after size */
    size_t blanket_count, blanket_size;    /* size: how many are taken */
    size_t blanket_units;                  /* units there are */
    /* A blanket of single weights: its rows are the units they belong to, all of them taken. */
    size_t weights, weight_count; /* taken, in the order; weight_count 0: units */
    double weights_reach;         /* of those taken; NAN: not known */
    int weights_reach_is_estimate;
    size_t blanket_params, params; /* parameters taken, parameters there are */
    const char *score_name;        /* what gain is: "T", or "gain" summed over samples */
    size_t deciding;               /* samples the selection was made for */
    int blanket_all;               /* every unit and group is taken */
    const char *stopped;           /* why the selection ended there */

    const char *unlearning; /* method that makes the removal; NULL: the Newton step */
    /* Its sliders, in the place of damping and blanket. */
    const struct lethe_view_param *method_params;
    size_t method_param_count;
    int masked; /* the blanket says which weights it may change: it has a slider, too */
    const struct lethe_view_entry *methods; /* those there are; key: "*" for the one that is set */
    size_t method_count;

    double damping, degrees; /* degrees: effective degrees of freedom */
    double damping_auto;     /* what auto stands for, marked on the slider; 0: no mark */
    const double *dampings;  /* steps of the slider, ascending */
    size_t damping_count;

    const struct lethe_view_figure *figures;
    size_t figure_count;
    const char *half;         /* which half of held-out: "tune half" */
    const char *verdict;      /* what was reached and what next; NULL: none */
    int verdict_bad;          /* worse than doing nothing: it comes before the figures */
    const char *answers;      /* "as retraining: forget accuracy; different: ..."; NULL: none */
    const char *const *notes; /* "model not converged", ... */
    size_t note_count;
    int previewed;

    struct lethe_view_surface surface;
    const struct lethe_view_sample *samples;
    size_t sample_count;
    const struct lethe_view_commit *commits; /* newest first */
    size_t commit_count;
    const struct lethe_view_job *jobs;
    size_t job_count;
    const struct lethe_view_plot *plots;
    size_t plot_count;
    struct lethe_view_picture picture;
    struct lethe_view_plane plane;
    struct lethe_view_classes by_class;
    struct lethe_view_confusion confusion;
    struct lethe_view_cka cka;
    struct lethe_view_embedding embedding;
    struct lethe_view_table table;
    struct lethe_view_lesson lesson;
    struct lethe_view_staging staging;
};

/* The panes: X(constant, name), in the order of Tab. */
#define LETHE_PANE_LIST(X)                                                                         \
    X(LAYERS, layers)                                                                              \
    X(BLANKET, blanket)                                                                            \
    X(PREVIEW, preview)                                                                            \
    X(PLOT, plot)                                                                                  \
    X(SAMPLES, samples)                                                                            \
    X(SURFACE, surface)                                                                            \
    X(HISTORY, history)                                                                            \
    X(JOBS, jobs)                                                                                  \
    X(SAMPLE, sample)                                                                              \
    X(PLANE, plane)                                                                                \
    X(CLASSES, classes)                                                                            \
    X(CONFUSION, confusion)                                                                        \
    X(CKA, cka)                                                                                    \
    X(EMBEDDING, embedding)                                                                        \
    X(METHODS, methods)
#define LETHE_PANE_CONSTANT(constant, name) LETHE_PANE_##constant,
enum lethe_pane { LETHE_PANE_LIST(LETHE_PANE_CONSTANT) LETHE_PANES };

enum lethe_overlay {
    LETHE_OVERLAY_NONE,
    LETHE_OVERLAY_HELP,
    LETHE_OVERLAY_PALETTE,
    LETHE_OVERLAY_TEXT,
    LETHE_OVERLAY_ASK
};

enum lethe_embedding_sets {
    LETHE_EMBEDDING_ALL,
    LETHE_EMBEDDING_RETAINED, /* forget and retained */
    LETHE_EMBEDDING_HELDOUT,  /* forget and held-out */
    LETHE_EMBEDDING_FORGET,
    LETHE_EMBEDDING_SETS
};

enum lethe_sample_sort {
    LETHE_SORT_ID,
    LETHE_SORT_LABEL,
    LETHE_SORT_BEFORE,
    LETHE_SORT_NOW,
    LETHE_SORT_RETRAIN,
    LETHE_SORT_LEVERAGE,
    LETHE_SORT_CHANGE,
    LETHE_SORTS
};

/* A row of help or of the palette. */
struct lethe_view_entry {
    const char *key, *name, *help;
    const char *off; /* why it does nothing now; NULL: it works */
};

enum { LETHE_STAGED_PANES = 3 };

struct lethe_screen {
    enum lethe_pane focus;
    enum lethe_pane dock[LETHE_PANES]; /* panes of the lower part, those shown first come first */
    int lesson_rows;                   /* of the strip; 0: no lesson is taken */
    int presenting;                    /* for an audience: larger spacing, more contrast */
    enum lethe_pane staged[LETHE_STAGED_PANES]; /* (staged_count) the panes in question */
    size_t staged_count;
    int caption_rows;        /* above the panes; 0: there is no caption */
    enum lethe_pane pointed; /* at by a lesson; LETHE_PANES: none */
    int zoom;                /* the focused pane has the whole screen */
    char plot[16];           /* kind of plot that is looked at; "": the first */
    int linear;              /* one pane at a time in sentences, for screen readers */
    int answered;            /* the message is news: no key has moved since */
    enum lethe_slider slider;
    size_t param;               /* which, when the slider is LETHE_SLIDER_PARAM */
    size_t cursor[LETHE_PANES]; /* selected row */
    int bars;                   /* the sample's probabilities in the place of its picture */
    int embedding_model;        /* that a narrow pane shows, LETHE_VIEW_BEFORE ... */
    int embedding_sets;         /* enum lethe_embedding_sets */
    int embedding_letters;      /* samples are letters of their class */
    int embedding_zoom;         /* doublings, around the sample under the cursor */
    enum lethe_sample_sort sort;
    int descending;
    const size_t *order; /* rows of the ledger after filter and sort */
    size_t order_count;
    const char *filter; /* "" none */

    enum lethe_overlay overlay;
    const char *title; /* of the overlay */
    const char *text;  /* of the text overlay, lines separated by newlines */
    size_t scroll;
    const struct lethe_view_entry *entries; /* help rows, palette matches */
    size_t entry_count, entry_cursor;

    const char *prompt; /* ":" or "/"; NULL: no line is being typed */
    const char *input;
    size_t input_cursor;           /* byte offset */
    const char *const *candidates; /* completions of the word before the cursor */
    size_t candidate_count, candidate;

    const char *message; /* result or error of the last command */
    int message_bad;
    const struct lethe_view_entry *keys; /* key bar of the focused pane */
    size_t key_count;
};

#endif
