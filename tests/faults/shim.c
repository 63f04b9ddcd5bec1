/* SPDX-License-Identifier: MIT
 * A library to be preloaded: counts what a program does to files below one folder, and lets the
 * k-th of these operations go wrong. Reading is not counted. The environment says how:
 *     FAULT_UNDER  folder, absolute
 *     FAULT_AT     number of the operation, from 1; 0: count only
 *     FAULT_COUNT  file that gets the number of operations at the end
 *     FAULT_HOW    kill    the process dies before the operation
 *                  half    it dies after it, a write half done
 *                  full    no space is left from here on; removing and renaming go on
 *                  eio     this operation fails
 *                  dead    this one and all after it fail
 *                  short   a write does half of its work and says so (nothing is wrong) */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { DESCRIPTORS = 4096 };

static char watched[DESCRIPTORS]; /* opened for writing below the folder */
static long done;

/* What may happen to an operation. */
enum verdict { GO_ON, FAIL, HALF };
enum kind { MAKES, WRITES, OTHER };

static int how_is(const char *name)
{
    const char *how = getenv("FAULT_HOW");
    return how && !strcmp(how, name);
}

static int is_below(const char *path)
{
    const char *folder = getenv("FAULT_UNDER");
    return folder && path && !strncmp(path, folder, strlen(folder));
}

static int is_watched(int file)
{
    return file >= 0 && file < DESCRIPTORS && watched[file];
}

static enum verdict judge(enum kind kind)
{
    const char *text = getenv("FAULT_AT");
    const long at = text ? atol(text) : 0;
    done++;
    if (!at || done < at)
        return GO_ON;
    if (done == at && how_is("kill"))
        raise(SIGKILL);
    if (how_is("full") && kind != OTHER) {
        errno = ENOSPC;
        return FAIL;
    }
    if ((done == at && how_is("eio")) || how_is("dead")) {
        errno = EIO;
        return FAIL;
    }
    return done == at && (how_is("half") || how_is("short")) ? HALF : GO_ON;
}

/* After the operation. */
static void die(enum verdict verdict)
{
    if (verdict == HALF && how_is("half"))
        raise(SIGKILL);
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("FAULT_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file) {
        fprintf(file, "%ld\n", done);
        fclose(file);
    }
}

#define NEXT(type, name)                                                                           \
    static type name##_next;                                                                       \
    if (!name##_next)                                                                              \
    *(void **)&name##_next = dlsym(RTLD_NEXT, #name)

typedef int (*open_type)(const char *, int, ...);
typedef int (*path_type)(const char *);
typedef int (*mode_type)(const char *, mode_t);
typedef int (*file_type)(int);
typedef int (*file_mode_type)(int, mode_t);
typedef int (*length_type)(int, off_t);
typedef int (*two_type)(const char *, const char *);
typedef ssize_t (*write_type)(int, const void *, size_t);
typedef ssize_t (*pwrite_type)(int, const void *, size_t, off_t);

static int open_file(open_type next, const char *path, int flags, mode_t mode)
{
    const int counts = is_below(path) && (flags & (O_CREAT | O_WRONLY | O_RDWR | O_TRUNC));
    enum verdict verdict = counts ? judge(flags & O_CREAT ? MAKES : OTHER) : GO_ON;
    if (verdict == FAIL)
        return -1;
    int file = next(path, flags, mode);
    if (file >= 0 && file < DESCRIPTORS)
        watched[file] = (char)counts;
    die(verdict);
    return file;
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;                                  \
        va_end(args);                                                                              \
        NEXT(open_type, name);                                                                     \
        return open_file(name##_next, path, flags, mode);                                          \
    }
OPEN(open)
OPEN(open64)

#define ON_PATH(name, type, kind, given, ...)                                                      \
    int name given                                                                                 \
    {                                                                                              \
        NEXT(type, name);                                                                          \
        enum verdict verdict = is_below(path) ? judge(kind) : GO_ON;                               \
        if (verdict == FAIL)                                                                       \
            return -1;                                                                             \
        int result = name##_next(__VA_ARGS__);                                                     \
        die(verdict);                                                                              \
        return result;                                                                             \
    }
ON_PATH(mkdir, mode_type, MAKES, (const char *path, mode_t mode), path, mode)
ON_PATH(chmod, mode_type, OTHER, (const char *path, mode_t mode), path, mode)
ON_PATH(unlink, path_type, OTHER, (const char *path), path)
ON_PATH(rmdir, path_type, OTHER, (const char *path), path)
ON_PATH(rename, two_type, OTHER, (const char *path, const char *to), path, to)

#define ON_FILE(name, type, kind, given, ...)                                                      \
    int name given                                                                                 \
    {                                                                                              \
        NEXT(type, name);                                                                          \
        enum verdict verdict = is_watched(file) ? judge(kind) : GO_ON;                             \
        if (verdict == FAIL)                                                                       \
            return -1;                                                                             \
        int result = name##_next(__VA_ARGS__);                                                     \
        die(verdict);                                                                              \
        return result;                                                                             \
    }
ON_FILE(fdatasync, file_type, OTHER, (int file), file)
ON_FILE(fchmod, file_mode_type, OTHER, (int file, mode_t mode), file, mode)
ON_FILE(ftruncate, length_type, OTHER, (int file, off_t length), file, length)
ON_FILE(ftruncate64, length_type, OTHER, (int file, off_t length), file, length)

/* Of folders, too, which are opened for reading. */
int fsync(int file)
{
    char link[64], path[4096];
    NEXT(file_type, fsync);
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t n = readlink(link, path, sizeof path - 1);
    path[n > 0 ? n : 0] = '\0';
    enum verdict verdict = is_below(path) ? judge(OTHER) : GO_ON;
    if (verdict == FAIL)
        return -1;
    int result = fsync_next(file);
    die(verdict);
    return result;
}

int close(int file)
{
    NEXT(file_type, close);
    const int counts = is_watched(file);
    enum verdict verdict = counts ? judge(OTHER) : GO_ON;
    if (counts)
        watched[file] = 0;
    int result = close_next(file);
    die(verdict);
    if (verdict == FAIL) { /* closed all the same, as the system does */
        errno = EIO;
        return -1;
    }
    return result;
}

ssize_t write(int file, const void *data, size_t size)
{
    NEXT(write_type, write);
    enum verdict verdict = is_watched(file) ? judge(WRITES) : GO_ON;
    if (verdict == FAIL)
        return -1;
    ssize_t result = write_next(file, data, verdict == HALF ? (size + 1) / 2 : size);
    die(verdict);
    return result;
}

ssize_t pwrite(int file, const void *data, size_t size, off_t at)
{
    NEXT(pwrite_type, pwrite);
    enum verdict verdict = is_watched(file) ? judge(WRITES) : GO_ON;
    if (verdict == FAIL)
        return -1;
    ssize_t result = pwrite_next(file, data, verdict == HALF ? (size + 1) / 2 : size, at);
    die(verdict);
    return result;
}
