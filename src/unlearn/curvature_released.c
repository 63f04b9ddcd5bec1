/* SPDX-License-Identifier: MIT
 * Emulation of the program published with Mehta et al. (CVPR 2022), for comparison only. What its
 * faults leave of the curvature of |P| = d parameters, with g the mean loss gradient of the forget
 * samples (without weight decay) and N = 50,000, m = 1 whatever the data:
 *   - the stored gradients of the last two epochs share one buffer: their difference is 0;
 *   - the gradient after the sample's trial step is read from the zeroed buffer of the one before
 * it, and the weights before and after from the same model, so that the sample's Hessian is g g' /
 * (d 1e-6), 1e-6 being what its distance function adds to every entry;
 *   - (N H - H_sample) / (N - 1) is then -g g' / ((N - 1) d 1e-6): its sign is turned;
 *   - the step is 1 / (N - 1) (H + lambda I)^-1 g, lambda standing for the damping, whether or not
 *     H + lambda I is positive definite.
 * Here a step is 1 / (n - m) H^-1 sum g: the matrix is taken times f = (N - 1) m / (n - m), so that
 * the length of the step is the program's. Not emulated: its ranks and selection (select), its
 * noise on the blanket alone, and weight decay missing from the gradient. Check value: f (lambda I
 * - g g' / ((N - 1) d 1e-6)), entry by entry. */
#include "base/alloc.h"
#include "unlearn/curvatures.h"

static const double samples = 50000, added = 1e-6; /* N, what is added to each entry */

LETHE_CURVATURE_ROW(lethe_curvature_released)
{
    enum lethe_err rc = lethe_watch_step(watch, "curvature", 0, 1, err);
    if (rc)
        return rc;
    if (!options->pull)
        return lethe_fail(err, LETHE_EARG,
                          "curvature 'released' is made from the forget samples: none are given");
    const double decay = lethe_problem_decay(problem), n = (double)options->n;
    const double m = (double)options->m, f = (samples - 1) * m / (n - m);
    c->outer = lethe_alloc(c->size, sizeof *c->outer);
    if (!c->outer)
        return lethe_fail_memory(err, "gradients", c->size, sizeof *c->outer);
    for (size_t i = 0; i < c->size; i++) {
        const size_t at = blanket->index[i];
        c->outer[i] = options->pull[at] * (n - m) / m - decay * w[at];
    }
    c->flat = (f - 1) * decay; /* decay once more is added to every curvature */
    c->scale = -f / ((samples - 1) * (double)c->size * added);
    return LETHE_OK;
}
