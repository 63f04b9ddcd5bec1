/* SPDX-License-Identifier: MIT
 * The notes of a preview. */
#ifndef LETHE_WORKBENCH_PREVIEW_NOTES_H
#define LETHE_WORKBENCH_PREVIEW_NOTES_H

#include "text/result.h"

struct lethe_figure_rows;
struct lethe_retrained;
struct lethe_workbench;

/* What a reader must know of the step and the retraining, beside the verdict. */
void lethe_preview_put_notes(struct lethe_value *out, const struct lethe_workbench *wb,
                             const struct lethe_figure_rows *figures);
/* What the verdict says too, for answers that stand without one. */
void lethe_preview_put_states(struct lethe_value *out, const struct lethe_workbench *wb,
                              const struct lethe_figure_rows *figures);
/* What a reader must know of a warm retraining that did not end at a minimum. */
void lethe_retrained_put_note(struct lethe_value *out, const struct lethe_retrained *retrained);

#endif
