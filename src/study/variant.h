/* SPDX-License-Identifier: MIT
 * Trials: several ways to remove the same samples, measured alike and beside the same retrained
 * model. All trials of one comparison share a stand: the scene, the yardstick, the figures before.
 * A stand owns copies of what it works on, so it may be used on any one thread. */
#ifndef LETHE_STUDY_VARIANT_H
#define LETHE_STUDY_VARIANT_H

#include "removal/stages.h"

enum { LETHE_TRIAL_NAME = 48, LETHE_TRIAL_NOTE = 192 };

struct lethe_stand {
    struct lethe_scene *scene; /* a copy with problems of its own */
    struct lethe_settings settings;
    struct lethe_chosen *chosen; /* NULL: not made yet */
    struct lethe_truth *warm;    /* NULL: not made yet, or cannot be made here */
    struct lethe_reading before;
};
/* chosen and warm may be NULL; references of their own are taken. */
enum lethe_err lethe_stand_init(struct lethe_stand *stand, const struct lethe_scene *scene,
                                const struct lethe_settings *settings, struct lethe_chosen *chosen,
                                struct lethe_truth *warm, struct lethe_error *err);
/* Measures the model before, and retrains it warm where all of R is here. */
enum lethe_err lethe_stand_prepare(struct lethe_stand *stand, struct lethe_watch *watch,
                                   struct lethe_error *err);
void lethe_stand_release(struct lethe_stand *stand); /* zeroed ok */
/* The blanket of the settings at the stand's scene: its curvature and the units it takes. The
 * selection is made when it is needed and missing. */
enum lethe_err lethe_stand_blanket(struct lethe_curve **curve, size_t *units,
                                   struct lethe_stand *stand, struct lethe_watch *watch,
                                   struct lethe_error *err);
/* The whole order of the selection, for every blanket size; the units of it that are set. */
enum lethe_err lethe_stand_order(struct lethe_curve **curve, struct lethe_stand *stand,
                                 struct lethe_watch *watch, struct lethe_error *err);
size_t lethe_stand_units(const struct lethe_stand *stand, const struct lethe_curve *curve);
/* All parameters, linearised at w (NULL: the scene's weights), with a curvature by name. */
enum lethe_err lethe_stand_whole(struct lethe_curve **curve, const struct lethe_stand *stand,
                                 const double *w, const char *curvature, struct lethe_watch *watch,
                                 struct lethe_error *err);

/* One way and its outcome. NAN where a figure does not exist. */
struct lethe_trial {
    char name[LETHE_TRIAL_NAME];
    char note[LETHE_TRIAL_NOTE]; /* what a reader must know about this row; "" mostly */
    int failed;                  /* no step could be taken; the note says why */
    size_t units, parameters;
    double mu;                         /* damping used, any shift included */
    double norm;                       /* of the step */
    double predicted, actual;          /* change of F_R */
    double smallest, freedom, largest; /* of the curvature, when its spectrum was made */
    struct lethe_figures figures;
    double kl_forget, kl_retain, kl_heldout; /* to the warm retrain */
    double recovery, change, gap;            /* change: recovery with further training left out */
    double residual;                         /* |grad F_R| */
    double seconds;                          /* of the removal, measuring left out */
};

/* What the weights w (size + buffers) say. Fills the figures of trial, nothing else. */
enum lethe_err lethe_trial_measure(struct lethe_trial *trial, const struct lethe_stand *stand,
                                   const double *w, struct lethe_watch *watch,
                                   struct lethe_error *err);

struct lethe_trial_spec {
    const char *name;
    const struct lethe_curve *curve;
    const struct lethe_factor *factor; /* NULL: made here */
    size_t units;
    double mu;
    enum lethe_form form;
    double seconds; /* spent before */
    int spectrum;   /* make the spectrum although one damping needs none */
};
/* Takes the step from w in place and measures where it leads. An indefinite curvature is shifted by
 * a little more than its smallest eigenvalue, and the note says so; what cannot be solved at all
 * fails the trial, not the call. */
enum lethe_err lethe_trial_take(struct lethe_trial *trial, double *w,
                                const struct lethe_stand *stand,
                                const struct lethe_trial_spec *spec, struct lethe_watch *watch,
                                struct lethe_error *err);
/* A copy of the scene's weights (lethe_free). */
double *lethe_stand_weights(const struct lethe_stand *stand, struct lethe_error *err);

#endif
