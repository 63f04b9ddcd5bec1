/* SPDX-License-Identifier: MIT
 * The working table of one question: the ranks of y, and the columns checked, scaled, jittered and
 * put into the order of y. In that order min(R_i, R_m) is rank[min(i, m)], ties in y included.
 * Positions in that order are called i, j, m; `row` leads back to the rows of the input. */
#ifndef LETHE_CODEC_TABLE_H
#define LETHE_CODEC_TABLE_H

#include "codec/kernels.h"
#include "base/threads.h"
#include "lethe/codec.h"

struct codec_table {
    size_t n, p;
    uint64_t seed;
    const struct codec_kernels *kernels; /* the best of this processor, unless set before filling */
    size_t long_rows;    /* from so many rows on the table is long; 0 before filling: the default */
    size_t list_entries; /* neighbours kept in lists at once, likewise */
    uint32_t *row;       /* (n) row of the input at a position */
    uint32_t *tie;       /* (n) key of a position's row, see codec/tie.h */
    uint32_t *rank;      /* (n) R, never falls */
    int64_t sum_rank;    /* sum R */
    int64_t sum_least2;  /* sum L^2 */
    int64_t spread;      /* sum L (n - L), 0: y is constant */
    unsigned char *usable; /* (p) 0: constant or dead */
    double *x64;           /* (p, n) one column after the other; NULL when the input has floats */
    float *x32; /* (blocks, n, CODEC_LANES), the last block filled up with zeros. Of doubles it
                   holds the columns centred, times factor and rounded, once
                   lethe_codec_table_narrow was called */
    double factor, *error; /* doubles only: (blocks, CODEC_LANES) how far a difference may be off */
    uint32_t *first;    /* (n, CODEC_FIRST) positions first in the tie order of each position, ends
                           with CODEC_NONE; NULL unless many rows are equal */
    uint32_t *by_value; /* (blocks * LANES, n) positions by rising x32 of a column; NULL unless the
                           table is long */
    size_t repeats;     /* pairs of neighbouring positions equal in a column, over all columns */
    size_t room[2];     /* allocated: rows, columns */
};

static inline size_t codec_blocks(size_t p)
{
    return (p + CODEC_LANES - 1) / CODEC_LANES;
}

/* out is (n). */
void lethe_codec_table_column(double *out, const struct codec_table *table, size_t column);

/* Fills a zeroed or an earlier table; on failure it can be filled again or released. */
enum lethe_err lethe_codec_table_fill(struct codec_table *table,
                                      const struct lethe_codec_input *input,
                                      const struct lethe_codec_options *options,
                                      struct lethe_threads *pool, struct lethe_error *err);
void lethe_codec_table_release(struct codec_table *table);

/* Fills first (n, CODEC_FIRST) at the positions `rows` (count): which of these rows come first in
 * the tie order of each, not counting itself. */
enum lethe_err lethe_codec_firsts(uint32_t *first, const struct codec_table *table,
                                  const uint32_t *rows, size_t count, struct lethe_threads *pool,
                                  struct lethe_error *err);
/* Fills table->first, for all rows, if so many are equal that it pays. */
enum lethe_err lethe_codec_table_firsts(struct codec_table *table, struct lethe_threads *pool,
                                        struct lethe_error *err);
/* Fills x32, factor and error of a table of doubles. factor is 0, and the others are not filled,
 * when squares of doubles would overflow or vanish. */
enum lethe_err lethe_codec_table_narrow(struct codec_table *table, struct lethe_threads *pool,
                                        struct lethe_error *err);
/* The middle and half the width of the range of x (n). */
void lethe_codec_range(double *middle, double *half, const double *x, size_t n);
/* How far a difference of rounded values may be off, for half such a range. */
double lethe_codec_narrow_error(double half);

#endif
