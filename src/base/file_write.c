/* SPDX-License-Identifier: MIT
 * Files out. A regular file is replaced by one rename; whatever else has the name (a device, a
 * pipe, the standard output itself) is written to. The fault counter is a global of the tests. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

enum { LINKS = 40, PRIVATE_FILE = 0600, PRIVATE_FOLDER = 0700, AT_ONCE = 1 << 20 };

static long steps_left = -1, steps_taken;
static int fault_kills;

long lethe_file_fault(long steps, int kills)
{
    long taken = steps_taken;
    steps_taken = 0;
    steps_left = steps;
    fault_kills = kills;
    return taken;
}

/* 1 when the armed fault strikes now (errno set). */
static int fault(void)
{
    steps_taken++;
    if (steps_left < 0 || steps_left-- > 0)
        return 0;
    if (fault_kills)
        raise(SIGKILL);
    steps_left = 0; /* the disk stays full */
    errno = ENOSPC;
    return 1;
}

static enum lethe_err fail(struct lethe_error *err, const char *verb, const char *path)
{
    return lethe_fail(err, LETHE_EIO, "cannot %s '%s': %s", verb, path, strerror(errno));
}

/* ---- descriptors ----------------------------------------------------------------------------- */

static enum lethe_err write_all(int file, const char *shown, const void *data, size_t size,
                                struct lethe_error *err)
{
    const unsigned char *at = data;
    while (size) {
        ssize_t wrote = fault() ? -1 : write(file, at, size < AT_ONCE ? size : AT_ONCE);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return fail(err, "write", shown);
        at += wrote;
        size -= (size_t)wrote;
    }
    return LETHE_OK;
}

/* Pipes and some file systems' folders have nothing to sync, and say so. */
static int sync_failed(int file)
{
    return fault() || (fsync(file) && errno != EINVAL && errno != EROFS && errno != ENOTSUP);
}

/* Written, synced and closed, whatever happens. */
static enum lethe_err fill(int file, const char *shown, const void *data, size_t size,
                           struct lethe_error *err)
{
    enum lethe_err code = write_all(file, shown, data, size, err);
    if (!code && sync_failed(file))
        code = fail(err, "sync", shown);
    if (close(file) && !code)
        code = fail(err, "close", shown);
    return code;
}

/* A descriptor of a file for its owner alone; -1 with errno. The umask may take rights away that
 * the owner needs, so the mode is set. */
static int open_private(const char *path, int flags)
{
    int file = fault() ? -1 : open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, PRIVATE_FILE);
    if (file >= 0)
        (void)!fchmod(file, PRIVATE_FILE);
    return file;
}

enum lethe_err lethe_file_write_plain(const char *path, const void *data, size_t size,
                                      struct lethe_error *err)
{
    int file = open_private(path, O_TRUNC);
    return file < 0 ? fail(err, "create", path) : fill(file, path, data, size, err);
}

enum lethe_err lethe_file_append(int file, const char *path, const void *data, size_t size,
                                 size_t *end, int sync, struct lethe_error *err)
{
    enum lethe_err code = write_all(file, path, data, size, err);
    if (!code && sync && sync_failed(file))
        code = fail(err, "sync", path);
    if (!code)
        *end += size;
    else if (ftruncate(file, (off_t)*end) == 0)
        (void)!fsync(file);
    return code;
}

/* ---- folders --------------------------------------------------------------------------------- */

static int folder_sync_failed(const char *path)
{
    int file = fault() ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0)
        return 1;
    int bad = sync_failed(file), why = errno;
    close(file);
    errno = why;
    return bad;
}

enum lethe_err lethe_folder_sync(const char *path, struct lethe_error *err)
{
    return folder_sync_failed(path) ? fail(err, "sync", path) : LETHE_OK;
}

/* One folder, and its name in the folder above it. */
static enum lethe_err make_one(const char *path, struct lethe_error *err)
{
    if (fault() || mkdir(path, PRIVATE_FOLDER))
        return errno == EEXIST ? LETHE_OK : fail(err, "create folder", path);
    (void)!chmod(path, PRIVATE_FOLDER); /* the umask may have taken the owner's rights */
    char *above = lethe_path_folder(path);
    enum lethe_err code =
        above ? lethe_folder_sync(above, err) : lethe_fail_memory(err, path, 1, 1);
    lethe_free(above);
    return code;
}

