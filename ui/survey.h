/* SPDX-License-Identifier: MIT
 * The loss of every training sample under the model at the head, measured in the background when a
 * head is first seen: the ledger can be sorted by it before anything is chosen to be forgotten. */
#ifndef LETHE_UI_SURVEY_H
#define LETHE_UI_SURVEY_H

#include "workbench/workbench.h"

struct lethe_survey {
    char asked[LETHE_HASH_HEX]; /* head it was last asked for, "" none */
    char head[LETHE_HASH_HEX];  /* head the losses belong to, "" none yet */
    double *losses;             /* (count), by sample; NAN: not measured */
    int *predicted;             /* (count) classes; -1: not measured */
    size_t count;
    unsigned long version; /* goes up with every result */
};

/* Starts measuring unless it was asked for this head before. A model without data or without a
 * known weight decay is left alone. */
void lethe_survey_ask(struct lethe_survey *survey, struct lethe_workbench *wb);
/* Losses of the head as it stands; NULL when they are not there. */
const double *lethe_survey_losses(const struct lethe_survey *survey,
                                  const struct lethe_workbench *wb, size_t count);
/* No job may still run. Zeroed ok. */
void lethe_survey_release(struct lethe_survey *survey);

#endif
