/* SPDX-License-Identifier: MIT
 * The sums of codec/exact.h for float columns, the same integers: floats decide where they can,
 * doubles where they cannot. Memory is linear in n p, plus n times the length of the lists. */
#ifndef LETHE_CODEC_FAST_H
#define LETHE_CODEC_FAST_H

#include "codec/exact.h"
#include "codec/kernels.h"
#include "codec/line.h"

/* Work space, kept between steps and runs; zeroed to begin with. */
struct codec_fast {
    const struct codec_kernels *kernels; /* NULL: the best of this processor */
    size_t n, p, workers, room;          /* what it is allocated for; room in columns of given */
    size_t capacity;                     /* longest list */
    struct codec_near *list;             /* (n, capacity) nearest rows in the given columns */
    uint32_t *length;                    /* (n) */
    float *reach;                        /* (n) rows not listed are at least so far */
    float *given;                        /* (count, n) */
    struct codec_slack slack;
    struct codec_bench *bench; /* (workers) */
    size_t visits, settled;    /* of the last question: rows met in lists, pairs done in double */
};

/* What one worker writes to. */
struct codec_bench {
    float *d;                   /* (LANES, n) distances in the given columns, one row each */
    float *x;                   /* (LANES, n) a block turned into columns */
    double *keys;               /* (at least n and CODEC_SAMPLE, LANES) to sort */
    uint32_t *found;            /* (n) */
    uint16_t *unsure;           /* (n) */
    struct codec_point *points; /* (n) */
    double *column;             /* (n) */
    int64_t *sums;              /* (p) */
    size_t visits, settled;
};

enum lethe_err lethe_codec_sums_fast(int64_t *sums, const struct codec_question *question,
                                     struct codec_fast *fast, struct lethe_error *err);
void lethe_codec_fast_release(struct codec_fast *fast);

enum { CODEC_SAMPLE = 128 };
/* Fills list, length and reach for the question's given columns. */
void lethe_codec_lists(struct codec_fast *fast, const struct codec_question *question);
/* Fills table->first. */
enum lethe_err lethe_codec_firsts(struct codec_fast *fast, const struct codec_question *question,
                                  struct lethe_error *err);

#endif
