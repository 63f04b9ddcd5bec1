/* SPDX-License-Identifier: MIT
 * What was forgotten, how, and what it was worth: the way from the root to the head as a document
 * that stands alone. Nothing of the machine is in it but the path of the source. */
#ifndef LETHE_REPORT_H
#define LETHE_REPORT_H

#include "lethe/session.h"

enum lethe_report_format { LETHE_REPORT_MARKDOWN, LETHE_REPORT_HTML, LETHE_REPORT_JSON };

/* By the ending of a path: .md, .html or .htm, .json. LETHE_EARG otherwise. */
enum lethe_err lethe_report_format_of(enum lethe_report_format *format, const char *path,
                                      struct lethe_error *err);
/* *text is new (lethe_free). */
enum lethe_err lethe_report_text(char **text, const struct lethe_session *session,
                                 enum lethe_report_format format, struct lethe_error *err);
/* The same into a file, atomically. */
enum lethe_err lethe_report_write(const struct lethe_session *session, const char *path,
                                  struct lethe_error *err);

#endif
