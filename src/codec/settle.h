/* SPDX-License-Identifier: MIT
 * What floats leave open is settled here by the definition, in double, one row and lane at a time.
 */
#ifndef LETHE_CODEC_SETTLE_H
#define LETHE_CODEC_SETTLE_H

#include "codec/fast.h"

/* One row of one block of columns, while its open lanes are settled. */
struct codec_row {
    const struct codec_question *question;
    const struct codec_fast *fast;
    struct codec_bench *bench;
    size_t block, i;
    const float *x32; /* (n, LANES) the block */
    int has_x, has_d; /* bench->x holds this block, bench->d this row */
};

/* The number of the table that the definition compares. */
static inline double codec_row_value(const struct codec_row *row, unsigned lane, size_t j)
{
    const struct codec_table *table = row->question->table;
    return table->x64 ? table->x64[(row->block * CODEC_LANES + lane) * table->n + j]
                      : (double)row->x32[j * CODEC_LANES + lane];
}

/* Nearest row by the definition; walk (NULL: none) is what the lists gave. */
uint32_t lethe_codec_settle(struct codec_row *row, unsigned lane, const struct codec_walk *walk);

/* Adds a group of rows to the sums of the lanes that are live: the rows sorted by each column. */
void lethe_codec_group_sums(int64_t *sums, struct codec_row *row, const struct codec_group *group,
                            unsigned live);

#endif
