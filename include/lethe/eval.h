/* SPDX-License-Identifier: MIT
 * Figures about a model, tier 0: everything that is cheap enough for every key press. Plain arrays
 * in, plain structs out: logits, labels, losses and scores are given, nothing here knows a network.
 *
 * A number that does not exist is NAN, and its note says why; callers print "n/a", JSON null.
 * Accuracies, areas and rates are shares in [0, 1]; losses and divergences are in nats.
 * The attacks that need many models stand in lethe/audit.h. */
#ifndef LETHE_EVAL_H
#define LETHE_EVAL_H

#include <stddef.h>
#include <stdint.h>
#include "lethe/equivalence.h"
#include "lethe/error.h"

/* What a model says about one set of samples. Borrowed. */
struct lethe_outputs {
    const double *logits; /* (n, classes) row-major */
    const int *labels;    /* (n), in [0, classes) */
    size_t n, classes;
};

/* A number with its 95 % interval. */
struct lethe_measure {
    double value;     /* NAN: there is none */
    double low, high; /* NAN: no interval */
    char note[64];    /* "n/a (N = 5, needs 32)"; empty when there is a value */
};

/* ---- rows ------------------------------------------------------------------------------------ */

/* Margin z_y - logsumexp_{c != y} z_c, loss log(1 + exp(-margin)) and predicted class (the lowest
 * of equal ones) of every row; each output is (n) or NULL. */
void lethe_rows_score(double *margins, double *losses, int *predicted,
                      const struct lethe_outputs *out);
/* LETHE_EARG for a label outside the classes, LETHE_ENUM for a logit that is not finite; `what`
 * names the set in the message ("forget"). */
enum lethe_err lethe_outputs_check(const struct lethe_outputs *out, const char *what,
                                   struct lethe_error *err);

struct lethe_set_figures {
    size_t n, correct;
    double accuracy; /* correct / n; NAN for an empty set */
    double loss;     /* mean cross-entropy; NAN for an empty set */
};
/* Fills set; out has been checked. */
void lethe_set_measure(struct lethe_set_figures *set, const struct lethe_outputs *out);
/* The figures of total's samples and part's together. */
void lethe_set_join(struct lethe_set_figures *total, const struct lethe_set_figures *part);
/* One row per class: per is (classes). */
void lethe_set_per_class(struct lethe_set_figures *per, const struct lethe_outputs *out);
/* change(n) = loss now - loss before, of the same samples. */
void lethe_loss_change(double *change, const struct lethe_outputs *before,
                       const struct lethe_outputs *now);

/* ---- membership ------------------------------------------------------------------------------ */

/* Scores of two groups; a larger score speaks for membership (minus the loss, a log ratio). */
struct lethe_pool {
    const double *member, *nonmember; /* (members), (nonmembers) */
    size_t members, nonmembers;
};

/* Area under the ROC curve with ties counted half. Interval: DeLong; with fewer than ten in a
 * group, or no variance (complete separation, all equal), the score interval of Newcombe. */
enum lethe_err lethe_auc(struct lethe_measure *auc, const struct lethe_pool *pool,
                         struct lethe_error *err);
/* (TPR + TNR) / 2 of the best threshold and the better side of it, fitted on one half and counted
 * on the other, both ways round, averaged. The halves come from the seed. At least two in each
 * group. */
enum lethe_err lethe_balanced_accuracy(struct lethe_measure *accuracy,
                                       const struct lethe_pool *pool, uint64_t seed,
                                       struct lethe_error *err);
/* Share of members above the threshold that one in `one_in` non-members passes (100: FPR 1 %), with
 * a Clopper-Pearson interval. "n/a (N = 36, needs 100)" below one_in non-members. */
enum lethe_err lethe_tpr_at(struct lethe_measure *tpr, const struct lethe_pool *pool, size_t one_in,
                            struct lethe_error *err);
/* percent(members): share of non-members below each member, ties half, times 100. Give losses and
 * it reads "a larger loss than 83 % of the held-out samples". */
