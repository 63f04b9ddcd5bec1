/* SPDX-License-Identifier: MIT
 * Where lessons are found, and how far each was taken. See lesson_files.h. */
#include "workbench/lesson_files.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int is_lesson(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && strcmp(dot, ".lesson") == 0 && name[0] >= '0' && name[0] <= '9';
}

enum lethe_err lethe_lesson_files(char ***paths, size_t *count, const char *root,
                                  struct lethe_error *err)
{
    char *folder = lethe_path_join(root ? root : ".", "sessions/lessons");
    DIR *list = folder ? opendir(folder) : NULL;
    char **made = lethe_alloc_zero(LETHE_LESSONS_MOST, sizeof *made);
    size_t n = 0;
    for (struct dirent *e; made && list && n < LETHE_LESSONS_MOST && (e = readdir(list));)
        if (is_lesson(e->d_name) && (made[n] = lethe_path_join(folder, e->d_name)))
            n++;
    if (list)
        closedir(list);
    if (!made || !n) {
        lethe_free(made);
        enum lethe_err code = lethe_fail(
            err, LETHE_EIO, "there are no lessons in '%s'; 'lesson FILE' takes one of your own",
            folder ? folder : "sessions/lessons");
        lethe_free(folder);
        return code;
    }
    lethe_free(folder);
    qsort(made, n, sizeof *made, by_name);
    *paths = made;
    *count = n;
    return LETHE_OK;
}

void lethe_lesson_files_free(char **paths, size_t count)
{
    for (size_t k = 0; k < count; k++)
        lethe_free(paths[k]);
    lethe_free(paths);
}

/* ---- progress -------------------------------------------------------------------------------- */

struct lethe_lesson_progress lethe_progress_get(const char *file, const char *name)
{
    struct lethe_lesson_progress progress = {0};
    struct lethe_json *root = NULL;
    if (!file || !lethe_file_exists(file) || lethe_json_load(&root, file, NULL))
        return progress;
    const struct lethe_json *own = lethe_json_get(root, name);
    double step = 0;
    if (lethe_json_as_number(lethe_json_get(own, "step"), &step) && step >= 0 && step < 1000)
        progress.step = (size_t)step;
    lethe_json_as_bool(lethe_json_get(own, "done"), &progress.done);
    lethe_json_free(root);
    return progress;
}

enum lethe_err lethe_progress_put(const char *file, const char *name,
                                  const struct lethe_lesson_progress *progress,
                                  struct lethe_error *err)
{
    struct lethe_json *old = NULL, *root;
    if (!file)
        return LETHE_OK;
    root = lethe_json_object();
    char *folder = lethe_path_folder(file);
    if (lethe_file_exists(file))
        lethe_json_load(&old, file, NULL);
    for (const struct lethe_json *item = lethe_json_first(old); item; item = lethe_json_next(item))
        if (strcmp(lethe_json_key(item), name) != 0)
            lethe_json_add_copy(root, lethe_json_key(item), item);
    struct lethe_json *own = lethe_json_add_object(root, name);
    lethe_json_add_number(own, "step", (double)progress->step);
    lethe_json_add_bool(own, "done", progress->done);
    char *text = lethe_json_text(root, 1);
    enum lethe_err code =
        folder && text ? lethe_folder_make(folder, err) : lethe_fail_memory(err, file, 1, 1);
    if (!code)
        code = lethe_file_write(file, text, strlen(text), err);
    lethe_free(folder);
    lethe_free(text);
    lethe_json_free(old);
    lethe_json_free(root);
    return code;
}
