/* SPDX-License-Identifier: MIT
 * A plan made ready to run: constants in the executor's type, convolutions given to oneDNN. */
#ifndef LETHE_NN_FORM_H
#define LETHE_NN_FORM_H

#include "nn/exec.h"

/* Takes the plan, also when it fails. */
enum lethe_err lethe_form_init(struct lethe_batch_form *form, struct lethe_plan *plan,
                               const struct lethe_exec *exec, struct lethe_error *err);
void lethe_form_release(struct lethe_batch_form *form,
                        const struct lethe_graph *graph); /* zeroed ok */
/* Places of the notes of calls whose outputs move. */
void lethe_form_place_notes(struct lethe_batch_form *form, const struct lethe_exec *exec);
void lethe_form_backward_too(struct lethe_batch_form *form, const struct lethe_graph *graph);
/* Gives oneDNN the filters that are parameters. */
void lethe_form_pack(struct lethe_batch_form *form, const struct lethe_exec *exec);
/* Takes them back, until the next lethe_form_pack. */
void lethe_form_unpack(struct lethe_batch_form *form, const struct lethe_graph *graph);

#endif
