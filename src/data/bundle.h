/* SPDX-License-Identifier: MIT
 * What the two halves of the bundle code share: memory of a bundle's texts and the known keys. */
#ifndef LETHE_DATA_BUNDLE_H
#define LETHE_DATA_BUNDLE_H

#include "data/words.h"
#include "lethe/bundle.h"

enum { LETHE_BUNDLE_VERSION = 1 };

/* Texts and number lists that live as long as the bundle. */
struct lethe_bundle_store {
    void **block;
    size_t count, room;
    struct lethe_words classes, groups; /* names */
};

/* Memory that is freed with the bundle; NULL (err filled) when there is none. */
void *lethe_bundle_alloc(struct lethe_bundle *bundle, size_t count, size_t size,
                         struct lethe_error *err);
/* Fills the bundle from its document. */
enum lethe_err lethe_bundle_read(struct lethe_bundle *bundle, struct lethe_error *err);
/* 1 when the program knows a key at the top of a bundle. */
int lethe_bundle_knows(const char *key);

#endif
