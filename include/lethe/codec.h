/* SPDX-License-Identifier: MIT
 * CODEC and FOCI (Azadkia and Chatterjee, Ann. Stat. 2021), with the jitter of L-CODEC and L-FOCI
 * (Mehta et al., CVPR 2022). Plain arrays in, plain structs out: nothing here knows of networks.
 *
 * With R_i = #{j : y_j <= y_i}, L_i = #{j : y_j >= y_i}, N(i) the nearest other row in x and M(i)
 * in (x, z),
 *   T(y, z | x) = sum(min(R_i, R_M(i)) - min(R_i, R_N(i))) / sum(R_i - min(R_i, R_N(i)))
 *   T(y, z)     = sum(n min(R_i, R_M(i)) - L_i^2) / sum(L_i (n - L_i)).
 * A squared distance is the sum, in double and in order of selection, of the squared differences.
 * Among equally near rows the one with the smallest lethe_codec_tie wins. Sums are integers, so a
 * result depends on data, options and seed, and not on threads, processor or algorithm. */
#ifndef LETHE_CODEC_H
#define LETHE_CODEC_H

#include <stddef.h>
#include <stdint.h>
#include "lethe/cancel.h"
#include "lethe/error.h"

enum {
    LETHE_CODEC_MAX_ROWS = 2000000, /* n^3 has to fit 63 bits */
    LETHE_FOCI_RUNNERS = 5          /* best losers kept per step */
};

enum lethe_codec_scaling {
    LETHE_SCALING_SD,  /* every column divided by its standard deviation (n - 1) */
    LETHE_SCALING_NONE /* columns as they are */
};

/* What is asked about. All arrays are borrowed and must hold finite numbers. Float columns are
 * scaled in double and rounded back to float; that rounded table is then compared exactly. */
struct lethe_codec_input {
    size_t n, p;               /* rows (2 to LETHE_CODEC_MAX_ROWS), columns (at least 1) */
    const float *x32;          /* (n, p) row-major; exactly one of x32 and x64 is set */
    const double *x64;         /* (n, p) row-major */
    const double *y;           /* (n) */
    const unsigned char *dead; /* (p), not 0: column is never selected; NULL: none is dead */
};

struct lethe_codec_options {
    uint64_t seed; /* ties, jitter, permutations, resampling */
    enum lethe_codec_scaling scaling;
    double jitter;    /* sd of the noise added to x and y after scaling; 0: none */
    unsigned threads; /* 0 and 1: none besides the caller */
};

struct lethe_foci_options {
    struct lethe_codec_options codec;
    size_t max;    /* steps at most, 0: as many as there are columns */
    int stop;      /* not 0: stop where the best conditional T is <= 0 */
    int past_stop; /* not 0: go on to max after that, to show what lies below the line */
};

/* Order of the fields' names in lethe_foci_stop_name. */
enum lethe_foci_stop {
    LETHE_FOCI_RUNNING,
    LETHE_FOCI_NO_GAIN,    /* the best conditional T is <= 0 */
    LETHE_FOCI_FUNCTION,   /* y is already a function of the selected columns */
    LETHE_FOCI_MAX,        /* max columns selected */
    LETHE_FOCI_ALL,        /* every column that may be selected is selected */
    LETHE_FOCI_CONSTANT_Y, /* y is constant: T is undefined, nothing is selected */
    LETHE_FOCI_NO_COLUMN,  /* every column is constant or dead */
    LETHE_FOCI_STOP_COUNT
};

struct lethe_foci_runner {
    size_t column;
    double conditional;
};

struct lethe_foci_step {
    size_t column;
    double conditional; /* T(y, column | selected before); of the first: T(y, column) */
    double cumulative;  /* T(y, all selected so far) */
    size_t runner_count;
    struct lethe_foci_runner runners[LETHE_FOCI_RUNNERS]; /* best losers, best first */
};

struct lethe_foci_result {
    size_t n, p;
    enum lethe_codec_scaling scaling;
    struct lethe_foci_step *steps; /* (count) */
    size_t count;                  /* steps taken, those below the line too */
    size_t selected;               /* steps above the line; count unless past_stop */
    enum lethe_foci_stop stopped;  /* why `selected` is not larger */
    double *marginal;              /* (p) T(y, column); 0 where usable is 0 or y is constant */
    unsigned char *usable;         /* (p) 0: constant or dead, never selected */
};

/* Selects columns one by one. A struct lethe_foci owns the work space and the threads; starting
 * again reuses both. The paper's `cheap` mode is max = 1, stop = 0. */
