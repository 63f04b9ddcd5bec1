/* SPDX-License-Identifier: MIT
 * What a network knows of the classes that are forgotten and of all others, on samples it never
 * trained on: whether it names them, and whom its features, the inputs of the last layer, take for
 * the same. */
#ifndef LETHE_STUDY_IDENTITIES_H
#define LETHE_STUDY_IDENTITIES_H

#include "eval/retrieval.h"
#include "lethe/cancel.h"
#include "lethe/dataset.h"
#include "lethe/nn.h"

struct lethe_identity_figures {
    size_t samples; /* held-out ones of these classes */
    double accuracy;
    struct lethe_retrieval retrieval; /* queries: these samples; gallery: all samples there are */
};
struct lethe_identities {
    struct lethe_identity_figures forgotten, others;
};
struct lethe_identities_spec {
    struct lethe_graph *graph;
    struct lethe_dataset *train, *heldout;
    const size_t *ids; /* (count) held-out samples that are asked about */
    size_t count;
    const unsigned char *forgotten; /* (classes) */
};
/* w is (size + buffers). LETHE_EARG: the last layer has no plain row of inputs. */
enum lethe_err lethe_identities_measure(struct lethe_identities *identities,
                                        const struct lethe_identities_spec *spec, const double *w,
                                        struct lethe_watch *watch, struct lethe_error *err);
/* Arrays of one such measurement, for other programs: features (n, width), labels, groups (-1:
 * none), both halves of asks (n); all new (lethe_free). */
struct lethe_identity_arrays {
    double *x;
    int *label, *group;
    unsigned char *asks[2], *pairs; /* of the forgotten, of the others; held-out samples asked */
    size_t n, width;
    size_t right[2], samples[2]; /* held-out samples named rightly */
};
enum lethe_err lethe_identity_arrays_make(struct lethe_identity_arrays *arrays,
                                          const struct lethe_identities_spec *spec, const double *w,
                                          struct lethe_watch *watch, struct lethe_error *err);
void lethe_identity_arrays_release(struct lethe_identity_arrays *arrays); /* zeroed ok */

#endif
