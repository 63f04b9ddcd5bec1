/* SPDX-License-Identifier: MIT
 * The table of curvatures, what all of them share, and the draw of curvature samples. */
#include "lethe/curvature.h"

#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "nn/tape.h"
#include "unlearn/curvatures.h"
#include "unlearn/method.h"
#include "unlearn/product.h"

static const struct lethe_curvature_method methods[] = {
    {"ggn", "generalised Gauss-Newton matrix, never indefinite", 1, 0, 0, lethe_curvature_ggn,
     lethe_product_ggn},
    {"hessian", "exact second derivatives, may be indefinite", 0, 0, 0, lethe_curvature_hessian,
     lethe_product_hessian},
    {"fisher", "empirical Fisher, vanishes where the model fits: to teach", 1, 0, 0,
     lethe_curvature_fisher, lethe_product_fisher},
    {"diag", "the diagonal of ggn", 1, 0, 0, lethe_curvature_diag, NULL},
    {"kfac", "per layer, inputs times derivatives (Martens and Grosse)", 1, 0, 0,
     lethe_curvature_kfac, NULL},
    {"ekfac", "kfac with its eigenvalues measured (George et al.)", 1, 0, 0, lethe_curvature_ekfac,
     NULL},
    {"paper", "one finite difference of gradients: exact along one direction, decay elsewhere", 0,
     1, 0, lethe_curvature_paper, NULL},
    {"released", "emulates the published program with its faults, for comparison only", 0, 1, 1,
     lethe_curvature_released, NULL},
};

const struct lethe_curvature_method *lethe_curvature_methods(size_t *count)
{
    *count = sizeof methods / sizeof *methods;
    return methods;
}

enum lethe_err lethe_curvature_find(const struct lethe_curvature_method **method, const char *name,
                                    struct lethe_error *err)
{
    size_t at;
    enum lethe_err rc = lethe_method_find(&at, name, "curvature", methods, sizeof *methods,
                                          sizeof methods / sizeof *methods, err);
    if (!rc)
        *method = &methods[at];
    return rc;
}

static void fill_outer(struct lethe_curvature *c)
{
    for (size_t i = 0; c->outer && i < c->size; i++) {
        for (size_t j = 0; j <= i; j++)
            c->matrix[i * c->size + j] = c->scale * c->outer[i] * c->outer[j];
        c->matrix[i * c->size + i] += c->flat;
    }
}

static enum lethe_err needs_matrix(const struct lethe_curvature_method *method, size_t size,
                                   struct lethe_error *err)
{
    return lethe_fail(err, LETHE_EARG,
                      "curvature '%s' needs a matrix, of at most %d parameters, not %zu: use ggn, "
                      "hessian or fisher, or a smaller blanket",
                      method->name, (int)LETHE_CURVATURE_DENSE, size);
}

static enum lethe_err begin(struct lethe_curvature *c, const struct lethe_curvature_method *method,
                            const struct lethe_problem *problem,
                            const struct lethe_blanket *blanket, struct lethe_error *err)
{
    *c = (struct lethe_curvature){.method = method,
                                  .size = blanket->offset[blanket->count],
                                  .decay = lethe_problem_decay(problem),
                                  .samples = lethe_problem_count(problem)};
    return c->size ? LETHE_OK
                   : lethe_fail(err, LETHE_EARG, "the blanket is empty: try 'blanket 3'");
}

enum lethe_err lethe_curvature_frame(struct lethe_curvature *c,
                                     const struct lethe_curvature_method *method,
                                     struct lethe_problem *problem, const double *w,
                                     const struct lethe_blanket *blanket,
                                     const struct lethe_curvature_options *options,
                                     struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_curvature made;
    enum lethe_err rc = begin(&made, method, problem, blanket, err);
    if (!rc && !method->times && !method->rank_one)
        rc = needs_matrix(method, made.size, err);
    if (!rc && method->rank_one)
        rc = method->add(&made, problem, w, blanket, options, watch, err);
    if (method->times == lethe_product_hessian)
        made.rough = lethe_tape_rough(lethe_problem_exec(problem));
    if (rc)
        lethe_curvature_release(&made);
    else
        *c = made;
    return rc;
}

enum lethe_err lethe_curvature_make(struct lethe_curvature *c,
                                    const struct lethe_curvature_method *method,
                                    struct lethe_problem *problem, const double *w,
                                    const struct lethe_blanket *blanket,
                                    const struct lethe_curvature_options *options,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_curvature made;
    enum lethe_err rc = begin(&made, method, problem, blanket, err);
    if (rc)
        return rc;
    const size_t size = made.size;
    if (size <= PTRDIFF_MAX / size / sizeof *made.matrix)
        made.matrix = lethe_alloc_zero(size * size, sizeof *made.matrix);
    if (!made.matrix)
        return lethe_fail_memory(err, "the curvature", size, size * sizeof *made.matrix);
    made.seed = options->seed;
    rc = method->add(&made, problem, w, blanket, options, watch, err);
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

char *lethe_curvature_words(char text[LETHE_CURVATURE_WORDS], const struct lethe_curvature *c)
{
    const size_t room = LETHE_CURVATURE_WORDS;
    if (c->drawn)
        snprintf(text, room, "%s, %zu labels drawn", c->method->name, c->drawn);
    else if (c->rough)
        snprintf(text, room, "%s, by differences (%.40s)", c->method->name, c->rough);
    else
        snprintf(text, room, "%s", c->method->name);
    return text;
}

int lethe_curvature_is_estimate(const struct lethe_curvature *c)
{
    return c->drawn || c->rough;
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
