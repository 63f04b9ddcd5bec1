/* SPDX-License-Identifier: MIT
 * Factors that are none. With products of the curvature: a subspace that serves every damping, or,
 * where memory has no room for its vectors, the solutions of conjugate gradients at one damping.
 * Without a look at the curvature samples: EKFAC's block. All solve for the right-hand sides they
 * were made for: what pulls in the influence form, and what the residual form adds to it. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "unlearn/factor.h"

enum { ROOM = 512 << 20, KEPT = 256 << 20, FEWEST = 24 }; /* bytes; vectors */

/* ---- what they are made of ------------------------------------------------------------------- */

/* A right-hand side on P, the caller's to free; *b stays NULL where the residual form adds nothing.
 * In the order of w where index is NULL. */
static enum lethe_err right_side(double **b, int side, size_t size,
                                 const struct lethe_removal *removal, const size_t *index,
                                 struct lethe_error *err)
{
    const double *pull = removal->pull, *residual = removal->residual;
    if (side && !residual)
        return LETHE_OK;
    *b = lethe_alloc(size, sizeof **b);
    if (!*b)
        return lethe_fail_memory(err, "a right-hand side", size, sizeof **b);
    for (size_t i = 0; i < size; i++) {
        const size_t at = index ? index[i] : i;
        (*b)[i] = side ? residual[at] - pull[at] : pull[at];
    }
    return side || lethe_dnorm(*b, size) > 0
               ? LETHE_OK
               : lethe_fail(err, LETHE_ENUM, "nothing pulls at the blanket: its gradient is zero");
}

/* Is P every parameter, so that vectors may be in the order of w? */
static int holds_all(const struct lethe_factor_products *spec)
{
    return spec->blanket->offset[spec->units] == spec->removal->size;
}

static enum lethe_err begin(struct lethe_factor **factor, enum lethe_factor_kind kind,
                            const struct lethe_factor_products *spec, struct lethe_error *err)
{
    struct lethe_ekfac_figures figures;
    struct lethe_factor *f = lethe_alloc_zero(1, sizeof *f);
    if (!f)
        return lethe_fail_memory(err, "a factor", 1, sizeof *f);
    atomic_init(&f->refs, 1);
    f->kind = kind;
    f->size = spec->blanket->offset[spec->units];
    f->parameters = spec->removal->size;
    f->decay = spec->decay;
    f->name = spec->name;
    if (spec->ekfac) {
        lethe_ekfac_read(spec->ekfac, &figures);
        f->mean = figures.mean + spec->decay;
    }
    *factor = f;
    return LETHE_OK;
}

/* ---- by products ----------------------------------------------------------------------------- */

struct products {
    const struct lethe_factor_products *spec;
    struct lethe_operator of, h; /* the curvature; what is solved with: it, or a mixture */
    const size_t *index;         /* of P; NULL: everything is in the order of w */
    struct lethe_mask mask;
    double *mixed; /* (size) work of a mixture */
    struct lethe_forecast forecast;
    double *b[2];
};

static void close_products(struct products *p)
{
    lethe_mask_release(&p->mask);
    lethe_forecast_release(&p->forecast);
    lethe_free(p->b[0]);
    lethe_free(p->b[1]);
    lethe_free(p->mixed);
}

/* out = (1 - shrink) H v + shrink (E + decay I) v */
static enum lethe_err times_mixed(void *self, double *out, const double *v,
                                  struct lethe_watch *watch, struct lethe_error *err)
{
    struct products *p = self;
    const double share = p->spec->shrink;
    enum lethe_err rc = p->of.times(p->of.self, out, v, watch, err);
    if (!rc)
        rc = lethe_mask_times(&p->mask, p->mixed, v, p->spec->decay, err);
    for (size_t i = 0; !rc && i < p->h.size; i++)
        out[i] = (1 - share) * out[i] + share * p->mixed[i];
    return rc;
}

static enum lethe_err mix(struct products *p, struct lethe_error *err)
{
    p->h = p->of;
    if (!(p->spec->shrink > 0) || !p->spec->ekfac)
        return LETHE_OK;
    p->h.self = p;
    p->h.times = times_mixed;
    p->mixed = lethe_alloc(p->h.size, sizeof *p->mixed);
    return p->mixed ? LETHE_OK : lethe_fail_memory(err, "a vector", p->h.size, sizeof *p->mixed);
}

