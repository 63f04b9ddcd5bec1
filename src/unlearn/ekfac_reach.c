/* SPDX-License-Identifier: MIT
 * Blocks do not know of each other, so each block's part of the blanket is looked at alone, and a
 * Cholesky factor in the blanket's order serves every number of units: with L L' = M the squares of
 * L^-1 g, one after the other, are what each row adds.
 *
 * A layer's units come with all of their inputs. Along the inputs' eigenvectors they do not mix:
 * eigenvector a has a matrix of its own over the units, M_a = U_J' (values along a + shift) U_J,
 * and what lies outside the eigenvectors has one for all. Rows of other tensors are written out
 * whole. Check value: conjugate gradients on the mask of the same units. */
#include "unlearn/ekfac_reach.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "tensor/lapack.h"
#include "unlearn/ekfac.h"

/* One row of a block's matrix, or one entry of a row, and the unit of the blanket it came with. */
struct part {
    size_t at, unit, entries;
};

struct looker {
    const struct lethe_ekfac *ekfac;
    const struct lethe_blanket *blanket;
    const double *g;
    double shift;
    size_t count;       /* units */
    double *code;       /* (parameters) place in the blocks, one after the other */
    size_t *first;      /* (blocks + 1) of each block's places */
    struct part *parts; /* (parameters of the blanket) of the block, or row, at work */
    double *gain;       /* (count) */
};

/* ---- where entries are ----------------------------------------------------------------------- */

static size_t cells(const struct lethe_ekfac_block *block)
{
    return block->units * block->width;
}

static enum lethe_err find_places(struct looker *l, struct lethe_error *err)
{
    size_t most = 1;
    for (size_t b = 0; b < l->ekfac->count; b++)
        most = cells(&l->ekfac->blocks[b]) > most ? cells(&l->ekfac->blocks[b]) : most;
    double *matrix = lethe_alloc(most, sizeof *matrix);
    if (!matrix)
        return lethe_fail_memory(err, "places of parameters", most, sizeof *matrix);
    l->first[0] = 0;
    for (size_t b = 0; b < l->ekfac->count; b++) {
        const struct lethe_ekfac_block *block = &l->ekfac->blocks[b];
        for (size_t i = 0; i < cells(block); i++)
            matrix[i] = (double)(l->first[b] + i);
        lethe_ekfac_scatter(l->code, l->ekfac, block, matrix);
        l->first[b + 1] = l->first[b] + cells(block);
    }
    lethe_free(matrix);
    return LETHE_OK;
}

/* The block's place of entry e of the blanket, or LETHE_NONE. */
static size_t place_of(const struct looker *l, size_t b, size_t e)
{
    const size_t at = (size_t)l->code[l->blanket->index[e]];
    return at >= l->first[b] && at < l->first[b + 1] ? at - l->first[b] : LETHE_NONE;
}

/* Rows of the block's matrix that the blanket has entries of, in its order. */
static size_t find_rows(const struct looker *l, size_t b)
{
    const size_t width = l->ekfac->blocks[b].width;
    size_t rows = 0;
    for (size_t k = 0; k < l->count; k++)
        for (size_t e = l->blanket->offset[k]; e < l->blanket->offset[k + 1]; e++) {
            const size_t at = place_of(l, b, e);
            size_t r = rows;
            if (at == LETHE_NONE)
                continue;
            while (r && (l->parts[r - 1].at != at / width || l->parts[r - 1].unit != k))
                r--;
            if (!r)
                l->parts[rows++] = (struct part){at / width, k, 1};
            else
                l->parts[r - 1].entries++;
        }
    return rows;
}

/* ---- units of a layer ------------------------------------------------------------------------ */

