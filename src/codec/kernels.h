/* SPDX-License-Identifier: MIT
 * The inner loops of the fast path, sixteen columns or rows at a time. src/codec/lanes is compiled
 * once per instruction set; the processor decides at run time which set is used. Distances in float
 * steer where to look and are never the last word: there the sets need not round alike. */
#ifndef LETHE_CODEC_KERNELS_H
#define LETHE_CODEC_KERNELS_H

#include <stddef.h>
#include <stdint.h>

enum { CODEC_LANES = 16, CODEC_STRETCH = 128, CODEC_FIRST = 64 };
#define CODEC_NONE UINT32_MAX

/* A listed neighbour: squared distance in the given columns, and position. */
struct codec_near {
    float d;
    uint32_t j;
};

/* How far float distances may be off: true values lie within d (1 +- slack) +- tiny. */
struct codec_slack {
    float shrink; /* 1 - 4 slack */
    float grow;   /* 1 + 4 slack */
    float tiny;   /* of distances in the given columns alone */
};

/* One row against one block of columns. */
struct codec_walk {
    float best[CODEC_LANES];   /* out: smallest distance met */
    float second[CODEC_LANES]; /* the next smallest, of another row */
    uint32_t at[CODEC_LANES];  /* out: where best is */
    int begun;                 /* not 0: the three hold what is known already */
    const float *block;        /* (n, LANES) */
    const float *tiny;         /* (LANES) slack of distances that include the lane */
    size_t i;
    const struct codec_near *list; /* (count) nearest first */
    const struct codec_near *rest; /* (rest_count) in any order, no nearer than beyond */
    size_t count, rest_count;
    size_t visits; /* out, added to */
    float beyond;
    float reach; /* no row that is not listed is nearer in the given columns */
    struct codec_slack slack;
};

/* Sorted lanes of keys, whose low CODEC_INDEX_BITS are positions. Where a lane's nearest row on the
 * line is certain and its squared distance below bound, rank[min(i, nearest)] is added to the
 * lane's sum. Elsewhere the lane's bit of open[i] is set, and what is known is left at i. */
struct codec_line {
    const double *keys; /* (count, LANES) */
    size_t count;
    const uint32_t *rank;
    double bound;
    uint16_t *open;            /* (n) bits are added */
    float *best, *second;      /* (n, LANES) out: smallest and next smallest squared distance */
    uint32_t *at;              /* (n, LANES) out: where best is */
    int64_t sums[CODEC_LANES]; /* out, added to */
};

/* Some columns side by side, column k beginning at x + k stride. */
struct codec_columns {
    const float *x;
    size_t count, stride;
};

struct codec_kernels {
    const char *name;
    /* d (n): squared distances of the first n rows to the point `at` (count). */
    void (*distances)(float *d, const struct codec_columns *columns, const float *at, size_t n);
    /* Bits of the lanes whose nearest row is not certain. */
    unsigned (*walk)(struct codec_walk *walk);
    /* Smallest d[j] + (x[j] - at)^2, of every stretch of CODEC_STRETCH rows into lows, of all as
     * the answer. */
    float (*lowest)(float *lows, const float *d, const float *x, float at, size_t n);
    /* The same in double, exactly. A NaN in d is passed over. */
    double (*lows)(double *lows, const double *d, const double *x, double at, size_t n);
    /* Writes the j with d[j] + (x[j] - at)^2 <= limit, rising; returns how many. found is (n). */
    size_t (*within)(uint32_t *found, const float *d, const float *x, const float bounds[2],
                     size_t n);
    /* The same for d[j] < limit. */
    size_t (*below)(uint32_t *found, const float *d, float limit, size_t n);
    /* Sorts every lane of keys (n, LANES), rising. No NaN. */
    void (*sort)(double *keys, size_t n);
    void (*line)(struct codec_line *line);
    /* at[l] = the first row of `first` (CODEC_FIRST, or ended by CODEC_NONE) whose lane l equals
     * that of row i. Returns the lanes that have one; looks no further once it has `wanted`. */
    unsigned (*same)(uint32_t *at, const float *block, size_t i, const uint32_t *first,
                     unsigned wanted);
    /* t[k] = codec_tie(key, row[k]) / 2, rounded. */
    void (*ties)(float *t, uint32_t key, const uint32_t *row, size_t count);
    /* Of v (n, LANES): counts equal neighbours per lane; 0 when a number is not finite. */
    int (*look_over)(size_t repeats[CODEC_LANES], const double *v, size_t n);
    /* Divides every lane by its standard deviation; one that does not vary is left alone. */
    void (*divide_by_sd)(double *v, size_t n);
};

/* A float widened to double has 29 zero bits at its end: room for a position, after which one
 * comparison of doubles orders by value and then by position. */
enum { CODEC_INDEX_BITS = 29 };

/* All sets this processor can run, the best first; *count is how many. */
const struct codec_kernels *const *lethe_codec_kernels(size_t *count);

extern const struct codec_kernels lethe_codec_kernels_base;
extern const struct codec_kernels lethe_codec_kernels_avx2;
extern const struct codec_kernels lethe_codec_kernels_avx512;

#endif
