/* SPDX-License-Identifier: MIT
 * The stages of a removal as computations on a snapshot: each takes what earlier stages made and
 * returns a new result object, immutable and shared. They know no workbench, no lane and no
 * terminal, and run wherever they are called. */
#ifndef LETHE_REMOVAL_STAGES_H
#define LETHE_REMOVAL_STAGES_H

#include "lethe/curvature.h"
#include "lethe/retrain.h"
#include "lethe/select.h"
#include "lethe/update.h"
#include "removal/evaluation.h"
#include "removal/settings.h"

/* ---- select: which units, in which order ----------------------------------------------------- */

struct lethe_value;
struct lethe_target;
struct lethe_path;
struct lethe_whole;
struct lethe_unlearn_method;

struct lethe_selected {
    int refs;
    struct lethe_selection selection;
    struct lethe_target
        *target; /* single weights: the whole step they were ordered by; else NULL */
    double seconds;
};
enum lethe_err lethe_selected_make(struct lethe_selected **selected,
                                   struct lethe_snapshot *snapshot,
                                   const struct lethe_settings *settings, struct lethe_watch *watch,
                                   struct lethe_error *err);
/* The same with a whole step that is there already; NULL: it is made where it is needed. */
enum lethe_err lethe_selected_by(struct lethe_selected **selected, struct lethe_snapshot *snapshot,
                                 const struct lethe_settings *settings, struct lethe_target *target,
                                 struct lethe_watch *watch, struct lethe_error *err);

/* ---- curve: curvature of the blanket's parameters -------------------------------------------- */

/* The blanket of an order's leading units: it serves every smaller size. In models of up to
 * LETHE_CURVATURE_DENSE parameters it holds the whole order, else what the settings ask for. A
 * blanket of more parameters than that has no matrix: it is known by its products, or of rank one.
 * Factors come and go as damping moves. */
struct lethe_blanket_curvature {
    int refs;
    struct lethe_snapshot *snapshot; /* whose weights it was made at */
    int all;                         /* the blanket is every parameter */
    size_t extent;                   /* units of the order it was made for */
    struct lethe_blanket blanket;
    struct lethe_curvature curvature;
    struct lethe_removal removal; /* borrowed from the snapshot */
    struct lethe_target *target;  /* the step is fitted to its outcome; NULL: it is not */
    double shrunk;                /* share of EKFAC in the matrix */
    double seconds;
};
/* selected NULL: all parameters. A blanket of single weights has a target, and so has any but that
 * of all parameters where the form is `outcome`. */
enum lethe_err lethe_blanket_curvature_make(struct lethe_blanket_curvature **curve,
                                            struct lethe_snapshot *snapshot,
                                            const struct lethe_selected *selected,
                                            const struct lethe_settings *settings,
                                            struct lethe_watch *watch, struct lethe_error *err);

/* The same with a matrix up to LETHE_CURVATURE_DENSE parameters, however long that takes. */
enum lethe_err lethe_blanket_curvature_matrix(struct lethe_blanket_curvature **curve,
                                              struct lethe_snapshot *snapshot,
                                              const struct lethe_selected *selected,
                                              const struct lethe_settings *settings,
                                              struct lethe_watch *watch, struct lethe_error *err);
/* Curvature samples for so many parameters, as the settings say; auto: 2,000, of small plain
 * networks as many as take a second, in a matrix more where that leaves fewer than ten rows for
 * each parameter, as long as a matrix of so many takes seconds; by products of plain networks as
 * many as one takes within a third of a second, elsewhere fewer where a sample is much work. At
 * most all of S: who draws from R takes what there is. */
size_t lethe_curvature_count(const struct lethe_snapshot *snapshot,
                             const struct lethe_settings *settings, size_t parameters,
                             int by_products);
/* The share of EKFAC in a ggn from so many samples: P / (P + rows) where these are fewer than 15
 * for each of P parameters and not all of R, else 0. */
double lethe_curvature_shrink(const struct lethe_snapshot *snapshot,
                              const struct lethe_settings *settings, size_t parameters,
                              size_t samples);
/* Parameters up to which a blanket's curvature is a matrix: LETHE_CURVATURE_DENSE in networks of
 * plain linear layers and for curvatures without products, else what is made within a second. */
