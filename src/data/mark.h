/* SPDX-License-Identifier: MIT
 * A mark planted in images, for the room only. */
#ifndef LETHE_DATA_MARK_H
#define LETHE_DATA_MARK_H

#include "data/dataset.h"
#include "lethe/generate.h"

/* LETHE_EARG: texts, samples that a generator made, a mark of no size or larger than the images. */
enum lethe_err lethe_mark_check(const struct lethe_dataset *data, size_t size,
                                struct lethe_error *err);
/* Which training samples get the mark: shares of a class and of all others, drawn from the seed.
 * *generated is the caller's. LETHE_EARG: those, no such class, shares that mark none or all. */
enum lethe_err lethe_mark_draw(struct lethe_generated *generated, const struct lethe_dataset *data,
                               const struct lethe_generate_options *options,
                               struct lethe_error *err);
/* made (empty, of the shape of data) becomes a copy of data with the mark on samples ids (count,
 * increasing), who are group 1, "marked"; the others are group 0, "unmarked". */
enum lethe_err lethe_mark_plant(struct lethe_dataset *made, const struct lethe_dataset *data,
                                const size_t *ids, size_t count, size_t size,
                                struct lethe_error *err);

#endif
