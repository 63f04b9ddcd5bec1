/* SPDX-License-Identifier: MIT
 * The certificate of a previewed removal: its conditions looked at one by one, and the noise. */
#ifndef LETHE_REMOVAL_CERTIFY_H
#define LETHE_REMOVAL_CERTIFY_H

#include "lethe/certificate.h"
#include "removal/stages.h"

struct lethe_certify_spec {
    const struct lethe_snapshot *snapshot;
    const struct lethe_blanket_curvature *curve; /* of the step; NULL: no longer there */
    const struct lethe_preview *preview;
    const struct lethe_settings *settings;
    double eps, delta, excess;
};
/* in: what the certificate was measured from. */
enum lethe_err lethe_certify(struct lethe_certificate *certificate,
                             struct lethe_certificate_input *in,
                             const struct lethe_certify_spec *spec, struct lethe_error *err);

/* N(0, sigma^2) on all parameters of w, of the stream (seed, removed in all). */
void lethe_certify_noise(double *w, const struct lethe_snapshot *snapshot, double sigma);

#endif
