/* SPDX-License-Identifier: MIT
 * What was forgotten, how, and what it was worth: the way from the root to the head as a document
 * that stands alone. Nothing of the machine is in it but the path of the source. */
#ifndef LETHE_REPORT_H
#define LETHE_REPORT_H

#include "lethe/session.h"

enum lethe_report_format { LETHE_REPORT_MARKDOWN, LETHE_REPORT_HTML, LETHE_REPORT_JSON };

/* deletion: what is filed with a request: the story, the figures, how to do it again. lecture: the
 * story, the figures, pictures and the method with its formulas. full: all of it, with settings and
 * what else is known of each step. */
enum lethe_report_what { LETHE_REPORT_FULL, LETHE_REPORT_DELETION, LETHE_REPORT_LECTURE };

struct lethe_report_picture {
    const char *svg, *caption; /* an <svg> element and what it shows */
};

enum { LETHE_REPORT_SALT = 32 };

struct lethe_report_options {
    enum lethe_report_what what;
    const struct lethe_report_picture *pictures; /* (picture_count) */
    size_t picture_count;
    const char
        *not_drawn; /* a sentence: what the pictures do not show, why and how; NULL: nothing */
    /* (LETHE_REPORT_SALT) random bytes: samples are named by the SHA-256 of the salt and their
     * number (8 bytes, the lowest first), sorted; the script and figures that name samples are left
     * out. NULL: by their numbers. */
    const unsigned char *salt;
    int generated; /* which samples a generator changed is written beside the session: a seal
                    * leaves it there */
};

/* Fresh random bytes, and the same as hexadecimal text. LETHE_EIO when the system has none. */
enum lethe_err lethe_report_make_salt(unsigned char salt[LETHE_REPORT_SALT],
                                      char text[2 * LETHE_REPORT_SALT + 1],
                                      struct lethe_error *err);

/* By the ending of a path: .md, .html or .htm, .json. LETHE_EARG otherwise. */
enum lethe_err lethe_report_format_of(enum lethe_report_format *format, const char *path,
                                      struct lethe_error *err);
/* *text is new (lethe_free). options NULL: full, without pictures. Markdown and JSON hold the
 * captions of pictures alone. */
enum lethe_err lethe_report_text(char **text, const struct lethe_session *session,
                                 enum lethe_report_format format,
                                 const struct lethe_report_options *options,
                                 struct lethe_error *err);
/* The same into a file, atomically. */
enum lethe_err lethe_report_write(const struct lethe_session *session, const char *path,
                                  const struct lethe_report_options *options,
                                  struct lethe_error *err);

#endif
