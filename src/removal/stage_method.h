/* SPDX-License-Identifier: MIT
 * The removal by another method than the Newton step: its weights, and the preview of them. */
#ifndef LETHE_REMOVAL_STAGE_METHOD_H
#define LETHE_REMOVAL_STAGE_METHOD_H

#include "lethe/methods.h"
#include "removal/stages.h"

/* The row that the settings name. */
const struct lethe_unlearn_method *lethe_settings_method(const struct lethe_settings *settings);
/* Not the Newton step: neither curvature nor damping nor form have anything to say. */
int lethe_settings_other_method(const struct lethe_settings *settings);
/* The selector whose blanket the method's mask is; NULL: it has none. */
const char *lethe_settings_mask(const struct lethe_settings *settings);

/* *by: the settings that the order of the method's mask is selected under, to its end where no
 * blanket cuts it; *needed 0: the mask follows no order. */
enum lethe_err lethe_method_order(struct lethe_settings *by, int *needed,
                                  const struct lethe_snapshot *snapshot,
                                  const struct lethe_settings *settings, struct lethe_error *err);

/* w (size + buffers) goes from the snapshot's weights to the method's, on so many threads, 0: one
 * for each processor; no bit depends on it. *units: those that may change. order: as
 * lethe_method_order says; NULL: selected where it is needed. */
enum lethe_err lethe_method_weights(double *w, struct lethe_unlearn_report *report, size_t *units,
                                    struct lethe_snapshot *snapshot,
                                    const struct lethe_settings *settings,
                                    const struct lethe_selected *order, unsigned threads,
                                    struct lethe_watch *watch, struct lethe_error *err);

/* The preview of a method's weights: no curvature, no promise, figures as of any. selected: of the
 * settings' selector, where it is there already; NULL ok. */
enum lethe_err lethe_preview_by_method(struct lethe_preview **preview,
                                       struct lethe_snapshot *snapshot,
                                       const struct lethe_settings *settings,
                                       const struct lethe_selected *selected,
                                       struct lethe_watch *watch, struct lethe_error *err);

#endif
