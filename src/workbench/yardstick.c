/* SPDX-License-Identifier: MIT
 * The model that was retrained beside the last commit: it stays with that commit for the
 * pictures of a report, in memory and, where the session is kept, in a file of its folder, so
 * that a report made after the session is opened again has it, too. See yardstick.h. */
#include "workbench/yardstick.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "study/weights_cache.h"
#include "workbench/workbench.h"

static const char name[] = "beside-head"; /* in the folder of models that were trained again */

/* Heap memory; NULL where the session is kept nowhere. */
static char *folder_of(const char *dir)
{
    return dir ? lethe_path_join(dir, "retrains") : NULL;
}

/* The weights of the head in 64 bits, never a word of what was forgotten. */
static uint64_t mark_of(const struct lethe_workbench *wb)
{
    char digits[17];
    snprintf(digits, sizeof digits, "%.16s",
             lethe_state_weights_hash(lethe_session_head(wb->session)));
    return strtoull(digits, NULL, 16);
}

static size_t size_of(const struct lethe_workbench *wb)
{
    return lethe_state_size(lethe_session_head(wb->session));
}

static int is_of_head(const struct lethe_workbench *wb)
{
    return wb->yardstick &&
           !strcmp(wb->yardstick_of, lethe_state_id(lethe_session_head(wb->session)));
}

static void remove_file(const struct lethe_workbench *wb)
{
    char *folder = folder_of(lethe_session_own_dir(wb->session));
    char *path = folder ? lethe_path_join(folder, name) : NULL;
    if (path && lethe_file_exists(path))
        (void)lethe_file_remove(path, NULL); /* of other weights, it would not be taken anyway */
    lethe_free(path);
    lethe_free(folder);
}

/* Where it cannot be written, the report says that it is not there. */
static void write_file(const struct lethe_workbench *wb, const char *dir, double *w)
{
    const struct lethe_kept kept = {.w = w, .size = size_of(wb), .seed = mark_of(wb)};
    char *folder = folder_of(dir);
    if (folder)
        (void)lethe_weights_cache_write(&kept, folder, name, NULL);
    lethe_free(folder);
}

void lethe_yardstick_keep(struct lethe_workbench *wb, struct lethe_retrained *retrained)
{
    lethe_retrained_unref(wb->yardstick);
    wb->yardstick = retrained;
    snprintf(wb->yardstick_of, sizeof wb->yardstick_of, "%s",
             lethe_state_id(lethe_session_head(wb->session)));
    if (retrained)
        write_file(wb, lethe_session_own_dir(wb->session), retrained->w);
    else
        remove_file(wb);
}

enum lethe_err lethe_yardstick_weights(double **w, const struct lethe_workbench *wb,
                                       struct lethe_error *err)
{
    const size_t size = size_of(wb);
    struct lethe_kept kept = {
        .w = lethe_alloc(size, sizeof(double)), .size = size, .seed = mark_of(wb)};
    int known = 0;
    *w = NULL;
    if (!kept.w)
        return lethe_fail_memory(err, "weights", size, sizeof(double));
    char *folder = folder_of(lethe_session_dir(wb->session));
    if (is_of_head(wb)) {
        memcpy(kept.w, wb->yardstick->w, size * sizeof *kept.w);
        known = 1;
    } else if (folder) {
        known = lethe_weights_cache_read(&kept, folder, name);
    }
    lethe_free(folder);
    if (known)
        *w = kept.w;
    else
        lethe_free(kept.w);
    return LETHE_OK;
}

void lethe_yardstick_copy(const struct lethe_workbench *wb, const char *dir)
{
    double *w = NULL;
    if (!lethe_yardstick_weights(&w, wb, NULL) && w)
        write_file(wb, dir, w);
    lethe_free(w);
}

void lethe_yardstick_remove(struct lethe_workbench *wb)
{
    lethe_retrained_unref(wb->yardstick);
    wb->yardstick = NULL;
    remove_file(wb);
}
