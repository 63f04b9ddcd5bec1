/* SPDX-License-Identifier: MIT
 * The table of curvatures, what all of them share, and the draw of curvature samples. */
#include "lethe/curvature.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "unlearn/curvatures.h"

static const struct lethe_curvature_method methods[] = {
    {"ggn", "generalised Gauss-Newton matrix, never indefinite", 1, 0, lethe_curvature_ggn},
    {"hessian", "exact second derivatives, may be indefinite", 0, 0, lethe_curvature_hessian},
    {"fisher", "empirical Fisher, vanishes where the model fits: to teach", 1, 0,
     lethe_curvature_fisher},
    {"diag", "the diagonal of ggn", 1, 0, lethe_curvature_diag},
    {"kfac", "per layer, inputs times derivatives (Martens and Grosse)", 1, 0,
     lethe_curvature_kfac},
    {"ekfac", "kfac with its eigenvalues measured (George et al.)", 1, 0, lethe_curvature_ekfac},
    {"paper", "one finite difference of gradients: exact along one direction, decay elsewhere", 0,
     0, lethe_curvature_paper},
    {"released", "emulates the published program with its faults, for comparison only", 0, 1,
     lethe_curvature_released},
};

const struct lethe_curvature_method *lethe_curvature_methods(size_t *count)
{
    *count = sizeof methods / sizeof *methods;
    return methods;
}

enum lethe_err lethe_curvature_find(const struct lethe_curvature_method **method, const char *name,
                                    struct lethe_error *err)
{
    char known[160] = "";
    for (size_t k = 0; k < sizeof methods / sizeof *methods; k++) {
        if (strcmp(methods[k].name, name) == 0) {
            *method = &methods[k];
            return LETHE_OK;
        }
        strncat(known, k ? ", " : "", sizeof known - strlen(known) - 1);
        strncat(known, methods[k].name, sizeof known - strlen(known) - 1);
    }
    return lethe_fail(err, LETHE_EARG, "no curvature '%s': %s", name, known);
}

static void fill_outer(struct lethe_curvature *c)
{
    for (size_t i = 0; c->outer && i < c->size; i++) {
        for (size_t j = 0; j <= i; j++)
            c->matrix[i * c->size + j] = c->scale * c->outer[i] * c->outer[j];
        c->matrix[i * c->size + i] += c->flat;
    }
}

enum lethe_err lethe_curvature_make(struct lethe_curvature *c,
                                    const struct lethe_curvature_method *method,
                                    struct lethe_problem *problem, const double *w,
                                    const struct lethe_blanket *blanket,
                                    const struct lethe_curvature_options *options,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    size_t size = blanket->offset[blanket->count];
    struct lethe_curvature made = {.method = method,
                                   .size = size,
                                   .decay = lethe_problem_decay(problem),
                                   .samples = lethe_problem_count(problem)};
    if (size == 0)
        return lethe_fail(err, LETHE_EARG, "the blanket is empty: try 'blanket 3'");
    if (size <= PTRDIFF_MAX / size / sizeof *made.matrix)
        made.matrix = lethe_alloc_zero(size * size, sizeof *made.matrix);
    if (!made.matrix)
        return lethe_fail_memory(err, "the curvature", size, size * sizeof *made.matrix);
    enum lethe_err rc = method->add(&made, problem, w, blanket, options, watch, err);
    if (!rc)
        fill_outer(&made);
    for (size_t i = 0; !rc && i < size; i++) {
        double sum = 0;
        made.matrix[i * size + i] += made.decay;
        for (size_t j = 0; j <= i; j++)
            sum += fabs(made.matrix[i * size + j]);
        if (!isfinite(sum))
            rc = lethe_fail(err, LETHE_ENUM, "the curvature '%s' is not finite", method->name);
    }
    if (rc)
        lethe_curvature_release(&made);
    else
        *c = made;
    return rc;
}

void lethe_curvature_release(struct lethe_curvature *c)
{
    lethe_free(c->matrix);
    lethe_free(c->outer);
    *c = (struct lethe_curvature){0};
}

/* Selection sampling (Knuth, algorithm S) keeps the order. */
size_t lethe_curvature_samples(size_t *chosen, const size_t *retained, size_t count, size_t most,
                               uint64_t seed)
{
    struct lethe_rng rng;
    size_t taken = 0;
    lethe_rng_init(&rng, seed, LETHE_RNG_SUBSET, 0, 0);
    for (size_t i = 0; i < count && taken < most; i++)
        if (count <= most || lethe_rng_below(&rng, count - i) < most - taken)
            chosen[taken++] = retained[i];
    return taken;
}
