/* SPDX-License-Identifier: MIT
 * Parts of a report: its sentences, which Markdown, HTML and JSON have in common, and its tables.
 */
#ifndef LETHE_SESSION_REPORT_PARTS_H
#define LETHE_SESSION_REPORT_PARTS_H

#include "base/json.h"
#include "base/text.h"
#include "lethe/report.h"
#include "lethe/session.h"
#include "session/page.h"

/* States from the root to the head, in the order of the session. */
int lethe_report_is_on_the_way(const struct lethe_session *session,
                               const struct lethe_state *state);
/* "3, 9, 12-40", at most `most` ranges and then how many more samples there are. */
void lethe_report_ids(struct lethe_text *out, const size_t *ids, size_t count, size_t most);
/* What a commit says of itself; where samples are hashed, without the numbers of those that are
 * forgotten (count). */
void lethe_report_message(struct lethe_text *out, const struct lethe_state *state,
                          const struct lethe_report_options *options, const size_t *ids,
                          size_t count);
/* The hashes that stand for samples, sorted: *hashes is new (lethe_free), (count) texts of
 * LETHE_HASH_HEX bytes. */
enum lethe_err lethe_report_hashes(char (**hashes)[LETHE_HASH_HEX], const unsigned char *salt,
                                   const size_t *ids, size_t count, struct lethe_error *err);
/* "2026-11-30 11:34 UTC" */
void lethe_report_time(struct lethe_text *out, int64_t seconds);
/* The figures a commit was given, parsed (lethe_json_free); NULL: none. */
struct lethe_json *lethe_report_metrics(const struct lethe_state *state);

/* Paragraphs, a line each: who asked, what was done, whether it is like never having seen the
 * samples, what still holds them. */
void lethe_report_story(struct lethe_text *out, const struct lethe_session *session,
                        const struct lethe_report_options *options, const size_t *ids,
                        size_t count);
/* Paragraphs: how the removals work, formulas among them (lines that begin with two blanks). */
void lethe_report_method(struct lethe_text *out, const struct lethe_session *session);

/* Figures before, now and retrained, by the names people know; in a full report what else is known
 * of the step. Nothing when the state has no figures. */
void lethe_report_tables(struct lethe_page *page, const struct lethe_state *state,
                         const struct lethe_report_options *options);

#endif
