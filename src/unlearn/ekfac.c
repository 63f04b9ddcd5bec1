/* SPDX-License-Identifier: MIT
 * Making EKFAC: two sweeps over the samples, one for the factors and, once these are decomposed,
 * one for the values measured in their bases. In each, the passes of a batch come first and then
 * its blocks, shared out over threads; a block's sums are made by one thread in the samples' order.
 * Check value: for softmax regression on one sample the blocks are the Gauss-Newton matrix. */
#include "unlearn/ekfac.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/threads.h"
#include "lethe/rng.h"
#include "unlearn/outer.h"

/* ---- one sweep over samples ------------------------------------------------------------------ */

enum sweep { FACTORS, VALUES };

struct sweeper {
    struct lethe_ekfac *ekfac;
    struct lethe_outer outer;
    struct lethe_threads *pool;
    struct lethe_ekfac_hand *hands; /* (hand_count) */
    size_t hand_count;
    double *gradient; /* (size) of a batch, NULL: no block needs it */
    double by;        /* 1 / samples */
    enum sweep sweep;
    size_t n, direction;
};

static void close_sweeper(struct sweeper *s)
{
    for (size_t k = 0; s->hands && k < s->hand_count; k++) {
        lethe_grad_rows_free(s->hands[k].rows);
        lethe_free(s->hands[k].work);
        lethe_free(s->hands[k].entry);
    }
    lethe_free(s->hands);
    lethe_free(s->gradient);
    lethe_threads_free(s->pool);
    lethe_outer_release(&s->outer);
}

size_t lethe_ekfac_workers(unsigned threads)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const size_t count = threads ? threads : processors > 0 ? (size_t)processors : 1;
    return count < 64 ? count : 64;
}

static enum lethe_err open_sweeper(struct sweeper *s, struct lethe_ekfac *ekfac,
                                   struct lethe_problem *problem, const double *w,
                                   struct lethe_error *err)
{
    *s = (struct sweeper){.ekfac = ekfac, .by = 1 / (double)lethe_problem_count(problem)};
    const struct lethe_outer_spec rows = {.problem = problem, .w = w, .seed = ekfac->seed};
    enum lethe_err rc = lethe_grad_rows_prepare(lethe_problem_exec(problem), err);
    if (!rc)
        rc = lethe_outer_init(&s->outer, &rows, err);
    if (rc)
        return rc;
    lethe_outer_draw(&s->outer, ekfac->draws);
    s->hand_count = lethe_ekfac_workers(ekfac->threads);
    s->hands = lethe_alloc_zero(s->hand_count, sizeof *s->hands);
    if (!s->hands)
        return lethe_fail_memory(err, "threads", s->hand_count, sizeof *s->hands);
    for (size_t k = 0; !rc && k < s->hand_count; k++)
        rc = lethe_grad_rows_new(&s->hands[k].rows, lethe_problem_exec(problem), err);
    if (!rc && s->hand_count > 1)
        rc = lethe_threads_new(&s->pool, (unsigned)s->hand_count, err);
    return rc;
}

/* Memory of the hands, for the blocks as they are now. */
static enum lethe_err equip(struct sweeper *s, struct lethe_error *err)
{
    const struct lethe_ekfac *ekfac = s->ekfac;
    size_t room = 1, lookups = 1, left = 0;
    for (size_t b = 0; b < ekfac->count; b++) {
        const struct lethe_ekfac_block *block = &ekfac->blocks[b];
        const size_t needs = lethe_ekfac_room(block, s->hands[0].rows);
        const size_t entries =
            block->table ? lethe_grad_rows_lookups(s->hands[0].rows, block->tensor[0]) : 0;
        room = needs > room ? needs : room;
        lookups = entries > lookups ? entries : lookups;
        left += block->kind == LETHE_EKFAC_LEFT;
    }
    if (left && !s->gradient)
        s->gradient = lethe_alloc(ekfac->size, sizeof *s->gradient);
    if (left && !s->gradient)
        return lethe_fail_memory(err, "a gradient", ekfac->size, sizeof *s->gradient);
    for (size_t k = 0; k < s->hand_count; k++) {
        lethe_free(s->hands[k].work);
        lethe_free(s->hands[k].entry);
        s->hands[k].work = lethe_alloc_aligned(room, sizeof *s->hands[k].work);
        s->hands[k].entry = lethe_alloc(lookups, sizeof *s->hands[k].entry);
        if (!s->hands[k].work || !s->hands[k].entry)
            return lethe_fail_memory(err, "work space of blocks", room, sizeof(double));
    }
    return LETHE_OK;
}

