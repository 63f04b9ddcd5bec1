/* SPDX-License-Identifier: MIT
 * Reach: by EKFAC both of its steps are exact solves, block by block. With H the whole step comes
 * from its own factor and the blanket's from the step that was taken; a Cholesky factor of its
 * first units, in the blanket's order, serves each number of them. */
#include "removal/reach.h"

#include <math.h>
#include <string.h>

#include "removal/ekfac_store.h"
#include "removal/stage_common.h"
#include "tensor/lapack.h"
#include "unlearn/ekfac_reach.h"

/* ---- the whole step -------------------------------------------------------------------------- */

static void release_whole(struct lethe_whole *whole)
{
    lethe_factor_unref(whole->factor);
    lethe_blanket_curvature_unref(whole->curve);
}
LETHE_SHARED(whole)

struct lethe_whole *lethe_whole_new(struct lethe_blanket_curvature *curve,
                                    struct lethe_factor *factor)
{
    struct lethe_whole *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return NULL;
    made->refs = 1;
    made->curve = lethe_blanket_curvature_ref(curve);
    made->factor = lethe_factor_ref(factor);
    return made;
}

/* A small plain network has a matrix of all its parameters and its eigenvalues within milliseconds;
 * products would end as soon as the forget samples' outputs stand still, which may be half way. */
static size_t at_once(const struct lethe_snapshot *snapshot)
{
    enum { SMALL = 400 };
    const size_t size = lethe_graph_size(snapshot->graph);
    return lethe_stage_plain(snapshot->graph) && size <= SMALL ? size : 0;
}

enum lethe_err lethe_whole_make(struct lethe_whole **whole, struct lethe_snapshot *snapshot,
                                const struct lethe_settings *settings, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    struct lethe_blanket_curvature *curve = NULL;
    struct lethe_factor *factor = NULL;
    enum lethe_err code =
        lethe_plain_curvature(&curve, snapshot, settings, at_once(snapshot), watch, err);
    if (!code)
        code = lethe_plain_factor(&factor, curve, curve->blanket.count, 0, 1, settings, watch, err);
    struct lethe_whole *made = code ? NULL : lethe_whole_new(curve, factor);
    if (!code && !made)
        code = lethe_fail_memory(err, "a whole step", 1, sizeof *made);
    lethe_factor_unref(factor);
    lethe_blanket_curvature_unref(curve);
    if (!code)
        *whole = made;
    return code;
}

int lethe_whole_is_cheap(const struct lethe_snapshot *snapshot,
                         const struct lethe_settings *settings)
{
    const double products = 40, passes = 6, cheap = 4e9; /* multiplications */
    const struct lethe_curvature_method *method;
    const size_t size = lethe_graph_size(snapshot->graph);
    if (lethe_curvature_find(&method, settings->text[LETHE_SET_CURVATURE], NULL) || !method->times)
        return 0;
    const double samples = (double)lethe_curvature_count(snapshot, settings, size, 1);
    return products * passes * samples * lethe_graph_work(snapshot->graph) < cheap;
}

/* g'(H + mu)^-1 g, or NAN; *exact: products went on until next to nothing was left. */
static double whole_decrease(const struct lethe_whole *whole, double mu, int *exact)
{
    const double next_to_nothing = 0.05;
    struct lethe_update update = {0};
    const struct lethe_blanket_curvature *curve = whole->curve;
    const size_t units = curve->blanket.count;
    if (!lethe_factor_serves(whole->factor, curve->blanket.offset[units], mu) ||
        lethe_update_make(&update, whole->factor, &curve->removal, &curve->blanket, units, mu,
                          LETHE_FORM_INFLUENCE, NULL))
        return NAN;
    const double decrease = update.reached;
    *exact = update.left <= next_to_nothing;
    lethe_update_release(&update);
    return decrease;
}

/* ---- by EKFAC -------------------------------------------------------------------------------- */