/* in_order: vectors are those of w. */
static enum lethe_err open_products(struct products *p, const struct lethe_factor_products *spec,
                                    int in_order, struct lethe_error *err)
{
    const size_t size = spec->blanket->offset[spec->units];
    enum lethe_err rc = LETHE_OK;
    *p = (struct products){.spec = spec,
                           .of = in_order ? spec->all : spec->h,
                           .index = in_order ? NULL : spec->blanket->index};
    if (spec->ekfac)
        rc = lethe_mask_init(&p->mask, spec->ekfac, p->index, size, err);
    if (!rc)
        rc = mix(p, err);
    if (!rc && spec->forget)
        rc = lethe_forecast_init(&p->forecast, spec->forget, spec->w, p->index, size, err);
    return rc;
}

static enum lethe_err make_subspace(struct lethe_factor *f, struct products *p, size_t most,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_factor_products *spec = p->spec;
    enum lethe_err rc = LETHE_OK;
    for (int side = 0; !rc && side < 2; side++)
        rc = right_side(&p->b[side], side, f->size, spec->removal, p->index, err);
    if (rc)
        return rc;
    const struct lethe_subspace_spec how = {.h = p->h,
                                            .mask = spec->ekfac ? &p->mask : NULL,
                                            .decay = spec->decay,
                                            .b = {p->b[0], p->b[1]},
                                            .forecast = p->forecast,
                                            .settled = spec->settled,
                                            .tolerance = spec->tolerance,
                                            .most = most};
    return lethe_subspace_init(&f->space, &how, watch, err);
}

/* One side after the other, so that one right-hand side is there at a time. */
static enum lethe_err solve_once(struct lethe_factor *f, struct products *p,
                                 struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_factor_products *spec = p->spec;
    enum lethe_err rc = LETHE_OK;
    f->mu = spec->mu;
    f->in_order = !p->index;
    for (int side = 0; !rc && side < 2; side++) {
        struct lethe_pcg pcg = {.h = p->h,
                                .mask = spec->ekfac ? &p->mask : NULL,
                                .mu = spec->mu,
                                .decay = spec->decay,
                                .forecast = p->forecast,
                                .settled = spec->settled,
                                .tolerance = spec->tolerance,
                                .most = spec->most};
        rc = right_side(&p->b[0], side, f->size, spec->removal, p->index, err);
        if (rc || !p->b[0])
            continue;
        f->solved[side] = lethe_alloc_zero(f->size, sizeof *f->solved[side]);
        if (!f->solved[side])
            return lethe_fail_memory(err, "a step", f->size, sizeof *f->solved[side]);
        rc = lethe_pcg(f->solved[side], &pcg, p->b[0], watch, err);
        f->left[side] = pcg.residual * lethe_dnorm(p->b[0], f->size);
        f->products += pcg.products;
        lethe_free(p->b[0]);
        p->b[0] = NULL;
    }
    return rc;
}

enum lethe_err lethe_factor_by_products(struct lethe_factor **factor,
                                        const struct lethe_factor_products *spec,
                                        struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t size = spec->blanket->offset[spec->units];
    const size_t room = (spec->memory ? spec->memory : ROOM) / 2 / (2 * sizeof(double) * size);
    const size_t most = room < spec->most ? room : spec->most;
    const int once = most < FEWEST && most < size;
    struct lethe_factor *f = NULL;
    struct products p;
    enum lethe_err rc = open_products(&p, spec, once && spec->all.times && holds_all(spec), err);
    p.mask.watch = watch;
    if (!rc)
        rc = begin(&f, once ? LETHE_FACTOR_ONCE : LETHE_FACTOR_SUBSPACE, spec, err);
    if (!rc)
        rc = once ? solve_once(f, &p, watch, err) : make_subspace(f, &p, most, watch, err);
    close_products(&p);
    if (rc)
        lethe_factor_unref(f);
    else
        *factor = f;
    return rc;
}

/* ---- by EKFAC alone -------------------------------------------------------------------------- */

/* Right-hand sides in EKFAC's bases: half of each solve is done then, and they are not needed any
 * more. Not where that would take too much memory, or blocks are cut and the solve is not direct.
 */
static void turn_sides(struct lethe_factor *f)
{
    const struct lethe_mask *mask = &f->mask;
    const size_t bytes = sizeof(double) * lethe_ekfac_turned_room(mask->ekfac);
    const int all = f->in_order;
    if (!mask->whole || bytes > KEPT)
        return;
    double *v = all ? NULL : lethe_alloc_zero(f->parameters, sizeof *v);
    for (int side = 0; (all || v) && side < 2 && f->solved[side]; side++) {
        for (size_t i = 0; !all && i < f->size; i++)
            v[mask->index[i]] = f->solved[side][i];
        if (lethe_ekfac_turn(&f->turned[side], mask->ekfac, all ? f->solved[side] : v,
                             mask->touched, NULL))
            break;
        lethe_free(f->solved[side]);
        f->solved[side] = NULL;
    }
    lethe_free(v);
}

