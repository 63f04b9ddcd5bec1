/* SPDX-License-Identifier: MIT
 * Samples that are not those of the model or bundle a session was begun with: a generator changed
 * them, or 'data' gave others. What a generator did stays with the session, in blobs/HASH.json
 * named by the hash of the samples; samples of 'data' are recognised when they are loaded again. */
#ifndef LETHE_WORKBENCH_DERIVED_DATA_H
#define LETHE_WORKBENCH_DERIVED_DATA_H

#include "lethe/session.h"
#include "workbench/project.h"

/* Writes what was generated into a folder to be saved to; the folder is made. Nothing is written
 * when nothing was generated. LETHE_EIO. */
enum lethe_err lethe_derived_data_write(const struct lethe_project *project, const char *dir,
                                        struct lethe_error *err);
/* Makes the project's samples those the session began with, where they are others: its own or
 * those of `here` (what is on the workbench; may have none), as they are or as the session's
 * generator leaves them. Where none of them is right the project is as it was:
 * lethe_session_check says so. */
enum lethe_err lethe_derived_data_find(struct lethe_project *project,
                                       const struct lethe_session *session,
                                       const struct lethe_project *here, struct lethe_error *err);

#endif
