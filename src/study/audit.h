/* SPDX-License-Identifier: MIT
 * An audit: N originals put through the same removal, beside N retrains. What one model cannot show
 * (is this removal, over all the models training could have given, like never having seen the
 * samples?) is measured on the two groups; what one model can show is averaged over each. */
#ifndef LETHE_STUDY_AUDIT_H
#define LETHE_STUDY_AUDIT_H

#include "lethe/audit.h"
#include "study/ensemble.h"

enum {
    LETHE_AUDIT_ROWS = 32 + LETHE_METRICS_MOST,
    LETHE_AUDIT_SHUFFLES = 20 /* of the two groups, for what chance gives */
};

/* One line of the table. NAN: there is no such number. */
struct lethe_audit_row {
    const char *key;           /* as in JSON: "ulira.accuracy" */
    const char *label;         /* as on screen */
    const char *above, *below; /* what more, or less, than retraining says; NULL: not tested */
    int percent;               /* an accuracy */
    int of_forget;             /* speaks about the forget samples */
    struct lethe_shown shown;  /* mean over originals | removals | retrains, sd over retrains, z of
                                  the removals' mean in standard errors. Figures of two groups:
                                  originals, removals, and the groups shuffled, each beside the
                                  retrains */
    struct lethe_equivalence before, now; /* originals and removals beside retrains */
    char note[64];                        /* "n/a (N = 5, needs 32)" */
};

struct lethe_audit {
    size_t n;                  /* of each kind */
    double share;              /* of the retained samples each was trained on */
    size_t trained, retrained; /* samples of an original, of a retrain */
    struct lethe_audit_row rows[LETHE_AUDIT_ROWS];
    size_t count;
    enum lethe_likeness verdict; /* of all rows about the forget samples together */
    size_t by;                   /* the row that decides it; SIZE_MAX: none */
    double floor;                /* mean KL between retrains, forget samples; NAN for n = 1 */
    double epsilon_limit;        /* of the forgetting score */
    size_t unconverged;          /* of the 2 n trainings */
    int over_unlearned;
    int nothing_to_unlearn; /* no row tells the originals or the removals from retraining, and the
                               originals are as near as retrains are to each other */
    double seconds_training, seconds_removing; /* of all models together */
};

/* Where training has one minimum (softmax regression, or the last layer alone) models from other
 * seeds are all alike: then each is trained on a random half of the retained samples. */
double lethe_audit_share(const struct lethe_snapshot *snapshot);
/* Needs all training samples and a forget set. ensemble->share and its settings say how. Where only
 * the last layer may move, every model is that layer's, on features that are the same in all.
 * arrays: file for lethe_audit_arrays_write; NULL: none. */
enum lethe_err lethe_audit_run(struct lethe_audit *audit, size_t n, const char *arrays,
                               const struct lethe_ensemble *ensemble, struct lethe_watch *watch,
                               struct lethe_error *err);
/* "as retraining", "different", "cannot tell", or why there is no figure; "" where there is nothing
 * to say. */
const char *lethe_audit_says(const struct lethe_audit_row *row);
/* What being different means; "" where it is not. */
const char *lethe_audit_means(const struct lethe_audit_row *row);

#endif
