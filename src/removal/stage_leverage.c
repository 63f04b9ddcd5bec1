/* SPDX-License-Identifier: MIT
 * How much of the curvature each training sample holds by itself. */
#include "removal/stage_common.h"

#include <math.h>
#include <stdlib.h>
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

struct place {
    size_t id;
    double most; /* h and twice its error */
};

static int higher(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->most != y->most)
        return x->most > y->most ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static int by_id(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return x < y ? -1 : x > y;
}

/* Those of `ids` (none is ok) that may stand first: as many as every class is affordable for. */
static enum lethe_err firsts_of(struct lethe_ids *firsts, const struct lethe_leverage *made,
                                const struct lethe_ids *ids, size_t classes,
                                struct lethe_error *err)
{
    enum { MOST = 512, ERRORS = 2 };
    struct place *places = lethe_alloc(ids->count + 1, sizeof *places);
    size_t count = ids->count < MOST ? ids->count : MOST;
    while (count > 1 && lethe_curvature_labels(classes, count, 0))
        count /= 2;
    firsts->at = lethe_alloc(count + 1, sizeof *firsts->at);
    if (!places || !firsts->at) {
        lethe_free(places);
        return lethe_fail_memory(err, "leverages", ids->count, sizeof *places);
    }
    for (size_t i = 0; i < ids->count; i++) {
        const size_t id = ids->at[i];
        places[i] = (struct place){id, made->h[id] + ERRORS * made->errors[id]};
    }
    qsort(places, ids->count, sizeof *places, higher);
    for (size_t i = 0; i < count; i++)
        firsts->at[i] = places[i].id;
    qsort(firsts->at, count, sizeof *firsts->at, by_id);
    firsts->count = count;
    lethe_free(places);
    return LETHE_OK;
}

/* Where labels were drawn, the samples that may stand first are measured again with every class:
 * the order at the top does not depend on the draw. */
static enum lethe_err settle(struct lethe_leverage *made, const struct lethe_snapshot *snapshot,
                             const struct lethe_ids *ids, const struct lethe_leverage_spec *how,
                             struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_ids firsts = {0};
    const size_t drawn = made->drawn;
    double unused = 0;
    enum lethe_err code = firsts_of(&firsts, made, ids, lethe_graph_classes(snapshot->graph), err);
    if (!code)
        code = measure(made, &unused, snapshot, &firsts, how, watch, err);
    made->drawn = drawn;
    made->exact += code ? 0 : firsts.count;
    lethe_free(firsts.at);
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
    if (!code && made->drawn)
        code = settle(made, snapshot, &snapshot->retain, &how, watch, err);
    how.outside = 1; /* the curvature is that of R */
    if (!code)
        code = measure(made, &unused, snapshot, &snapshot->forget, &how, watch, err);
    if (!code && made->drawn)
        code = settle(made, snapshot, &snapshot->forget, &how, watch, err);
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