size_t lethe_dense_parameters(const struct lethe_snapshot *snapshot,
                              const struct lethe_settings *settings);
/* Gives a curve that is not shared yet the target that the settings ask for, if they ask for one:
 * the one of the selection where that fits. whole as in lethe_target_make. */
enum lethe_err lethe_blanket_curvature_aim(struct lethe_blanket_curvature *curve,
                                           const struct lethe_selected *selected,
                                           const struct lethe_settings *settings,
                                           struct lethe_blanket_curvature *whole,
                                           struct lethe_watch *watch, struct lethe_error *err);
/* Do the settings ask for a step that is fitted to an outcome? selected NULL: all parameters. */
int lethe_outcome_wanted(const struct lethe_settings *settings,
                         const struct lethe_selected *selected);

/* Units of an order that a curve for these settings covers. In models that fit a dense matrix, all
 * of it; else as far as 1,024 parameters, or as a dense matrix goes, so that a step of the slider
 * rarely needs another curve; beyond that, what the settings ask for. Of single weights always as
 * far as 1,024, beyond that all of them or what the settings ask for. */
size_t lethe_blanket_curvature_extent(const struct lethe_snapshot *snapshot,
                                      const struct lethe_selected *selected,
                                      const struct lethe_settings *settings);
/* Units of an order that the settings ask for: a number of them, those accepted, or as many from
 * the top as fit a share of all parameters. */
size_t lethe_blanket_curvature_units(const struct lethe_graph *graph,
                                     const struct lethe_selection *selection,
                                     const struct lethe_settings *settings);
/* The curve of what the settings ask for; selected may be NULL when that is all parameters,
 * whole as in lethe_target_make. */
enum lethe_err lethe_blanket_curvature_wanted(struct lethe_blanket_curvature **curve,
                                              struct lethe_snapshot *snapshot,
                                              const struct lethe_selected *selected,
                                              struct lethe_blanket_curvature *whole,
                                              const struct lethe_settings *settings,
                                              struct lethe_watch *watch, struct lethe_error *err);

/* Units of an order that fit a matrix, at least one of them. */
size_t lethe_blanket_curvature_dense_units(const struct lethe_snapshot *snapshot,
                                           const struct lethe_selection *selection);
/* Has neither a matrix nor rank one. */
int lethe_blanket_curvature_by_products(const struct lethe_blanket_curvature *curve);

/* ---- step: solved with a factor, or with products -------------------------------------------- */

enum { LETHE_CG_MOST = 160 };   /* products a solve takes at most */
#define LETHE_CG_TOLERANCE 1e-6 /* relative residual that ends one in any case */

struct lethe_step_spec {
    const struct lethe_blanket_curvature *curve;
    const struct lethe_factor *factor; /* of lethe_step_factor */
    size_t units;
    double mu;
    enum lethe_form form;
};
/* every_mu: the form that serves all dampings, where there is a choice. Of a curve with a target it
 * is a factor of the outcome at mu. */
enum lethe_err lethe_step_factor(struct lethe_factor **factor,
                                 const struct lethe_blanket_curvature *curve, size_t units,
                                 double mu, int every_mu, const struct lethe_settings *settings,
                                 struct lethe_watch *watch, struct lethe_error *err);
/* Of a curve by products: EKFAC alone, at once for every damping and marked as an estimate. */
enum lethe_err lethe_step_estimate(struct lethe_factor **factor,
                                   const struct lethe_blanket_curvature *curve, size_t units,
                                   const struct lethe_settings *settings, struct lethe_watch *watch,
                                   struct lethe_error *err);
enum lethe_err lethe_step_make(struct lethe_update *update, const struct lethe_step_spec *spec,
                               struct lethe_error *err);
/* The further steps of `steps`, in the residual form: each makes the curvature anew at w, which it
 * moves. update, of the first step, gets the norm and the prediction of them all. chosen is NULL
 * for all parameters. Without the whole of R LETHE_EARG. */
enum lethe_err lethe_step_more(struct lethe_update *update, double *w,
                               const struct lethe_snapshot *snapshot,
                               const struct lethe_selected *selected,
                               const struct lethe_settings *settings, struct lethe_watch *watch,
                               struct lethe_error *err);

