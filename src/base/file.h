/* SPDX-License-Identifier: MIT
 * Files: read whole (gzip undone on the way), written so that a crash leaves the old or the new
 * content, and paths relative to a folder. Files that lethe keeps by itself (sessions, caches) are
 * for their owner alone; what a person asks for follows the umask. */
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
/* That limit, or half of the machine's memory where it is less: what the files read are held to. */
size_t lethe_file_most(size_t limit);
/* 1: so many bytes from so few packed ones, several hundredfold, are made to fill memory. */
int lethe_file_is_trap(size_t packed, size_t size);
enum { LETHE_FILE_FOLD = 150 };

/* What a person asked for, an export or a report: the old or the new content, never something
 * between, by way of a temporary file beside it: write, fsync, rename, fsync of the folder. A new
 * file follows the umask, one that is there keeps its owner and mode. Symbolic links are followed.
 * What is no regular file (a device, a pipe) is written to; a pipe that nobody reads is refused. */
enum lethe_err lethe_file_write(const char *path, const void *data, size_t size,
                                struct lethe_error *err);
/* What lethe keeps by itself: the same for a regular file of its own, readable by its owner alone
 * whatever the umask. *renamed (NULL ok) is 1 from the rename on: an error with it says that the
 * new content is in place, though the disk has not confirmed it. */
enum lethe_err lethe_file_keep(const char *path, const void *data, size_t size, int *renamed,
                               struct lethe_error *err);
/* The same without the folder's sync, which one call gives to many files. */
enum lethe_err lethe_file_place(const char *path, const void *data, size_t size,
                                struct lethe_error *err);
/* A new file for its owner alone, which must not exist. On disk, with its name, before this
 * returns; on failure it is not there. */
enum lethe_err lethe_file_create(const char *path, const void *data, size_t size,
                                 struct lethe_error *err);
/* Written and synced in place, for its owner alone; the folder is not synced. */
enum lethe_err lethe_file_write_plain(const char *path, const void *data, size_t size,
                                      struct lethe_error *err);
/* One write at the end of an open file, then (when `sync`) on to the disk. *end is where the file
 * ends; what a failed write left behind is cut off again where that is possible. */
enum lethe_err lethe_file_append(int file, const char *path, const void *data, size_t size,
                                 size_t *end, int sync, struct lethe_error *err);
enum lethe_err lethe_file_remove(const char *path, struct lethe_error *err);
/* Gives a file another name in the same file system; what has that name goes. LETHE_EIO. */
enum lethe_err lethe_file_move(const char *from, const char *to, struct lethe_error *err);
enum lethe_err lethe_folder_remove(const char *path, struct lethe_error *err); /* an empty one */
/* With parents; those that are made are for their owner alone (0700) whatever the umask. */
enum lethe_err lethe_folder_make(const char *path, struct lethe_error *err);
enum lethe_err lethe_folder_sync(const char *path, struct lethe_error *err);
/* Takes others' rights away from a file or folder of lethe's own, made before that was a rule. */
void lethe_file_make_private(const char *path);
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
