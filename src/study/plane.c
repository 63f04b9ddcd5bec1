/* SPDX-License-Identifier: MIT
 * The axes of a plane and where samples fall on it. Principal components come from subspace
 * iteration on the centred samples, X'X V again and again with a few columns more than wanted: two
 * products with the samples a round, whatever the width; the span is turned to its own components
 * at the end (Rayleigh and Ritz). */
#include "study/plane.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "tensor/blas.h"
#include "tensor/lapack.h"

enum { DRAWN = 2000, COLUMNS = 8, ROUNDS = 40 };
static const double margin = 0.06; /* of the width, left free at each side */

struct samples {
    double *x; /* (n, width) centred */
    size_t n, width;
};

static enum lethe_err check_inputs(const struct lethe_graph *graph, struct lethe_error *err)
{
    size_t width = 0;
    for (size_t k = 0; k < lethe_graph_inputs(graph); k++) {
        if (lethe_graph_input_kind(graph, k, NULL) != LETHE_INPUT_REAL)
            return lethe_fail(
                err, LETHE_EARG,
                "samples of tokens lie on no plane: it needs inputs that are numbers");
        width += lethe_graph_input_width(graph, k);
    }
    return width > 1
               ? LETHE_OK
               : lethe_fail(err, LETHE_EARG, "one input makes no plane: it needs two or more");
}

static enum lethe_err take_samples(struct samples *s, double *centre,
                                   const struct lethe_dataset *data, struct lethe_error *err)
{
    const size_t count = lethe_dataset_count(data), step = (count + DRAWN - 1) / DRAWN;
    s->width = lethe_dataset_width(data);
    s->n = (count + step - 1) / step;
    s->x = lethe_alloc(s->n * s->width, sizeof *s->x);
    if (!s->x)
        return lethe_fail_memory(err, "the plane's samples", s->n * s->width, sizeof *s->x);
    memset(centre, 0, s->width * sizeof *centre);
    for (size_t k = 0; k < s->n; k++) {
        const size_t id = k * step;
        lethe_dataset_batch(data, s->x + k * s->width, NULL, &id, 1);
        lethe_daxpy(centre, 1 / (double)s->n, s->x + k * s->width, s->width);
    }
    for (size_t k = 0; k < s->n; k++)
        lethe_daxpy(s->x + k * s->width, -1, centre, s->width);
    return LETHE_OK;
}

/* Rows of v (columns, width) made orthonormal, one after the other; a row of nothing stays 0. */
static void orthonormalise(double *v, size_t columns, size_t width)
{
    for (size_t c = 0; c < columns; c++) {
        double *row = v + c * width;
        const double whole = lethe_dnorm(row, width);
        for (int twice = 0; twice < 2; twice++)
            for (size_t b = 0; b < c; b++)
                lethe_daxpy(row, -lethe_ddot(row, v + b * width, width), v + b * width, width);
        const double norm = lethe_dnorm(row, width);
        for (size_t k = 0; k < width; k++)
            row[k] = norm > 1e-12 * whole && norm > 0 ? row[k] / norm : 0;
    }
}

/* Within the span of the rows of v: turned to its own components, ascending. seen is V X'. */
static enum lethe_err turn(double *v, const double *seen, size_t columns, const struct samples *s,
                           struct lethe_error *err)
{
    double values[COLUMNS], inner[COLUMNS * COLUMNS];
    double *turned = lethe_alloc(columns * s->width, sizeof *turned);
    const struct lethe_gemm square = {.n = columns, .k = s->n, .alpha = 1};
    const struct lethe_gemm back = {.m = columns, .n = s->width, .k = columns, .alpha = 1};
    if (!turned)
        return lethe_fail_memory(err, "the plane", columns * s->width, sizeof *turned);
    lethe_dsyrk(inner, seen, &square);
    enum lethe_err code = lethe_eigen(values, inner, columns, err);
    if (!code) {
        lethe_dgemm(turned, inner, v, &back);
        memcpy(v, turned, columns * s->width * sizeof *v);
    }
    lethe_free(turned);
    return code;
}

/* v becomes (columns, width): orthonormal rows that span the largest components, the largest last.
 */
static enum lethe_err iterate(double *v, size_t columns, const struct samples *s,
                              struct lethe_watch *watch, struct lethe_error *err)
{
    double *seen = lethe_alloc(columns * s->n, sizeof *seen); /* (columns, n) = V X' */
    const struct lethe_gemm forth = {.m = columns, .n = s->n, .k = s->width, .tb = 1, .alpha = 1};
    const struct lethe_gemm back = {.m = columns, .n = s->width, .k = s->n, .alpha = 1};
    struct lethe_rng rng;
    enum lethe_err code =
        seen ? LETHE_OK : lethe_fail_memory(err, "the plane", columns * s->n, sizeof *seen);
    lethe_rng_init(&rng, 0, LETHE_RNG_SKETCH, s->width, 0);
    for (size_t k = 0; k < columns * s->width; k++)
        v[k] = lethe_rng_normal(&rng);
    for (int round = 0; !code && round < ROUNDS; round++) {
        orthonormalise(v, columns, s->width);
        lethe_dgemm(seen, v, s->x, &forth);
        lethe_dgemm(v, seen, s->x, &back);
        code = lethe_watch_step(watch, "principal components", round, ROUNDS, err);
    }
    if (!code) {
        orthonormalise(v, columns, s->width);
        lethe_dgemm(seen, v, s->x, &forth);
        code = turn(v, seen, columns, s, err);
    }
    lethe_free(seen);
    return code;
}

