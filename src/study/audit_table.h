/* SPDX-License-Identifier: MIT
 * The table of an audit, filled from what was measured of every model. */
#ifndef LETHE_STUDY_AUDIT_TABLE_H
#define LETHE_STUDY_AUDIT_TABLE_H

#include "study/audit.h"
#include "study/audit_measure.h"

/* rows, verdict, floor and what else of the audit follows from records; n is set before. */
enum lethe_err lethe_audit_fill(struct lethe_audit *audit,
                                const struct lethe_audit_records *records, uint64_t seed,
                                struct lethe_watch *watch, struct lethe_error *err);

#endif