enum lethe_err lethe_folder_make(const char *path, struct lethe_error *err)
{
    char *part = lethe_strdup(path);
    if (!part)
        return lethe_fail_memory(err, path, strlen(path), 1);
    enum lethe_err code = LETHE_OK;
    for (char *c = part + 1; !code; c++) {
        if (*c != '/' && *c)
            continue;
        char kept = *c;
        *c = '\0';
        if (!lethe_folder_exists(part))
            code = make_one(part, err);
        *c = kept;
        if (!kept)
            break;
    }
    if (!code && !lethe_folder_exists(path))
        code = lethe_fail(err, LETHE_EIO, "cannot create folder '%s': a file has that name", path);
    lethe_free(part);
    return code;
}

void lethe_file_make_private(const char *path)
{
    struct stat status;
    if (lstat(path, &status) || status.st_uid != geteuid())
        return;
    const mode_t mode = S_ISDIR(status.st_mode)   ? PRIVATE_FOLDER
                        : S_ISREG(status.st_mode) ? PRIVATE_FILE
                                                  : 0;
    if (mode && (status.st_mode & 07777) != mode)
        (void)!chmod(path, mode);
}

/* ---- replacing ------------------------------------------------------------------------------- */

enum lethe_err lethe_file_remove(const char *path, struct lethe_error *err)
{
    return fault() || (unlink(path) && errno != ENOENT) ? fail(err, "remove", path) : LETHE_OK;
}

enum lethe_err lethe_file_move(const char *from, const char *to, struct lethe_error *err)
{
    return fault() || rename(from, to) ? fail(err, "write", to) : LETHE_OK;
}

enum lethe_err lethe_folder_remove(const char *path, struct lethe_error *err)
{
    return fault() || rmdir(path) ? fail(err, "remove", path) : LETHE_OK;
}

/* One file on its way to its name. `shown` is what a person called it. */
struct replacing {
    const char *path, *shown;
    char *folder, *temporary;
    int renamed, unsynced; /* unsynced: the folder is left to the caller */
};

static void release(struct replacing *r)
{
    lethe_free(r->folder);
    lethe_free(r->temporary);
}

/* The temporary name is short, so that any name that can be written can be replaced. */
static enum lethe_err prepare(struct replacing *r, struct lethe_error *err)
{
    static atomic_uint number;
    char name[64];
    snprintf(name, sizeof name, ".lethe-%ld-%u.tmp", (long)getpid(), atomic_fetch_add(&number, 1));
    r->folder = lethe_path_folder(r->path);
    r->temporary = r->folder ? lethe_path_join(r->folder, name) : NULL;
    return r->temporary ? LETHE_OK : lethe_fail_memory(err, r->shown, strlen(r->path), 1);
}

/* `file` is the open temporary file. */
static enum lethe_err carry(struct replacing *r, int file, const void *data, size_t size,
                            struct lethe_error *err)
{
    enum lethe_err code = fill(file, r->shown, data, size, err);
    if (!code && (fault() || rename(r->temporary, r->path)))
        code = fail(err, "write", r->shown);
    r->renamed = !code;
    if (code)
        unlink(r->temporary);
    else if (!r->unsynced && folder_sync_failed(r->folder))
        code = lethe_fail(err, LETHE_EIO, "'%s' is in place, but the disk did not confirm it: %s",
                          r->shown, strerror(errno));
    return code;
}

static enum lethe_err replace_private(struct replacing *r, const void *data, size_t size,
                                      struct lethe_error *err)
{
    int file = -1;
    enum lethe_err code = prepare(r, err);
    if (!code && (file = open_private(r->temporary, O_EXCL)) < 0)
        code = fail(err, "create", r->path);
    if (!code)
        code = carry(r, file, data, size, err);
    release(r);
    return code;
}

enum lethe_err lethe_file_keep(const char *path, const void *data, size_t size, int *renamed,
                               struct lethe_error *err)
{
    struct replacing r = {.path = path, .shown = path};
    enum lethe_err code = replace_private(&r, data, size, err);
    if (renamed)
        *renamed = r.renamed;
    return code;
}

