/* SPDX-License-Identifier: MIT
 * What a session was begun with, without opening it. See source.h. */
#include "session/source.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"
#include "lethe/session.h"

static enum lethe_err copy_text(char **to, const char *text, struct lethe_error *err)
{
    *to = lethe_strdup(text);
    return *to ? LETHE_OK : lethe_fail_memory(err, "a path", strlen(text), 1);
}

/* As head.json has them; *place NULL: it is not known. */
static enum lethe_err read_quickly(char **path, char **place, const char *dir,
                                   struct lethe_error *err)
{
    struct lethe_bytes text = {0};
    struct lethe_json *root = NULL;
    char *file = lethe_path_join(dir, "head.json");
    if (!file)
        return lethe_fail_memory(err, "a path", strlen(dir), 1);
    *path = *place = NULL;
    enum lethe_err code = lethe_file_read(&text, file, SIZE_MAX, err);
    if (!code)
        code = lethe_json_parse(&root, (const char *)text.data, text.size, file, err);
    if (!code) {
        const struct lethe_json *source = lethe_json_get(lethe_json_get(root, "session"), "source");
        const char *found = lethe_json_as_string(lethe_json_get(source, "path"));
        const char *at = lethe_json_as_string(lethe_json_get(source, "place"));
        code = found ? copy_text(path, found, err)
                     : lethe_fail(err, LETHE_EFORMAT, "'%s' does not say what it was begun with",
                                  file);
        if (!code && at)
            code = copy_text(place, at, err);
    }
    lethe_json_free(root);
    lethe_free(text.data);
    lethe_free(file);
    return code;
}

static int is_there(const char *path)
{
    return path && *path && (lethe_file_exists(path) || lethe_folder_exists(path));
}

/* Whether both are one file or folder. */
static int is_same(const char *a, const char *b)
{
    struct stat at, to;
    return !stat(a, &at) && !stat(b, &to) && at.st_dev == to.st_dev && at.st_ino == to.st_ino;
}

/* path as if it had been given where the session's folder is; NULL: it is absolute, or no memory.
 */
static char *beside(const char *path, const char *dir)
{
    char *own = *path == '/' ? NULL : realpath(dir, NULL);
    char *folder = own ? lethe_path_folder(own) : NULL;
    char *made = folder ? lethe_path_join(folder, path) : NULL;
    free(own);
    lethe_free(folder);
    return made;
}

static enum lethe_err find(char **found, const char *path, const char *place, const char *dir,
                           struct lethe_error *err)
{
    char *near = beside(path, dir);
    const char *at = NULL;
    enum lethe_err code = LETHE_OK;
    if (!*path || (is_there(path) && (!place || !is_there(place) || is_same(path, place))))
        at = path;
    else if (is_there(place))
        at = place;
    else if (is_there(near))
        at = near;
    if (at)
        code = copy_text(found, at, err);
    else
        code =
            lethe_fail(err, LETHE_EIO,
                       "what the session in '%s' was begun with is gone: no '%s'%s%s%s; say where "
                       "it is now: 'lethe --session %s PATH'",
                       dir, place ? place : path, near && place ? ", nor '" : "",
                       near && place ? near : "", near && place ? "'" : "", dir);
    lethe_free(near);
    return code;
}

enum lethe_err lethe_session_source_path(char **path, const char *dir, struct lethe_error *err)
{
    struct lethe_session *session;
    char *given = NULL, *place = NULL;
    if (read_quickly(&given, &place, dir, NULL) == LETHE_OK) {
        const enum lethe_err code = find(path, given, place, dir, err);
        lethe_free(given);
        lethe_free(place);
        return code;
    }
    lethe_free(given); /* what is damaged is said by opening it */
    enum lethe_err code = lethe_session_open(&session, dir, err);
    if (code)
        return code;
    const struct lethe_source *source = lethe_session_source(session);
    code = find(path, source->path, source->place, dir, err);
    lethe_session_close(session);
    return code;
}