static double shift_of(const struct lethe_ekfac *ekfac, double shift)
{
    struct lethe_ekfac_figures figures;
    lethe_ekfac_read(ekfac, &figures);
    return fmax(shift, 1e-6 * figures.mean + 1e-300);
}

/* g'(E + shift)^-1 g over all parameters. */
static enum lethe_err whole_by_ekfac(double *decrease, const struct lethe_ekfac *ekfac,
                                     const struct lethe_removal *removal, double shift,
                                     struct lethe_error *err)
{
    double *x = lethe_alloc(removal->size, sizeof *x);
    if (!x)
        return lethe_fail_memory(err, "a step", removal->size, sizeof *x);
    memcpy(x, removal->pull, removal->size * sizeof *x);
    enum lethe_err code = lethe_ekfac_solve(ekfac, x, shift, err);
    *decrease = 0;
    for (size_t i = 0; i < removal->size; i++)
        *decrease += x[i] * removal->pull[i];
    lethe_free(x);
    return code;
}

/* Of any set of parameters, by conjugate gradients. */
static enum lethe_err set_by_ekfac(double *decrease, struct lethe_ekfac *ekfac,
                                   const struct lethe_removal *removal, const size_t *index,
                                   size_t count, double shift, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    struct lethe_mask mask;
    double *b = lethe_alloc(2 * count, sizeof *b), *x = b + count;
    enum lethe_err code = b ? lethe_mask_init(&mask, ekfac, index, count, err)
                            : lethe_fail_memory(err, "a step", 2 * count, sizeof *b);
    if (code) {
        lethe_free(b);
        return code;
    }
    for (size_t i = 0; i < count; i++)
        b[i] = removal->pull[index[i]];
    code = lethe_mask_solve(&mask, x, b, shift, watch, err);
    *decrease = 0;
    for (size_t i = 0; !code && i < count; i++)
        *decrease += b[i] * x[i];
    lethe_mask_release(&mask);
    lethe_free(b);
    return code;
}

static int has_whole_units(const struct lethe_reach_spec *spec)
{
    const struct lethe_blanket *blanket = &spec->curve->blanket;
    return !lethe_unit_at(spec->snapshot->graph, blanket->units[0]).weight;
}

static enum lethe_err by_ekfac(struct lethe_reach *reach, const struct lethe_reach_spec *spec,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_blanket *blanket = &spec->curve->blanket;
    const struct lethe_removal *removal;
    struct lethe_ekfac *ekfac = NULL;
    double all = 0, part = 0;
    enum lethe_err code = lethe_snapshot_removal(&removal, spec->snapshot, 0, watch, err);
    if (!code)
        code = lethe_snapshot_ekfac(&ekfac, spec->snapshot, spec->settings, watch, err);
    if (code)
        return code;
    const double shift = shift_of(ekfac, spec->snapshot->decay + spec->mu);
    code = whole_by_ekfac(&all, ekfac, removal, shift, err);
    if (!code && has_whole_units(spec) &&
        lethe_ekfac_decreases(reach->rows, ekfac, blanket, blanket->count, removal->pull, shift,
                              NULL) == LETHE_OK) {
        part = reach->rows[spec->units - 1];
        reach->count = blanket->count;
    } else if (!code) {
        code = set_by_ekfac(&part, ekfac, removal, blanket->index, blanket->offset[spec->units],
                            shift, watch, err);
    }
    lethe_ekfac_unref(ekfac);
    for (size_t k = 0; k < reach->count; k++)
        reach->rows[k] = all > 0 ? fmin(reach->rows[k] / all, 1) : NAN;
    reach->value = all > 0 ? fmin(part / all, 1) : NAN;
    return code;
}

/* ---- exact ----------------------------------------------------------------------------------- */

/* The leading units (or single weights) whose matrix is little work to factor. */
static size_t leading_units(const struct lethe_blanket *blanket)
{
    enum { MOST = 1024 }; /* parameters */
    size_t units = 0;
    while (units < blanket->count && blanket->offset[units + 1] <= MOST)
        units++;
    return units;
}

