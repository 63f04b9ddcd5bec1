/* SPDX-License-Identifier: MIT
 * The sums of codec/exact.h, the same integers: floats decide where they can, doubles where they
 * cannot. Memory is linear in n p, plus n times the length of the lists. */
#ifndef LETHE_CODEC_FAST_H
#define LETHE_CODEC_FAST_H

#include "codec/exact.h"
#include "codec/kernels.h"
#include "codec/column.h"

/* More than the square root of LETHE_CODEC_MAX_ROWS, the number of strips. */
enum { CODEC_RUNS = 2048 };

/* Work space, kept between steps and runs; zeroed to begin with. */
struct codec_fast {
    const struct codec_kernels *kernels; /* the table's */
    size_t n, p, workers;                /* of the last question */
    int is_long;                         /* at least table->long_rows rows */
    size_t capacity;                     /* longest list */
    size_t list_rows, list_from;         /* lists kept at once; which lone row has the first */
    size_t room[3];                      /* allocated: rows, columns, entries of list */
    size_t given_room;                   /* allocated columns of given */
    struct codec_near *list;   /* (list_rows, capacity) nearest rows in the given columns */
    struct codec_reach *reach; /* (n, of which list_rows are used) what each list holds */
    uint32_t *lone;            /* (n) rows that need lists, then the grouped rows */
    size_t lone_count;
    struct codec_group *group; /* (n / CODEC_GROUP + 1) */
    size_t group_count;
    struct codec_point *outside; /* (n / CODEC_GROUP + 1, CODEC_OUTSIDE) */
    struct codec_near *near;     /* the same in float */
    uint32_t *first;             /* (n, CODEC_FIRST) tie orders within groups; NULL: no groups */
    float *given;                /* (count, n) */
    float *point;                /* (n, count) the same turned */
    float *ordered;              /* (count, n) in the order of the first, then (count, sample) */
    size_t sample;               /* rows that say how far to look */
    uint32_t *order, *place;     /* (n) that order, and where in it each position is */
    size_t strip; /* of long tables: so many rows in that order are sorted by the second */
    float strip_low[CODEC_RUNS], strip_high[CODEC_RUNS]; /* of the first column */
    float *tiny; /* (blocks, LANES) slack of distances that include a column */
    struct codec_slack slack;
    struct codec_bench *bench; /* (workers) */
    size_t visits, settled;    /* of the last question: rows met in lists, pairs done in double */
};

/* A list is `rest` rows in any order, then `length` rows nearest first. */
struct codec_reach {
    uint32_t rest, length;
    float beyond; /* rows of the rest are at least so far */
    float limit;  /* rows not listed are at least so far */
};

/* Rows equal in all given columns: among them the added column alone decides, so they are sorted by
 * it, as with nothing given. All are equally far from a row outside. */
struct codec_group {
    const uint32_t *rows; /* (count) */
    size_t count;
    struct codec_point *outside; /* (outside_count) nearest first; x is the squared distance */
    struct codec_near *near;     /* (outside_count) the same in float */
    size_t outside_count;
    double bound;          /* squared distance of the first outside */
    double beyond;         /* no row that is not listed is nearer than this */
    float reach;           /* the same in float */
    const uint32_t *first; /* (n, CODEC_FIRST) at rows: tie orders within the group, or NULL */
};

/* What one worker writes to. */
struct codec_bench {
    float *d;                   /* (LANES, n) distances in the given columns, one row each */
    float *x;                   /* (LANES, n) a block turned into columns */
    float *lows;                /* (codec_lows(n)) smallest distances of stretches of rows */
    double *keys;               /* (at least n and CODEC_SAMPLE, LANES) to sort */
    uint32_t *found;            /* (n) */
    uint16_t *open;             /* (n) lanes of a row, of a group, that are not certain yet */
    float *best, *second;       /* (n, LANES) of such rows: smallest distances inside the group */
    uint32_t *at;               /* (n, LANES) the row of best */
    struct codec_point *points; /* (n) */
    double *column;             /* (n) */
    int64_t *sums;              /* (p) */
    size_t visits, settled;
};

enum lethe_err lethe_codec_sums_fast(int64_t *sums, const struct codec_question *question,
                                     struct codec_fast *fast, struct lethe_error *err);
void lethe_codec_fast_release(struct codec_fast *fast);
void lethe_codec_fast_forget_given(struct codec_fast *fast);
/* Makes room for a question. */
enum lethe_err lethe_codec_fast_prepare(struct codec_fast *fast,
                                        const struct codec_question *question,
                                        struct lethe_error *err);

enum { CODEC_SAMPLE = 512, CODEC_GROUP = 64, CODEC_OUTSIDE = 256 };
/* Parts the rows into groups of at least CODEC_GROUP, and lone ones. */
enum lethe_err lethe_codec_groups(struct codec_fast *fast, const struct codec_question *question,
                                  struct lethe_error *err);
/* Orders the rows by the first given column, the lone ones of a long table too: lists of rows that
 * stand side by side then hold much the same rows, which are still in the cache. */
void lethe_codec_lists_begin(struct codec_fast *fast, const struct codec_question *question);
/* Fills list and reach of the lone rows [from, from + list_rows) for the given columns. */
void lethe_codec_lists(struct codec_fast *fast, const struct codec_question *question, size_t from);

/* Fills table->by_value of a long table. */
enum lethe_err lethe_codec_sort_columns(struct codec_fast *fast,
                                        const struct codec_question *question,
                                        struct lethe_error *err);

/* A list's place: of the k-th lone row, which is among those listed now. */
static inline struct codec_near *codec_list(const struct codec_fast *fast, size_t k)
{
    return fast->list + (k - fast->list_from) * fast->capacity;
}

#endif
