/* SPDX-License-Identifier: MIT
 * Samples to blocks. A layer's gradient by one sample is G = delta'x over its positions T; its
 * entries in the bases, U G V', come from turned rows where T is small and from G itself where that
 * is cheaper. What lies outside incomplete bases is known from norms alone:
 *     |(U G)_s|^2 - sum over a of (U G V')_sa^2     along the inputs, for each s; and so on. */
#include <string.h>

#include "tensor/blas.h"
#include "unlearn/ekfac.h"

enum { STACK = 256 }; /* rows handed to a product at once */

/* ---- sizes ----------------------------------------------------------------------------------- */

struct sizes {
    size_t u, p, ro, ri, t; /* units, width; ranks; positions */
};

/* Ranks not known yet count as the largest there can be. */
static size_t rank_of(const struct lethe_ekfac_side *side)
{
    return side->w ? side->columns : side->rank;
}

static struct sizes sizes_of(const struct lethe_ekfac_block *block,
                             const struct lethe_grad_rows *rows)
{
    return (struct sizes){
        .u = block->units,
        .p = block->width,
        .ro = rank_of(&block->out),
        .ri = rank_of(&block->in),
        .t = block->kind == LETHE_EKFAC_LAYER ? lethe_grad_rows_positions(rows, block->layer) : 1};
}