/* m (rows, rows) = U_J' diag(values[., column] + shift) U_J. */
static void along_units(double *m, const struct looker *l, const struct lethe_ekfac_block *block,
                        size_t rows, size_t column)
{
    const struct lethe_ekfac_side *out = &block->out;
    const size_t vi = lethe_side_values(&block->in);
    memset(m, 0, rows * rows * sizeof *m);
    for (size_t s = 0; s < out->rank; s++) {
        const double value = block->values[s * vi + column] + l->shift;
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j <= i; j++) {
                const size_t a = l->parts[i].at, b = l->parts[j].at;
                const double both = lethe_side_entry(out, s, a) * lethe_side_entry(out, s, b);
                m[i * rows + j] += value * both;
            }
    }
}

/* Adds the squares of L^-1 y, y (rows, n) a column each, to the gains of the rows' units. */
static enum lethe_err add_squares(struct looker *l, double *m, double *y, size_t rows, size_t n,
                                  struct lethe_error *err)
{
    const enum lethe_err rc = lethe_cholesky(m, rows, NULL, err);
    for (size_t i = 0; !rc && i < rows; i++) {
        double *row = y + i * n, sum = 0;
        for (size_t j = 0; j < i; j++)
            lethe_daxpy(row, -m[i * rows + j], y + j * n, n);
        for (size_t c = 0; c < n; c++) {
            row[c] /= m[i * rows + i];
            sum += row[c] * row[c];
        }
        l->gain[l->parts[i].unit] += sum;
    }
    return rc;
}

static void gather_rows(double *to, const struct looker *l, size_t b)
{
    const size_t width = l->ekfac->blocks[b].width;
    for (size_t k = 0, row = 0; k < l->count; k++)
        for (size_t e = l->blanket->offset[k]; e < l->blanket->offset[k + 1]; e++) {
            const size_t at = place_of(l, b, e);
            if (at == LETHE_NONE)
                continue;
            while (l->parts[row].at != at / width || l->parts[row].unit != k)
                row++;
            to[row * width + at % width] = l->g[l->blanket->index[e]];
        }
}

static enum lethe_err look_at_units(struct looker *l, size_t b, size_t rows,
                                    struct lethe_error *err)
{
    const struct lethe_ekfac_block *block = &l->ekfac->blocks[b];
    const struct lethe_ekfac_side *in = &block->in;
    const size_t p = block->width, rank = in->rank;
    double *g = lethe_alloc(rows * (p + rank + 1) + rows * rows, sizeof *g);
    if (!g)
        return lethe_fail_memory(err, "rows of a layer", rows * (p + rank), sizeof *g);
    double *turned = g + rows * p, *column = turned + rows * rank, *m = column + rows;
    enum lethe_err rc = LETHE_OK;
    gather_rows(g, l, b);
    lethe_side_into(in, turned, g, rows);
    for (size_t a = 0; !rc && a < rank; a++) {
        for (size_t i = 0; i < rows; i++)
            column[i] = turned[i * rank + a];
        along_units(m, l, block, rows, a);
        rc = add_squares(l, m, column, rows, 1, err);
    }
    if (!rc && rank < p) {
        lethe_side_back(in, g, turned, rows, -1);
        along_units(m, l, block, rows, rank);
        rc = add_squares(l, m, g, rows, p, err);
    }
    lethe_free(g);
    return rc;
}

/* ---- entries of other tensors ---------------------------------------------------------------- */

/* Entries of a block of one row, in the blanket's order, and g there. */
static size_t find_entries(const struct looker *l, double *g, size_t b)
{
    size_t n = 0;
    for (size_t k = 0; k < l->count; k++)
        for (size_t e = l->blanket->offset[k]; e < l->blanket->offset[k + 1]; e++) {
            const size_t at = place_of(l, b, e);
            if (at == LETHE_NONE)
                continue;
            g[n] = l->g[l->blanket->index[e]];
            l->parts[n++] = (struct part){at, k, 1};
        }
    return n;
}

