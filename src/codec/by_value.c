/* SPDX-License-Identifier: MIT
 * The columns of a long table, sorted. A pair of row and column that the lists leave open is then
 * settled among the rows that are near in this column, not among all rows. The order is made when
 * the first column has been selected, and serves all later steps. */
#include "base/alloc.h"
#include "codec/fast.h"

#include <string.h>

enum { LANES = CODEC_LANES };

struct sorting {
    struct codec_fast *fast;
    const struct codec_table *table;
};

/* Value and position in one double, see CODEC_INDEX_BITS; order of equal values does not matter. */
static void sort_block(void *argument, size_t block, unsigned worker)
{
    const struct sorting *job = argument;
    const struct codec_table *table = job->table;
    size_t n = table->n;
    double *keys = job->fast->bench[worker].keys;
    const float *x = table->x32 + block * LANES * n;
    uint64_t bits, mask = ((uint64_t)1 << CODEC_INDEX_BITS) - 1;
    for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l < LANES; l++) {
            double value = (double)x[i * LANES + l];
            memcpy(&bits, &value, sizeof bits);
            bits |= i;
            memcpy(&keys[i * LANES + l], &bits, sizeof bits);
        }
    table->kernels->sort(keys, n);
    for (size_t l = 0; l < LANES; l++) {
        uint32_t *order = table->by_value + (block * LANES + l) * n;
        for (size_t k = 0; k < n; k++) {
            memcpy(&bits, &keys[k * LANES + l], sizeof bits);
            order[k] = (uint32_t)(bits & mask);
        }
    }
}

enum lethe_err lethe_codec_sort_columns(struct codec_fast *fast,
                                        const struct codec_question *question,
                                        struct lethe_error *err)
{
    struct codec_table *table = question->table;
    struct sorting job = {fast, table};
    size_t blocks = codec_blocks(table->p);
    if (table->by_value || !fast->is_long)
        return LETHE_OK;
    table->by_value = lethe_alloc(blocks * LANES, table->n * sizeof *table->by_value);
    if (!table->by_value)
        return lethe_fail_memory(err, "sorted columns", blocks * LANES,
                                 table->n * sizeof *table->by_value);
    lethe_threads_run(question->pool, sort_block, &job, blocks, question->watch);
    return LETHE_OK;
}
