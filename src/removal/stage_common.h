/* SPDX-License-Identifier: MIT
 * What the stages share among themselves, one file each: sharing by reference count, the snapshot's
 * weights, right-hand sides and curvature samples. */
#ifndef LETHE_REMOVAL_STAGE_COMMON_H
#define LETHE_REMOVAL_STAGE_COMMON_H

#include "base/alloc.h"
#include "removal/stages.h"

/* Defines lethe_NOUN_ref and _unref; the file has a static release_NOUN. */
#define LETHE_SHARED(noun)                                                                         \
    struct lethe_##noun *lethe_##noun##_ref(struct lethe_##noun *noun)                             \
    {                                                                                              \
        __atomic_add_fetch(&noun->refs, 1, __ATOMIC_RELAXED);                                      \
        return noun;                                                                               \
    }                                                                                              \
    void lethe_##noun##_unref(struct lethe_##noun *noun)                                           \
    {                                                                                              \
        if (!noun || __atomic_sub_fetch(&noun->refs, 1, __ATOMIC_ACQ_REL))                         \
            return;                                                                                \
        release_##noun(noun);                                                                      \
        lethe_free(noun);                                                                          \
    }

/* All units in plain linear layers: then a matrix is summed from pairs of units, and a pass costs
 * little. */
int lethe_stage_plain(const struct lethe_graph *graph);
uint64_t lethe_stage_seed(const struct lethe_settings *settings);
double *lethe_stage_weights(const struct lethe_snapshot *snapshot,
                            struct lethe_error *err); /* a copy */
/* A problem over the curvature samples: so many retained ones, drawn from the seed. */
enum lethe_err lethe_stage_samples(struct lethe_problem **problem,
                                   const struct lethe_snapshot *snapshot,
                                   const struct lethe_settings *settings, size_t count,
                                   enum lethe_dtype dtype, struct lethe_error *err);

/* A curve with its blanket and right-hand sides, the curvature not made yet. with_residual 0: only
 * the forget samples' pull, without a pass over all that is retained. */
enum lethe_err lethe_blanket_curvature_begin(struct lethe_blanket_curvature **curve,
                                             struct lethe_snapshot *snapshot,
                                             const struct lethe_selected *selected,
                                             int with_residual, struct lethe_watch *watch,
                                             struct lethe_error *err);

/* The curvature of a curve that was begun and aimed; of single weights a part of the matrix of the
 * whole network, where their selection has one. selected NULL: all parameters. */
enum lethe_err lethe_blanket_curvature_measure(struct lethe_blanket_curvature *curve,
                                               const struct lethe_selected *selected,
                                               const struct lethe_settings *settings, size_t dense,
                                               struct lethe_watch *watch, struct lethe_error *err);
int lethe_stage_wants_residual(const struct lethe_snapshot *snapshot,
                               const struct lethe_selected *selected,
                               const struct lethe_settings *settings, size_t dense);
/* Of every parameter; a matrix up to `dense` of them. */
enum lethe_err lethe_plain_curvature(struct lethe_blanket_curvature **curve,
                                     struct lethe_snapshot *snapshot,
                                     const struct lethe_settings *settings, size_t dense,
                                     struct lethe_watch *watch, struct lethe_error *err);
/* Products of a curve's first units, with a problem of their own. */
enum lethe_err lethe_stage_product(struct lethe_product **product, struct lethe_problem **problem,
                                   const struct lethe_blanket_curvature *curve, size_t units,
                                   const struct lethe_settings *settings, struct lethe_error *err);
/* As lethe_step_factor on a curve without a target: for the restricted step. */
enum lethe_err lethe_plain_factor(struct lethe_factor **factor,
                                  const struct lethe_blanket_curvature *curve, size_t units,
                                  double mu, int every_mu, const struct lethe_settings *settings,
                                  struct lethe_watch *watch, struct lethe_error *err);

#endif