enum lethe_err lethe_percentiles(double *percent, const struct lethe_pool *pool,
                                 struct lethe_error *err);

struct lethe_roc_point {
    double fpr, tpr, threshold; /* called a member when score >= threshold */
};
/* The curve from (0, 0) to (1, 1), one point per distinct score: points has room for
 * members + nonmembers + 1, *count says how many there are. */
enum lethe_err lethe_roc(struct lethe_roc_point *points, size_t *count,
                         const struct lethe_pool *pool, struct lethe_error *err);

/* The loss-threshold attack: members are the forget samples, non-members the held-out samples of
 * the same classes, the score is minus the loss. */
struct lethe_attack {
    size_t members, nonmembers;
    struct lethe_measure auc;               /* n/a for one member: see percentile */
    struct lethe_measure balanced_accuracy; /* n/a below two of either */
    struct lethe_measure tpr_100, tpr_1000; /* at FPR 1 % and 0.1 % */
    struct lethe_measure percentile;        /* mean loss percentile of the members, 0 to 100 */
};
/* losses are plain losses here, not scores. LETHE_ENOMEM only: what cannot be said is in the notes.
 */
enum lethe_err lethe_attack_losses(struct lethe_attack *attack, const struct lethe_pool *losses,
                                   uint64_t seed, struct lethe_error *err);

/* ---- one model ------------------------------------------------------------------------------- */

/* All tier-0 figures. */
struct lethe_figures {
    struct lethe_set_figures forget, retain, heldout;
    struct lethe_attack attack;
};
struct lethe_figures_input {
    struct lethe_outputs forget, retain, heldout; /* an empty set (n = 0) is allowed */
    uint64_t seed;                                /* of the halves of the attack */
};
/* LETHE_EARG, LETHE_ENUM: as lethe_outputs_check, with the set's name; LETHE_ENOMEM. */
enum lethe_err lethe_figures_measure(struct lethe_figures *figures,
                                     const struct lethe_figures_input *input,
                                     struct lethe_error *err);

/* ---- against the retrained model ------------------------------------------------------------- */

/* Distances between what two models say about the same n >= 1 samples. */
struct lethe_distance {
    double kl;         /* mean over samples of sum_c p_re log(p_re / p_now) */
    double js;         /* mean Jensen-Shannon divergence, in [0, log 2] */
    double activation; /* mean Euclidean distance of the probability vectors */
    double churn;      /* share of samples whose predicted class differs */
};
/* How many times nearer: before / now, where a `now` below 1e-15 is rounding and counts as that.
 * NAN when both are, or one is not known. */
double lethe_distance_nearer(double before, double now);
void lethe_distance_measure(struct lethe_distance *distance, const double *logits_now,
                            const double *logits_retrain, size_t n, size_t classes);

enum lethe_recovery_verdict {
    LETHE_RECOVERY_OK,
    LETHE_RECOVERY_UNCONVERGED, /* the value also holds what further training would have done */
    LETHE_RECOVERY_NOTHING,     /* retraining changes nothing: nothing to unlearn */
};
/* Of probabilities stands first: logits of retained samples drift along valleys that no output
 * shows. */
struct lethe_recovery {
    double probs;        /* the same as value, of the softmax outputs */
    double change_probs; /* the same as change, of the softmax outputs */
    double value;        /* 1 - |now - re| / |S - re| of centred logits; NAN when nothing */
    double change;       /* 1 - |(now - old) - (re - S)| / |re - S|; as value */
    double old_to_control, old_to_retrain; /* Frobenius norms of centred logit differences */
    double control_to_retrain, now_to_retrain;
    enum lethe_recovery_verdict verdict;
};
/* Logits (n, classes) of the same samples under four models. */
struct lethe_recovery_input {
    const double *old, *now;
    const double *retrain; /* warm retrain on R */
    const double *control; /* warm retrain with nothing removed */
    size_t n, classes;
};
/* Fills the whole of recovery. */
void lethe_recovery_measure(struct lethe_recovery *recovery,
                            const struct lethe_recovery_input *input);