enum lethe_err lethe_file_place(const char *path, const void *data, size_t size,
                                struct lethe_error *err)
{
    struct replacing r = {.path = path, .shown = path, .unsynced = 1};
    return replace_private(&r, data, size, err);
}

enum lethe_err lethe_file_create(const char *path, const void *data, size_t size,
                                 struct lethe_error *err)
{
    char *folder = lethe_path_folder(path);
    if (!folder)
        return lethe_fail_memory(err, path, strlen(path), 1);
    int file = open_private(path, O_EXCL);
    enum lethe_err code = file < 0 ? fail(err, "create", path) : fill(file, path, data, size, err);
    if (!code && folder_sync_failed(folder))
        code = fail(err, "sync", path);
    if (code && file >= 0)
        unlink(path);
    lethe_free(folder);
    return code;
}

/* ---- what a person asked for ----------------------------------------------------------------- */

/* Where a chain of symbolic links ends, which need not exist; NULL with err filled. */
static char *follow(const char *path, struct lethe_error *err)
{
    char *at = lethe_strdup(path), next[4096];
    for (int i = 0; at && i < LINKS; i++) {
        ssize_t n = readlink(at, next, sizeof next - 1);
        if (n < 0)
            return at;
        next[n] = '\0';
        char *folder = lethe_path_folder(at);
        char *joined = folder ? lethe_path_join(folder, next) : NULL;
        lethe_free(folder);
        lethe_free(at);
        at = joined;
    }
    if (at)
        lethe_fail(err, LETHE_EIO, "cannot write '%s': its links lead in a circle", path);
    else
        lethe_fail_memory(err, path, strlen(path), 1);
    lethe_free(at);
    return NULL;
}

/* The standard stream that is this very file, 0 when none is. */
static int standard_stream(const struct stat *status)
{
    struct stat own;
    for (int stream = STDOUT_FILENO; stream <= STDERR_FILENO; stream++)
        if (!fstat(stream, &own) && own.st_dev == status->st_dev && own.st_ino == status->st_ino)
            return stream;
    return 0;
}

/* Into what is there and is no regular file, or is where the program's own output goes. */
static enum lethe_err write_into(const char *path, int stream, const void *data, size_t size,
                                 struct lethe_error *err)
{
    if (stream == STDOUT_FILENO)
        fflush(NULL); /* what the program has said so far comes first */
    int file = fault()  ? -1
               : stream ? fcntl(stream, F_DUPFD_CLOEXEC, 3)
                        : open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file < 0 && errno == ENXIO)
        return lethe_fail(err, LETHE_EIO, "cannot write '%s': nobody reads at its other end", path);
    if (file < 0)
        return fail(err, "write", path);
    if (!stream) /* it was opened without waiting, but is written to with patience */
        fcntl(file, F_SETFL, fcntl(file, F_GETFL) & ~O_NONBLOCK);
    return fill(file, path, data, size, err);
}

static enum lethe_err replace(const char *path, const struct stat *there, const void *data,
                              size_t size, struct lethe_error *err)
{
    struct replacing r = {.shown = path};
    char *target = follow(path, err);
    if (!target)
        return LETHE_EIO;
    r.path = target;
    int file = -1;
    enum lethe_err code = prepare(&r, err);
    if (!code && there && access(target, W_OK))
        code = fail(err, "write", path);
    if (!code &&
        (file = fault() ? -1 : open(r.temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) <
            0)
        code = fail(err, "create", path);
    if (file >= 0 && there) {
        (void)!fchown(file, there->st_uid, there->st_gid);
        (void)!fchmod(file, there->st_mode & 07777);
    }
    if (!code)
        code = carry(&r, file, data, size, err);
    release(&r);
    lethe_free(target);
    return code;
}

enum lethe_err lethe_file_write(const char *path, const void *data, size_t size,
                                struct lethe_error *err)
{
    struct stat status;
    if (stat(path, &status))
        return errno == ENOENT ? replace(path, NULL, data, size, err) : fail(err, "write", path);
    if (S_ISDIR(status.st_mode))
        return lethe_fail(err, LETHE_EIO, "cannot write '%s': it is a folder", path);
    int stream = standard_stream(&status);
    if (stream || !S_ISREG(status.st_mode))
        return write_into(path, stream, data, size, err);
    return replace(path, &status, data, size, err);
}
