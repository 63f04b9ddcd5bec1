/* SPDX-License-Identifier: MIT
 * Models that were made here (by train, head, smooth, weights) are in no file that a session could
 * name, so a saved session holds them itself: blobs/HASH.onnx beside the weights of its states,
 * blobs/sealed.onnx once it was sealed. */
#ifndef LETHE_WORKBENCH_DERIVED_MODEL_H
#define LETHE_WORKBENCH_DERIVED_MODEL_H

#include "workbench/workbench.h"

/* Writes the model the session began with into a folder to be saved to; the folder is made. Nothing
 * is written when the project's path holds that model. */
enum lethe_err lethe_derived_model_write(const struct lethe_project *project,
                                         const struct lethe_session *session, const char *dir,
                                         struct lethe_error *err);
/* Before a session is sealed its folder gets the model without earlier weights; the seal removes
 * the one with them. */
enum lethe_err lethe_derived_model_sealing(const struct lethe_project *project,
                                           const struct lethe_session *session,
                                           struct lethe_error *err);
/* Where the folder of an open session holds a model, the project takes it in place of its path's.
 */
enum lethe_err lethe_derived_model_read(struct lethe_project *project,
                                        const struct lethe_session *session,
                                        struct lethe_error *err);
/* Says that a new history began and where it is, where people expect theirs to be kept. */
void lethe_derived_model_note(struct lethe_value *out, const struct lethe_workbench *wb);

#endif
