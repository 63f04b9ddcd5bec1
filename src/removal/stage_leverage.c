/* SPDX-License-Identifier: MIT
 * How much of the curvature each training sample holds by itself. */
#include "removal/stage_common.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "lethe/leverage.h"
#include "removal/damping.h"

static void release_leverage(struct lethe_leverage *leverage)
{
    lethe_free(leverage->h);
    lethe_free(leverage->errors);
}
LETHE_SHARED(leverage)

enum { ROWS_BYTES = 256 << 20 };

/* Samples of a batch, whose rows are there at once. */
static size_t batch_of(const struct lethe_snapshot *snapshot, const struct lethe_leverage *made)
{
    const size_t each = lethe_graph_classes(snapshot->graph) * made->parameters * sizeof(double);
    const size_t most = ROWS_BYTES / each;
    return most > 256 ? 0 : most ? most : 1; /* 0: what suits the network */
}

/* h of the samples `ids` into made->h; their traces are added to *freedom. */
static enum lethe_err measure(struct lethe_leverage *made, double *freedom,
                              const struct lethe_snapshot *snapshot, const struct lethe_ids *ids,
                              const struct lethe_leverage_spec *how, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    struct lethe_problem_spec spec = lethe_snapshot_spec(snapshot, ids, LETHE_F64);
    struct lethe_problem *problem = NULL;
    if (!ids->count)
        return LETHE_OK;
    spec.batch = batch_of(snapshot, made);
    struct lethe_leverages own = {.h = lethe_alloc(3 * ids->count, sizeof *own.h)};
    own.traces = own.h + ids->count;
    own.errors = own.traces + ids->count;
    enum lethe_err code = own.h
                              ? lethe_problem_new(&problem, &spec, err)
                              : lethe_fail_memory(err, "leverages", 3 * ids->count, sizeof *own.h);
    if (!code)
        code = lethe_leverage_measure(&own, problem, snapshot->w, how, watch, err);
    for (size_t i = 0; !code && i < ids->count; i++) {
        made->h[ids->at[i]] = own.h[i];
        made->errors[ids->at[i]] = own.errors[i];
        *freedom += own.traces[i];
    }
    if (!code && own.drawn)
        made->drawn = own.drawn;
    lethe_problem_free(problem);
    lethe_free(own.h);
    return code;
}

static enum lethe_err measure_all(struct lethe_leverage *made,
                                  const struct lethe_snapshot *snapshot,
                                  const struct lethe_blanket_curvature *curve,
                                  const struct lethe_settings *settings, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    struct lethe_factor *factor = NULL;
    double unused = 0;
    enum lethe_err code = lethe_watch_step(watch, "factoring", 0, 0, err);
    if (!code)
        code = lethe_factor_cholesky(&factor, &curve->curvature, made->mu, err);
    struct lethe_leverage_spec how = {.factor = factor,
                                      .blanket = &curve->blanket,
                                      .units = made->units,
                                      .mu = made->mu,
                                      .n = (double)(snapshot->trained_on - snapshot->forget.count),
                                      .seed = lethe_stage_seed(settings)};
    if (!code)
        code = measure(made, &made->freedom, snapshot, &snapshot->retain, &how, watch, err);
    how.outside = 1; /* the curvature is that of R */
    if (!code)
        code = measure(made, &unused, snapshot, &snapshot->forget, &how, watch, err);
    lethe_factor_unref(factor);
    return code;
}

enum lethe_err lethe_leverage_make(struct lethe_leverage **leverage,
                                   struct lethe_snapshot *snapshot,
                                   const struct lethe_blanket_curvature *curve, size_t units,
                                   const struct lethe_settings *settings, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    const double start = lethe_clock();
    if (!units)
        return lethe_fail(err, LETHE_EARG,
                          "the blanket is empty, so no sample has leverage: try 'blanket 3'");
    if (!curve->curvature.matrix)
        return lethe_fail(
            err, LETHE_EARG,
            "leverage needs a matrix, of at most %d parameters, not %zu: try a smaller "
            "blanket",
            (int)LETHE_CURVATURE_DENSE, curve->blanket.offset[units]);
    struct lethe_leverage *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "leverages", 1, sizeof *made);
    *made = (struct lethe_leverage){.refs = 1,
                                    .count = lethe_dataset_count(snapshot->train),
                                    .units = units,
                                    .parameters = curve->blanket.offset[units],
                                    .mu = lethe_damping_of(settings, snapshot)};
    made->h = lethe_alloc(made->count, sizeof *made->h);
    made->errors = lethe_alloc_zero(made->count, sizeof *made->errors);
    for (size_t i = 0; made->h && i < made->count; i++)
        made->h[i] = NAN;
    enum lethe_err code = made->h && made->errors
                              ? measure_all(made, snapshot, curve, settings, watch, err)
                              : lethe_fail_memory(err, "leverages", made->count, 8);
    if (code) {
        lethe_leverage_unref(made);
        return code;
    }
    made->seconds = lethe_clock() - start;
    *leverage = made;
    return LETHE_OK;
}
