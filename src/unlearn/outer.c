/* SPDX-License-Identifier: MIT
 * Directions of outer products, batch by batch. */
#include "unlearn/outer.h"

#include <math.h>

#include "base/alloc.h"
#include "lethe/rng.h"

enum { CLASSES_EXACT = 20, DRAWN = 10 };

enum lethe_err lethe_outer_init(struct lethe_outer *outer, struct lethe_problem *problem,
                                const double *w, const struct lethe_blanket *blanket, uint64_t seed,
                                int own_label, struct lethe_error *err)
{
    struct lethe_outer o = {.problem = problem,
                            .exec = lethe_problem_exec(problem),
                            .graph = lethe_problem_graph(problem),
                            .blanket = blanket,
                            .seed = seed,
                            .batch = lethe_problem_batch(problem),
                            .own_label = own_label};
    o.classes = lethe_graph_classes(o.graph);
    o.directions = own_label ? 1 : o.classes > CLASSES_EXACT ? DRAWN : o.classes;
    size_t cells = o.batch * o.classes;
    o.logits = lethe_alloc(cells, sizeof *o.logits);
    o.p = lethe_alloc(cells, sizeof *o.p);
    o.a = lethe_alloc(cells, sizeof *o.a);
    if (!o.logits || !o.p || !o.a) {
        lethe_outer_release(&o);
        return lethe_fail_memory(err, "probabilities", 3 * cells, sizeof *o.a);
    }
    lethe_problem_weights(problem, w);
    *outer = o;
    return LETHE_OK;
}

void lethe_outer_release(struct lethe_outer *outer)
{
    lethe_free(outer->logits);
    lethe_free(outer->p);
    lethe_free(outer->a);
    *outer = (struct lethe_outer){0};
}

enum lethe_err lethe_outer_forward(struct lethe_outer *outer, size_t b, size_t *first, size_t *n,
                                   struct lethe_error *err)
{
    enum lethe_err rc = lethe_problem_forward(outer->problem, b, outer->logits, first, n, err);
    if (!rc)
        lethe_softmax(outer->p, outer->logits, *n, outer->classes);
    return rc;
}

static size_t draw_label(const double *p, size_t classes, uint64_t seed, size_t sample, size_t q)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, seed, LETHE_RNG_LABEL, sample, q);
    double left = lethe_rng_uniform(&rng);
    size_t y = 0;
    while (y + 1 < classes && left >= p[y])
        left -= p[y++];
    return y;
}

enum lethe_err lethe_outer_backward(struct lethe_outer *outer, size_t q, size_t first, size_t n,
                                    struct lethe_error *err)
{
    const struct lethe_outer *o = outer;
    const int *labels = lethe_problem_labels(o->problem) + first;
    for (size_t i = 0; i < n; i++) {
        const double *p = o->p + i * o->classes;
        double *a = o->a + i * o->classes, scale = 1;
        size_t y = q;
        if (o->own_label) {
            y = (size_t)labels[i];
        } else if (o->classes > CLASSES_EXACT) {
            y = draw_label(p, o->classes, o->seed, first + i, q);
            scale = 1 / sqrt((double)DRAWN);
        } else {
            scale = -sqrt(p[q]);
        }
        for (size_t k = 0; k < o->classes; k++)
            a[k] = scale * (p[k] - (k == y ? 1 : 0));
    }
    return lethe_exec_backward(o->exec, NULL, o->a, err);
}
