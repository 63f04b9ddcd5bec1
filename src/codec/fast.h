/* SPDX-License-Identifier: MIT
 * The sums of codec/exact.h, the same integers: floats decide where they can, doubles where they
 * cannot. Memory is linear in n p, plus n times the length of the lists. */
#ifndef LETHE_CODEC_FAST_H
#define LETHE_CODEC_FAST_H

#include "codec/exact.h"
#include "codec/kernels.h"
#include "codec/line.h"

/* Work space, kept between steps and runs; zeroed to begin with. */
struct codec_fast {
    const struct codec_kernels *kernels; /* the table's */
    size_t n, p, workers;                /* of the last question */
    size_t capacity;                     /* longest list */
    size_t room[3];                      /* allocated: rows, columns, entries of list */
    size_t given_room;                   /* allocated columns of given */
    struct codec_near *list;             /* (n, capacity) nearest rows in the given columns */
    struct codec_reach *reach;           /* (n) what the list of each row holds */
    uint32_t *lone;                      /* (n) rows that need lists, then the grouped rows */
    size_t lone_count;
    struct codec_group *group; /* (n / CODEC_GROUP + 1) */
    size_t group_count;
    struct codec_point *outside; /* (n / CODEC_GROUP + 1, CODEC_OUTSIDE) */
    struct codec_near *near;     /* the same in float */
    uint32_t *first;             /* (n, CODEC_FIRST) tie orders within groups; NULL: no groups */
    float *given;                /* (count, n) */
    float *point;                /* (n, count) the same turned */
    float *ordered;              /* (count, n) in the order of the first, then (count, SAMPLE) */
    uint32_t *order, *place;     /* (n) that order, and where in it each position is */
    float *tiny;                 /* (blocks, LANES) slack of distances that include a column */
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

enum { CODEC_SAMPLE = 128, CODEC_GROUP = 64, CODEC_OUTSIDE = 256 };
/* Parts the rows into groups of at least CODEC_GROUP, and lone ones. */
enum lethe_err lethe_codec_groups(struct codec_fast *fast, const struct codec_question *question,
                                  struct lethe_error *err);
/* Fills list and reach of the lone rows for the given columns. */
void lethe_codec_lists(struct codec_fast *fast, const struct codec_question *question);

#endif
