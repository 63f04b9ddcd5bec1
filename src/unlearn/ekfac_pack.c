/* SPDX-License-Identifier: MIT
 * A head, then block after block: its sizes, the vectors of its two sides, its values. */
#include "unlearn/ekfac_pack.h"

#include <string.h>

#include "base/alloc.h"
#include "unlearn/ekfac.h"

static const char magic[8] = {'l', 'e', 't', 'h', 'e', 'e', 'k', '2'};

struct head {
    char magic[8];
    uint64_t count, size, samples, draws, positions, seed;
};

struct block_head {
    uint64_t kind, units, width;
    uint64_t rank[2], vectors[2]; /* of out and in; vectors: bytes of a number, 0: unit vectors */
    double kept[2];
};

/* Bytes of a number of the vectors; 0: the unit vectors. */
static uint64_t bytes_of(const struct lethe_ekfac_side *side)
{
    return side->v ? sizeof *side->v : side->single ? sizeof *side->single : 0;
}

static struct block_head describe(const struct lethe_ekfac_block *block)
{
    return (struct block_head){.kind = (uint64_t)block->kind,
                               .units = block->units,
                               .width = block->width,
                               .rank = {block->out.rank, block->in.rank},
                               .vectors = {bytes_of(&block->out), bytes_of(&block->in)},
                               .kept = {block->out.kept, block->in.kept}};
}

