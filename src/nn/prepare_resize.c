/* SPDX-License-Identifier: MIT
 * Resize and Upsample. Every axis that changes becomes a table of taps: output j is the sum of
 * weight x input over its taps. Where an output lies in the input follows from the coordinate mode,
 * the weights from nearest, linear or cubic interpolation, stretched when antialias is set.
 * Check value: linear, half_pixel, 2 inputs to 4 outputs: rows (1 0), (3/4 1/4), (1/4 3/4), (0 1).
 */
#include <math.h>
#include <string.h>

#include "nn/prepare.h"

enum coordinates {
    HALF_PIXEL,
    HALF_PIXEL_SYMMETRIC,
    PYTORCH_HALF_PIXEL,
    ALIGN_CORNERS,
    ASYMMETRIC,
    TF_HALF_PIXEL,
    CROP,
    COORDINATES
};
enum mode { NEAREST, LINEAR, CUBIC, MODES };
enum rounding { PREFER_FLOOR, PREFER_CEIL, FLOOR, CEIL, ROUNDINGS };

static const char *const coordinate_names[] = {
    "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners",
    "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize"};
static const char *const mode_names[] = {"nearest", "linear", "cubic"};
static const char *const rounding_names[] = {"round_prefer_floor", "round_prefer_ceil", "floor",
                                             "ceil"};

struct resize {
    int old; /* Upsample and the first Resize */
    int coordinates, mode, rounding, antialias, exclude_outside;
    double cubic, fill;
    size_t count, axes[LETHE_SHAPE_DIMS]; /* those that scales, sizes and roi name */
    double scale[LETHE_SHAPE_DIMS], from[LETHE_SHAPE_DIMS], to[LETHE_SHAPE_DIMS]; /* by axis */
};

static enum lethe_err read_word(struct lethe_prepare *p, int *which, const char *attr,
                                const char *const *names, int count)
{
    const char *word = lethe_node_text(p->node, attr, names[0]);
    for (*which = 0; *which < count; ++*which)
        if (!strcmp(word, names[*which]))
            return LETHE_OK;
    return lethe_prepare_fail(p, "%s '%.30s' is not supported", attr, word);
}

static enum lethe_err read_settings(struct lethe_prepare *p, struct resize *r)
{
    enum lethe_err code = LETHE_OK;
    r->old = !strcmp(p->node->type, "Upsample") || p->graph->opset < 11;
    if (!strcmp(lethe_node_text(p->node, "mode", "nearest"), "bilinear"))
        r->mode = LINEAR; /* as Upsample was first written */
    else
        code = read_word(p, &r->mode, "mode", mode_names, MODES);
    if (!code)
        code = read_word(p, &r->coordinates, "coordinate_transformation_mode", coordinate_names,
                         COORDINATES);
    if (!code)
        code = read_word(p, &r->rounding, "nearest_mode", rounding_names, ROUNDINGS);
    if (r->old) {
        r->coordinates = ASYMMETRIC;
        r->rounding = FLOOR;
    }
    r->antialias = lethe_node_int(p->node, "antialias", 0) != 0;
    r->exclude_outside = lethe_node_int(p->node, "exclude_outside", 0) != 0;
    r->cubic = lethe_node_float(p->node, "cubic_coeff_a", -0.75);
    r->fill = lethe_node_float(p->node, "extrapolation_value", 0);
    return code;
}

/* Numbers of a list that must be known, one for each named axis (two for roi); NULL: absent. */
static const double *list(const struct lethe_prepare *p, size_t k, size_t count)
{
    const double *known = lethe_prepare_known(p, k);
    return known && lethe_shape_size(&p->in[k]->shape) == count ? known : NULL;
}

static enum lethe_err read_axes(struct lethe_prepare *p, struct resize *r)
{
    long long given[2 * LETHE_SHAPE_DIMS];
    size_t ndim = p->in[0]->shape.ndim, count;
    enum lethe_err code = lethe_prepare_ints(p, given, &count, "axes", LETHE_NONE);
    r->count = count == LETHE_NONE ? ndim : count;
    if (!code && r->count > ndim)
        return lethe_prepare_fail(p, "%zu axes of a tensor of %zu dimensions", r->count, ndim);
    for (size_t k = 0; k < r->count && !code; k++)
        code =
            lethe_prepare_axis(p, &r->axes[k], count == LETHE_NONE ? (long long)k : given[k], ndim);
    return code;
}

/* Sizes that keep the ratio of the sides: one factor for all, the smallest or the largest. */
static void keep_ratio(const struct lethe_prepare *p, struct resize *r, int larger)
{
    double factor = larger ? 0 : INFINITY;
    for (size_t k = 0; k < r->count; k++)
        factor = larger ? fmax(factor, r->scale[r->axes[k]]) : fmin(factor, r->scale[r->axes[k]]);
    for (size_t k = 0; k < r->count; k++) {
        size_t d = r->axes[k];
        r->scale[d] = factor;
        p->out[0]->shape.dims[d] = (size_t)floor(factor * (double)p->in[0]->shape.dims[d] + 0.5);
    }
}

