/* SPDX-License-Identifier: MIT
 * A probe: the noisy copies of one sample, and what they say about single units and about a whole
 * selection. The copies come from the same stream as those of a selection, so that a probe looks
 * at the same numbers. */
#ifndef LETHE_STUDY_PROBE_H
#define LETHE_STUDY_PROBE_H

#include "lethe/codec.h"
#include "lethe/dataset.h"
#include "lethe/perturb.h"
#include "removal/settings.h"
#include "removal/snapshot.h"

struct lethe_probe {
    struct lethe_graph *graph;
    struct lethe_dataset *data;
    double *w; /* (size + buffers) */
    size_t sample;
    struct lethe_snapshot *snapshot; /* of which only the last layer moves; NULL: everything may */
    struct lethe_perturb_options perturb;
    struct lethe_foci_options foci;
    struct lethe_perturbation noisy; /* the copies, once a question was answered */
};

/* Graph and data are referenced, w is copied; perturbation and selection are those of the settings.
 * Released also after a failure. */
enum lethe_err lethe_probe_init(struct lethe_probe *probe, struct lethe_graph *graph,
                                struct lethe_dataset *data, const double *w, size_t sample,
                                const struct lethe_settings *settings, struct lethe_error *err);
void lethe_probe_release(struct lethe_probe *probe); /* zeroed ok */
/* Where only the last layer of the snapshot moves, the noise is on what that layer sees, as in a
 * selection there, and every unit below is dead; else does nothing. A reference is taken. */
void lethe_probe_confine(struct lethe_probe *probe, struct lethe_snapshot *snapshot);

/* The pairs behind T(loss, unit | given): pairs are lethe_codec_pairs_release'd. */
enum lethe_err lethe_probe_why(struct lethe_codec_pairs *pairs, struct lethe_probe *probe,
                               size_t unit, const size_t *given, size_t given_count,
                               struct lethe_watch *watch, struct lethe_error *err);
/* Copies by their gain, largest first and equal ones by number: the first `room` of them at most;
 * returns how many. */
size_t lethe_probe_loudest(size_t *copies, size_t room, const struct lethe_codec_pairs *pairs);
/* The 95 % point of the largest marginal T over all units when the losses are permuted, and the
 * marginal T of each unit: *marginal (units) is lethe_free'd. */
enum lethe_err lethe_probe_null(double *band, double **marginal, struct lethe_probe *probe,
                                size_t permutations, struct lethe_watch *watch,
                                struct lethe_error *err);
/* How often each unit is selected in so many runs on resampled copies: *times (units) is
 * lethe_free'd. */
enum lethe_err lethe_probe_stability(size_t **times, struct lethe_probe *probe, size_t runs,
                                     struct lethe_watch *watch, struct lethe_error *err);

/* The units that were selected at all, most often first and equal ones by number: *count of them in
 * new memory (lethe_free). NULL with err (not NULL) filled when memory is out. */
size_t *lethe_probe_order(size_t *count, const size_t *times, size_t units,
                          struct lethe_error *err);

#endif