/* ---- preview: the step and what it does ------------------------------------------------------ */

/* What a blanket can do of a whole network's step: removal/reach.h. */
struct lethe_reach {
    double value; /* of the units taken; NAN: nothing pulls */
    int exact;    /* no estimate */
    double *rows; /* (count) of the first 1, 2, ... units of the curve's blanket; NULL: not known */
    size_t count, exact_rows; /* those first ones are no estimates either */
};

struct lethe_preview {
    int refs;
    /* A first look: before and now cover the forget samples and LETHE_SIDE_GLANCE, figures of the
     * retained samples are NAN, held-out ones are of the glance. The step is final. */
    int partial;
    int sparing; /* partial on purpose, nobody completes it: of the tune half all is looked at */
    struct lethe_preview *step_of; /* owns update and w; NULL: this preview does */
    /* The step is a function of the settings to the last bit: its curve has the extent they ask
     * for, its factor the usual kind. Steps along a slider may use what is at hand instead. */
    int canonical;
    int estimated;            /* the step is EKFAC's: the one by products is to take its place */
    struct lethe_reach reach; /* of the blanket; 1 for all parameters */
    size_t units, parameters;
    struct lethe_update update; /* the first step; norm and predicted are of all steps together */
    size_t steps;
    struct lethe_path *path; /* of passes, of the whole network; NULL: there were none */
    double *w;               /* (size + buffers) after the steps, noise in it */
    double *head_w; /* where only the last layer may move, its weights by themselves; else NULL */
    double sigma;   /* sd of the noise on every parameter; 0: none */
    struct lethe_snapshot *snapshot; /* whose figures stand before */
    struct lethe_evaluation before;  /* borrowed from the snapshot */
    struct lethe_evaluation now;
    double *leverage; /* (forget samples) as lethe_leverage has it; NULL: not measured, it would
                         take longer than the step */
    double residual_before, residual_now;   /* |grad F_R|, Euclidean, over all parameters */
    double objective_before, objective_now; /* F_R */
    double freedom;                   /* effective degrees of freedom; NAN without a spectrum */
    struct lethe_damping_hints hints; /* NAN without a spectrum */
    double ratio;                     /* rho: actual over predicted decrease of F_R */
    double seconds;                   /* curvature, factor, step: the removal's own time */
    const struct lethe_unlearn_method *method; /* NULL: the Newton step */
    char with[LETHE_SETTING_TEXT];             /* the method's parameters */
    const char *ended; /* why it ended before its time, static text; NULL: it did not */
};
/* units 0: the empty blanket, a step of nothing. factor may be NULL then. */
struct lethe_preview_spec {
    const struct lethe_blanket_curvature *curve;
    const struct lethe_factor *factor;
    const struct lethe_selected *selected; /* NULL: the blanket is all */
    const struct lethe_whole
        *whole; /* step that the blanket's is measured against; NULL: EKFAC's */
    size_t units;
    double seconds; /* spent on stages before */
    int glance;     /* only a first look */
    int sparing;    /* and no other is to come: no pass over the retained samples */
};
enum lethe_err lethe_preview_make(struct lethe_preview **preview, struct lethe_snapshot *snapshot,
                                  const struct lethe_preview_spec *spec,
                                  const struct lethe_settings *settings, struct lethe_watch *watch,
                                  struct lethe_error *err);

/* The step of a first look with all of its figures. */
enum lethe_err lethe_preview_complete(struct lethe_preview **preview, struct lethe_preview *glance,
                                      struct lethe_snapshot *snapshot,
                                      const struct lethe_blanket_curvature *curve,
                                      struct lethe_watch *watch, struct lethe_error *err);
/* Weights that another method than the Newton step led to. */
struct lethe_preview_weights {
    double *w; /* (size + buffers) taken over, also on failure */
    size_t units, parameters, steps;
    double seconds;
    const struct lethe_unlearn_method *method;
    const char *with, *ended;
};
enum lethe_err lethe_preview_of_weights(struct lethe_preview **preview,
                                        struct lethe_snapshot *snapshot,
                                        const struct lethe_preview_weights *from,
                                        struct lethe_watch *watch, struct lethe_error *err);
/* Is the whole reading so much work that a first look pays? */
int lethe_preview_is_long(const struct lethe_snapshot *snapshot);

