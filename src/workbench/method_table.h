/* SPDX-License-Identifier: MIT
 * What `compare methods` and `compare masks` answer. */
#ifndef LETHE_WORKBENCH_METHOD_TABLE_H
#define LETHE_WORKBENCH_METHOD_TABLE_H

#include "text/result.h"
#include "workbench/comparison.h"

/* A row for each method or mask, with what retraining gives below; the comparison is one of
 * methods or of masks and has run. */
void lethe_method_table_put(struct lethe_value *out, const struct lethe_comparison *c);

#endif