static size_t values_of(const struct lethe_ekfac_block *block)
{
    return lethe_side_values(&block->out) * lethe_side_values(&block->in);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void put(unsigned char **at, const void *from, size_t bytes)
{
    if (bytes)
        memcpy(*at, from, bytes);
    *at += bytes;
}

static void put_side(unsigned char **at, const struct lethe_ekfac_side *side)
{
    const void *vectors = side->v ? (const void *)side->v : (const void *)side->single;
    put(at, vectors, lethe_side_bytes(side));
}

enum lethe_err lethe_ekfac_pack(unsigned char **data, size_t *size, const struct lethe_ekfac *ekfac,
                                struct lethe_error *err)
{
    struct head head = {.count = ekfac->count,
                        .size = ekfac->size,
                        .samples = ekfac->samples,
                        .draws = ekfac->draws,
                        .positions = ekfac->positions,
                        .seed = ekfac->seed};
    size_t bytes = sizeof head;
    if (ekfac->bases)
        return lethe_fail(err, LETHE_EBUG, "a curvature without bases of its own is not kept");
    memcpy(head.magic, magic, sizeof magic);
    for (size_t b = 0; b < ekfac->count; b++) {
        const struct lethe_ekfac_block *block = &ekfac->blocks[b];
        bytes += sizeof(struct block_head) + lethe_side_bytes(&block->out) +
                 lethe_side_bytes(&block->in) + values_of(block) * sizeof(double);
    }
    unsigned char *made = lethe_alloc(bytes, 1), *at = made;
    if (!made)
        return lethe_fail_memory(err, "a kept curvature", bytes, 1);
    put(&at, &head, sizeof head);
    for (size_t b = 0; b < ekfac->count; b++) {
        const struct lethe_ekfac_block *block = &ekfac->blocks[b];
        const struct block_head it = describe(block);
        put(&at, &it, sizeof it);
        put_side(&at, &block->out);
        put_side(&at, &block->in);
        put(&at, block->values, values_of(block) * sizeof(double));
    }
    *data = made;
    *size = bytes;
    return LETHE_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

struct reader {
    const unsigned char *at, *end;
};

static enum lethe_err not_this(struct lethe_error *err)
{
    return lethe_fail(err, LETHE_EFORMAT, "a kept curvature is one of another network");
}

static int take(struct reader *from, void *to, size_t bytes)
{
    if ((size_t)(from->end - from->at) < bytes)
        return 0;
    if (bytes)
        memcpy(to, from->at, bytes);
    from->at += bytes;
    return 1;
}

static enum lethe_err take_doubles(struct reader *from, double **to, size_t count,
                                   struct lethe_error *err)
{
    if (count > (size_t)(from->end - from->at) / sizeof **to)
        return not_this(err);
    *to = lethe_alloc_aligned(count + 1, sizeof **to);
    if (!*to)
        return lethe_fail_memory(err, "a kept curvature", count, sizeof **to);
    return take(from, *to, count * sizeof **to) ? LETHE_OK : not_this(err);
}

static enum lethe_err take_floats(struct reader *from, float **to, size_t count,
                                  struct lethe_error *err)
{
    if (count > (size_t)(from->end - from->at) / sizeof **to)
        return not_this(err);
    *to = lethe_alloc_aligned(count + 1, sizeof **to);
    if (!*to)
        return lethe_fail_memory(err, "a kept curvature", count, sizeof **to);
    return take(from, *to, count * sizeof **to) ? LETHE_OK : not_this(err);
}

static enum lethe_err read_side(struct reader *from, struct lethe_ekfac_side *side,
                                const struct block_head *head, size_t n, int in,
                                struct lethe_error *err)
{
    const size_t rank = (size_t)head->rank[in];
    *side = (struct lethe_ekfac_side){.n = n, .rank = n, .kept = head->kept[in]};
    if (rank < 1 || rank > n || (!head->vectors[in] && rank != n))
        return not_this(err);
    side->rank = rank;
    switch (head->vectors[in]) {
    case 0:
        return LETHE_OK;
    case sizeof *side->single:
        return take_floats(from, &side->single, rank * n, err);
    case sizeof *side->v:
        return take_doubles(from, &side->v, rank * n, err);
    default:
        return not_this(err);
    }
}

static enum lethe_err read_block(struct reader *from, struct lethe_ekfac_block *block,
                                 struct lethe_error *err)
{
    struct block_head head;
    if (!take(from, &head, sizeof head) || head.kind != (uint64_t)block->kind ||
        head.units != block->units || head.width != block->width)
        return not_this(err);
    enum lethe_err rc = read_side(from, &block->out, &head, block->units, 0, err);
    if (!rc)
        rc = read_side(from, &block->in, &head, block->width, 1, err);
    return rc ? rc : take_doubles(from, &block->values, values_of(block), err);
}

static enum lethe_err read_all(struct lethe_ekfac *ekfac, const struct lethe_ekfac_spec *spec,
                               struct reader *from, struct lethe_error *err)
{
    struct lethe_exec *exec = lethe_problem_exec(spec->problem);
    struct lethe_grad_rows *rows = NULL;
    struct head head;
    if (!take(from, &head, sizeof head) || memcmp(head.magic, magic, sizeof magic) != 0 ||
        head.size != ekfac->size || head.samples != ekfac->samples || head.draws != ekfac->draws ||
        head.positions != ekfac->positions || head.seed != ekfac->seed)
        return not_this(err);
    enum lethe_err rc = lethe_grad_rows_prepare(exec, err);
    if (!rc)
        rc = lethe_grad_rows_new(&rows, exec, err);
    if (!rc)
        rc = lethe_ekfac_divide(ekfac, rows, spec->widest ? spec->widest : LETHE_EKFAC_WIDEST, err);
    if (!rc && ekfac->count != head.count)
        rc = not_this(err);
    for (size_t b = 0; !rc && b < ekfac->count; b++)
        rc = read_block(from, &ekfac->blocks[b], err);
    lethe_grad_rows_free(rows);
    return rc || from->at == from->end ? rc : not_this(err);
}

enum lethe_err lethe_ekfac_unpack(struct lethe_ekfac **ekfac, const struct lethe_ekfac_spec *spec,
                                  const unsigned char *data, size_t size, struct lethe_error *err)
{
    struct reader from = {data, data + size};
    struct lethe_ekfac *made = lethe_ekfac_begin(spec);
    if (!made)
        return lethe_fail_memory(err, "a curvature", 1, sizeof *made);
    const enum lethe_err rc = read_all(made, spec, &from, err);
    if (rc)
        lethe_ekfac_unref(made);
    else
        *ekfac = made;
    return rc;
}
