/* SPDX-License-Identifier: MIT
 * A dataset: samples with labels, immutable after loading, shared by reference count. Samples are
 * kept as they stand in the file (bytes, floats, doubles, token numbers) and normalised when a
 * batch is made, in double: x = (raw - mean[channel]) / std[channel]. */
#ifndef LETHE_DATASET_H
#define LETHE_DATASET_H

#include <stddef.h>
#include "lethe/array.h"
#include "lethe/error.h"

struct lethe_dataset;

/* Another reference; returns data. */
struct lethe_dataset *lethe_dataset_ref(struct lethe_dataset *data);
void lethe_dataset_unref(struct lethe_dataset *data); /* NULL ok */

size_t lethe_dataset_count(const struct lethe_dataset *data); /* n */
size_t lethe_dataset_width(const struct lethe_dataset *data); /* doubles per sample, all inputs */
size_t lethe_dataset_ndim(const struct lethe_dataset *data);  /* shape of one sample */
/* Length of axis `axis` (below ndim) of a sample. */
size_t lethe_dataset_dim(const struct lethe_dataset *data, size_t axis);
size_t lethe_dataset_classes(const struct lethe_dataset *data); /* largest label + 1, or declared */
/* Class of sample id (below count), from 0. */
int lethe_dataset_label(const struct lethe_dataset *data, size_t id);
int lethe_dataset_group(const struct lethe_dataset *data, size_t id); /* -1: no group column */
/* The label before a generator changed it; the same as label when none did. */
int lethe_dataset_true_label(const struct lethe_dataset *data, size_t id);

/* Rows of the vocabulary whose numbers a sample of text holds; 0: the samples are no texts. */
size_t lethe_dataset_tokens(const struct lethe_dataset *data);

/* Names, borrowed; NULL when the data have none for this number. */
const char *lethe_dataset_class_name(const struct lethe_dataset *data, size_t label);
const char *lethe_dataset_group_name(const struct lethe_dataset *data, size_t group);
size_t lethe_dataset_groups(const struct lethe_dataset *data); /* 0: no group column */

/* What a person should know about the data and may want to change, borrowed; NULL after the last.
 */
const char *lethe_dataset_note(const struct lethe_dataset *data, size_t index);
/* How many samples of `other` are, value for value, samples of data, too; *first is one of them
 * (may be NULL). SIZE_MAX: no memory to look. */
size_t lethe_dataset_shared(const struct lethe_dataset *data, const struct lethe_dataset *other,
                            size_t *first);

/* x is (n, width) and labels (n), either may be NULL. ids are valid indices. */
void lethe_dataset_batch(const struct lethe_dataset *data, double *x, int *labels,
                         const size_t *ids, size_t n);

/* ---- making ---------------------------------------------------------------------------------- */

/* Applied to the raw values of a sample whose first axis are the channels (images: channels, rows,
 * columns; tables: the columns): one value for all, or one for each. */
struct lethe_normalize {
    double scale;       /* raw / scale comes first; 0 means 1 */
    const double *mean; /* (means), of raw / scale; none: 0 */
    const double *std;  /* (stds), of raw / scale; none: 1 */
    size_t means, stds; /* 0, 1 or the channels */
    int standardize;    /* mean and std from the samples themselves: of each column of a table, each
                           channel of a colour image, all pixels of a grey one */
    int channels_last;  /* the file has rows, columns, channels: turned round when loading */
    size_t resize[2];   /* images: rows and columns wanted; 0: as they are */
    size_t colours;     /* grey images: repeated in so many channels; 0: as they are */
    size_t ndim;        /* shape of one sample instead of the file's; 0: as in the file */
    size_t dims[LETHE_ARRAY_DIMS]; /* of equal size; applied after channels_last */
};

/* How its batches are normalised, in raw units; mean and std are borrowed. */
struct lethe_normalize lethe_dataset_normalize(const struct lethe_dataset *data);

struct lethe_encoding;
struct lethe_dataset_parts {
    struct lethe_array x;      /* (n, ...) */
    struct lethe_array labels; /* n whole numbers */
    struct lethe_array groups; /* n whole numbers, or empty */
    struct lethe_normalize normalize;
    size_t tokens;                  /* rows of the vocabulary of texts, 0: none */
    size_t classes;                 /* declared; 0: largest label + 1, or the class names */
    const char *const *class_names; /* (class_name_count), copied; NULL: none */
    size_t class_name_count;
    const char *const *group_names; /* (group_name_count), copied; NULL: none */
    size_t group_name_count;
    struct lethe_encoding *encoding; /* how columns of words became numbers; taken over */
    const char *const *notes;        /* (note_count), copied: see lethe_dataset_note */
    size_t note_count;
    const char *source; /* names the data in messages: usually a path */
};

/* *data is new (unref). The three arrays are taken over whether it succeeds or not. Refused: no
 * samples, counts that do not fit, labels that are no whole numbers or outside the classes, NaN and
 * Inf (by sample and value), a shape or normalisation that does not fit. */
enum lethe_err lethe_dataset_make(struct lethe_dataset **data, struct lethe_dataset_parts *parts,
                                  struct lethe_error *err);
/* *data is new (unref), from x (n, width) and labels (n), copied. */
enum lethe_err lethe_dataset_from(struct lethe_dataset **data, const double *x, const int *labels,
                                  size_t n, size_t width, struct lethe_error *err);

#endif