static void add_block(void *job, size_t item, unsigned worker)
{
    struct sweeper *s = job;
    struct lethe_ekfac_block *block = &s->ekfac->blocks[item];
    if (s->sweep == FACTORS)
        lethe_ekfac_add_factors(s->ekfac, block, &s->hands[worker], s->n, s->direction);
    else
        lethe_ekfac_add_values(s->ekfac, block, &s->hands[worker], s->n, s->by);
}

static void share_out(struct sweeper *s, struct lethe_watch *watch)
{
    if (s->pool)
        lethe_threads_run(s->pool, add_block, s, s->ekfac->count, watch);
    else
        for (size_t b = 0; b < s->ekfac->count; b++)
            add_block(s, b, 0);
}

/* Samples' gradients have mean 0 and no correlation once each has a random sign, so the square of
 * their sum is, on average, the sum of their squares. */
static void draw_signs(struct sweeper *s, size_t first)
{
    struct lethe_outer *o = &s->outer;
    for (size_t i = 0; i < s->n; i++) {
        const uint64_t id = lethe_problem_ids(o->problem)[first + i];
        if (lethe_hash3(o->seed, id, s->direction) & 1)
            for (size_t c = 0; c < o->classes; c++)
                o->a[i * o->classes + c] = -o->a[i * o->classes + c];
    }
    memset(s->gradient, 0, s->ekfac->size * sizeof *s->gradient);
}

static void add_left(const struct sweeper *s)
{
    const struct lethe_ekfac *ekfac = s->ekfac;
    for (size_t b = 0; b < ekfac->count; b++) {
        const struct lethe_ekfac_block *block = &ekfac->blocks[b];
        if (block->kind != LETHE_EKFAC_LEFT)
            continue;
        const double *g = s->gradient + ekfac->graph->params[block->tensor[0]].offset;
        for (size_t i = 0; i < block->width; i++)
            block->values[i] += s->by * g[i] * g[i];
    }
}

static enum lethe_err sweep(struct sweeper *s, enum sweep which, struct lethe_watch *watch,
                            struct lethe_error *err)
{
    static const char *const stages[] = {"curvature factors", "curvature values"};
    const size_t batches = lethe_problem_batches(s->outer.problem);
    const size_t directions = s->outer.directions;
    enum lethe_err rc = equip(s, err);
    s->sweep = which;
    for (size_t k = 0; k < s->hand_count; k++)
        s->hands[k].watch = watch;
    for (size_t b = 0; !rc && b < batches; b++) {
        size_t first;
        rc = lethe_watch_step(watch, stages[which], (long)(b * directions),
                              (long)(batches * directions), err);
        if (!rc)
            rc = lethe_outer_forward(&s->outer, b, &first, &s->n, err);
        for (s->direction = 0; !rc && s->direction < directions; s->direction++) {
            const int left = s->gradient && which == VALUES;
            lethe_outer_direction(&s->outer, s->direction, first, s->n);
            if (left)
                draw_signs(s, first);
            rc = lethe_exec_backward(s->outer.exec, left ? s->gradient : NULL, s->outer.a, err);
            if (rc)
                break;
            share_out(s, watch);
            if (left)
                add_left(s);
            rc = lethe_watch_step(watch, stages[which], (long)(b * directions + s->direction + 1),
                                  (long)(batches * directions), err);
        }
    }
    return rc;
}

