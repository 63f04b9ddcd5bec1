/* SPDX-License-Identifier: MIT
 * EKFAC on a set of parameters: vectors are put into one over all parameters, blocks that P does
 * not touch are left out. */
#include <string.h>

#include "base/alloc.h"
#include "lethe/pcg.h"
#include "unlearn/ekfac.h"

/* Marks the blocks with entries in P. v holds 1 at P meanwhile, and 0 again afterwards. */
static enum lethe_err find_touched(struct lethe_mask *mask, struct lethe_error *err)
{
    const struct lethe_ekfac *ekfac = mask->ekfac;
    size_t most = 1;
    mask->whole = 1;
    if (!mask->index || mask->size == ekfac->size) { /* every parameter */
        memset(mask->touched, 1, ekfac->count);
        return LETHE_OK;
    }
    for (size_t b = 0; b < ekfac->count; b++) {
        const size_t cells = ekfac->blocks[b].units * ekfac->blocks[b].width;
        most = cells > most ? cells : most;
    }
    double *block = lethe_alloc(most, sizeof *block);
    if (!block)
        return lethe_fail_memory(err, "a blanket", most, sizeof *block);
    for (size_t i = 0; i < mask->size; i++)
        mask->v[mask->index[i]] = 1;
    for (size_t b = 0; b < ekfac->count; b++) {
        const size_t cells = ekfac->blocks[b].units * ekfac->blocks[b].width;
        size_t inside = 0;
        lethe_ekfac_gather(block, ekfac, &ekfac->blocks[b], mask->v);
        for (size_t i = 0; i < cells; i++)
            inside += block[i] > 0;
        mask->touched[b] = inside > 0;
        mask->whole &= inside == 0 || inside == cells;
    }
    for (size_t i = 0; i < mask->size; i++)
        mask->v[mask->index[i]] = 0;
    lethe_free(block);
    return LETHE_OK;
}

enum lethe_err lethe_mask_init(struct lethe_mask *mask, struct lethe_ekfac *ekfac,
                               const size_t *index, size_t size, struct lethe_error *err)
{
    struct lethe_mask m = {.size = size};
    if (index) {
        m.index = lethe_alloc(size, sizeof *m.index);
        m.v = lethe_alloc_zero(ekfac->size, sizeof *m.v);
    }
    m.touched = lethe_alloc_zero(ekfac->count, 1);
    m.ekfac = lethe_ekfac_ref(ekfac);
    enum lethe_err rc = LETHE_OK;
    if ((index && (!m.index || !m.v)) || !m.touched) {
        rc = lethe_fail_memory(err, "a blanket", size + ekfac->size, sizeof *m.v);
    } else {
        if (index)
            memcpy(m.index, index, size * sizeof *index);
        rc = find_touched(&m, err);
    }
    if (rc)
        lethe_mask_release(&m);
    else
        *mask = m;
    return rc;
}

void lethe_mask_release(struct lethe_mask *mask)
{
    lethe_ekfac_unref(mask->ekfac);
    lethe_free(mask->index);
    lethe_free(mask->touched);
    lethe_free(mask->v);
    *mask = (struct lethe_mask){0};
}

static enum lethe_err apply(struct lethe_mask *mask, double *out, const double *in, double shift,
                            int inverse, struct lethe_error *err)
{
    if (!mask->index) {
        if (out != in)
            memcpy(out, in, mask->size * sizeof *out);
        return lethe_ekfac_apply(mask->ekfac, out, shift, inverse, NULL, mask->watch, err);
    }
    for (size_t i = 0; i < mask->size; i++)
        mask->v[mask->index[i]] = in[i];
    enum lethe_err rc =
        lethe_ekfac_apply(mask->ekfac, mask->v, shift, inverse, mask->touched, mask->watch, err);
    for (size_t i = 0; !rc && i < mask->size; i++)
        out[i] = mask->v[mask->index[i]];
    /* what the blocks spread over entries outside P */
    memset(mask->v, 0, mask->ekfac->size * sizeof *mask->v);
    return rc;
}

enum lethe_err lethe_mask_precondition(struct lethe_mask *mask, double *out, const double *r,
                                       double shift, struct lethe_error *err)
{
    return apply(mask, out, r, shift, 1, err);
}

enum lethe_err lethe_mask_times(struct lethe_mask *mask, double *out, const double *v, double shift,
                                struct lethe_error *err)
{
    return apply(mask, out, v, shift, 0, err);
}
