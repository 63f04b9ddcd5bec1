/* SPDX-License-Identifier: MIT
 * Variants: several ways to remove the same samples, measured alike and beside the same retrained
 * model. All variants of one comparison share a base: the snapshot, the yardstick, the figures
 * before. A base owns copies of what it works on, so it may be used on any one thread. */
#ifndef LETHE_STUDY_VARIANT_H
#define LETHE_STUDY_VARIANT_H

#include "removal/stages.h"
#include "study/training_context.h"

enum { LETHE_VARIANT_NAME = 48, LETHE_VARIANT_NOTE = 192 };

struct lethe_comparison_base {
    struct lethe_snapshot *network;  /* a copy with problems of its own */
    struct lethe_snapshot *snapshot; /* the same, or its last layer once the base was moved there */
    struct lethe_settings settings;
    struct lethe_selected *selected; /* NULL: not made yet */
    struct lethe_retrained *warm;    /* NULL: not made yet, or cannot be made here */
    struct lethe_evaluation before;
};
/* selected and warm may be NULL; references of their own are taken. */
enum lethe_err lethe_comparison_base_init(struct lethe_comparison_base *base,
                                          const struct lethe_snapshot *snapshot,
                                          const struct lethe_settings *settings,
                                          struct lethe_selected *selected,
                                          struct lethe_retrained *warm, struct lethe_error *err);
/* To what may move of the network (removal/head_snapshot.h): from then on snapshot and selection
 * are the last layer's where that is all, and leave the comparison by their figures only. */
enum lethe_err lethe_comparison_base_move(struct lethe_comparison_base *base,
                                          struct lethe_watch *watch, struct lethe_error *err);
/* The base for weights of the whole network, such as retrained ones: it borrows all it has. */
struct lethe_comparison_base
lethe_comparison_base_network(const struct lethe_comparison_base *base);
/* Measures the model before, and retrains it warm where all of R is here. training: where that is
 * kept; NULL: nowhere. */
enum lethe_err lethe_comparison_base_prepare(struct lethe_comparison_base *base,
                                             const struct lethe_training_context *training,
                                             struct lethe_watch *watch, struct lethe_error *err);
void lethe_comparison_base_release(struct lethe_comparison_base *base); /* zeroed ok */
/* The blanket of the settings at the base's snapshot: its curvature and the units it takes. The
 * selection is made when it is needed and missing. */
enum lethe_err lethe_comparison_base_blanket(struct lethe_blanket_curvature **curve, size_t *units,
                                             struct lethe_comparison_base *base,
                                             struct lethe_watch *watch, struct lethe_error *err);
/* The whole order of the selection, for every blanket size; the units of it that are set. */
enum lethe_err lethe_comparison_base_order(struct lethe_blanket_curvature **curve,
                                           struct lethe_comparison_base *base,
                                           struct lethe_watch *watch, struct lethe_error *err);
size_t lethe_comparison_base_units(const struct lethe_comparison_base *base,
                                   const struct lethe_blanket_curvature *curve);
/* All parameters, linearised at w (NULL: the snapshot's weights), with a curvature by name. */
enum lethe_err lethe_comparison_base_whole(struct lethe_blanket_curvature **curve,
                                           const struct lethe_comparison_base *base,
                                           const double *w, const char *curvature,
                                           struct lethe_watch *watch, struct lethe_error *err);

/* One way and its outcome. NAN where a figure does not exist. */
struct lethe_variant {
    char name[LETHE_VARIANT_NAME];
    char note[LETHE_VARIANT_NOTE]; /* what a reader must know about this row; "" mostly */
    int failed;                    /* no step could be taken; the note says why */
    char
        estimate[LETHE_CURVATURE_WORDS]; /* how its curvature was estimated; "" where it is exact */
    size_t units, parameters;
    double mu;                         /* damping used, any shift included */
    double norm;                       /* of the step */
    double predicted, actual;          /* change of F_R */
    double smallest, freedom, largest; /* of the curvature, when its spectrum was made */
    struct lethe_figures figures;
    double kl_forget, kl_retain, kl_heldout; /* to the warm retrain */
    double fold;                             /* how many times nearer in KL on the forget samples */
    double recovery_probs, change_probs;     /* of softmax outputs */
    double recovery_probs_train, change_probs_train; /* the same of the training samples alone */
    double recovery, change, gap; /* of logits; change: with further training left out */
    double residual;              /* |grad F_R| */
    double seconds;               /* of the removal, measuring left out */
    double sweeps;                /* of a row that descends: passes over all that is retained */
};

/* What the weights w (size + buffers) say. Fills the figures of the variant, nothing else. */
enum lethe_err lethe_variant_measure(struct lethe_variant *variant,
                                     const struct lethe_comparison_base *base, const double *w,
                                     struct lethe_watch *watch, struct lethe_error *err);

struct lethe_variant_spec {
    const char *name;
    const struct lethe_blanket_curvature *curve;
    const struct lethe_factor *factor; /* NULL: made here */
    const double *step; /* (parameters of the model) made already, by entry of w; NULL: made here */
    size_t units;
    double mu;
    enum lethe_form form;
    double seconds; /* spent before */
    int spectrum;   /* make the spectrum although one damping needs none */
};
/* Takes the step from w in place and measures where it leads. An indefinite curvature is shifted by
 * a little more than its smallest eigenvalue, and the note says so; what cannot be solved at all
 * fails the variant, not the call. */
enum lethe_err lethe_variant_take(struct lethe_variant *variant, double *w,
                                  const struct lethe_comparison_base *base,
                                  const struct lethe_variant_spec *spec, struct lethe_watch *watch,
                                  struct lethe_error *err);
/* A copy of the snapshot's weights (lethe_free). */
double *lethe_comparison_base_weights(const struct lethe_comparison_base *base,
                                      struct lethe_error *err);

#endif