/* Is it cheaper to turn the rows than the gradient made of them? */
static int turns_rows(const struct sizes *z)
{
    const double t = (double)z->t, u = (double)z->u, p = (double)z->p;
    const double ro = (double)z->ro, ri = (double)z->ri;
    const double rows = t * (p * ri + u * ro + ro * ri), whole = t * u * p + ro * p * (u + ri);
    return z->t <= STACK && rows <= whole;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

size_t lethe_ekfac_room(const struct lethe_ekfac_block *block, const struct lethe_grad_rows *rows)
{
    const struct sizes z = sizes_of(block, rows);
    const size_t sides =
        larger(lethe_side_room(&block->out, STACK), lethe_side_room(&block->in, STACK));
    if (block->kind == LETHE_EKFAC_LEFT)
        return 0;
    if (block->kind == LETHE_EKFAC_ROWS) {
        const size_t each = block->table
                                ? lethe_grad_rows_lookups(rows, block->tensor[0]) * block->width
                                : block->units * block->width;
        return each + STACK * (z.p + z.ri) + sides;
    }
    const size_t stack = STACK * (z.p + z.u);
    const size_t turned = STACK * (z.ri + z.ro + 2);
    const size_t small = turns_rows(&z) ? 2 * z.t * z.t + z.t * larger(z.ri, z.ro) : 0;
    const size_t whole = turns_rows(&z) || z.t == 1 ? 0 : z.u * z.p + z.ro * z.p + z.u * z.ri;
    const size_t entries = z.t == 1 ? 0 : z.ro * z.ri;
    return stack + larger(turned + small + whole + entries + z.ro + z.ri, sides);
}

/* The input that belongs to the bias, in rows x (count, width). */
static void put_ones(double *x, const struct lethe_ekfac *ekfac,
                     const struct lethe_ekfac_block *block, size_t count)
{
    const size_t fan_in = ekfac->graph->layers[block->layer].pub.fan_in;
    for (size_t k = 0; block->width > fan_in && k < count; k++)
        x[k * block->width + fan_in] = 1;
}

/* Whoever is waiting for the block looks at the watch afterwards, and drops the sums. */
static int is_cancelled(const struct lethe_ekfac_hand *hand)
{
    return hand->watch && atomic_load(&hand->watch->cancelled);
}

/* ---- factors of layers ----------------------------------------------------------------------- */

/* Adds the rows of one side of every sample, at most ekfac->positions of each. */
static void add_side(const struct lethe_ekfac *ekfac, struct lethe_ekfac_block *block, int inputs,
                     struct lethe_ekfac_hand *hand, size_t n)
{
    struct lethe_ekfac_side *side = inputs ? &block->in : &block->out;
    const size_t all = lethe_grad_rows_positions(hand->rows, block->layer);
    const size_t cap = ekfac->positions ? ekfac->positions : all, step = (all + cap - 1) / cap;
    double *rows = hand->work, *work = rows + STACK * side->n;
    size_t filled = 0;
    if (!side->sum)
        return;
    for (size_t i = 0; i < n && !is_cancelled(hand); i++)
        for (size_t at = i % step; at < all;) {
            const size_t left = (all - at + step - 1) / step;
            const size_t take = left < STACK - filled ? left : STACK - filled;
            double *to = rows + filled * side->n;
            if (inputs) {
                lethe_grad_rows_inputs(hand->rows, to, side->n, block->layer, block->group, i, at,
                                       step, take);
                put_ones(to, ekfac, block, take);
            } else {
                lethe_grad_rows_deltas(hand->rows, to, block->layer, block->group, i, at, step,
                                       take);
            }
            filled += take;
            at += take * step;
            if (filled == STACK) {
                lethe_side_add(side, rows, filled, work);
                filled = 0;
            }
        }
    lethe_side_add(side, rows, filled, work);
}

/* ---- values of layers ------------------------------------------------------------------------ */

/* x (count, width) and delta (count, units) of positions from `first` on. */
static void read_rows(const struct lethe_ekfac *ekfac, const struct lethe_ekfac_block *block,
                      struct lethe_ekfac_hand *hand, double *x, double *delta, size_t sample,
                      size_t first, size_t count)
{
    lethe_grad_rows_inputs(hand->rows, x, block->width, block->layer, block->group, sample, first,
                           1, count);
    put_ones(x, ekfac, block, count);
    lethe_grad_rows_deltas(hand->rows, delta, block->layer, block->group, sample, first, 1, count);
}

/* squares (count, values of the side): of the rows in the basis, and their mean outside. The turned
 * rows lie closer together than the squares that take their place, hence from the last to the
 * first.
 */
static void square_rows(double *squares, const struct lethe_ekfac_side *side, const double *rows,
                        size_t count)
{
    const size_t r = side->rank, values = lethe_side_values(side);
    lethe_side_into(side, squares, rows, count);
    for (size_t k = count; k-- > 0;) {
        double inside = 0, all = 0;
        for (size_t a = r; a-- > 0;) {
            const double square = squares[k * r + a] * squares[k * r + a];
            squares[k * values + a] = square;
            inside += square;
        }
        if (values == r)
            continue;
        for (size_t i = 0; i < side->n; i++)
            all += rows[k * side->n + i] * rows[k * side->n + i];
        squares[k * values + r] = (all > inside ? all - inside : 0) / (double)(side->n - r);
    }
}

/* One position: a sample's squares are products of its rows' squares. */
static void add_plain(const struct lethe_ekfac *ekfac, struct lethe_ekfac_block *block,
                      struct lethe_ekfac_hand *hand, size_t n, double by)
{
    const size_t vo = lethe_side_values(&block->out), vi = lethe_side_values(&block->in);
    double *x = hand->work, *delta = x + STACK * block->width;
    double *to = delta + STACK * block->units, *ti = to + STACK * vo;
    for (size_t i = 0, filled = 0; i < n && !is_cancelled(hand); i++) {
        read_rows(ekfac, block, hand, x + filled * block->width, delta + filled * block->units, i,
                  0, 1);
        if (++filled < STACK && i + 1 < n)
            continue;
        const struct lethe_gemm add = {
            .m = vo, .n = vi, .k = filled, .ta = 1, .alpha = by, .beta = 1};
        square_rows(to, &block->out, delta, filled);
        square_rows(ti, &block->in, x, filled);
        lethe_dgemm(block->values, to, ti, &add);
        filled = 0;
    }
}

/* What is known of one sample's gradient G in the bases. */
struct entries {
    const struct sizes *z;
    double *inside; /* (ro, ri) U G V' */
    double *along;  /* (ro) |(U G)_s|^2, read where the inputs' basis is incomplete */
    double *across; /* (ri) |(G V')_a|^2, read where the units' is */
    double total;   /* |G|^2 */
};

static double positive(double x, size_t n)
{
    return x > 0 ? x / (double)n : 0;
}

static void add_squares(struct lethe_ekfac_block *block, struct entries *e, double by)
{
    const struct sizes *z = e->z;
    const size_t vi = lethe_side_values(&block->in);
    double rest = e->total;
    for (size_t s = 0; s < z->ro; s++) {
        double *to = block->values + s * vi, sum = 0;
        for (size_t a = 0; a < z->ri; a++) {
            const double square = e->inside[s * z->ri + a] * e->inside[s * z->ri + a];
            to[a] += by * square;
            sum += square;
            if (z->ro < z->u)
                e->across[a] -= square;
        }
        rest -= z->ri < z->p ? e->along[s] : sum;
        if (z->ri < z->p)
            to[z->ri] += by * positive(e->along[s] - sum, z->p - z->ri);
    }
    if (z->ro == z->u)
        return;
    double *to = block->values + z->ro * vi;
    for (size_t a = 0; a < z->ri; a++) {
        to[a] += by * positive(e->across[a], z->u - z->ro);
        rest -= e->across[a];
    }
    if (z->ri < z->p)
        to[z->ri] += by * positive(rest, (z->u - z->ro) * (z->p - z->ri));
}

/* energy (m) of the columns of turned (t, m) in the metric K = rows rows' of the other side's rows
 * (t, width); gram (t, t), work (t, m). */
static void weigh(double *energy, double *gram, double *work, const double *turned, size_t m,
                  const double *rows, size_t width, size_t t)
{
    const struct lethe_gemm outer = {.m = t, .n = t, .k = width, .tb = 1, .alpha = 1};
    const struct lethe_gemm times = {.m = t, .n = m, .k = t, .alpha = 1};
    lethe_dgemm(gram, rows, rows, &outer);
    lethe_dgemm(work, gram, turned, &times);
    memset(energy, 0, m * sizeof *energy);
    for (size_t k = 0; k < t; k++)
        for (size_t s = 0; s < m; s++)
            energy[s] += turned[k * m + s] * work[k * m + s];
}

/* From the rows of one sample: work holds what room says. */
static void by_rows(const struct lethe_ekfac_block *block, struct entries *e, const double *x,
                    const double *delta, double *work)
{
    const struct sizes *z = e->z;
    double *to = work, *ti = to + z->t * z->ro, *gx = ti + z->t * z->ri, *gd = gx + z->t * z->t;
    double *spare = gd + z->t * z->t;
    const struct lethe_gemm entries = {.m = z->ro, .n = z->ri, .k = z->t, .ta = 1, .alpha = 1};
    lethe_side_into(&block->out, to, delta, z->t);
    lethe_side_into(&block->in, ti, x, z->t);
    lethe_dgemm(e->inside, to, ti, &entries);
    if (z->ri < z->p)
        weigh(e->along, gx, spare, to, z->ro, x, z->p, z->t);
    if (z->ro < z->u)
        weigh(e->across, gd, spare, ti, z->ri, delta, z->u, z->t);
    for (size_t k = 0; z->ri < z->p && z->ro < z->u && k < z->t * z->t; k++)
        e->total += gx[k] * gd[k];
}

static double square_sum(const double *x, size_t n)
{
    return lethe_ddot(x, x, n);
}

/* From the gradient g (units, width); work follows it. */
static void by_gradient(const struct lethe_ekfac_block *block, struct entries *e, const double *g,
                        double *work)
{
    const struct sizes *z = e->z;
    double *ug = work, *gv = ug + z->ro * z->p;
    lethe_side_left(&block->out, ug, g, z->p);
    lethe_side_into(&block->in, e->inside, ug, z->ro);
    for (size_t s = 0; z->ri < z->p && s < z->ro; s++)
        e->along[s] = square_sum(ug + s * z->p, z->p);
    if (z->ro == z->u)
        return;
    lethe_side_into(&block->in, gv, g, z->u);
    memset(e->across, 0, z->ri * sizeof *e->across);
    for (size_t j = 0; j < z->u; j++)
        for (size_t a = 0; a < z->ri; a++)
            e->across[a] += gv[j * z->ri + a] * gv[j * z->ri + a];
    e->total = square_sum(g, z->u * z->p);
}

static void add_shared(const struct lethe_ekfac *ekfac, struct lethe_ekfac_block *block,
                       struct lethe_ekfac_hand *hand, size_t n, double by)
{
    const struct sizes z = sizes_of(block, hand->rows);
    double *x = hand->work, *delta = x + STACK * z.p, *work = delta + STACK * z.u;
    struct entries e = {.z = &z, .inside = work};
    e.along = e.inside + z.ro * z.ri;
    e.across = e.along + z.ro;
    work = e.across + z.ri;
    for (size_t i = 0; i < n && !is_cancelled(hand); i++) {
        e.total = 0;
        if (turns_rows(&z)) {
            read_rows(ekfac, block, hand, x, delta, i, 0, z.t);
            by_rows(block, &e, x, delta, work);
        } else {
            for (size_t at = 0; at < z.t; at += STACK) {
                const size_t take = z.t - at < STACK ? z.t - at : STACK;
                const struct lethe_gemm add = {
                    .m = z.u, .n = z.p, .k = take, .ta = 1, .alpha = 1, .beta = at ? 1 : 0};
                read_rows(ekfac, block, hand, x, delta, i, at, take);
                lethe_dgemm(work, delta, x, &add);
            }
            by_gradient(block, &e, work, work + z.u * z.p);
        }
        add_squares(block, &e, by);
    }
}

/* ---- rows of tensors ------------------------------------------------------------------------- */

/* A sample's rows (count, width), each with the row of the tensor it belongs to; tokens that occur
 * several times are one row. */
static size_t read_tensor(const struct lethe_ekfac *ekfac, const struct lethe_ekfac_block *block,
                          struct lethe_ekfac_hand *hand, double *rows, size_t sample)
{
    size_t kept = 0, p = block->width;
    if (!block->table) {
        for (size_t k = 0; k < 2 && block->tensor[k] != LETHE_NONE; k++) {
            lethe_grad_rows_tensor(hand->rows, rows, block->tensor[k], sample);
            rows += ekfac->graph->params[block->tensor[k]].size;
        }
        return block->units;
    }
    const size_t count = lethe_grad_rows_lookups(hand->rows, block->tensor[0]);
    lethe_grad_rows_table(hand->rows, hand->entry, rows, block->tensor[0], sample);
    for (size_t t = 0; t < count; t++) {
        size_t same = 0;
        while (same < kept && hand->entry[same] != hand->entry[t])
            same++;
        if (hand->entry[t] == LETHE_NONE)
            continue;
        if (same < kept) {
            lethe_daxpy(rows + same * p, 1, rows + t * p, p);
            continue;
        }
        memmove(rows + kept * p, rows + t * p, p * sizeof *rows);
        hand->entry[kept++] = hand->entry[t];
    }
    return kept;
}

static size_t tensor_room(const struct lethe_ekfac_block *block,
                          const struct lethe_ekfac_hand *hand)
{
    return block->width *
           (block->table ? lethe_grad_rows_lookups(hand->rows, block->tensor[0]) : block->units);
}

static void add_tensor_factors(const struct lethe_ekfac *ekfac, struct lethe_ekfac_block *block,
                               struct lethe_ekfac_hand *hand, size_t n)
{
    double *rows = hand->work, *stack = rows + tensor_room(block, hand);
    double *work = stack + STACK * block->width;
    size_t filled = 0;
    for (size_t i = 0; block->in.sum && i < n && !is_cancelled(hand); i++) {
        const size_t count = read_tensor(ekfac, block, hand, rows, i);
        for (size_t k = 0; k < count; k++) {
            memcpy(stack + filled * block->width, rows + k * block->width,
                   block->width * sizeof *stack);
            if (++filled == STACK) {
                lethe_side_add(&block->in, stack, filled, work);
                filled = 0;
            }
        }
    }
    lethe_side_add(&block->in, stack, filled, work);
}

static void add_tensor_values(const struct lethe_ekfac *ekfac, struct lethe_ekfac_block *block,
                              struct lethe_ekfac_hand *hand, size_t n, double by)
{
    const size_t vi = lethe_side_values(&block->in);
    double *rows = hand->work, *squares = rows + tensor_room(block, hand);
    for (size_t i = 0; i < n; i++) {
        const size_t count = read_tensor(ekfac, block, hand, rows, i);
        for (size_t k = 0; k < count; k += STACK) {
            const size_t take = count - k < STACK ? count - k : STACK;
            square_rows(squares, &block->in, rows + k * block->width, take);
            for (size_t j = 0; j < take; j++) {
                const size_t entry = block->table ? hand->entry[k + j] : k + j;
                lethe_daxpy(block->values + entry * vi, by, squares + j * vi, vi);
            }
        }
    }
}

/* ---- all ------------------------------------------------------------------------------------- */

void lethe_ekfac_add_factors(const struct lethe_ekfac *ekfac, struct lethe_ekfac_block *block,
                             struct lethe_ekfac_hand *hand, size_t n, size_t direction)
{
    if (block->kind == LETHE_EKFAC_ROWS)
        add_tensor_factors(ekfac, block, hand, n);
    if (block->kind != LETHE_EKFAC_LAYER)
        return;
    if (direction == 0)
        add_side(ekfac, block, 1, hand, n);
    add_side(ekfac, block, 0, hand, n);
}

void lethe_ekfac_add_values(const struct lethe_ekfac *ekfac, struct lethe_ekfac_block *block,
                            struct lethe_ekfac_hand *hand, size_t n, double by)
{
    if (block->kind == LETHE_EKFAC_ROWS)
        add_tensor_values(ekfac, block, hand, n, by);
    else if (block->kind == LETHE_EKFAC_LAYER &&
             lethe_grad_rows_positions(hand->rows, block->layer) == 1)
        add_plain(ekfac, block, hand, n, by);
    else if (block->kind == LETHE_EKFAC_LAYER)
        add_shared(ekfac, block, hand, n, by);
}