struct lethe_foci;
/* *foci is new and empty (lethe_foci_free). LETHE_ENOMEM only. */
enum lethe_err lethe_foci_new(struct lethe_foci **foci, struct lethe_error *err);
void lethe_foci_free(struct lethe_foci *foci); /* NULL ok */
/* Copies, scales and checks the input, which is not needed afterwards. */
enum lethe_err lethe_foci_start(struct lethe_foci *foci, const struct lethe_codec_input *input,
                                const struct lethe_foci_options *options, struct lethe_error *err);
/* One more step; 0 in *more when there is none left. Cancelling leaves the steps made so far. */
enum lethe_err lethe_foci_step(struct lethe_foci *foci, int *more, struct lethe_watch *watch,
                               struct lethe_error *err);
/* Borrowed, valid until the next start or free. */
const struct lethe_foci_result *lethe_foci_peek(const struct lethe_foci *foci);

/* All of it in one call. The result is the caller's, to be released. */
enum lethe_err lethe_foci_run(struct lethe_foci_result *result,
                              const struct lethe_codec_input *input,
                              const struct lethe_foci_options *options, struct lethe_watch *watch,
                              struct lethe_error *err);
void lethe_foci_result_release(struct lethe_foci_result *result); /* zeroed ok */
/* Static text: "no gain", "function", "max", "all columns", "constant y", "no column". */
const char *lethe_foci_stop_name(enum lethe_foci_stop stopped);

/* One value of T. */
struct lethe_codec_value {
    double value; /* 0 when not defined */
    int defined;  /* 0: y is constant, or (conditional) already a function of the given columns */
    int64_t numerator, denominator;
};

/* T(y, columns of `added` | columns of `given`); given_count 0: T(y, columns). Columns are numbers
 * of input's columns, added_count at least 1. Distances sum the given first. */
struct lethe_codec_sets {
    const size_t *given, *added;
    size_t given_count, added_count;
};
/* LETHE_EARG: numbers that are not finite, too few or too many rows, columns that are not there. */
enum lethe_err lethe_codec(struct lethe_codec_value *value, const struct lethe_codec_input *input,
                           const struct lethe_codec_sets *sets,
                           const struct lethe_codec_options *options, struct lethe_error *err);

/* The pairs behind a value: for every row its rank and both neighbours. The sum of gain is the
 * numerator of the conditional T. Every pair of rows is looked at: a table of 100,000 rows takes
 * minutes, and can be cancelled here (lethe_codec cannot). */
struct lethe_codec_pairs {
    size_t n;
    struct lethe_codec_value value;
    struct lethe_codec_pair {
        size_t rank;   /* R_i, 1 to n */
        size_t before; /* N(i) in the given columns; SIZE_MAX when none are given */
        size_t after;  /* M(i) in given and added */
        int64_t gain;  /* min(R_i, R_M) - min(R_i, R_N); without given columns min(R_i, R_M) */
    } * pair;          /* (n) in the order of the rows */
};
/* *pairs is the caller's (release). Errors as lethe_codec, and LETHE_ECANCEL. */
enum lethe_err lethe_codec_why(struct lethe_codec_pairs *pairs,
                               const struct lethe_codec_input *input,
                               const struct lethe_codec_sets *sets,
                               const struct lethe_codec_options *options, struct lethe_watch *watch,
                               struct lethe_error *err);
void lethe_codec_pairs_release(struct lethe_codec_pairs *pairs); /* zeroed ok */

/* Null band: y is permuted `count` times (200 by default of the callers); band is the 95 % point of
 * the largest marginal T over all usable columns. maxima is (count), sorted, or NULL.
 * LETHE_EARG when y is constant or no column is usable. */
enum lethe_err lethe_codec_null(double *band, double *maxima, const struct lethe_codec_input *input,
                                size_t count, const struct lethe_codec_options *options,
                                struct lethe_watch *watch, struct lethe_error *err);

/* Stability: `runs` times FOCI on the distinct rows of a bootstrap sample (about 63 % of them; a
 * repeated row would be its own neighbour). times (p) counts how often a column was selected. */
enum lethe_err lethe_foci_stability(size_t *times, const struct lethe_codec_input *input,
                                    size_t runs, const struct lethe_foci_options *options,
                                    struct lethe_watch *watch, struct lethe_error *err);

/* Order among rows j that are equally near to row i: smallest first, never equal for two j. Rows
 * are numbered as in the input, below 2^32. */
uint32_t lethe_codec_tie(uint64_t seed, size_t i, size_t j);

#endif
