/* SPDX-License-Identifier: MIT
 * Files: read whole (gzip undone on the way), written so that a crash leaves the old or the new
 * content, and paths relative to a folder. */
#ifndef LETHE_BASE_FILE_H
#define LETHE_BASE_FILE_H

#include <stddef.h>
#include "lethe/error.h"

struct lethe_bytes {
    unsigned char *data; /* lethe_free; one zero byte stands after the last */
    size_t size;
};

/* Reads a file of at most limit bytes (after decompression); a gzip header is recognised by its
 * content, not by the name. LETHE_EIO when it cannot be read, LETHE_EFORMAT when the gzip stream is
 * damaged or the limit is passed. */
enum lethe_err lethe_file_read(struct lethe_bytes *bytes, const char *path, size_t limit,
                               struct lethe_error *err);
enum { LETHE_FILE_LIMIT = 1 << 30 }; /* the usual limit: 1 GiB */

/* Writes path by way of a temporary file beside it: write, fsync, rename, fsync of the folder. */
enum lethe_err lethe_file_write(const char *path, const void *data, size_t size,
                                struct lethe_error *err);
/* The two halves, for writing many files before one rename decides: the file at `path` is written
 * and synced in place; the folder is not. */
enum lethe_err lethe_file_write_plain(const char *path, const void *data, size_t size,
                                      struct lethe_error *err);
enum lethe_err lethe_file_rename(const char *from, const char *to, struct lethe_error *err);
enum lethe_err lethe_file_remove(const char *path, struct lethe_error *err);
enum lethe_err lethe_folder_make(const char *path, struct lethe_error *err); /* with parents */
enum lethe_err lethe_folder_sync(const char *path, struct lethe_error *err);
int lethe_file_exists(const char *path);
int lethe_folder_exists(const char *path);

/* folder/name, or name itself when it is absolute; the folder of a path ("." when it has none).
 * Heap memory, NULL when there is none. */
char *lethe_path_join(const char *folder, const char *name);
char *lethe_path_folder(const char *path);
/* How path is written as seen from folder: "../digits/x.gz". The path itself when either does not
 * exist. Heap memory. */
char *lethe_path_relative(const char *folder, const char *path);

/* Tests only. Every open, write, sync, rename and removal that changes the disk is a step; after
 * `steps` more of them the next one fails with "no space left" (kill 0) or kills the process
 * (kill 1). steps -1 disarms. Returns the number of steps taken since the last call. */
long lethe_file_fault(long steps, int kill);

#endif
