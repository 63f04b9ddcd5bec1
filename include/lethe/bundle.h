/* SPDX-License-Identifier: MIT
 * A bundle ties together what one model needs: the model and the weights it began with, its data,
 * their normalisation, the recipe it was trained by, and what a generator did to the data before.
 * It is a JSON file; paths in it are relative to its folder. The format: sample_models/README.md.
 */
#ifndef LETHE_BUNDLE_H
#define LETHE_BUNDLE_H

#include <stdint.h>
#include "lethe/generate.h"
#include "lethe/load.h"

/* How w was found. Words and numbers as the file has them; who trains checks the words. */
struct lethe_recipe {
    const char *optimizer; /* "lbfgs", "sgd", "adam" */
    double weight_decay;   /* lambda; NAN: unknown, and then nothing may be removed */
    double tolerance;      /* |grad|_inf at the end */
    size_t epochs;         /* or iterations at most; 0: the optimizer's usual number, as below */
    size_t batch;
    double rate, momentum;
    const char *schedule; /* "constant", "cosine", "step"; NULL: usual */
    size_t drop_every;    /* step: epochs between drops */
    double drop;          /* step: factor of a drop */
    uint64_t seed;
    double dropout; /* share of the last layer's inputs dropped */
    size_t flip;    /* 1: images are turned left to right half the time */
    size_t crop;    /* images are moved by up to so many pixels */
    int last_layer; /* "layers": "last": what lies below came from elsewhere and stayed */
};

struct lethe_bundle {
    /* Texts belong to the bundle: lethe_bundle_keep. Paths are complete: folder and name. */
    const char *path, *folder;
    const char *name;
    const char *model;        /* ONNX; NULL when there is none yet */
    const char *initial;      /* ONNX of the weights training began with; NULL: from the seed */
    const char *architecture; /* "mlp:64-32-16-10"; may be NULL when there is a model */
    const char *activation;   /* of the architecture; NULL: usual */
    struct lethe_data_source train, heldout; /* path NULL: none; normalize and names: both alike */
    size_t trained_on;                       /* n of the training; 0: unknown */
    uint64_t split_seed;                     /* of the tune and report halves */
    struct lethe_recipe recipe;
    struct lethe_generated generated; /* count 0: none */
    struct lethe_json *document;      /* as read: keys that are not known are kept when writing */
    struct lethe_bundle_store *store;
};

/* A new, empty one with the defaults (free). NULL: out of memory. */
struct lethe_bundle *lethe_bundle_new(struct lethe_error *err);
void lethe_bundle_free(struct lethe_bundle *bundle); /* NULL ok */
/* A copy of the text, owned by the bundle and as long-lived; NULL (err filled) when memory is out.
 */
const char *lethe_bundle_keep(struct lethe_bundle *bundle, const char *text,
                              struct lethe_error *err);

/* *bundle is new (free). path is the file or the folder with a bundle.json in it. Files it names
 * must be there, except a model that an architecture stands in for. LETHE_EFORMAT names the key. */
enum lethe_err lethe_bundle_load(struct lethe_bundle **bundle, const char *path,
                                 struct lethe_error *err);
/* Writes it to path (a file), with paths relative to the folder of path. */
enum lethe_err lethe_bundle_save(const struct lethe_bundle *bundle, const char *path,
                                 struct lethe_error *err);
/* The index-th key nobody knows, borrowed; NULL after the last. */
const char *lethe_bundle_unknown(const struct lethe_bundle *bundle, size_t index);
/* The same of the keys of its objects: *object is "train", "recipe", ...,
 * static text. */
const char *lethe_bundle_unknown_within(const struct lethe_bundle *bundle, size_t index,
                                        const char **object);
/* The keys there are in an object (NULL: in the bundle itself), NULL at the end. */
const char *const *lethe_bundle_keys(const char *object);

/* The data, what was generated applied; *heldout is NULL when there is none. Both are
 * new references (unref). */
enum lethe_err lethe_bundle_data(struct lethe_dataset **train, struct lethe_dataset **heldout,
                                 const struct lethe_bundle *bundle, struct lethe_error *err);

#endif