/* ---- life ------------------------------------------------------------------------------------ */

static void free_ekfac(struct lethe_ekfac *ekfac)
{
    for (size_t b = 0; ekfac->blocks && b < ekfac->count; b++) {
        if (!ekfac->bases) {
            lethe_side_release(&ekfac->blocks[b].out);
            lethe_side_release(&ekfac->blocks[b].in);
        }
        lethe_free(ekfac->blocks[b].values);
    }
    lethe_free(ekfac->blocks);
    lethe_graph_unref(ekfac->graph);
    lethe_ekfac_unref(ekfac->bases);
    lethe_free(ekfac);
}

struct lethe_ekfac *lethe_ekfac_ref(struct lethe_ekfac *ekfac)
{
    atomic_fetch_add(&ekfac->refs, 1);
    return ekfac;
}

void lethe_ekfac_unref(struct lethe_ekfac *ekfac)
{
    if (ekfac && atomic_fetch_sub(&ekfac->refs, 1) == 1)
        free_ekfac(ekfac);
}

static enum lethe_err open_sides(struct lethe_ekfac *ekfac, size_t widest, struct lethe_error *err)
{
    enum lethe_err rc = LETHE_OK;
    for (size_t b = 0; !rc && b < ekfac->count; b++) {
        struct lethe_ekfac_block *block = &ekfac->blocks[b];
        const int layer = block->kind == LETHE_EKFAC_LAYER;
        const int flat = block->kind == LETHE_EKFAC_LEFT || (!layer && block->width > widest);
        rc = lethe_side_init(&block->out, block->units, !layer, widest, ekfac->seed, 2 * b, err);
        if (!rc)
            rc = lethe_side_init(&block->in, block->width, flat, widest, ekfac->seed, 2 * b + 1,
                                 err);
    }
    return rc;
}

static size_t values_of(const struct lethe_ekfac_block *block)
{
    return lethe_side_values(&block->out) * lethe_side_values(&block->in);
}

static enum lethe_err open_values(struct lethe_ekfac *ekfac, struct lethe_error *err)
{
    for (size_t b = 0; b < ekfac->count; b++) {
        struct lethe_ekfac_block *block = &ekfac->blocks[b];
        block->values = lethe_alloc_zero(values_of(block), sizeof *block->values);
        if (!block->values)
            return lethe_fail_memory(err, "eigenvalues", values_of(block), sizeof *block->values);
    }
    return LETHE_OK;
}

struct turning {
    struct lethe_ekfac *ekfac;
    enum lethe_dtype dtype;     /* of the passes */
    struct lethe_error *errors; /* (blocks) */
};

static void turn_block(void *job, size_t item, unsigned worker)
{
    struct turning *t = job;
    struct lethe_ekfac_block *block = &t->ekfac->blocks[item];
    (void)worker;
    if (!lethe_side_turn(&block->out, t->dtype, &t->errors[item]))
        (void)lethe_side_turn(&block->in, t->dtype, &t->errors[item]);
}

static enum lethe_err turn_blocks(struct sweeper *s, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    struct lethe_ekfac *ekfac = s->ekfac;
    struct turning t = {ekfac, lethe_problem_dtype(s->outer.problem),
                        lethe_alloc_zero(ekfac->count, sizeof *t.errors)};
    if (!t.errors)
        return lethe_fail_memory(err, "blocks", ekfac->count, sizeof *t.errors);
    enum lethe_err rc = lethe_watch_step(watch, "curvature bases", 0, (long)ekfac->count, err);
    if (!rc && s->pool)
        lethe_threads_run(s->pool, turn_block, &t, ekfac->count, watch);
    for (size_t b = 0; !rc && b < ekfac->count; b++) {
        if (!s->pool) {
            rc = lethe_watch_step(watch, "curvature bases", (long)b, (long)ekfac->count, err);
            if (!rc)
                turn_block(&t, b, 0);
        }
        if (!rc && t.errors[b].code)
            rc = lethe_fail(err, t.errors[b].code, "%s", t.errors[b].message);
    }
    if (!rc)
        rc =
            lethe_watch_step(watch, "curvature bases", (long)ekfac->count, (long)ekfac->count, err);
    lethe_free(t.errors);
    return rc;
}

