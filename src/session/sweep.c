/* SPDX-License-Identifier: MIT
 * Files in a session's directory that the session does not name: found, removed, counted. See
 * sweep.h. The names of a session's files are in lethe/session.h; besides, blobs/ may hold the
 * model it begins with (HASH.onnx, sealed.onnx), and retrains/ models that were trained again. */
#include "session/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "session/journal.h"

static const char *const folders[] = {"", "blobs", "retrains"};
enum { TOP, BLOBS, RETRAINS, FOLDERS };

/* ---- names ----------------------------------------------------------------------------------- */

static int ends_in(const char *name, const char *ending)
{
    size_t n = strlen(name), e = strlen(ending);
    return n > e && !strcmp(name + n - e, ending);
}

static int is_hash(const char *name)
{
    return strlen(name) == LETHE_HASH_HEX - 1 &&
           strspn(name, "0123456789abcdef") == LETHE_HASH_HEX - 1;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int begins(const char *name, const char *beginning)
{
    return !strncmp(name, beginning, strlen(beginning));
}

/* The folder may be a person's own, with other things in it: only names that lethe makes. */
static int is_temporary(int folder, const char *name)
{
    return ends_in(name, ".tmp") &&
           (folder != TOP || begins(name, ".lethe-") || begins(name, "head.json."));
}

/* After a seal the session names no model: it begins with what it holds. */
static int is_own_model(const struct lethe_session *session, const char *name)
{
    const char *hash = session->source.model_hash;
    size_t n = strlen(*hash ? hash : "sealed");
    return !strncmp(name, *hash ? hash : "sealed", n) && !strcmp(name + n, ".onnx");
}

struct search {
    const struct lethe_session *session;
    const char *base;
    int64_t past;
    const char **blobs; /* (history.count) of its states, in order; borrowed names */
};

static enum lethe_err list_blobs(struct search *search, struct lethe_error *err)
{
    const struct lethe_history *history = &search->session->history;
    search->blobs = lethe_alloc(history->count, sizeof *search->blobs);
    if (!search->blobs)
        return lethe_fail_memory(err, "file names", history->count, sizeof *search->blobs);
    for (size_t i = 0; i < history->count; i++)
        search->blobs[i] = history->states[i]->blob;
    qsort(search->blobs, history->count, sizeof *search->blobs, by_name);
    return LETHE_OK;
}

static int has_blob(const struct search *search, const char *name)
{
    return bsearch(&name, search->blobs, search->session->history.count, sizeof *search->blobs,
                   by_name) != NULL;
}

static int is_older(const char *folder, const char *name, int64_t past)
{
    struct stat status;
    char *path = lethe_path_join(folder, name);
    int older = path && !lstat(path, &status) && S_ISREG(status.st_mode) && status.st_mtime < past;
    lethe_free(path);
    return older;
}

static int is_stray(const struct search *search, int folder, const char *path, const char *name)
{
    const int past = search->past != LETHE_NO_PAST;
    char journal[LETHE_JOURNAL_NAME];
    if (is_temporary(folder, name))
        return 1;
    if (folder == TOP) {
        lethe_journal_name(journal, search->base);
        return begins(name, LETHE_JOURNAL_PREFIX) && strcmp(name, journal) != 0;
    }
    if (folder == BLOBS)
        return (is_hash(name) && !has_blob(search, name)) ||
               (past && ends_in(name, ".onnx") && !is_own_model(search->session, name));
    return past && is_older(path, name, search->past);
}

/* ---- finding --------------------------------------------------------------------------------- */

static enum lethe_err add(struct lethe_strays *strays, const char *folder, const char *name,
                          struct lethe_error *err)
{
    if (strays->count == strays->room) {
        size_t room = strays->room ? 2 * strays->room : 16;
        char **more = lethe_realloc(strays->paths, room, sizeof *more);
        if (!more)
            return lethe_fail_memory(err, "file names", room, sizeof *more);
        strays->paths = more;
        strays->room = room;
    }
    char *path = lethe_path_join(folder, name);
    if (!path)
        return lethe_fail_memory(err, "a path", strlen(folder), 1);
    strays->paths[strays->count++] = path;
    return LETHE_OK;
}

/* A folder that is not there has no strays; one that cannot be read may have. */
static enum lethe_err look(struct lethe_strays *strays, const struct search *search, int folder,
                           const char *path, struct lethe_error *err)
{
    DIR *list = opendir(path);
    enum lethe_err code = LETHE_OK;
    if (!list)
        return errno == ENOENT ? LETHE_OK
                               : lethe_fail(err, LETHE_EIO, "cannot read folder '%s': %s", path,
                                            strerror(errno));
    errno = 0;
    for (struct dirent *e; !code && (e = readdir(list)); errno = 0)
        if (is_stray(search, folder, path, e->d_name))
            code = add(strays, path, e->d_name, err);
    if (!code && errno)
        code = lethe_fail(err, LETHE_EIO, "cannot read folder '%s': %s", path, strerror(errno));
    closedir(list);
    return code;
}

enum lethe_err lethe_strays_find(struct lethe_strays *strays, const struct lethe_session *session,
                                 const char *dir, const char *base, int64_t past,
                                 struct lethe_error *err)
{
    struct search search = {session, base, past, NULL};
    *strays = (struct lethe_strays){0};
    enum lethe_err code = list_blobs(&search, err);
    for (int folder = 0; !code && folder < FOLDERS; folder++) {
        char *path = lethe_path_join(dir, folders[folder]);
        code = path ? look(strays, &search, folder, path, err)
                    : lethe_fail_memory(err, "a path", strlen(dir), 1);
        lethe_free(path);
    }
    lethe_free(search.blobs);
    if (code)
        lethe_strays_release(strays);
    return code;
}

void lethe_strays_release(struct lethe_strays *strays)
{
    for (size_t i = 0; i < strays->count; i++)
        lethe_free(strays->paths[i]);
    lethe_free(strays->paths);
    *strays = (struct lethe_strays){0};
}

/* ---- removing -------------------------------------------------------------------------------- */

enum lethe_err lethe_strays_remove(const struct lethe_strays *strays, struct lethe_error *err)
{
    enum lethe_err first = LETHE_OK;
    for (size_t i = 0; i < strays->count; i++) {
        enum lethe_err code = lethe_file_remove(strays->paths[i], first ? NULL : err);
        first = first ? first : code;
    }
    return first;
}

void lethe_sweep(const struct lethe_session *session, const char *dir, const char *base)
{
    struct lethe_strays strays;
    if (!lethe_strays_find(&strays, session, dir, base, LETHE_NO_PAST, NULL))
        lethe_strays_remove(&strays, NULL);
    lethe_strays_release(&strays);
}

/* ---- rights ---------------------------------------------------------------------------------- */

static int is_own(int folder, const char *name)
{
    static const char *const names[] = {"lock", "head.json", "blobs", "retrains"};
    if (folder != TOP || begins(name, LETHE_JOURNAL_PREFIX) || is_temporary(folder, name))
        return 1;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i]))
            return 1;
    return 0;
}

/* 1 when there was nothing in the folder but lethe's own. */
static int tighten(int folder, const char *path)
{
    DIR *list = opendir(path);
    int alone = list != NULL;
    for (struct dirent *e; list && (e = readdir(list));) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        const int own = is_own(folder, e->d_name);
        char *file = own ? lethe_path_join(path, e->d_name) : NULL;
        alone &= own;
        if (file)
            lethe_file_make_private(file);
        lethe_free(file);
    }
    if (list)
        closedir(list);
    return alone;
}

void lethe_sweep_rights(const char *dir)
{
    struct stat status;
    if (stat(dir, &status) || !(status.st_mode & 077))
        return;
    for (int folder = FOLDERS; folder-- > 0;) {
        char *path = lethe_path_join(dir, folders[folder]);
        if (path && tighten(folder, path))
            lethe_file_make_private(folder == TOP ? dir : path);
        lethe_free(path);
    }
}
