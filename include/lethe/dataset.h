/* SPDX-License-Identifier: MIT
 * A dataset: samples with labels, immutable after loading, shared by reference count. Samples are
 * kept as they stand in the file (bytes, floats, doubles, token numbers) and normalised when a
 * batch is made, in double: x = (raw - mean[channel]) / std[channel]. */
#ifndef LETHE_DATASET_H
#define LETHE_DATASET_H

#include <stddef.h>
#include "lethe/error.h"

struct lethe_dataset;

struct lethe_dataset *lethe_dataset_ref(struct lethe_dataset *data);
void lethe_dataset_unref(struct lethe_dataset *data); /* NULL ok */

size_t lethe_dataset_count(const struct lethe_dataset *data); /* n */
size_t lethe_dataset_width(const struct lethe_dataset *data); /* doubles per sample, all inputs */
size_t lethe_dataset_ndim(const struct lethe_dataset *data);  /* shape of one sample */
size_t lethe_dataset_dim(const struct lethe_dataset *data, size_t axis);
size_t lethe_dataset_classes(const struct lethe_dataset *data); /* largest label + 1, or declared */
int lethe_dataset_label(const struct lethe_dataset *data, size_t id);
int lethe_dataset_group(const struct lethe_dataset *data, size_t id); /* -1: no group column */
/* The label before a generator changed it; the same as label when none did. */
int lethe_dataset_true_label(const struct lethe_dataset *data, size_t id);

/* x is (n, width) and labels (n), either may be NULL. ids are valid indices. */
void lethe_dataset_batch(const struct lethe_dataset *data, double *x, int *labels,
                         const size_t *ids, size_t n);

#endif
