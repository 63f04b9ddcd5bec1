/* SPDX-License-Identifier: MIT
 * Distances of a cell's predictions to those of the retrained model. */
#include "study/surface_value.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

static const struct {
    const char *name, *words, *share;
} values[LETHE_SURFACE_VALUES] = {
    [LETHE_SURFACE_KL] = {"kl_forget", "KL to retraining over the forget samples", NULL},
    [LETHE_SURFACE_PROBS] = {"missed_probs", "missed of the change in probabilities",
                             "recovery_probs"},
    [LETHE_SURFACE_LOGITS] = {"missed_logits", "missed of the change in logits", "recovery"},
    [LETHE_SURFACE_CHANGE_PROBS] = {"missed_change_probs",
                                    "missed of the change in probabilities, further training left "
                                    "out",
                                    "change_probs"},
    [LETHE_SURFACE_CHANGE] = {"missed_change",
                              "missed of the change in logits, further training left out",
                              "change"},
};

const char *lethe_surface_value_name(enum lethe_surface_value value)
{
    return values[value].name;
}

const char *lethe_surface_value_words(enum lethe_surface_value value)
{
    return values[value].words;
}

const char *lethe_surface_value_share(enum lethe_surface_value value)
{
    return values[value].share;
}

static double *joined(const struct lethe_surface_ruler *ruler,
                      const struct lethe_evaluation *evaluation)
{
    double *all = lethe_alloc(ruler->samples, ruler->classes * sizeof *all), *to = all;
    for (size_t k = 0; all && k < ruler->side_count; k++) {
        const size_t size = evaluation->count[ruler->sides[k]] * ruler->classes;
        if (size)
            memcpy(to, evaluation->logits[ruler->sides[k]], size * sizeof *to);
        to += size;
    }
    return all;
}

enum lethe_err lethe_surface_ruler_init(struct lethe_surface_ruler *ruler,
                                        const struct lethe_comparison_base *base,
                                        enum lethe_surface_value value, struct lethe_error *err)
{
    struct lethe_surface_ruler made = {
        .value = value,
        .classes = base->before.classes,
        .sides = {LETHE_SIDE_FORGET, LETHE_SIDE_RETAIN, LETHE_SIDE_TUNE},
        .side_count = value == LETHE_SURFACE_KL ? 1 : 3};
    for (size_t k = 0; k < made.side_count; k++)
        made.samples += base->before.count[made.sides[k]];
    made.old = joined(&made, &base->before);
    made.retrain = joined(&made, &base->warm->outcome);
    made.control = joined(&made, &base->warm->control);
    if (!made.old || !made.retrain || !made.control) {
        lethe_surface_ruler_release(&made);
        return lethe_fail_memory(err, "logits", 3 * made.samples, made.classes * sizeof(double));
    }
    *ruler = made;
    return LETHE_OK;
}

void lethe_surface_ruler_release(struct lethe_surface_ruler *ruler)
{
    lethe_free(ruler->old);
    lethe_free(ruler->retrain);
    lethe_free(ruler->control);
    *ruler = (struct lethe_surface_ruler){0};
}

double lethe_surface_ruler_measure(const struct lethe_surface_ruler *ruler, const double *logits)
{
    const struct lethe_recovery_input in = {ruler->old,     logits,         ruler->retrain,
                                            ruler->control, ruler->samples, ruler->classes};
    struct lethe_distance distance;
    struct lethe_recovery r;
    if (ruler->value == LETHE_SURFACE_KL) {
        lethe_distance_measure(&distance, logits, ruler->retrain, ruler->samples, ruler->classes);
        return distance.kl;
    }
    lethe_recovery_measure(&r, &in);
    const double shares[LETHE_SURFACE_VALUES] = {[LETHE_SURFACE_PROBS] = r.probs,
                                                 [LETHE_SURFACE_LOGITS] = r.value,
                                                 [LETHE_SURFACE_CHANGE_PROBS] = r.change_probs,
                                                 [LETHE_SURFACE_CHANGE] = r.change};
    return 1 - shares[ruler->value];
}
