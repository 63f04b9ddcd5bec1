/* SPDX-License-Identifier: MIT
 * Whole files in, and paths. Writing is in file_write.c. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/alloc.h"

static enum lethe_err fail(struct lethe_error *err, const char *verb, const char *path)
{
    return lethe_fail(err, LETHE_EIO, "cannot %s '%s': %s", verb, path, strerror(errno));
}

/* Text and numbers shrink to a tenth or a twentieth; what grows several hundredfold is made to fill
 * memory. */
enum { SMALL = 64 << 20, FOLD = LETHE_FILE_FOLD, AT_ONCE = 1 << 30 }; /* zlib counts in int */

int lethe_file_is_trap(size_t packed, size_t size)
{
    return size > SMALL && packed < size / FOLD;
}

size_t lethe_file_most(size_t limit)
{
    const long pages = sysconf(_SC_PHYS_PAGES), bytes = sysconf(_SC_PAGESIZE);
    if (pages <= 0 || bytes <= 0)
        return limit;
    const size_t half = (size_t)pages / 2 * (size_t)bytes;
    return half < limit ? half : limit;
}

static enum lethe_err read_all(struct lethe_bytes *bytes, gzFile file, const char *path,
                               size_t limit, struct lethe_error *err)
{
    size_t room = 1 << 16, size = 0;
    unsigned char *data = lethe_alloc(room, 1);
    while (data) {
        const size_t left = room - size - 1;
        int got = gzread(file, data + size, (unsigned)(left < AT_ONCE ? left : AT_ONCE));
        int zerr = Z_OK;
        const char *text = gzerror(file, &zerr);
        if (got < 0 || (got == 0 && zerr == Z_BUF_ERROR)) {
            lethe_free(data);
            if (zerr == Z_ERRNO)
                return fail(err, "read", path);
            return lethe_fail(err, LETHE_EFORMAT, "'%s' is a damaged gzip file: %s", path,
                              zerr == Z_BUF_ERROR ? "it ends too early" : text);
        }
        size += (size_t)got;
        if (got == 0) {
            data[size] = 0;
            *bytes = (struct lethe_bytes){data, size};
            return LETHE_OK;
        }
        if (!gzdirect(file) && lethe_file_is_trap((size_t)gzoffset(file), size)) {
            lethe_free(data);
            return lethe_fail(
                err, LETHE_EFORMAT,
                "'%s' grows more than %d-fold when it is unpacked; unpack it first if "
                "that is meant",
                path, FOLD);
        }
        if (size > limit) {
            lethe_free(data);
            return lethe_fail(err, LETHE_EFORMAT, "'%s' holds more than %zu bytes, the limit", path,
                              limit);
        }
        if (size + 1 == room) {
            unsigned char *larger = lethe_realloc(data, room *= 2, 1);
            if (!larger)
                break;
            data = larger;
        }
    }
    lethe_free(data);
    return lethe_fail_memory(err, path, room, 1);
}

/* A regular file of `size` bytes that is not packed, without copies between. 0: not done, because
 * it is something else or the reading fails, and is to be read in the other way. */
static int read_plain(struct lethe_bytes *bytes, int fd, size_t size)
{
    unsigned char magic[2] = {0};
    if (pread(fd, magic, sizeof magic, 0) < 1 || (magic[0] == 0x1f && magic[1] == 0x8b))
        return 0;
    unsigned char *data = lethe_alloc(size + 1, 1);
    size_t at = 0;
    for (ssize_t got = 1; data && at < size && got > 0; at += got > 0 ? (size_t)got : 0)
        got = pread(fd, data + at, size - at, (off_t)at);
    if (!data || at < size) {
        lethe_free(data);
        return 0;
    }
    data[size] = 0;
    *bytes = (struct lethe_bytes){data, size};
    return 1;
}

enum lethe_err lethe_file_read(struct lethe_bytes *bytes, const char *path, size_t limit,
                               struct lethe_error *err)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(err, "open", path);
    if (fstat(fd, &status))
        status = (struct stat){0};
    if (S_ISDIR(status.st_mode)) {
        close(fd);
        return lethe_fail(err, LETHE_EIO, "cannot read '%s': it is a folder", path);
    }
    if (S_ISREG(status.st_mode) && status.st_size > 0 && (size_t)status.st_size <= limit &&
        read_plain(bytes, fd, (size_t)status.st_size)) {
        close(fd);
        return LETHE_OK;
    }
    gzFile file = gzdopen(fd, "rb");
    if (!file) {
        close(fd);
        return lethe_fail_memory(err, path, 1, 1 << 15);
    }
    gzbuffer(file, 1 << 17);
    enum lethe_err code = read_all(bytes, file, path, lethe_file_most(limit), err);
    gzclose_r(file);
    return code;
}

int lethe_file_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

int lethe_folder_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

char *lethe_path_join(const char *folder, const char *name)
{
    if (name[0] == '/')
        return lethe_strdup(name);
    size_t n = strlen(folder), room = n + strlen(name) + 2;
    char *path = lethe_alloc(room, 1);
    if (path)
        snprintf(path, room, "%s%s%s", folder, n && folder[n - 1] == '/' ? "" : "/", name);
    return path;
}

char *lethe_path_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = lethe_strdup(slash ? path : ".");
    if (folder && slash)
        folder[slash == path ? 1 : slash - path] = '\0';
    return folder;
}

/* Up from what is not shared, down to the rest; both are absolute and without links. */
static char *relative(const char *from, const char *to)
{
    size_t shared = 0, ups = 0, k = 0;
    for (; from[k] && from[k] == to[k]; k++)
        if (from[k] == '/')
            shared = k + 1;
    const char *left = from + shared, *rest = to + shared;
    if (!from[k] && (to[k] == '/' || !to[k])) { /* to is inside from, or from itself */
        left = from + k;
        rest = to + k + (to[k] == '/');
    }
    for (const char *c = left; *c; c++)
        ups += c == left || *c == '/';
    size_t room = 3 * ups + strlen(rest) + 2;
    char *path = lethe_alloc(room, 1);
    for (size_t i = 0; path && i < 3 * ups; i++)
        path[i] = "../"[i % 3];
    if (path)
        snprintf(path + 3 * ups, room - 3 * ups, "%s", *rest || ups ? rest : ".");
    return path;
}

char *lethe_path_relative(const char *folder, const char *path)
{
    char *from = realpath(folder, NULL), *to = realpath(path, NULL);
    char *made = from && to ? relative(from, to) : lethe_strdup(path);
    free(from);
    free(to);
    return made;
}
