/* SPDX-License-Identifier: MIT
 * The head of the session, as the model that everything is measured on. */
#ifndef LETHE_WORKBENCH_HEAD_H
#define LETHE_WORKBENCH_HEAD_H

#include "workbench/workbench.h"

/* The workbench stands where its session does: weights and forgotten samples are the head's, the
 * forget set is empty, and what was computed of another model is dropped. LETHE_EFORMAT when the
 * session is of a network of another size; nothing has changed then. */
enum lethe_err lethe_workbench_take_head(struct lethe_workbench *wb, struct lethe_error *err);

#endif