/* The sign of an axis is that of its largest entry: one plane for the same data. */
static void settle_sign(double *axis, size_t width)
{
    size_t most = 0;
    for (size_t k = 1; k < width; k++)
        if (fabs(axis[k]) > fabs(axis[most]))
            most = k;
    for (size_t k = 0; axis[most] < 0 && k < width; k++)
        axis[k] = -axis[k];
}

static enum lethe_err find_axes(struct lethe_plane *plane, const struct lethe_dataset *data,
                                struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t width = plane->width, columns = width < COLUMNS ? width : COLUMNS;
    struct samples s = {0};
    double *v = lethe_alloc(columns * width, sizeof *v), all = 0, shown = 0;
    enum lethe_err code =
        v ? LETHE_OK : lethe_fail_memory(err, "the plane", columns * width, sizeof *v);
    if (!code)
        code = take_samples(&s, plane->centre, data, err);
    if (!code)
        code = iterate(v, columns, &s, watch, err);
    for (size_t c = 0; !code && c < 2; c++)
        memcpy(plane->axes + c * width, v + (columns - 1 - c) * width, width * sizeof *v);
    for (size_t k = 0; !code && k < s.n; k++) {
        const double *x = s.x + k * width;
        all += lethe_ddot(x, x, width);
        for (size_t c = 0; c < 2; c++)
            shown += pow(lethe_ddot(x, plane->axes + c * width, width), 2);
    }
    if (!code) {
        settle_sign(plane->axes, width);
        settle_sign(plane->axes + width, width);
        plane->cut = 1;
        plane->drawn = s.n;
        plane->share = all > 0 ? shown / all : 1;
    }
    lethe_free(s.x);
    lethe_free(v);
    return code;
}

static enum lethe_err place_samples(struct lethe_plane *plane, const struct lethe_dataset *data,
                                    struct lethe_error *err)
{
    const size_t width = plane->width;
    double *x = lethe_alloc(width, sizeof *x);
    if (!x)
        return lethe_fail_memory(err, "a sample", width, sizeof *x);
    for (int d = 0; d < 2; d++) {
        plane->low[d] = INFINITY;
        plane->high[d] = -INFINITY;
    }
    for (size_t id = 0; id < plane->count; id++) {
        lethe_dataset_batch(data, x, NULL, &id, 1);
        lethe_daxpy(x, -1, plane->centre, width);
        for (size_t d = 0; d < 2; d++) {
            const double at = lethe_ddot(x, plane->axes + d * width, width);
            plane->at[2 * id + d] = at;
            plane->low[d] = fmin(plane->low[d], at);
            plane->high[d] = fmax(plane->high[d], at);
        }
    }
    for (int d = 0; d < 2; d++) {
        const double room = plane->high[d] > plane->low[d] ? plane->high[d] - plane->low[d] : 1;
        plane->low[d] -= margin * room;
        plane->high[d] += margin * room;
    }
    lethe_free(x);
    return LETHE_OK;
}

enum lethe_err lethe_plane_make(struct lethe_plane **plane, const struct lethe_graph *graph,
                                const struct lethe_dataset *data, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    enum lethe_err code = check_inputs(graph, err);
    if (code)
        return code;
    struct lethe_plane *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "the plane", 1, sizeof *made);
    made->refs = 1;
    made->share = 1;
    made->width = lethe_dataset_width(data);
    made->count = lethe_dataset_count(data);
    made->centre = lethe_alloc_zero(made->width, sizeof *made->centre);
    made->axes = lethe_alloc_zero(2 * made->width, sizeof *made->axes);
    made->at = lethe_alloc(2 * made->count, sizeof *made->at);
    if (!made->centre || !made->axes || !made->at)
        code = lethe_fail_memory(err, "the plane", 2 * made->count, sizeof *made->at);
    if (!code && made->width == 2)
        made->axes[0] = made->axes[3] = 1;
    else if (!code)
        code = find_axes(made, data, watch, err);
    if (!code)
        code = place_samples(made, data, err);
    if (code)
        lethe_plane_unref(made);
    else
        *plane = made;
    return code;
}

struct lethe_plane *lethe_plane_ref(struct lethe_plane *plane)
{
    __atomic_add_fetch(&plane->refs, 1, __ATOMIC_RELAXED);
    return plane;
}

void lethe_plane_unref(struct lethe_plane *plane)
{
    if (!plane || __atomic_sub_fetch(&plane->refs, 1, __ATOMIC_ACQ_REL))
        return;
    lethe_free(plane->centre);
    lethe_free(plane->axes);
    lethe_free(plane->at);
    lethe_free(plane);
}

size_t lethe_plane_nearest(const struct lethe_plane *plane, double x, double y)
{
    size_t best = (size_t)-1;
    double least = INFINITY;
    for (size_t id = 0; id < plane->count; id++) {
        const double dx = plane->at[2 * id] - x, dy = plane->at[2 * id + 1] - y;
        if (dx * dx + dy * dy < least) {
            least = dx * dx + dy * dy;
            best = id;
        }
    }
    return best;
}

void lethe_plane_input(double *x, const struct lethe_plane *plane, const double at[2])
{
    memcpy(x, plane->centre, plane->width * sizeof *x);
    for (size_t d = 0; d < 2; d++)
        lethe_daxpy(x, at[d], plane->axes + d * plane->width, plane->width);
}