void lethe_recovery_none(struct lethe_recovery *recovery); /* nothing known: all NAN */
/* Static text: "", "model not converged", "nothing to unlearn". */
const char *lethe_recovery_words(enum lethe_recovery_verdict verdict);

/* Where a step lies beside retrainings that did not end, by their difference to the same trainings
 * with nothing removed (Bae et al., NeurIPS 2022): D_s = (re - S)_s of training seed s, d = now -
 * old.
 */
struct lethe_proximal_input {
    const double *old, *now;
    const double *const *retrain, *const *control; /* (seeds) pointers to logits (n, classes) */
    size_t seeds, n, classes;
    int probs; /* of softmax outputs; else of centred logits */
};
struct lethe_proximal {
    double moved;   /* |D_s|, mean over seeds */
    double change;  /* 1 - |d - D_s| / |D_s|, mean over seeds: the share of the change made */
    double along;   /* <d, D_s> / |D_s|^2, mean: 1 as far, below it less far than retraining went */
    double others;  /* change of another seed's D, mean over ordered pairs: as near as retraining is
                       to itself; NAN for one seed */
    double control; /* |S_s - S_t| / |D_s|, mean over ordered pairs: what the order of the batches
                       alone moves, over what the removal moves */
};
/* LETHE_ENOMEM only. */
enum lethe_err lethe_proximal_measure(struct lethe_proximal *proximal,
                                      const struct lethe_proximal_input *input,
                                      struct lethe_error *err);

/* Mean absolute difference of forget, retain and held-out accuracy and attack AUC (SalUn's Avg.
 * Gap with the AUC for its attack); what is not defined on both sides is left out. NAN: nothing
 * is. */
double lethe_average_gap(const struct lethe_figures *now, const struct lethe_figures *retrain);
/* Tug of war: product over the three sets of 1 - |accuracy - accuracy of the retrained model|. */
double lethe_tug_of_war(const struct lethe_figures *now, const struct lethe_figures *retrain);

/* Mean KL over ordered pairs of cold retrains: the distance that means nothing. logits holds
 * `models` pointers to (n, classes). NAN below two models. */
double lethe_noise_floor(const double *const *logits, size_t models, size_t n, size_t classes);
/* Mean KL of one model to the same retrains, to be read beside the floor: an original that is not
 * farther than the floor has nothing to unlearn. NAN without retrains. */
double lethe_kl_to_retrains(const double *logits_now, const double *const *retrains, size_t models,
                            size_t n, size_t classes);

/* ---- one figure as it is shown --------------------------------------------------------------- */

/* before | now | retrain mean | sd | z | says. NAN: not known (yet). */
struct lethe_shown {
    double before, now;
    double retrain; /* mean over the k retrains that have the figure */
    double sd;      /* from k >= 3 */
    double z;       /* (now - retrain) / sd, from k >= 3 and sd > 0 (0: equal to six digits) */
    size_t k;
    enum lethe_likeness says; /* could `now` be one of the retrains? lethe_equivalence_one */
};
/* retrains is (k), NANs in it are skipped; NULL with k = 0 before any retraining. */
void lethe_shown_fill(struct lethe_shown *shown, double before, double now, const double *retrains,
                      size_t k);
/* Over-unlearning: attack AUC below the retrain mean by 2 sd (k >= 5), or forget loss above it by
 * 2 sd. Without a sd nothing is flagged. */
int lethe_over_unlearned(const struct lethe_shown *auc, const struct lethe_shown *forget_loss);

/* ---- the table of metrics -------------------------------------------------------------------- */

