/* SPDX-License-Identifier: MIT
 * Where lessons are found, and how far each was taken. */
#ifndef LETHE_WORKBENCH_LESSON_FILES_H
#define LETHE_WORKBENCH_LESSON_FILES_H

#include <stddef.h>
#include "lethe/error.h"

enum { LETHE_LESSONS_MOST = 64 };

/* Files ROOT/sessions/lessons/NN-*.lesson in order; *paths (count) and each of them lethe_free'd by
 * lethe_lesson_files_free. LETHE_EIO when there are none. */
enum lethe_err lethe_lesson_files(char ***paths, size_t *count, const char *root,
                                  struct lethe_error *err);
void lethe_lesson_files_free(char **paths, size_t count);

struct lethe_lesson_progress {
    size_t step; /* reached, from 1; 0: never begun */
    int done;
};
/* file: kept progress, a JSON object; NULL or missing: none. name: the lesson's. */
struct lethe_lesson_progress lethe_progress_get(const char *file, const char *name);
/* Keeps it beside that of other lessons; file NULL: nothing is kept. A lesson goes on without a
 * place for its progress, but says so. LETHE_EIO, LETHE_ENOMEM. */
enum lethe_err lethe_progress_put(const char *file, const char *name,
                                  const struct lethe_lesson_progress *progress,
                                  struct lethe_error *err);

#endif