/* ---- leverage: how much of the curvature each sample holds ----------------------------------- */

struct lethe_leverage {
    int refs;
    size_t count;   /* samples of the training data */
    double *h;      /* (count) by id, lethe/leverage.h; NAN for samples removed before */
    double *errors; /* (count) standard errors of h, 0 where it is exact */
    size_t drawn;   /* labels drawn for a sample; 0: exact */
    size_t exact;   /* where labels were drawn: samples measured with every class all the same,
                       those that may stand first */
    size_t units, parameters;
    double mu;      /* damping it was measured at */
    double freedom; /* sum of the traces over the retained samples */
    double seconds;
};
/* Of the first `units` units of the curve's blanket. A curve without a matrix is LETHE_EARG, an
 * indefinite one LETHE_ENUM. */
enum lethe_err lethe_leverage_make(struct lethe_leverage **leverage,
                                   struct lethe_snapshot *snapshot,
                                   const struct lethe_blanket_curvature *curve, size_t units,
                                   const struct lethe_settings *settings, struct lethe_watch *watch,
                                   struct lethe_error *err);

/* ---- truth: what retraining does ------------------------------------------------------------- */

struct lethe_retrained {
    int refs;
    int cold;                        /* 0: warm */
    enum lethe_train_method by;      /* warm: how it went on */
    int head_only;                   /* ... with the last layer alone */
    uint64_t seed;                   /* cold: of its fresh weights */
    double *w;                       /* (size + buffers) */
    struct lethe_evaluation outcome; /* of the retrained model */
    struct lethe_evaluation control; /* warm: retrained with nothing removed; else empty */
    struct lethe_train_report report, control_report;
};
enum lethe_err lethe_retrained_warm(struct lethe_retrained **retrained,
                                    struct lethe_snapshot *snapshot, struct lethe_watch *watch,
                                    struct lethe_error *err);
/* The same in two parts, for those who keep what was trained. control 0: without the forget
 * samples, 1: with nothing removed. lethe_free(warm->w); LETHE_EARG where not all of S is here. */
struct lethe_warm_weights {
    double *w; /* (size + buffers) */
    struct lethe_train_report report;
};
enum lethe_err lethe_warm_weights(struct lethe_warm_weights *warm, struct lethe_snapshot *snapshot,
                                  int control, struct lethe_watch *watch, struct lethe_error *err);
/* warm->w is taken over, also on failure. */
enum lethe_err lethe_retrained_of(struct lethe_retrained **retrained,
                                  struct lethe_snapshot *snapshot, struct lethe_warm_weights *warm,
                                  const struct lethe_warm_weights *control,
                                  struct lethe_watch *watch, struct lethe_error *err);
/* Beside each other: distances to the retrained model, recovery, gap. Pure arithmetic. */
struct lethe_compared {
    struct lethe_distance before[3], now[3]; /* forget, retain, held-out */
    struct lethe_recovery recovery;          /* over forget, retained and held-out samples */
    struct lethe_recovery trained;           /* over those that were trained on alone */
    double fold;                             /* how many times nearer in KL on the forget samples */
    double gap_before, gap_now, tow_before, tow;
};
void lethe_compared_make(struct lethe_compared *compared, const struct lethe_preview *preview,
                         const struct lethe_retrained *retrained);

/* ---- sharing --------------------------------------------------------------------------------- */

struct lethe_selected *lethe_selected_ref(struct lethe_selected *selected);
struct lethe_blanket_curvature *lethe_blanket_curvature_ref(struct lethe_blanket_curvature *curve);
struct lethe_preview *lethe_preview_ref(struct lethe_preview *preview);
struct lethe_leverage *lethe_leverage_ref(struct lethe_leverage *leverage);
struct lethe_retrained *lethe_retrained_ref(struct lethe_retrained *retrained);
void lethe_selected_unref(struct lethe_selected *selected); /* NULL ok, as for all of these */
void lethe_blanket_curvature_unref(struct lethe_blanket_curvature *curve);
void lethe_preview_unref(struct lethe_preview *preview);
void lethe_leverage_unref(struct lethe_leverage *leverage);
void lethe_retrained_unref(struct lethe_retrained *retrained);

#endif
