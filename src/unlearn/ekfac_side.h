/* SPDX-License-Identifier: MIT
 * One side of a Kronecker block: eigenvectors of a sum of outer products x x'. Up to a width the
 * sum is made and decomposed whole. Beyond it only A W is summed, W a few hundred random columns
 * drawn from the seed, and A is approximated by Nystrom's formula (Tropp et al., 2017): as many
 * eigenvectors as hold 99.9 % of the trace. What lies outside them is for the owner to account for.
 * Check value: for a matrix of low rank both ways agree.
 *
 * Sums and decompositions are in double. Where what was summed comes from passes in float, the
 * vectors know no more than a float holds, and are kept and multiplied in float: with e = 6e-8 a
 * solve is off by a few e sqrt(n) |g| / shift at most. */
#ifndef LETHE_UNLEARN_EKFAC_SIDE_H
#define LETHE_UNLEARN_EKFAC_SIDE_H

#include <stddef.h>
#include <stdint.h>
#include "lethe/error.h"
#include "lethe/nn.h"

struct lethe_ekfac_side {
    size_t n, rank; /* length of a vector; vectors kept */
    double *v;      /* (rank, n) orthonormal rows; NULL: in single, or */
    float *single;  /* (rank, n) the same; NULL, too: the unit vectors, rank = n */
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
/* The sum is done with: its eigenvectors, kept in that type. */
enum lethe_err lethe_side_turn(struct lethe_ekfac_side *side, enum lethe_dtype dtype,
                               struct lethe_error *err);
/* Is the basis that of the unit vectors? */
static inline int lethe_side_is_unit(const struct lethe_ekfac_side *side)
{
    return !side->v && !side->single;
}
size_t lethe_side_bytes(const struct lethe_ekfac_side *side); /* of the vectors */
/* Entry i of vector s. */
static inline double lethe_side_entry(const struct lethe_ekfac_side *side, size_t s, size_t i)
{
    if (side->v)
        return side->v[s * side->n + i];
    return side->single ? (double)side->single[s * side->n + i] : s == i;
}

/* ---- in the basis and back (ekfac_basis.c) -----------------------------------------------------
 * V the vectors in rows. Four products: */

/* turned (count, rank) = rows (count, n) V'. */
void lethe_side_into(const struct lethe_ekfac_side *side, double *turned, const double *rows,
                     size_t count);
/* rows (count, n) += alpha turned (count, rank) V. */
void lethe_side_back(const struct lethe_ekfac_side *side, double *rows, const double *turned,
                     size_t count, double alpha);
/* out (rank, columns) = V m, m (n, columns). */
void lethe_side_left(const struct lethe_ekfac_side *side, double *out, const double *m,
                     size_t columns);
/* out (n, columns) += alpha V' m, m (rank, columns). */
void lethe_side_left_back(const struct lethe_ekfac_side *side, double *out, const double *m,
                          size_t columns, double alpha);
/* Numbers of values along this side: the rank, and one for what lies outside. */
size_t lethe_side_values(const struct lethe_ekfac_side *side);

#endif