enum lethe_err lethe_factor_by_ekfac(struct lethe_factor **factor,
                                     const struct lethe_factor_products *spec,
                                     struct lethe_error *err)
{
    struct lethe_factor *f = NULL;
    const size_t *index = holds_all(spec) ? NULL : spec->blanket->index;
    enum lethe_err rc = begin(&f, LETHE_FACTOR_EKFAC, spec, err);
    for (int side = 0; !rc && side < 2; side++)
        rc = right_side(&f->solved[side], side, f->size, spec->removal, index, err);
    if (!rc)
        rc = lethe_mask_init(&f->mask, spec->ekfac, index, f->size, err);
    if (!rc) {
        f->in_order = !index;
        lethe_free(f->mask.v); /* every solve has its own */
        f->mask.v = NULL;
        turn_sides(f);
    }
    if (rc)
        lethe_factor_unref(f);
    else
        *factor = f;
    return rc;
}

/* x in the blanket's order from v over all parameters. */
static void take(double *x, const double *v, const size_t *index, size_t size)
{
    for (size_t i = 0; i < size; i++)
        x[i] = v[index[i]];
}

/* A mask is one thread's; factors are shared. */
static enum lethe_err estimate(const struct lethe_factor *f, double *x, int side, double mu,
                               const size_t *index, struct lethe_error *err)
{
    struct lethe_mask mask = f->mask;
    const struct lethe_ekfac_turned *turned = &f->turned[side];
    const double shift = fmax(f->decay + mu, 1e-6 * f->mean);
    /* what is in order is written everywhere */
    double *v = f->in_order ? lethe_alloc(f->parameters, sizeof *v)
                            : lethe_alloc_zero(f->parameters, sizeof *v);
    if (!v)
        return lethe_fail_memory(err, "a step", f->parameters, sizeof *v);
    enum lethe_err rc = LETHE_OK;
    if (turned->parts) {
        rc = lethe_ekfac_solve_turned(mask.ekfac, v, shift, turned, mask.touched, err);
    } else if (f->in_order) {
        rc = lethe_mask_solve(&mask, v, f->solved[side], shift, NULL, err);
    } else {
        mask.v = v;
        rc = lethe_mask_solve(&mask, x, f->solved[side], shift, NULL, err);
    }
    if (!rc && (turned->parts || f->in_order))
        take(x, v, index, f->size);
    lethe_free(v);
    return rc;
}

/* ---- both steps at a damping ----------------------------------------------------------------- */

static int has_side(const struct lethe_factor *f, int side)
{
    if (f->kind == LETHE_FACTOR_SUBSPACE)
        return f->space.qb[side] != NULL;
    return f->solved[side] || f->turned[side].parts;
}

static enum lethe_err solve_side(const struct lethe_factor *f, double *x, double *left, int side,
                                 double mu, const size_t *index, struct lethe_error *err)
{
    *left = 0;
    if (!has_side(f, side)) {
        memset(x, 0, f->size * sizeof *x);
        return LETHE_OK;
    }
    if (f->kind == LETHE_FACTOR_SUBSPACE)
        return lethe_subspace_solve(x, left, &f->space, side, mu, err);
    if (f->kind == LETHE_FACTOR_EKFAC)
        return estimate(f, x, side, mu, index, err);
    if (mu != f->mu)
        return lethe_fail(err, LETHE_EBUG, "a step at damping %g was asked for %g", f->mu, mu);
    if (f->in_order)
        take(x, f->solved[side], index, f->size);
    else
        memcpy(x, f->solved[side], f->size * sizeof *x);
    *left = f->left[side];
    return LETHE_OK;
}

enum lethe_err lethe_factor_pair(const struct lethe_factor *factor, struct lethe_solved_pair *pair,
                                 double mu, struct lethe_error *err)
{
    enum lethe_err rc = solve_side(factor, pair->influence, &pair->left, 0, mu, pair->index, err);
    pair->rest_left = 0;
    return rc || !pair->rest
               ? rc
               : solve_side(factor, pair->rest, &pair->rest_left, 1, mu, pair->index, err);
}

size_t lethe_factor_products_made(const struct lethe_factor *factor)
{
    return factor->kind == LETHE_FACTOR_SUBSPACE ? factor->space.count : factor->products;
}
