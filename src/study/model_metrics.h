/* SPDX-License-Identifier: MIT
 * Figures of one preview that need fitting or training, beside the same figures of the retrained
 * models: attacks and relearning, and what the removal cost the samples that stay. */
#ifndef LETHE_STUDY_MODEL_METRICS_H
#define LETHE_STUDY_MODEL_METRICS_H

#include "lethe/audit.h"
#include "removal/stages.h"
#include "study/attack_metrics.h"

enum { LETHE_ENOUGH_RETRAINS = 3 }; /* cold retrains from which on they are the yardstick */

struct lethe_model_metrics_models {
    struct lethe_snapshot *snapshot;
    struct lethe_preview *preview;
    struct lethe_retrained *warm; /* NULL: not there */
    struct lethe_retrained **colds;
    size_t cold_count;
};

struct lethe_model_metrics {
    struct lethe_snapshot *snapshot;
    struct lethe_preview *preview;
    struct lethe_retrained *warm;      /* NULL: not there */
    struct lethe_retrained **retrains; /* (count) the yardstick: the cold ones, or the warm one */
    size_t count;
    struct lethe_attack_metrics before, now, *attacks; /* attacks (count) on the retrains */
    struct lethe_harm harm;
};

/* References are taken. Released also after a failure. */
enum lethe_err lethe_model_metrics_init(struct lethe_model_metrics *m,
                                        const struct lethe_model_metrics_models *models,
                                        struct lethe_error *err);
void lethe_model_metrics_release(struct lethe_model_metrics *m); /* zeroed ok */
/* Fills before, now and attacks. */
enum lethe_err lethe_model_metrics_attack(struct lethe_model_metrics *m, struct lethe_watch *watch,
                                          struct lethe_error *err);
enum lethe_err lethe_model_metrics_harm(struct lethe_model_metrics *m, struct lethe_error *err);

#endif
