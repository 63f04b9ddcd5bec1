/* SPDX-License-Identifier: MIT
 * From one step towards retraining: iterations of L-BFGS on F_R from where the step of the whole
 * network led, noting the path they take. With enough of them this is warm retraining. */
#ifndef LETHE_REMOVAL_PASSES_H
#define LETHE_REMOVAL_PASSES_H

#include "removal/path.h"
#include "removal/stages.h"

/* w (size + buffers) goes from w + d to where `passes` iterations lead, fewer where |grad| is 1e-12
 * or nothing goes down any more. Preconditioned with the Gauss-Newton matrix where the network has
 * one (plain linear layers, up to LETHE_CURVATURE_DENSE parameters), else with EKFAC. Without the
 * whole of R LETHE_EARG. While it runs the snapshot shows the path so far, and lethe_watch_stop
 * ends it after the iteration it is in: the same as if no more had been asked for. */
enum lethe_err lethe_passes_run(struct lethe_path **path, double *w,
                                struct lethe_snapshot *snapshot, double mu, size_t passes,
                                const struct lethe_settings *settings, struct lethe_watch *watch,
                                struct lethe_error *err);

#endif
