/* SPDX-License-Identifier: MIT
 * Arrays as they stand in files: IDX, NPY, CSV/TSV (each also gzip'ed) and the members of an NPZ.
 * Row-major in memory whatever the file's order, in host byte order. Half precision becomes float,
 * unsigned numbers the next larger signed ones, texts numbers of words. "FILE.npz:MEMBER" names a
 * member wherever a path is wanted. */
#ifndef LETHE_ARRAY_H
#define LETHE_ARRAY_H

#include <stddef.h>
#include <stdint.h>
#include "lethe/error.h"

enum lethe_element {
    LETHE_U8,
    LETHE_I8,
    LETHE_I16,
    LETHE_I32,
    LETHE_I64,
    LETHE_FLOAT,
    LETHE_DOUBLE,
    LETHE_ELEMENT_COUNT
};
enum { LETHE_ARRAY_DIMS = 8 };

struct lethe_array {
    enum lethe_element type;
    size_t ndim, dims[LETHE_ARRAY_DIMS], count; /* count: product of dims */
    void *data;                                 /* owned */
    char **columns;                             /* CSV with a header: dims[1] names, or NULL */
    char **words;                               /* of texts: the elements are numbers of these */
    size_t word_count;                          /* (sorted, each once); NULL: numbers */
};

/* Bytes of one element. */
size_t lethe_element_size(enum lethe_element type);
/* Gives back what the array holds, not the struct; zeroed ok. */
void lethe_array_release(struct lethe_array *array);
double lethe_array_get(const struct lethe_array *array, size_t index); /* element as a double */

/* Reads any of the formats, recognised by content: IDX and NPY by their first bytes, text with a
 * number or header as CSV (comma, semicolon or tab). LETHE_EFORMAT names file, place and remedy. */
enum lethe_err lethe_array_read(struct lethe_array *array, const char *path,
                                struct lethe_error *err);
/* The same from memory; source names it in messages. */
enum lethe_err lethe_array_parse(struct lethe_array *array, const unsigned char *bytes, size_t size,
                                 const char *source, struct lethe_error *err);

/* A two-dimensional array of finite doubles (rows, columns); a one-dimensional one becomes a
 * column. NaN and Inf are refused by row and column. *values is lethe_free'd by the caller. */
enum lethe_err lethe_matrix_read(double **values, size_t *rows, size_t *columns, const char *path,
                                 struct lethe_error *err);

/* NPY (version 1.0, little-endian, C order) of doubles or floats, and NPZ with named members.
 * Written atomically. */
enum lethe_err lethe_npy_write(const char *path, const struct lethe_array *array,
                               struct lethe_error *err);
struct lethe_npz_member {
    const char *name; /* without .npy */
    struct lethe_array array;
};
/* members (count) are borrowed; their names must differ. LETHE_EIO names the file. */
enum lethe_err lethe_npz_write(const char *path, const struct lethe_npz_member *members,
                               size_t count, struct lethe_error *err);
struct lethe_npz {
    size_t count;
    char **names;
    struct lethe_array *arrays;
};
/* Reads all members; names and arrays are the caller's (lethe_npz_release). */
enum lethe_err lethe_npz_read(struct lethe_npz *npz, const char *path, struct lethe_error *err);
/* The member of a path "FILE.npz:MEMBER": NULL when it names none. *file (lethe_free) is FILE; NULL
 * without memory. */
const char *lethe_npz_part(char **file, const char *path);
/* One member, or the names of all (released like an archive, without arrays). A name that is not
 * there is an error that lists those that are. */
enum lethe_err lethe_npz_member_read(struct lethe_array *array, const char *path, const char *name,
                                     struct lethe_error *err);
enum lethe_err lethe_npz_names(struct lethe_npz *npz, const char *path, struct lethe_error *err);
void lethe_npz_release(struct lethe_npz *npz);

#endif
