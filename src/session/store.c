/* SPDX-License-Identifier: MIT
 * Lock, blobs and head.json on the disk. The lock is a flock on a file of its own: the kernel gives
 * it back however the process ends. */
#include "session/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/hash.h"
#include "session/blob.h"
#include "session/head.h"

/* dir/name as heap text; NULL with err filled. */
static char *path_of(const char *dir, const char *name, struct lethe_error *err)
{
    char *path = lethe_path_join(dir, name);
    if (!path)
        lethe_fail_memory(err, "a path", strlen(dir) + strlen(name), 1);
    return path;
}

int lethe_session_exists(const char *dir)
{
    char *path = lethe_path_join(dir, "head.json");
    int there = path && lethe_file_exists(path);
    lethe_free(path);
    return there;
}

/* ---- lock -------------------------------------------------------------------------------------
 */

static enum lethe_err take_lock(int *lock, const char *dir, const char *path,
                                struct lethe_error *err)
{
    char owner[32] = "";
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0)
        return lethe_fail(err, LETHE_EIO, "cannot lock '%s': %s", path, strerror(errno));
    if (flock(file, LOCK_EX | LOCK_NB)) {
        int busy = errno == EWOULDBLOCK;
        int why = errno;
        ssize_t n = pread(file, owner, sizeof owner - 1, 0);
        owner[n > 0 ? n : 0] = '\0';
        owner[strcspn(owner, "\n")] = '\0';
        close(file);
        if (!busy)
            return lethe_fail(err, LETHE_EIO, "cannot lock '%s': %s", path, strerror(why));
        return lethe_fail(err, LETHE_EIO,
                          "session '%s' is open in another lethe (process %s): close that one or "
                          "choose another session",
                          dir, *owner ? owner : "unknown");
    }
    int n = snprintf(owner, sizeof owner, "%ld\n", (long)getpid());
    /* Who holds it is a courtesy: a full disk must not keep a session from being opened. */
    if (ftruncate(file, 0) == 0) {
        ssize_t wrote = pwrite(file, owner, (size_t)n, 0);
        (void)wrote;
    }
    *lock = file;
    return LETHE_OK;
}

static enum lethe_err make_and_lock(int *lock, const char *dir, struct lethe_error *err)
{
    char *blobs = path_of(dir, "blobs", err), *path = path_of(dir, "lock", err);
    enum lethe_err code = blobs && path ? lethe_folder_make(blobs, err) : LETHE_ENOMEM;
    if (!code)
        code = take_lock(lock, dir, path, err);
    lethe_free(blobs);
    lethe_free(path);
    return code;
}

void lethe_store_unlock(int lock)
{
    if (lock >= 0)
        close(lock);
}

enum lethe_err lethe_store_create(int *lock, const char *dir, struct lethe_error *err)
{
    if (lethe_session_exists(dir))
        return lethe_fail(err, LETHE_EARG,
                          "'%s' holds a session already: open it or choose another", dir);
    return make_and_lock(lock, dir, err);
}

enum lethe_err lethe_store_lock(int *lock, const char *dir, struct lethe_error *err)
{
    if (!lethe_session_exists(dir)) {
        lethe_fail(err, LETHE_EIO, "cannot open session '%s': no head.json there", dir);
        return LETHE_EIO;
    }
    return make_and_lock(lock, dir, err);
}

static int is_empty(const char *dir)
{
    DIR *folder = opendir(dir);
    int empty = 1;
    for (struct dirent *e; folder && empty && (e = readdir(folder));)
        empty = !strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") || !strcmp(e->d_name, "lock") ||
                !strcmp(e->d_name, "blobs");
    if (folder)
        closedir(folder);
    return empty;
}

enum lethe_err lethe_store_prepare(int *lock, const char *dir, struct lethe_error *err)
{
    if (lethe_file_exists(dir) || (!lethe_session_exists(dir) && !is_empty(dir)))
        return lethe_fail(err, LETHE_EARG,
                          "'%s' holds something else than a session: choose a new folder", dir);
    return make_and_lock(lock, dir, err);
}

/* ---- writing ----------------------------------------------------------------------------------
 */

