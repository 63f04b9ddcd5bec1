/* SPDX-License-Identifier: MIT
 * Perturbations of several samples as one table. */
#ifndef LETHE_UNLEARN_SEVERAL_H
#define LETHE_UNLEARN_SEVERAL_H

#include "lethe/select.h"

/* MEAN: row k is the mean over the samples of their copy k: (J, units). STACKED: the copies of all
 * samples below one another, (samples * J, units), each column and the loss less its sample's mean.
 * A unit is dead when it is so for every sample. loss_clean is the samples' mean. */
enum lethe_err lethe_perturb_several(struct lethe_perturbation *out,
                                     const struct lethe_select_input *input,
                                     const struct lethe_select_options *options,
                                     const size_t *samples, size_t count, struct lethe_watch *watch,
                                     struct lethe_error *err);

#endif