/* rows = g_P'(H_PP + mu)^-1 g_P of 1, 2, ... units of a blanket with a matrix; how many of them. */
static size_t rows_of_matrix(double *rows, const struct lethe_reach_spec *spec)
{
    const struct lethe_blanket_curvature *curve = spec->curve;
    const struct lethe_blanket *blanket = &curve->blanket;
    const double *matrix = curve->curvature.matrix;
    const size_t all = curve->curvature.size;
    if (!matrix || curve->curvature.outer)
        return 0;
    const size_t units = leading_units(blanket), size = blanket->offset[units];
    double *l = lethe_alloc(size * size + size + 1, sizeof *l), sum = 0;
    double *g = l ? l + size * size : NULL;
    for (size_t i = 0; l && i < size; i++) {
        memcpy(l + i * size, matrix + i * all, (i + 1) * sizeof *l);
        l[i * size + i] += spec->mu;
        g[i] = curve->removal.pull[blanket->index[i]];
    }
    const int done = l && size && lethe_cholesky(l, size, NULL, NULL) == LETHE_OK;
    if (done)
        lethe_cholesky_forward(g, l, size, size);
    for (size_t k = 0; done && k < units; k++) {
        for (size_t i = blanket->offset[k]; i < blanket->offset[k + 1]; i++)
            sum += g[i] * g[i];
        rows[k] = sum;
    }
    lethe_free(l);
    return done ? units : 0;
}

/* The step that was taken says what the present units can do; estimates keep their proportions. */
static void take_step(struct lethe_reach *reach, const struct lethe_reach_spec *spec, double all,
                      int exact)
{
    const double value = fmin(spec->update->reached / all, 1);
    const double by = reach->value > 0 ? value / reach->value : 1;
    for (size_t k = 0; k < reach->count; k++)
        reach->rows[k] = fmin(reach->rows[k] * by, 1);
    reach->value = value;
    reach->exact = exact;
}

/* What is known exactly in the place of estimates. */
static void be_exact(struct lethe_reach *reach, const struct lethe_reach_spec *spec)
{
    int exact = 0;
    const double all = spec->whole ? whole_decrease(spec->whole, spec->mu, &exact) : NAN;
    if (!(all > 0) || spec->estimated)
        return;
    if (spec->update->reached > 0 && !spec->curve->target)
        take_step(reach, spec, all, exact);
    const size_t known = rows_of_matrix(reach->rows, spec);
    for (size_t k = 0; k < known; k++)
        reach->rows[k] = fmin(reach->rows[k] / all, 1);
    if (known >= spec->units) {
        reach->value = reach->rows[spec->units - 1];
        reach->exact = exact;
    }
    if (!has_whole_units(spec)) {
        reach->count = 0; /* rows are of units */
        return;
    }
    reach->count = reach->count ? reach->count : known;
    reach->exact_rows = !exact ? 0 : known < reach->count ? known : reach->count;
    for (size_t k = 1; k < reach->count; k++) /* more units never reach less */
        reach->rows[k] = fmax(reach->rows[k], reach->rows[k - 1]);
}

enum lethe_err lethe_reach_find(struct lethe_reach *reach, const struct lethe_reach_spec *spec,
                                struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_reach made = {.value = NAN};
    const size_t count = spec->curve->blanket.count;
    made.rows = lethe_alloc(count, sizeof *made.rows);
    if (!made.rows)
        return lethe_fail_memory(err, "reach", count, sizeof *made.rows);
    enum lethe_err code = by_ekfac(&made, spec, watch, err);
    if (!code)
        be_exact(&made, spec);
    if (code || !made.count) {
        lethe_free(made.rows);
        made.rows = NULL;
    }
    if (!code)
        *reach = made;
    return code;
}
