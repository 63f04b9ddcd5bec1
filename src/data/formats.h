/* SPDX-License-Identifier: MIT
 * The readers behind lethe_array_parse, one file each, and what they share. */
#ifndef LETHE_DATA_FORMATS_H
#define LETHE_DATA_FORMATS_H

#include "lethe/array.h"

enum lethe_err lethe_idx_parse(struct lethe_array *array, const unsigned char *bytes, size_t size,
                               const char *source, struct lethe_error *err);
enum lethe_err lethe_npy_parse(struct lethe_array *array, const unsigned char *bytes, size_t size,
                               const char *source, struct lethe_error *err);
enum lethe_err lethe_csv_parse(struct lethe_array *array, const unsigned char *bytes, size_t size,
                               const char *source, struct lethe_error *err);

/* LETHE_EFORMAT for files of other programs (Python pickles, Parquet, Arrow, HDF5, ...), named with
 * the way to one that is read. */
enum lethe_err lethe_foreign_refuse(const unsigned char *bytes, size_t size, const char *source,
                                    struct lethe_error *err);

/* The headers alone: type and dims of the array, and where its body begins. */
struct lethe_npy_layout {
    size_t length;     /* bytes before the body */
    int swap, fortran; /* byte order, order of the axes */
    size_t width;      /* bytes of an element that is converted; 0: elements are as in memory */
    char kind;         /* of those: f half, u unsigned, U wide text, S bytes of text */
};
/* Elements of another width in the file than here, out of `size` bytes. */
enum lethe_err lethe_npy_convert(struct lethe_array *array, const struct lethe_npy_layout *layout,
                                 const unsigned char *body, size_t size, const char *source,
                                 struct lethe_error *err);
enum lethe_err lethe_idx_header(struct lethe_array *array, size_t *length,
                                const unsigned char *bytes, size_t size, const char *source,
                                struct lethe_error *err);
enum lethe_err lethe_npy_header(struct lethe_array *array, struct lethe_npy_layout *layout,
                                const unsigned char *bytes, size_t size, const char *source,
                                struct lethe_error *err);

/* Fills count from dims and checks that a body of `have` bytes holds exactly that many elements
 * after `header` bytes; nothing is allocated before the check. */
enum lethe_err lethe_array_claim(struct lethe_array *array, size_t have, size_t header,
                                 const char *source, struct lethe_error *err);
/* Copies count elements from bytes, reversing each when swap. */
enum lethe_err lethe_array_fill(struct lethe_array *array, const unsigned char *bytes, int swap,
                                const char *source, struct lethe_error *err);

/* The bytes of an NPY file: *bytes is lethe_free'd. */
enum lethe_err lethe_npy_bytes(unsigned char **bytes, size_t *size, const struct lethe_array *array,
                               struct lethe_error *err);

/* "'a', 'b', 'c'", as many of the members' names as fit; text stays as it is when there are none.
 */
void lethe_npz_list(char *text, size_t room, const struct lethe_npz *npz);

#endif
