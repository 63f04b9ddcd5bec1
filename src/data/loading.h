/* SPDX-License-Identifier: MIT
 * A dataset on its way from a file: what every format's loader fills. */
#ifndef LETHE_DATA_LOADING_H
#define LETHE_DATA_LOADING_H

#include "base/file.h"
#include "data/words.h"
#include "lethe/load.h"

struct lethe_loading {
    const struct lethe_data_source *source;
    struct lethe_bytes bytes; /* the file, which a loader may change; empty for a folder */
    struct lethe_dataset_parts parts;
    int part;                           /* of a file: too little to tell which columns hold words */
    struct lethe_words classes, groups; /* names found in the file; empty: none */
    struct lethe_words notes;           /* what a person should know about the file */
    struct {
        const char *format;
        size_t count;
        long first; /* its number among the notes */
    } kinds[16];    /* of notes, as many as there were; more are all kept */
    size_t kind_count;
};

/* A note, once. Of a kind (a format, which is to be a literal) a handful is kept, and at the end
 * how many more there were. */
enum lethe_err lethe_loading_note(struct lethe_loading *loading, struct lethe_error *err,
                                  const char *format, ...) __attribute__((format(printf, 3, 4)));
enum lethe_err lethe_loading_notes_end(struct lethe_loading *loading, struct lethe_error *err);
/* Labels in whatever way a file has them as numbers of classes: texts by name, one-hot rows, whole
 * numbers in floats, numbered from first_label on. Also the groups' texts. */
enum lethe_err lethe_labels_settle(struct lethe_loading *loading, struct lethe_error *err);

/* Each fills parts.x and parts.labels (and groups, names). */
enum lethe_err lethe_load_table(struct lethe_loading *loading, struct lethe_error *err);
enum lethe_err lethe_load_text(struct lethe_loading *loading, struct lethe_error *err);
enum lethe_err lethe_load_cifar(struct lethe_loading *loading, struct lethe_error *err);
enum lethe_err lethe_load_cifar100(struct lethe_loading *loading, struct lethe_error *err);
enum lethe_err lethe_load_folder(struct lethe_loading *loading, struct lethe_error *err);
enum lethe_err lethe_load_npz(struct lethe_loading *loading, struct lethe_error *err);
enum lethe_err lethe_load_points(struct lethe_loading *loading, struct lethe_error *err);
/* 1 when a path is no file but names points that are made here: "rings", "moons:7". */
int lethe_points_named(const char *path);

/* Whether records of CIFAR begin with two labels (coarse, fine) rather than one. */
int lethe_is_cifar100(const unsigned char *bytes, size_t size);
enum { LETHE_CIFAR_IMAGE = 3 * 32 * 32 };

/* Whether a folder has train/ and test/ (or such names) in it. */
int lethe_folder_has_halves(const char *path);

/* The usual format of a file that begins with these bytes. */
const char *lethe_format_of(const struct lethe_data_source *source, const unsigned char *bytes,
                            size_t size);
/* Names and normalisation of the source, and those found in the file, into the parts. */
void lethe_loading_names(struct lethe_loading *loading);

/* Token numbers of a text into out (length): lower case, runs of letters a-z and digits, or any
 * other single character that is no space; numbers from the vocabulary, 1 when it lacks the token,
 * 0 after the end. */
void lethe_tokens(int32_t *out, size_t length, const char *text,
                  const struct lethe_words *vocabulary);

#endif