static enum lethe_err write_blob(const struct lethe_state *state, const char *blobs, int afresh,
                                 struct lethe_error *err)
{
    struct lethe_pack pack = {0};
    enum lethe_err code = LETHE_OK;
    char *path = path_of(blobs, state->blob, err);
    if (!path)
        return LETHE_ENOMEM;
    if (afresh || !lethe_file_exists(path)) {
        lethe_blob_encode(&pack, state);
        code = pack.failed ? lethe_fail_memory(err, "a state's weights", state->changed, 16)
                           : lethe_file_write(path, pack.at, pack.count, err);
        lethe_pack_release(&pack);
    }
    lethe_free(path);
    return code;
}

enum lethe_err lethe_store_write(const struct lethe_session *session, const char *dir, int afresh,
                                 struct lethe_error *err)
{
    enum lethe_err code = LETHE_ENOMEM;
    char *blobs = path_of(dir, "blobs", err), *path = path_of(dir, "head.json", err);
    char *text = lethe_head_encode(session);
    if (!blobs || !path)
        goto out;
    if (!text) {
        lethe_fail_memory(err, "head.json", session->history.count, 1024);
        goto out;
    }
    code = LETHE_OK;
    for (size_t i = 0; !code && i < session->history.count; i++)
        code = write_blob(session->history.states[i], blobs, afresh, err);
    if (!code)
        code = lethe_file_write(path, text, strlen(text), err);
out:
    lethe_free(blobs);
    lethe_free(path);
    lethe_free(text);
    return code;
}

/* ---- reading ----------------------------------------------------------------------------------
 */

static enum lethe_err load_blob(struct lethe_state *state, const char *hash, const void *blobs,
                                struct lethe_error *err)
{
    struct lethe_bytes bytes = {0};
    char found[LETHE_HASH_TEXT];
    char *path = path_of(blobs, hash, err);
    if (!path)
        return LETHE_ENOMEM;
    enum lethe_err code = lethe_file_read(&bytes, path, SIZE_MAX, err);
    if (!code) {
        lethe_hash_of(found, bytes.data, bytes.size);
        if (strcmp(found, hash) != 0)
            code = lethe_fail(err, LETHE_EFORMAT,
                              "'%s' is damaged: its content does not meet its name; nothing was "
                              "changed, restore it from a copy",
                              path);
        else
            code = lethe_blob_decode(state, bytes.data, bytes.size, path, err);
    }
    if (code)
        lethe_error_at(err, "%s", path);
    lethe_free(bytes.data);
    lethe_free(path);
    return code;
}

enum lethe_err lethe_store_read(struct lethe_session *session, const char *dir,
                                struct lethe_error *err)
{
    struct lethe_bytes text = {0};
    enum lethe_err code = LETHE_ENOMEM;
    char *blobs = path_of(dir, "blobs", err), *path = path_of(dir, "head.json", err);
    if (blobs && path && !(code = lethe_file_read(&text, path, SIZE_MAX, err))) {
        struct lethe_blobs loader = {load_blob, blobs};
        code = lethe_head_decode(session, (const char *)text.data, text.size, path, &loader, err);
    }
    lethe_free(text.data);
    lethe_free(blobs);
    lethe_free(path);
    return code;
}

/* ---- sweeping ---------------------------------------------------------------------------------
 */

static int is_wanted(const struct lethe_session *session, const char *name)
{
    for (size_t i = 0; i < session->history.count; i++)
        if (!strcmp(session->history.states[i]->blob, name))
            return 1;
    return 0;
}

/* Temporary files are those lethe_file_write makes: NAME.PROCESS.tmp. */
static int is_temporary(const char *name)
{
    size_t n = strlen(name);
    return n > 4 && !strcmp(name + n - 4, ".tmp");
}

static int is_blob(const char *name)
{
    return strlen(name) == LETHE_HASH_HEX - 1 &&
           strspn(name, "0123456789abcdef") == LETHE_HASH_HEX - 1;
}

static void sweep_folder(const struct lethe_session *session, const char *path)
{
    DIR *folder = opendir(path);
    for (struct dirent *e; folder && (e = readdir(folder));) {
        int stale = is_blob(e->d_name) && !is_wanted(session, e->d_name);
        if (!stale && !is_temporary(e->d_name))
            continue;
        char *file = lethe_path_join(path, e->d_name);
        if (file)
            lethe_file_remove(file, NULL);
        lethe_free(file);
    }
    if (folder)
        closedir(folder);
}

void lethe_store_sweep(const struct lethe_session *session, const char *dir)
{
    char *blobs = lethe_path_join(dir, "blobs");
    if (blobs)
        sweep_folder(session, blobs);
    sweep_folder(session, dir);
    lethe_free(blobs);
}
