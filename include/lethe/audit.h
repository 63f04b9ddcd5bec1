/* SPDX-License-Identifier: MIT
 * Tiers 1 and 2: attacks and scores that need a retrained model, or many models. As in lethe/eval.h
 * everything is plain arrays; margins of several models are (models, n) row-major, row k holding
 * what model k says about the same n samples. A figure that needs more models than there are says
 * so in its note: "n/a (N = 5, needs 32)". */
#ifndef LETHE_AUDIT_H
#define LETHE_AUDIT_H

#include "lethe/eval.h"

enum { LETHE_AUDIT_MODELS = 32 }; /* least N of U-LiRA, KLOM and the NeurIPS score */

/* Margins of several models about the same samples. Borrowed. */
struct lethe_margins {
    const double *phi; /* (models, n) */
    size_t models, n;
};

/* ---- logistic regression --------------------------------------------------------------------- */

/* Minimises c * sum log(1 + exp(-t (w'x + b))) + |w|^2 / 2, t = +1 or -1 (scikit-learn's C; the
 * intercept is free). x is (n, d), y(n) 0 or 1, w is (d + 1) with b last. */
struct lethe_logistic {
    const double *x;
    const unsigned char *y;
    size_t n, d;
    double c;
};
/* w (d + 1) is the caller's. LETHE_ENUM: the Hessian is singular; LETHE_ENOMEM. */
enum lethe_err lethe_logistic_fit(double *w, const struct lethe_logistic *problem,
                                  struct lethe_error *err);

/* Two groups of feature rows: (members, d) and (nonmembers, d). */
struct lethe_features {
    const double *member, *nonmember;
    size_t members, nonmembers, d;
};
/* Mean accuracy over ten stratified 90/10 splits of a logistic regression (C = 1), the larger
 * group thinned to the size of the smaller one; low and high are mean -+ 2 sd of the splits.
 * With losses (d = 1) this is the attack of the NeurIPS 2023 starting kit. At least ten of each. */
enum lethe_err lethe_logistic_attack(struct lethe_measure *accuracy,
                                     const struct lethe_features *groups, uint64_t seed,
                                     struct lethe_error *err);
/* The same on features of a layer, each scaled to unit standard deviation first. */
enum lethe_err lethe_linear_probe(struct lethe_measure *accuracy,
                                  const struct lethe_features *groups, uint64_t seed,
                                  struct lethe_error *err);

/* ---- relearning, confusion, untrained likeness ----------------------------------------------- */

/* First step whose loss is <= target: losses[k] after k steps, so losses[0] is the start. SIZE_MAX
 * when none of the `count` is. */
size_t lethe_relearn_steps(const double *losses, size_t count, double target);
/* steps_now / steps_retrain (anamnesis index, aim 1). "n/a" when one never got there or the
 * retrained model starts there. */
void lethe_relearn_ratio(struct lethe_measure *ratio, size_t steps_now, size_t steps_retrain);

/* Samples of class a taken for b or of b taken for a (Goel et al.); the aim is the count of the
 * retrained model. */
size_t lethe_interclass_confusion(const struct lethe_outputs *out, int a, int b);
/* 1 - mean Jensen-Shannon divergence in bits to an untrained model (Chundawat et al.). */
double lethe_zrf(const double *logits_now, const double *logits_untrained, size_t n,
                 size_t classes);

/* ---- attacks with reference models ----------------------------------------------------------- */

/* LiRA. shadows->phi and in are (models, n); in[k * n + i] says that model k was trained on i.
 * Offline uses only the models that were not. score(n): larger speaks for membership; NAN where a
 * side has fewer than two models. */
struct lethe_lira {
    struct lethe_margins shadows;
    const unsigned char *in;
    int offline;
};
/* target (n) are the margins under the model attacked. LETHE_ENOMEM only. */
enum lethe_err lethe_lira_scores(double *score, const double *target, const struct lethe_lira *lira,
                                 struct lethe_error *err);

/* RMIA with offline reference models: p of the true label as losses (-log p). */
struct lethe_rmia {
    const double *target, *population; /* losses under the model attacked: (n), (z) */
    const double *references;          /* losses of the n under models not trained on them */
    const double *population_references;
    size_t n, z, models;     /* references are (models, n) and (models, z) */
    double offline_a, gamma; /* 0 to 1, usually 0.3; usually 1 */
};
/* score (n): share of the population a sample is likelier than, by gamma.
 * LETHE_EARG: no population or reference models, a or gamma out of range; LETHE_ENOMEM. */
enum lethe_err lethe_rmia_scores(double *score, const struct lethe_rmia *rmia,
                                 struct lethe_error *err);

/* The figures of an attack from its scores; those that are NAN are left out. percentile counts
 * scores here. */
enum lethe_err lethe_attack_scores(struct lethe_attack *attack, const double *score,
                                   const unsigned char *member, size_t n, uint64_t seed,
                                   struct lethe_error *err);

/* ---- removals beside retrains ---------------------------------------------------------------- */

/* N originals put through the same removal, and N models that never saw the samples. */
struct lethe_ensembles {
    struct lethe_margins unlearned, retrained; /* the same n samples */
};

struct lethe_ulira {
    struct lethe_measure accuracy; /* of "unlearned or never seen?", 0.5 is the aim */
    struct lethe_measure auc;
    struct lethe_measure worst; /* largest accuracy among the samples */
};
/* Every margin is judged by Gaussians fitted to the others (leave one out). */
enum lethe_err lethe_ulira_measure(struct lethe_ulira *ulira, const struct lethe_ensembles *models,
                                   struct lethe_error *err);

struct lethe_klom {
    struct lethe_measure median, q95; /* over samples, nats */
};
/* per_sample (n) may be NULL. */
enum lethe_err lethe_klom_measure(struct lethe_klom *klom, double *per_sample,
                                  const struct lethe_ensembles *models, struct lethe_error *err);

struct lethe_forgetting {
    struct lethe_measure quality; /* F, mean of H over samples */
    double epsilon_limit;         /* epsilons beyond it score 0; depends on N: 4 at N = 32 */
};
/* epsilon (n) may be NULL. */
enum lethe_err lethe_forgetting_measure(struct lethe_forgetting *forgetting, double *epsilon,
                                        const struct lethe_ensembles *models,
                                        struct lethe_error *err);
/* The final score of the competition: F times the accuracy ratios on retained and held-out. */
double lethe_forgetting_score(double quality, const struct lethe_figures *now,
                              const struct lethe_figures *retrain);

/* Pooled over samples, from one unlearned and one retrained model: 1 is indistinguishable. */
enum lethe_err lethe_fqs(double *score, const double *logits_now, const double *logits_retrain,
                         size_t n, size_t classes, struct lethe_error *err);

/* ---- the samples that stay ------------------------------------------------------------------- */

struct lethe_harm {
    double mean_change, q95_change, worst_change; /* of the loss of retained samples, nats */
    size_t lost, gained;                          /* right before and wrong now; the reverse */
    double auc_before, auc_now; /* loss attack on the retained against held-out samples */
};
/* Retained samples under two models, held-out samples under the same two. */
struct lethe_harm_input {
    struct lethe_outputs retain_before, retain_now, heldout_before, heldout_now;
};
/* The same samples in the same order before and now. LETHE_EARG: they are not; LETHE_ENOMEM. */
enum lethe_err lethe_harm_measure(struct lethe_harm *harm, const struct lethe_harm_input *input,
                                  struct lethe_error *err);

#endif