/* A diagonal from few sums over batches is noisy: four of its tensor's mean are mixed in. */
static void finish(struct lethe_ekfac *ekfac, struct lethe_problem *problem)
{
    const double sums = (double)lethe_problem_batches(problem);
    for (size_t b = 0; b < ekfac->count; b++) {
        struct lethe_ekfac_block *block = &ekfac->blocks[b];
        if (block->kind != LETHE_EKFAC_LEFT)
            continue;
        double mean = 0;
        for (size_t i = 0; i < block->width; i++)
            mean += block->values[i] / (double)block->width;
        for (size_t i = 0; i < block->width; i++)
            block->values[i] = (sums * block->values[i] + 4 * mean) / (sums + 4);
    }
}

static enum lethe_err check_values(const struct lethe_ekfac *ekfac, struct lethe_error *err)
{
    double sum = 0;
    for (size_t b = 0; b < ekfac->count; b++)
        for (size_t i = 0; i < values_of(&ekfac->blocks[b]); i++)
            sum += ekfac->blocks[b].values[i];
    return isfinite(sum) ? LETHE_OK
                         : lethe_fail(err, LETHE_ENUM, "the curvature 'ekfac' is not finite");
}

struct lethe_ekfac *lethe_ekfac_begin(const struct lethe_ekfac_spec *spec)
{
    struct lethe_ekfac *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return NULL;
    atomic_init(&made->refs, 1);
    made->graph = lethe_graph_ref(lethe_problem_graph(spec->problem));
    made->size = lethe_problem_size(spec->problem);
    made->samples = lethe_problem_count(spec->problem);
    made->draws = spec->draws;
    made->positions = spec->positions;
    made->seed = spec->seed;
    made->threads = spec->threads;
    return made;
}

enum lethe_err lethe_ekfac_new(struct lethe_ekfac **ekfac, const struct lethe_ekfac_spec *spec,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    struct sweeper s = {0};
    struct lethe_ekfac *made = lethe_ekfac_begin(spec);
    if (!made)
        return lethe_fail_memory(err, "a curvature", 1, sizeof *made);
    const size_t widest = spec->widest ? spec->widest : LETHE_EKFAC_WIDEST;
    enum lethe_err rc = open_sweeper(&s, made, spec->problem, spec->w, err);
    if (!rc)
        rc = lethe_ekfac_divide(made, s.hands[0].rows, widest, err);
    if (!rc)
        rc = open_sides(made, widest, err);
    if (!rc)
        rc = sweep(&s, FACTORS, watch, err);
    if (!rc)
        rc = turn_blocks(&s, watch, err);
    if (!rc)
        rc = open_values(made, err);
    if (!rc)
        rc = sweep(&s, VALUES, watch, err);
    if (!rc)
        finish(made, spec->problem);
    if (!rc)
        rc = check_values(made, err);
    close_sweeper(&s);
    if (rc)
        lethe_ekfac_unref(made);
    else
        *ekfac = made;
    return rc;
}

/* ---- without some samples -------------------------------------------------------------------- */