/* m (n, n) = the entries' part of V' diag(values + shift) V, and of the rest. */
static void along_row(double *m, const struct looker *l, const struct lethe_ekfac_block *block,
                      size_t n)
{
    const struct lethe_ekfac_side *in = &block->in;
    const double *values = block->values;
    const double rest = in->rank < in->n ? values[in->rank] + l->shift : 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            const size_t a = l->parts[i].at, b = l->parts[j].at;
            double sum = a == b ? rest : 0;
            for (size_t s = 0; s < in->rank; s++)
                sum += (values[s] + l->shift - rest) * lethe_side_entry(in, s, a) *
                       lethe_side_entry(in, s, b);
            m[i * n + j] = sum;
        }
}

static enum lethe_err look_at_row(struct looker *l, size_t b, struct lethe_error *err)
{
    enum { MOST = 2048 };
    const struct lethe_ekfac_block *block = &l->ekfac->blocks[b];
    double *g = lethe_alloc(block->width, sizeof *g);
    if (!g)
        return lethe_fail_memory(err, "a row", block->width, sizeof *g);
    const size_t n = find_entries(l, g, b);
    if (lethe_side_is_unit(&block->in)) { /* a diagonal */
        for (size_t i = 0; i < n; i++)
            l->gain[l->parts[i].unit] += g[i] * g[i] / (block->values[l->parts[i].at] + l->shift);
        lethe_free(g);
        return LETHE_OK;
    }
    double *m = n <= MOST ? lethe_alloc(n * n, sizeof *m) : NULL;
    enum lethe_err rc = n > MOST ? lethe_fail(err, LETHE_EARG, "a row of %zu parameters", n)
                        : m      ? LETHE_OK
                                 : lethe_fail_memory(err, "a row", n, n * sizeof *m);
    if (!rc) {
        along_row(m, l, block, n);
        rc = add_squares(l, m, g, n, 1, err);
    }
    lethe_free(m);
    lethe_free(g);
    return rc;
}

/* ---- all ------------------------------------------------------------------------------------- */

static enum lethe_err look_at_block(struct looker *l, size_t b, struct lethe_error *err)
{
    const struct lethe_ekfac_block *block = &l->ekfac->blocks[b];
    const size_t rows = find_rows(l, b);
    if (!rows)
        return LETHE_OK;
    if (block->kind == LETHE_EKFAC_LAYER) {
        int whole = block->out.rank == block->units;
        for (size_t r = 0; r < rows; r++)
            whole &= l->parts[r].entries == block->width;
        return whole ? look_at_units(l, b, rows, err)
                     : lethe_fail(err, LETHE_EARG, "the blanket has parts of units");
    }
    return block->units == 1 ? look_at_row(l, b, err)
                             : lethe_fail(err, LETHE_EARG, "the blanket has rows of a tensor");
}

enum lethe_err lethe_ekfac_decreases(double *decrease, const struct lethe_ekfac *ekfac,
                                     const struct lethe_blanket *blanket, size_t count,
                                     const double *g, double shift, struct lethe_error *err)
{
    struct looker l = {.ekfac = ekfac, .blanket = blanket, .g = g, .shift = shift, .count = count};
    enum lethe_err rc = LETHE_OK;
    l.code = lethe_alloc(ekfac->size, sizeof *l.code);
    l.first = lethe_alloc(ekfac->count + 1, sizeof *l.first);
    l.parts = lethe_alloc(blanket->offset[count] + 1, sizeof *l.parts);
    l.gain = lethe_alloc_zero(count + 1, sizeof *l.gain);
    if (!l.code || !l.first || !l.parts || !l.gain)
        rc = lethe_fail_memory(err, "places of parameters", ekfac->size, sizeof *l.code);
    if (!rc)
        rc = find_places(&l, err);
    for (size_t b = 0; !rc && b < ekfac->count; b++)
        rc = look_at_block(&l, b, err);
    double sum = 0;
    for (size_t k = 0; !rc && k < count; k++)
        decrease[k] = sum += l.gain[k];
    lethe_free(l.code);
    lethe_free(l.first);
    lethe_free(l.parts);
    lethe_free(l.gain);
    return rc;
}