/* The output's shape and each axis's factor, from scales or sizes. */
static enum lethe_err read_factors(struct lethe_prepare *p, struct resize *r)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    const struct lethe_attr *attr = lethe_node_attr(p->node, "scales");
    const double *scales = list(p, r->old ? 1 : 2, r->count);
    const double *sizes = scales || r->old ? NULL : list(p, 3, r->count);
    const char *policy = lethe_node_text(p->node, "keep_aspect_ratio_policy", "stretch");
    if (!scales && attr && attr->type == LETHE_ATTR_FLOATS && attr->count == r->count)
        scales = attr->floats;
    if (!scales && !sizes)
        return lethe_prepare_fail(p, "one factor or size for each axis must be known at load");
    for (size_t k = 0; k < r->count; k++) {
        size_t d = r->axes[k];
        double in = (double)x->dims[d]; /* sizes are rounded as runtimes do it, in float */
        double out = scales ? (double)floorf((float)in * (float)scales[k]) : sizes[k];
        if (!(out >= 1 && out <= 1 << 24) || in < 1)
            return lethe_prepare_fail(p, "axis %zu goes from %zu to %g", d, x->dims[d], out);
        r->scale[d] = scales ? scales[k] : out / in;
        p->out[0]->shape.dims[d] = (size_t)out;
    }
    if (sizes && strcmp(policy, "stretch") != 0)
        keep_ratio(p, r, !strcmp(policy, "not_smaller"));
    return LETHE_OK;
}

static enum lethe_err read_roi(struct lethe_prepare *p, struct resize *r)
{
    const double *roi = r->coordinates == CROP ? list(p, 1, 2 * r->count) : NULL;
    for (size_t d = 0; d < LETHE_SHAPE_DIMS; d++)
        r->to[d] = 1;
    if (r->coordinates == CROP && !roi)
        return lethe_prepare_fail(p, "the region to crop must be known at load");
    for (size_t k = 0; k < r->count && roi; k++) {
        r->from[r->axes[k]] = roi[k];
        r->to[r->axes[k]] = roi[r->count + k];
    }
    return LETHE_OK;
}

/* Where output j of `out` lies among `in` inputs. */
static double place_of(const struct resize *r, size_t d, size_t j, size_t in, size_t out)
{
    double x = (double)j, n = (double)in, s = r->scale[d], length = s * n;
    switch (r->coordinates) {
    case HALF_PIXEL_SYMMETRIC:
        return n / 2 * (1 - (double)out / length) + (x + 0.5) / s - 0.5;
    case PYTORCH_HALF_PIXEL:
        return out > 1 ? (x + 0.5) / s - 0.5 : 0;
    case ALIGN_CORNERS:
        return out == 1 || length == 1 ? 0 : x * (n - 1) / (length - 1);
    case ASYMMETRIC:
        return x / s;
    case TF_HALF_PIXEL:
        return (x + 0.5) / s;
    case CROP:
        return out > 1 ? r->from[d] * (n - 1) +
                             x * (r->to[d] - r->from[d]) * (n - 1) / ((double)out - 1)
                       : 0.5 * (r->from[d] + r->to[d]) * (n - 1);
    default:
        return (x + 0.5) / s - 0.5;
    }
}

static double nearest_to(double x, int rounding)
{
    switch (rounding) {
    case PREFER_CEIL:
        return floor(x + 0.5);
    case FLOOR:
        return floor(x);
    case CEIL:
        return ceil(x);
    default:
        return ceil(x - 0.5);
    }
}

/* Weight of an input `distance` away; the cubic is Keys' with coefficient a. */
static double weight_at(const struct resize *r, double distance)
{
    double t = fabs(distance), a = r->cubic;
    if (r->mode == LINEAR)
        return t < 1 ? 1 - t : 0;
    if (t <= 1)
        return ((a + 2) * t - (a + 3)) * t * t + 1;
    return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
}

static size_t clamped(double x, size_t in)
{
    return x < 0 ? 0 : x > (double)(in - 1) ? in - 1 : (size_t)x;
}

/* Taps of one output; returns how many. index and weight have room for 2 * reach. */
static size_t taps_of(size_t *index, double *weight, const struct resize *r, double x, size_t in,
                      double squeeze, size_t reach)
{
    size_t count = 0;
    double sum = 0;
    if (r->mode == NEAREST) {
        index[0] = clamped(nearest_to(x, r->rounding), in);
        weight[0] = 1;
        return 1;
    }
    for (size_t k = 0; k < 2 * reach; k++) {
        double at = floor(x) + (double)k - (double)(reach - 1);
        double by = weight_at(r, (at - x) * squeeze);
        if (r->exclude_outside && (at < 0 || at > (double)(in - 1)))
            by = 0;
        index[count] = clamped(at, in);
        weight[count] = by;
        sum += by;
        count += by > 0 || by < 0;
    }
    for (size_t k = 0; k < count && (r->exclude_outside || squeeze < 1) && sum > 0; k++)
        weight[k] /= sum;
    return count;
}

