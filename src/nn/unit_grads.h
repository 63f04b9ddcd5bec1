/* SPDX-License-Identifier: MIT
 * What the parts of lethe_exec_unit_grads hand to each other. */
#ifndef LETHE_NN_UNIT_GRADS_H
#define LETHE_NN_UNIT_GRADS_H

#include "nn/exec.h"

struct lethe_unit_job {
    const struct lethe_exec *exec;
    const struct lethe_layer_info *layer;
    double *out; /* (n, count * unit_params) */
    const size_t *units;
    size_t count;
    double *delta; /* (positions, count) of one sample */
    double *rows;  /* (positions, fan_in) of one sample */
};

#endif
