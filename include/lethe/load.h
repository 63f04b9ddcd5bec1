/* SPDX-License-Identifier: MIT
 * Datasets from files. Where samples and labels are found, in which format, which rows. */
#ifndef LETHE_LOAD_H
#define LETHE_LOAD_H

#include "lethe/dataset.h"

/* All texts are borrowed; NULL is the default everywhere. */
struct lethe_data_source {
    const char *path;         /* file, FILE.npz:MEMBER, or folder of images */
    const char *labels;       /* file of labels; NULL: in the samples' own file */
    const char *groups;       /* file of group numbers; NULL: none, or a column */
    const char *format;       /* one of lethe_data_formats; NULL: by content */
    const char *label_column; /* CSV, TSV: name, or number from 0; NULL: "label", else the last */
    const char *group_column; /* CSV, TSV: likewise; NULL: "group" when there is one */
    const char *text_column;  /* text: likewise; NULL: "text", else the last that is neither */
    const char *vocabulary;   /* text: file of tokens, one a line: 0 is padding, 1 unknown */
    size_t length;            /* text: tokens kept of a sample */
    size_t first_label;       /* what the file calls class 0; 0 */
    const char *missing;      /* tables: values that are missing: one of lethe_missing_ways */
    const char *const *drop_columns; /* tables: columns left out, by name or number */
    size_t drop_count;
    size_t most_words;  /* tables: words of a column that become columns of their own; 0: 100 */
    size_t first, last; /* samples first to last - 1 of the file; last 0: to the end */
    struct lethe_normalize normalize;
    const struct lethe_dataset *like; /* tables: columns of words are encoded as in these samples */
    size_t classes;                   /* 0: from names or labels */
    const char *const *class_names;
    size_t class_name_count;
    const char *const *group_names;
    size_t group_name_count;
};

/* *data is new (unref). LETHE_EIO and LETHE_EFORMAT name the file, the place in it and the remedy;
 * LETHE_EARG: the source asks for what the file has not. */
enum lethe_err lethe_dataset_load(struct lethe_dataset **data,
                                  const struct lethe_data_source *source, struct lethe_error *err);
/* A file of samples read block by block, so that it may be larger than memory: IDX, NPY, CIFAR-10,
 * tables and text, also gzip'ed. Labels in a file of their own are kept whole. Labels that are
 * names must be declared (class_names). One block takes about `bytes` of memory once it is
 * normalised. */
struct lethe_stream;
/* *stream is new (free). Errors as lethe_dataset_load. */
enum lethe_err lethe_stream_open(struct lethe_stream **stream,
                                 const struct lethe_data_source *source, size_t bytes,
                                 struct lethe_error *err);
/* The next samples as a dataset of their own (unref); *block is NULL at the end. Ends with an error
 * when the file has fewer samples than it promises, or than there are labels. */
enum lethe_err lethe_stream_next(struct lethe_stream *stream, struct lethe_dataset **block,
                                 struct lethe_error *err);
void lethe_stream_free(struct lethe_stream *stream); /* NULL ok */

/* Whether a source has held-out samples beside its training samples: a pair of members x_test and
 * y_test, a folder test/. They are loaded by the same source with `like` set. */
int lethe_source_has_heldout(const struct lethe_data_source *source);
/* What held-out samples are read like where their own source does not say: how labels are numbered,
 * missing values, columns left out. */
void lethe_source_inherit(struct lethe_data_source *heldout, const struct lethe_data_source *train);
/* refuse, drop, mean, median, column; NULL at the end. */
const char *const *lethe_missing_ways(void);

/* The formats by name, NULL at the end. */
const char *const *lethe_data_formats(void);

#endif
