/* SPDX-License-Identifier: MIT
 * One side of a Kronecker block: eigenvectors of a sum of outer products x x'. Up to a width the
 * sum is made and decomposed whole. Beyond it only A W is summed, W a few hundred random columns
 * drawn from the seed, and A is approximated by Nystrom's formula (Tropp et al., 2017): as many
 * eigenvectors as hold 99.9 % of the trace. What lies outside them is for the owner to account for.
 * Check value: for a matrix of low rank both ways agree. */
#ifndef LETHE_UNLEARN_EKFAC_SIDE_H
#define LETHE_UNLEARN_EKFAC_SIDE_H

#include <stddef.h>
#include <stdint.h>
#include "lethe/error.h"

struct lethe_ekfac_side {
    size_t n, rank; /* length of a vector; vectors kept */
    double *v;      /* (rank, n) orthonormal rows; NULL: the unit vectors, rank = n */
    double kept;    /* share of the trace that they hold */
    double *sum;    /* being made: (n, n), or A W (n, columns) */
    double *w;      /* (n, columns), NULL: whole */
    size_t columns;
    double trace;
};

enum { LETHE_SIDE_COLUMNS = 512 }; /* of W, at most */

/* Ready for sums; widest: decomposed whole up to that length. unit: no basis but the unit vectors.
 * `number` tells sides apart in the random stream. */
enum lethe_err lethe_side_init(struct lethe_ekfac_side *side, size_t n, int unit, size_t widest,
                               uint64_t seed, uint64_t number, struct lethe_error *err);
void lethe_side_release(struct lethe_ekfac_side *side); /* zeroed ok */
size_t lethe_side_room(const struct lethe_ekfac_side *side,
                       size_t count); /* doubles of work for add */
/* Adds the outer products of rows (count, n). */
void lethe_side_add(struct lethe_ekfac_side *side, const double *rows, size_t count, double *work);
/* The sum is done with: its eigenvectors. */
enum lethe_err lethe_side_turn(struct lethe_ekfac_side *side, struct lethe_error *err);
/* turned (count, rank) = rows (count, n) in the basis. */
void lethe_side_into(const struct lethe_ekfac_side *side, double *turned, const double *rows,
                     size_t count);
/* Numbers of values along this side: the rank, and one for what lies outside. */
size_t lethe_side_values(const struct lethe_ekfac_side *side);

#endif