static enum lethe_err fill_axis(struct lethe_prepare *p, struct lethe_taps *t,
                                const struct resize *r, size_t d)
{
    struct lethe_arena *arena = &p->plan->arena;
    double squeeze = r->antialias && r->mode != NEAREST && r->scale[d] < 1 ? r->scale[d] : 1;
    size_t reach = r->mode == NEAREST ? 1 : (size_t)ceil((r->mode == LINEAR ? 1 : 2) / squeeze);
    struct lethe_shape table = {.ndim = 2, .dims = {t->out, 2 * reach}};
    if (!lethe_prepare_size_ok(&table))
        return lethe_prepare_fail(p, "axis %zu goes from %zu to %zu", d, t->in, t->out);
    t->first = lethe_arena_alloc(arena, t->out + 1, sizeof *t->first);
    t->index = lethe_arena_alloc(arena, t->out * 2 * reach, sizeof *t->index);
    t->weight = lethe_arena_alloc(arena, t->out * 2 * reach, sizeof *t->weight);
    if (r->coordinates == CROP)
        t->outside = lethe_arena_alloc(arena, t->out, 1);
    if (!t->first || !t->index || !t->weight || (r->coordinates == CROP && !t->outside))
        return lethe_prepare_memory(p);
    for (size_t j = 0; j < t->out; j++) {
        double x = place_of(r, d, j, t->in, t->out);
        size_t at = t->first[j];
        int outside = r->coordinates == CROP && (x < 0 || x > (double)(t->in - 1));
        t->first[j + 1] = at;
        if (outside)
            t->outside[j] = 1;
        else
            t->first[j + 1] += taps_of(t->index + at, t->weight + at, r, x, t->in, squeeze, reach);
    }
    return LETHE_OK;
}

static int changes(const struct lethe_taps *t)
{
    for (size_t j = 0; j < t->out; j++)
        if (t->outside || t->in != t->out || t->first[j + 1] != j + 1 || t->index[j] != j ||
            !(t->weight[j] == 1))
            return 1;
    return 0;
}

/* Axes in order; those before an axis have their new length already. Every axis of a crop is kept
 * so that a table's place is its axis. */
static enum lethe_err fill_axes(struct lethe_prepare *p, const struct resize *r)
{
    const struct lethe_shape *x = &p->in[0]->shape, *y = &p->out[0]->shape;
    struct lethe_resample_args *args = &p->call->args.resample;
    args->axes = lethe_arena_alloc(&p->plan->arena, x->ndim, sizeof *args->axes);
    args->fill = r->fill;
    if (!args->axes)
        return lethe_prepare_memory(p);
    for (size_t d = 0; d < x->ndim; d++) {
        struct lethe_taps *t = &args->axes[args->count];
        *t = (struct lethe_taps){.outer = lethe_shape_product(y, 0, d),
                                 .in = x->dims[d],
                                 .out = y->dims[d],
                                 .inner = lethe_shape_product(x, d + 1, x->ndim)};
        if (t->in == t->out && r->coordinates != CROP && r->scale[d] >= 1 && r->scale[d] <= 1)
            continue;
        enum lethe_err code = fill_axis(p, t, r, d);
        if (code)
            return code;
        size_t size = t->outer * t->out * t->inner;
        if (!changes(t))
            continue;
        args->count++;
        args->buffer = size > args->buffer ? size : args->buffer;
    }
    p->call->scratch = args->count > 1 ? 2 * args->buffer : 0;
    return LETHE_OK;
}

LETHE_PREPARE(resize)
{
    struct resize r = {0};
    p->out[0]->shape = p->in[0]->shape;
    p->out[0]->elem = p->in[0]->elem;
    for (size_t d = 0; d < LETHE_SHAPE_DIMS; d++)
        r.scale[d] = 1;
    enum lethe_err code = read_settings(p, &r);
    if (!code)
        code = read_axes(p, &r);
    if (!code)
        code = read_factors(p, &r);
    if (!code)
        code = read_roi(p, &r);
    if (code)
        return code;
    struct lethe_shape both = p->out[0]->shape; /* the largest tensor on the way */
    for (size_t d = 0; d < both.ndim; d++)
        both.dims[d] =
            both.dims[d] > p->in[0]->shape.dims[d] ? both.dims[d] : p->in[0]->shape.dims[d];
    if (!lethe_prepare_size_ok(&both))
        return lethe_prepare_fail(p, "its output is too large");
    return fill_axes(p, &r);
}