/* The same bases, values 0. */
static enum lethe_err copy_bases(struct lethe_ekfac **copy, struct lethe_ekfac *from,
                                 struct lethe_error *err)
{
    struct lethe_ekfac *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a curvature", 1, sizeof *made);
    atomic_init(&made->refs, 1);
    made->bases = lethe_ekfac_ref(from->bases ? from->bases : from);
    made->graph = lethe_graph_ref(from->graph);
    made->size = from->size;
    made->draws = from->draws;
    made->positions = from->positions;
    made->seed = from->seed;
    made->threads = from->threads;
    made->blocks = lethe_alloc_zero(from->count, sizeof *made->blocks);
    enum lethe_err rc = LETHE_OK;
    if (!made->blocks) {
        rc = lethe_fail_memory(err, "blocks", from->count, sizeof *made->blocks);
    } else {
        made->count = from->count;
        for (size_t b = 0; b < from->count; b++) {
            made->blocks[b] = from->blocks[b];
            made->blocks[b].values = NULL;
        }
        rc = open_values(made, err);
    }
    if (rc)
        lethe_ekfac_unref(made);
    else
        *copy = made;
    return rc;
}

/* values = (n all - m removed) / (n - m), never below 0; a diagonal estimate stays as it is. */
static void take_out(struct lethe_ekfac *less, const struct lethe_ekfac *all, double m)
{
    const double n = (double)all->samples;
    for (size_t b = 0; b < all->count; b++) {
        double *values = less->blocks[b].values;
        for (size_t i = 0; i < values_of(&all->blocks[b]); i++) {
            const double whole = all->blocks[b].values[i];
            const double rest = (n * whole - m * values[i]) / (n - m);
            values[i] = all->blocks[b].kind == LETHE_EKFAC_LEFT ? whole : rest > 0 ? rest : 0;
        }
    }
}

enum lethe_err lethe_ekfac_without(struct lethe_ekfac **less, struct lethe_ekfac *ekfac,
                                   struct lethe_problem *removed, const double *w,
                                   struct lethe_watch *watch, struct lethe_error *err)
{
    struct sweeper s = {0};
    struct lethe_ekfac *made = NULL;
    const size_t m = lethe_problem_count(removed);
    if (m >= ekfac->samples)
        return lethe_fail(err, LETHE_EARG,
                          "none of the %zu curvature samples would be left: use more of them",
                          ekfac->samples);
    enum lethe_err rc = copy_bases(&made, ekfac, err);
    if (!rc)
        rc = open_sweeper(&s, made, removed, w, err);
    if (!rc)
        rc = sweep(&s, VALUES, watch, err);
    if (!rc) {
        take_out(made, ekfac, (double)m);
        made->samples = ekfac->samples - m;
    }
    close_sweeper(&s);
    if (rc)
        lethe_ekfac_unref(made);
    else
        *less = made;
    return rc;
}

/* ---- figures --------------------------------------------------------------------------------- */

/* Sum of all eigenvalues of a block; what lies outside the bases counts as often as it stands for.
 */
static double trace_of(const struct lethe_ekfac_block *block, double *largest)
{
    const size_t vo = lethe_side_values(&block->out), vi = lethe_side_values(&block->in);
    double sum = 0;
    for (size_t s = 0; s < vo; s++)
        for (size_t a = 0; a < vi; a++) {
            const double value = block->values[s * vi + a];
            const size_t rows = s < block->out.rank ? 1 : block->units - block->out.rank;
            const size_t columns = a < block->in.rank ? 1 : block->width - block->in.rank;
            sum += value * (double)rows * (double)columns;
            *largest = value > *largest ? value : *largest;
        }
    return sum;
}

void lethe_ekfac_read(const struct lethe_ekfac *ekfac, struct lethe_ekfac_figures *figures)
{
    struct lethe_ekfac_figures f = {
        .samples = ekfac->samples, .draws = ekfac->draws, .blocks = ekfac->count, .kept = 1};
    for (size_t b = 0; b < ekfac->count; b++) {
        const struct lethe_ekfac_block *block = &ekfac->blocks[b];
        f.mean += trace_of(block, &f.largest) / (double)ekfac->size;
        f.kept = fmin(f.kept, fmin(block->out.kept, block->in.kept));
        f.estimated += block->kind == LETHE_EKFAC_LEFT ? block->width : 0;
        f.bytes += lethe_side_bytes(&block->out) + lethe_side_bytes(&block->in) +
                   values_of(block) * sizeof(double);
    }
    *figures = f;
}