/* Rows that somebody asks for by name; others follow them in the table. */
enum lethe_metric_kind {
    LETHE_METRIC_FORGET_ACCURACY,
    LETHE_METRIC_FORGET_LOSS,
    LETHE_METRIC_RETAIN_ACCURACY,
    LETHE_METRIC_RETAIN_LOSS,
    LETHE_METRIC_HELDOUT_ACCURACY,
    LETHE_METRIC_HELDOUT_LOSS,
    LETHE_METRIC_AUC,
    LETHE_METRIC_BALANCED_ACCURACY,
    LETHE_METRIC_TPR_100,
    LETHE_METRIC_TPR_1000,
    LETHE_METRIC_PERCENTILE,
    LETHE_METRIC_KL,
    LETHE_METRIC_KL_FOLD,
    LETHE_METRIC_JS,
    LETHE_METRIC_ACTIVATION,
    LETHE_METRIC_CHURN,
    LETHE_METRIC_RECOVERY_PROBS,
    LETHE_METRIC_RECOVERY_PROBS_TRAIN,
    LETHE_METRIC_RECOVERY,
    LETHE_METRIC_CHANGE_PROBS,
    LETHE_METRIC_CHANGE_PROBS_TRAIN,
    LETHE_METRIC_CHANGE,
    LETHE_METRIC_AVERAGE_GAP,
    LETHE_METRIC_TUG_OF_WAR,
    LETHE_METRIC_RELEARN,
    LETHE_METRIC_LOGISTIC,
    LETHE_METRIC_PROBE,
    LETHE_METRIC_CONFUSION,
    LETHE_METRIC_NOISE_FLOOR,
    LETHE_METRIC_LIRA,
    LETHE_METRIC_ULIRA,
    LETHE_METRIC_RMIA,
    LETHE_METRIC_KLOM,
    LETHE_METRIC_FORGETTING,
    LETHE_METRIC_FQS,
    LETHE_METRIC_HARM,
    LETHE_METRIC_ZRF,
    LETHE_METRIC_NAMED
};

/* What one model says, which figures of one model are made of. The figures are those of the three
 * sets, each of which may be empty. */
struct lethe_metric_input {
    const struct lethe_figures *figures;
    struct lethe_outputs forget, retain, heldout;
};

enum lethe_metric_look {
    LETHE_LOOK_PLAIN,    /* three or four significant digits */
    LETHE_LOOK_PERCENT,  /* 0.9056 is shown as 90.56 % */
    LETHE_LOOK_FRACTION, /* .247 */
};

/* A row with of_model is shown wherever figures of one model are, unless a flag says otherwise. */
enum {
    LETHE_METRIC_OF_FORGET = 1,      /* speaks about the forget samples: an audit concludes by it */
    LETHE_METRIC_NOT_IN_PREVIEW = 2, /* nor in what follows from it: commit and report */
    LETHE_METRIC_NOT_ON_SCREEN = 4,
    LETHE_METRIC_NOT_IN_METRICS = 8,
    LETHE_METRIC_NOT_IN_AUDIT = 16
};
struct lethe_metric {
    const char *name;    /* as in JSON and `explain`: "attack.auc" */
    const char *label;   /* as in a panel: "attack AUC" */
    const char *unit;    /* "share", "nats", "percent", "ratio", "score" */
    int tier;            /* 0 every key press, 1 seconds, 2 background */
    const char *needs;   /* what it compares or must be given */
    const char *meaning; /* one sentence for a person */

    /* Figures of one model: the rest is 0 for others. */
    void (*of_model)(struct lethe_measure *measure, const struct lethe_metric_input *input);
    enum lethe_metric_look look;
    unsigned flags;
    const char *title;         /* where there is room: "forget accuracy"; NULL: the label */
    const char *above, *below; /* what more, or less, than retraining says: "still known" */
};
enum { LETHE_METRICS_MOST = 64 }; /* rows there may be */
/* Rows of the table. */
size_t lethe_metric_count(void);
/* By number: a kind, or any below the count. Static. */
const struct lethe_metric *lethe_metric(size_t number);
/* By name, static; NULL when there is none. */
const struct lethe_metric *lethe_metric_find(const char *name);
/* The value of a metric that one struct lethe_figures holds (those up to PERCENTILE); else NAN. */
double lethe_figures_get(const struct lethe_figures *figures, enum lethe_metric_kind kind);

#endif
