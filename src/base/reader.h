/* SPDX-License-Identifier: MIT
 * A file read piece by piece, gzip undone on the way, for what may be larger than memory. */
#ifndef LETHE_BASE_READER_H
#define LETHE_BASE_READER_H

#include <stddef.h>
#include "lethe/error.h"

struct lethe_reader;

/* Errors as lethe_file_read gives them. */
enum lethe_err lethe_reader_open(struct lethe_reader **reader, const char *path,
                                 struct lethe_error *err);
void lethe_reader_free(struct lethe_reader *reader); /* NULL ok */

/* *got < size only at the end of the file. */
enum lethe_err lethe_reader_read(struct lethe_reader *reader, void *to, size_t size, size_t *got,
                                 struct lethe_error *err);
/* The first bytes, which stay to be read. Before any read; size at most 64 KiB. */
enum lethe_err lethe_reader_peek(struct lethe_reader *reader, const unsigned char **bytes,
                                 size_t size, size_t *got, struct lethe_error *err);

#endif
