/* SPDX-License-Identifier: MIT
 * What an audit keeps of each of its models, and the groups of models side by side. */
#ifndef LETHE_STUDY_AUDIT_MEASURE_H
#define LETHE_STUDY_AUDIT_MEASURE_H

#include "lethe/audit.h"
#include "study/attack_metrics.h"
#include "study/ensemble.h"

enum lethe_group_of_models { LETHE_BEFORE, LETHE_NOW, LETHE_RETRAINED, LETHE_GROUPS };

struct lethe_audit_record {
    double *logits;                 /* of the forget samples (m, classes) */
    struct lethe_figures figures;   /* retain: the retained samples it was trained on */
    struct lethe_measure *of_model; /* (lethe_metric_count()) of those an audit shows */
    struct lethe_attack_metrics attack;
    struct lethe_harm harm; /* removals only */
};

/* Is it a figure of one model that an audit shows? */
int lethe_metric_in_audit(const struct lethe_metric *metric);

/* Margins of n models of each group, row after row, about the same samples. */
struct lethe_audit_records {
    size_t n;
    size_t count[3], classes; /* samples: forget, retain, held-out (tune half) */
    int *labels[3];
    double *phi[LETHE_GROUPS][3];                /* (n, count) */
    struct lethe_audit_record *at[LETHE_GROUPS]; /* (n) */
};

/* members[g] (n): removal k is that of original k. */
enum lethe_err lethe_audit_records_measure(struct lethe_audit_records *records, size_t n,
                                           struct lethe_member *const members[LETHE_GROUPS],
                                           const struct lethe_ensemble *ensemble,
                                           struct lethe_watch *watch, struct lethe_error *err);
void lethe_audit_records_release(struct lethe_audit_records *records); /* zeroed ok */

#endif
