/* SPDX-License-Identifier: MIT
 * Inside of EKFAC: the blocks of a network, how samples are added to them, and solves. */
#ifndef LETHE_UNLEARN_EKFAC_H
#define LETHE_UNLEARN_EKFAC_H

#include <stdatomic.h>

#include "lethe/ekfac.h"
#include "nn/grad_rows.h"
#include "unlearn/ekfac_side.h"

enum lethe_ekfac_kind {
    LETHE_EKFAC_LAYER, /* units x inputs: sums over positions of delta x' */
    LETHE_EKFAC_ROWS,  /* rows of a tensor, or of two side by side: out has no basis */
    LETHE_EKFAC_LEFT   /* diagonal */
};

/* A block's parameters as a matrix (units, width), and what is known of its curvature. */
struct lethe_ekfac_block {
    enum lethe_ekfac_kind kind;
    size_t layer, group; /* LAYER: layer of the graph, group of its filters */
    size_t first;        /* LAYER: first unit of the group */
    size_t tensor[2];    /* ROWS, LEFT: parameters; the second LETHE_NONE, or beside it */
    int table;           /* ROWS: looked up by token */
    size_t units, width; /* width: fan_in, and 1 for a bias */
    struct lethe_ekfac_side out, in;
    double *values; /* (lethe_side_values(out), of in): means over the samples; LEFT (width) */
};

struct lethe_ekfac {
    atomic_int refs;
    struct lethe_ekfac *bases; /* owner of the sides; NULL: this one is */
    struct lethe_graph *graph;
    struct lethe_ekfac_block *blocks;
    size_t count, size, samples, draws, positions;
    uint64_t seed;
    unsigned threads;
};

/* What spec says of it; no blocks yet. NULL when out of memory. */
struct lethe_ekfac *lethe_ekfac_begin(const struct lethe_ekfac_spec *spec);

/* ---- blocks (ekfac_block.c) ------------------------------------------------------------------ */

/* What a network is divided into; sides and values are not made. */
enum lethe_err lethe_ekfac_divide(struct lethe_ekfac *ekfac, const struct lethe_grad_rows *rows,
                                  size_t widest, struct lethe_error *err);
/* matrix (units, width) from v (parameters), and back. */
void lethe_ekfac_gather(double *matrix, const struct lethe_ekfac *ekfac,
                        const struct lethe_ekfac_block *block, const double *v);
void lethe_ekfac_scatter(double *v, const struct lethe_ekfac *ekfac,
                         const struct lethe_ekfac_block *block, const double *matrix);

/* ---- samples (ekfac_add.c) ------------------------------------------------------------------- */

/* What a batch gives to one block; one for each thread. */
struct lethe_ekfac_hand {
    struct lethe_grad_rows *rows;
    double *work;
    size_t *entry;                   /* (lookups) */
    const struct lethe_watch *watch; /* once cancelled, samples are left out; NULL ok */
};
/* Doubles of work for a block. */
size_t lethe_ekfac_room(const struct lethe_ekfac_block *block, const struct lethe_grad_rows *rows);
/* Adds the n samples of the batch at hand to the block's factors; direction 0 brings the inputs. */
void lethe_ekfac_add_factors(const struct lethe_ekfac *ekfac, struct lethe_ekfac_block *block,
                             struct lethe_ekfac_hand *hand, size_t n, size_t direction);
/* values += by * the squares of the samples' gradients in the bases. */
void lethe_ekfac_add_values(const struct lethe_ekfac *ekfac, struct lethe_ekfac_block *block,
                            struct lethe_ekfac_hand *hand, size_t n, double by);

/* ---- solves (ekfac_solve.c) ------------------------------------------------------------------ */

/* x = (E + shift I) x or its inverse, for the blocks that `touched` marks (NULL: all), shared out
 * over threads where that pays. */
enum lethe_err lethe_ekfac_apply(const struct lethe_ekfac *ekfac, double *x, double shift,
                                 int inverse, const unsigned char *touched,
                                 struct lethe_watch *watch, struct lethe_error *err);
/* A vector in the bases of the blocks, for solves at many shifts. */
struct lethe_ekfac_turned {
    size_t *at;    /* (blocks) where each begins in: */
    double *parts; /* lethe_ekfac_turned_room doubles */
};
size_t lethe_ekfac_turned_room(const struct lethe_ekfac *ekfac);
/* Of x (parameters), which is left alone. LETHE_ENOMEM only, and nothing is held then. */
enum lethe_err lethe_ekfac_turn(struct lethe_ekfac_turned *turned, const struct lethe_ekfac *ekfac,
                                double *x, const unsigned char *touched, struct lethe_error *err);
/* x (parameters): (E + shift I)^-1 of what was turned, bit for bit as lethe_ekfac_apply has it;
 * what `touched` leaves out stays as it is. shift > 0. */
enum lethe_err lethe_ekfac_solve_turned(const struct lethe_ekfac *ekfac, double *x, double shift,
                                        const struct lethe_ekfac_turned *turned,
                                        const unsigned char *touched, struct lethe_error *err);
void lethe_ekfac_turned_release(struct lethe_ekfac_turned *turned); /* zeroed ok */
/* How many workers `threads` stands for, 0 being one for each processor. */
size_t lethe_ekfac_workers(unsigned threads);

#endif
