/* SPDX-License-Identifier: MIT
 * The working table of one question: the ranks of y, and the columns checked, scaled, jittered and
 * put into the order of y. In that order min(R_i, R_m) is rank[min(i, m)], ties in y included.
 * Positions in that order are called i, j, m; `row` leads back to the rows of the input. */
#ifndef LETHE_CODEC_TABLE_H
#define LETHE_CODEC_TABLE_H

#include "codec/pool.h"
#include "lethe/codec.h"

struct codec_table {
    size_t n, p;
    uint64_t seed;
    uint32_t *row;         /* (n) row of the input at a position */
    uint32_t *tie;         /* (n) key of a position's row, see codec/tie.h */
    uint32_t *rank;        /* (n) R, never falls */
    uint32_t *least;       /* (n) L */
    int64_t sum_rank;      /* sum R */
    int64_t sum_least2;    /* sum L^2 */
    int64_t spread;        /* sum L (n - L), 0: y is constant */
    unsigned char *usable; /* (p) 0: constant or dead */
    double *x;             /* (p, n) one column after the other */
    size_t capacity[3];    /* allocated: rows, columns, entries of x */
};

/* Fills a zeroed or an earlier table; on failure it can be filled again or released. */
enum lethe_err lethe_codec_table_fill(struct codec_table *table,
                                      const struct lethe_codec_input *input,
                                      const struct lethe_codec_options *options,
                                      struct codec_pool *pool, struct lethe_error *err);
void lethe_codec_table_release(struct codec_table *table);

#endif
