/* SPDX-License-Identifier: MIT
 * Forget sets with a known right answer, made before training: which samples, and what became of
 * them. The draw depends on the seed and the data only; the record is kept in the bundle. */
#ifndef LETHE_GENERATE_H
#define LETHE_GENERATE_H

#include <stdint.h>
#include "lethe/dataset.h"

enum lethe_generator {
    LETHE_GENERATE_MISLABELLED, /* another class, each equally likely */
    LETHE_GENERATE_CONFUSION,   /* samples of two classes get each other's label */
    LETHE_GENERATE_DUPLICATE,   /* copies of samples, appended */
    LETHE_GENERATE_CANARY,      /* Gaussian noise with any label, appended */
    LETHE_GENERATE_RANDOM,      /* samples as they are */
    LETHE_GENERATE_MARK,        /* a square in a corner of images, mostly of one class */
    LETHE_GENERATOR_COUNT
};

struct lethe_generated {
    enum lethe_generator kind;
    uint64_t seed;
    size_t count;
    size_t *ids;     /* (count), increasing: samples changed, appended or drawn */
    int *labels;     /* (count): the labels they have from now on */
    size_t *sources; /* duplicates: (count), the samples they are copies of; else NULL */
    size_t size;     /* marks: pixels along a side; else 0 */
};
/* Gives back what it holds; zeroed ok. */
void lethe_generated_release(struct lethe_generated *generated);

struct lethe_generate_options {
    enum lethe_generator kind;
    size_t n;     /* samples; of marks the shares say how many */
    int from, to; /* confusion: the two classes; marks: to is the class they go with */
    uint64_t seed;
    double share, elsewhere; /* marks: shares of the class and of all others that have one */
    size_t size;             /* marks: pixels along a side */
};

/* "mislabelled", "confusion", "duplicate", "canary", "random", "mark" (static text) and back;
 * LETHE_EARG lists them. */
const char *lethe_generator_name(enum lethe_generator kind);
int lethe_generator_appends(enum lethe_generator kind); /* makes samples, else changes some */
enum lethe_err lethe_generator_find(enum lethe_generator *kind, const char *name,
                                    struct lethe_error *err);

/* LETHE_EARG when n is 0 or more than there are, or the classes do not do. */
enum lethe_err lethe_generate(struct lethe_generated *generated, const struct lethe_dataset *data,
                              const struct lethe_generate_options *options,
                              struct lethe_error *err);
/* The data as a generator left them. *out is a new reference and holds on to data, which is not
 * changed. LETHE_EFORMAT when the record does not fit the data. */
enum lethe_err lethe_generate_apply(struct lethe_dataset **out, struct lethe_dataset *data,
                                    const struct lethe_generated *generated,
                                    struct lethe_error *err);
/* What goes with it in held-out samples: of marks, one on every second sample or so, a coin drawn
 * from the seed whatever the class, with groups "unmarked" and "marked"; of other kinds *out is
 * another reference to data. */
enum lethe_err lethe_generate_heldout(struct lethe_dataset **out, struct lethe_dataset *data,
                                      const struct lethe_generated *generated,
                                      struct lethe_error *err);

#endif
