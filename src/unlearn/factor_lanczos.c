/* SPDX-License-Identifier: MIT
 * The factor that is none: two Lanczos bases of a curvature known by its products, one from what
 * pulls in the influence form, one from what the residual form adds to it. The latter is usually
 * small and needs few vectors for the same absolute error. */
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "unlearn/factor.h"

static const double enough =
    1e-6; /* relative residual at damping 0 from which a basis is complete */
enum { BASIS_BYTES = 512 << 20 };

static enum lethe_err make_bases(struct lethe_factor *f, struct lethe_product *product,
                                 const struct lethe_removal *removal,
                                 const struct lethe_blanket *blanket, size_t most,
                                 struct lethe_watch *watch, struct lethe_error *err)
{
    double *b = lethe_alloc(f->size, sizeof *b);
    if (!b)
        return lethe_fail_memory(err, "a right-hand side", f->size, sizeof *b);
    for (size_t i = 0; i < f->size; i++)
        b[i] = removal->pull[blanket->index[i]];
    const double small = enough * lethe_dnorm(b, f->size);
    enum lethe_err rc = LETHE_OK;
    if (!(small > 0))
        rc = lethe_fail(err, LETHE_ENUM, "nothing pulls at the blanket: its gradient is zero");
    if (!rc)
        rc = lethe_lanczos_init(&f->pull, product, b, small, most, watch, err);
    for (size_t i = 0; !rc && removal->residual && i < f->size; i++)
        b[i] = removal->residual[blanket->index[i]] - removal->pull[blanket->index[i]];
    if (!rc && removal->residual && lethe_dnorm(b, f->size) > small)
        rc = lethe_lanczos_init(&f->rest, product, b, small, most, watch, err);
    lethe_free(b);
    return rc;
}

enum lethe_err lethe_factor_lanczos(struct lethe_factor **factor, const struct lethe_curvature *c,
                                    struct lethe_product *product,
                                    const struct lethe_removal *removal,
                                    const struct lethe_blanket *blanket, struct lethe_watch *watch,
                                    struct lethe_error *err)
{
    struct lethe_factor *f = lethe_alloc_zero(1, sizeof *f);
    const size_t size = lethe_product_size(product);
    if (f)
        f->diagonal = lethe_alloc(size, sizeof *f->diagonal);
    if (!f || !f->diagonal) {
        lethe_free(f);
        return lethe_fail_memory(err, "a factor", size, sizeof(double));
    }
    atomic_init(&f->refs, 1);
    f->kind = LETHE_FACTOR_LANCZOS;
    f->size = size;
    f->decay = c->decay;
    f->name = c->method->name;
    const size_t room = BASIS_BYTES / 2 / sizeof(double) / size;
    const size_t most = room < 8 ? 8 : room < LETHE_LANCZOS_MOST ? room : LETHE_LANCZOS_MOST;
    enum lethe_err rc = lethe_product_diagonal(product, f->diagonal, watch, err);
    if (!rc)
        rc = make_bases(f, product, removal, blanket, most, watch, err);
    if (rc)
        lethe_factor_unref(f);
    else
        *factor = f;
    return rc;
}

enum lethe_err lethe_factor_pair(const struct lethe_factor *factor, struct lethe_solved_pair *pair,
                                 double mu, struct lethe_error *err)
{
    enum lethe_err rc = lethe_lanczos_solve(pair->influence, &pair->left, &factor->pull, mu, err);
    pair->rest_left = 0;
    if (!rc && factor->rest.count)
        rc = lethe_lanczos_solve(pair->rest, &pair->rest_left, &factor->rest, mu, err);
    else
        memset(pair->rest, 0, factor->size * sizeof *pair->rest);
    return rc;
}
