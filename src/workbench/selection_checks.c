/* SPDX-License-Identifier: MIT
 * Memory of the evidence. */
#include "workbench/selection_checks.h"

#include "base/alloc.h"

void lethe_selection_checks_release(struct lethe_selection_checks *evidence)
{
    lethe_free(evidence->stable.times);
    lethe_free(evidence->seen.activation);
    lethe_free(evidence->seen.loss);
    *evidence = (struct lethe_selection_checks){0};
}
