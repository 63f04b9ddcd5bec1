/* SPDX-License-Identifier: MIT
 * The executor and work space that perturbations of one sample after another share. */
#ifndef LETHE_UNLEARN_PERTURBER_H
#define LETHE_UNLEARN_PERTURBER_H

#include "lethe/perturb.h"

struct lethe_perturber; /* of one thread */

enum lethe_err lethe_perturber_new(struct lethe_perturber **perturber, struct lethe_graph *graph,
                                   struct lethe_dataset *data, const double *w,
                                   const struct lethe_perturb_options *options,
                                   struct lethe_error *err);
void lethe_perturber_free(struct lethe_perturber *k); /* NULL ok */
/* As lethe_perturb. */
enum lethe_err lethe_perturber_run(struct lethe_perturber *k, struct lethe_perturbation *out,
                                   size_t sample, struct lethe_watch *watch,
                                   struct lethe_error *err);

#endif
