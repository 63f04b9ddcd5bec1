/* SPDX-License-Identifier: MIT
 * EKFAC on disk, in one file of a session: private, written whole or not at all, and read only
 * under the hash of what it is a function of. What cannot be read or written is no error: it is
 * made again. */
#ifndef LETHE_REMOVAL_EKFAC_FILE_H
#define LETHE_REMOVAL_EKFAC_FILE_H

#include "base/hash.h"
#include "lethe/ekfac.h"

/* name = the hash of the weights and of all else that spec says, its samples and its network known
 * by the logits that the weights give them. */
enum lethe_err lethe_ekfac_file_name(char name[LETHE_HASH_TEXT],
                                     const struct lethe_ekfac_spec *spec, struct lethe_watch *watch,
                                     struct lethe_error *err);
/* NULL: the file at path is not there, not whole, or not of that name. */
struct lethe_ekfac *lethe_ekfac_file_read(const char *path, const char *name,
                                          const struct lethe_ekfac_spec *spec);
/* Does nothing where it would take more than LETHE_EKFAC_FILE_MOST bytes. */
void lethe_ekfac_file_write(const struct lethe_ekfac *ekfac, const char *path, const char *name);
#define LETHE_EKFAC_FILE_MOST ((size_t)256 << 20)

#endif
